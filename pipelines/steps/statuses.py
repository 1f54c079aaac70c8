"""Statuses: what stands beside a figure, or in its place. SQL over the tables of `steps.compute`."""

from pipelines.specs.indicator import Indicator
from pipelines.specs.workspace import TERRITORY
from pipelines.territories.aggregation import AGE_GROUP, is_total_sql
from pipelines.warehouse import literal, quote


def certified_sql() -> str:
    """`certified`: every sum with the lowest level, and the certificates, of all sources that went in.

    For a sum over members that includes the source which says what the members are.
    """
    return """
        CREATE TEMP TABLE certified AS
        WITH numbered AS (
            SELECT * EXCLUDE (cert_level), row_number() OVER () AS sum_id FROM summed
        ), used AS (
            SELECT sum_id, min(cert_level) AS cert_level, list_sort(list(certificate_id)) AS certificate_ids
            FROM (SELECT DISTINCT sum_id, split_part(unnest(input_rows), ':', 1) AS source_id FROM numbered)
            JOIN certificate USING (source_id)
            GROUP BY sum_id
        )
        SELECT numbered.* EXCLUDE (sum_id), used.cert_level, coalesce(used.certificate_ids, []) AS certificate_ids
        FROM numbered LEFT JOIN used USING (sum_id)
    """


def gaps_sql(spec: Indicator) -> str:
    """`gap`: territories that should have a total and have no row, beside others of their country and level that do."""
    totals = ", ".join(
        f"seen.{AGE_GROUP}" if name == AGE_GROUP else f"'_T' AS {quote(name)}" for name in spec.breakdowns
    )
    is_total = is_total_sql(spec)
    return f"""
        CREATE TEMP TABLE gap AS
        WITH placed AS (
            SELECT
                summed.period, summed.series, summed.age_group, summed.territory_id,
                territory.country_code, territory.territory_level
            FROM summed JOIN standard.{TERRITORY} AS territory USING (territory_id)
            WHERE {is_total}
        ), seen AS (
            SELECT DISTINCT period, series, age_group, country_code, territory_level FROM placed
        )
        SELECT territory.territory_id, seen.period, seen.series, {totals}
        FROM seen JOIN standard.{TERRITORY} AS territory USING (country_code, territory_level)
        WHERE
            (territory.valid_from IS NULL OR left(territory.valid_from::VARCHAR, 4) <= left(seen.period, 4))
            AND (territory.valid_to IS NULL OR left(territory.valid_to::VARCHAR, 4) >= left(seen.period, 4))
            AND NOT EXISTS (
                SELECT 1 FROM placed
                WHERE placed.territory_id = territory.territory_id
                AND placed.period = seen.period AND placed.series = seen.series
                AND placed.age_group = seen.age_group
            )
    """


def finished_sql(spec: Indicator) -> str:
    """`finished`: value, interval, status and reason of every row."""
    low, high = spec.range
    multiplier = f"CAST({spec.ratio.multiplier!r} AS DOUBLE)"
    names = ", ".join(map(quote, ["territory_id", "period", "series", *spec.breakdowns]))
    inputs = ", ".join(spec.inputs)

    def ratio(part: str) -> str:
        return f"CAST(round({multiplier} * {part}::DOUBLE / nullif(denominator, 0)::DOUBLE, 6) AS DECIMAL(18, 6))"

    shown = "status IN ('A', 'U', 'G')"
    return f"""
        CREATE TEMP TABLE finished AS
        WITH every AS (
            SELECT *, false AS is_gap FROM certified
            UNION ALL BY NAME
            SELECT *, true AS is_gap, 0 AS members FROM gap
        ), valued AS (
            SELECT *, {ratio("numerator")} AS raw_value FROM every
        ), stated AS (
            SELECT
                *,
                CASE
                    WHEN denominator > 0 AND denominator < {spec.disclosure.minimum_count} THEN 'Q'
                    WHEN is_gap OR numerator IS NULL OR denominator IS NULL OR denominator = 0 THEN 'O'
                    WHEN raw_value < {low} OR raw_value > {high} THEN 'L'
                    WHEN cert_level IS NULL OR cert_level < {spec.requires_level} THEN 'L'
                    WHEN cert_level >= 3 THEN 'A'
                    WHEN cert_level = 2 THEN 'U'
                    ELSE 'G'
                END AS status
            FROM valued
        )
        SELECT
            {literal(spec.id)} AS indicator_id, {names},
            CASE WHEN {shown} THEN raw_value END AS value,
            CASE WHEN {shown} THEN {ratio("numerator_low")} END AS value_low,
            CASE WHEN {shown} THEN {ratio("numerator_high")} END AS value_high,
            CASE WHEN status <> 'Q' THEN CAST(numerator AS DECIMAL(18, 4)) END AS numerator,
            CASE WHEN status <> 'Q' THEN CAST(denominator AS DECIMAL(18, 4)) END AS denominator,
            {literal(spec.unit)} AS unit,
            {literal(spec.sdg.alignment)} AS alignment,
            status AS obs_status,
            CASE WHEN status = 'Q' THEN 'C' ELSE 'F' END AS conf_status,
            CASE
                WHEN {shown} THEN NULL
                WHEN status = 'Q' THEN 'withheld: fewer than {spec.disclosure.minimum_count} in the denominator'
                WHEN status = 'L' AND (raw_value < {low} OR raw_value > {high})
                    THEN 'withheld: ' || raw_value || ' is outside the range {low} to {high}'
                WHEN status = 'L'
                    THEN 'withheld: level ' || coalesce(cert_level, 0) || ', {spec.requires_level} is required'
                WHEN is_gap THEN 'no row for this territory and period in {inputs}'
                WHEN len(absent) > 0 THEN len(absent) || ' of ' || members || ' members have no value: '
                    || array_to_string(absent[:5], ', ') || CASE WHEN len(absent) > 5 THEN ', …' ELSE '' END
                WHEN denominator = 0 THEN 'the denominator is 0'
                ELSE 'the source leaves the figure empty'
            END AS status_reason,
            CAST(coalesce(cert_level, 0) AS INTEGER) AS cert_level,
            CAST(to_json(exposure) AS VARCHAR) AS exposure,
            coalesce(nullif(method, ''), 'as_published') AS method,
            CAST(members AS INTEGER) AS members,
            {spec.method_version} AS method_version,
            coalesce(input_rows, []) AS input_rows,
            coalesce(certificate_ids, []) AS certificate_ids
        FROM stated
    """
