"""Compute: an indicator's query gives numerators and denominators; this makes them into values that can be published.

Grain: territory, period, series and breakdowns. A missing value is a row with a status and a reason, never a zero and
never a silent absence. See `docs/decisions/0007-from-parts-to-values.md`.
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import DataError
from pipelines.specs.declaration import Declared
from pipelines.specs.indicator import STANDARD_DIMENSIONS, Indicator
from pipelines.specs.workspace import TERRITORY, TERRITORY_MEMBER
from pipelines.steps.bind import parameters_of, query_of
from pipelines.steps.certify import InService
from pipelines.steps.prepare import Prepared
from pipelines.steps.standardise import Standard
from pipelines.store import Store, fingerprint
from pipelines.warehouse import QueryError, Warehouse, literal, parquet_digest, quote

STAGE = "indicator"

AGE_GROUP = "age_group"

LINEAGE = ("input_rows", "certificate_ids")
"""Columns that name rows and certificates; they depend on the order of a source's rows, the values do not."""


@dataclass(frozen=True)
class Computed:
    """The values of one indicator, and their digest: the same figures give the same digest, in whatever order read."""

    indicator_id: str
    folder: Path
    rows: int
    missing: int
    content_sha256: str

    @property
    def file(self) -> Path:
        """The values, as Parquet, sorted by their key."""
        return self.folder / "values.parquet"


def compute_mark(
    indicator: Declared[Indicator],
    standards: dict[str, Standard],
    prepared: list[Prepared],
    uses: list[InService],
) -> str:
    """The fingerprint of what `compute` would make."""
    return fingerprint(
        STAGE,
        indicator.digest,
        sorted([name, standard.folder.name] for name, standard in standards.items()),
        sorted([table.name, table.folder.name] for table in prepared),
        sorted([use.source_id, use.certificate_id] for use in uses),
    )


def find_computed(store: Store, indicator_id: str, mark: str) -> Computed | None:
    """The result of an earlier `compute` with the same fingerprint, or None."""
    manifest = store.manifest(STAGE, indicator_id, mark)
    if manifest is None:
        return None
    return Computed(
        indicator_id,
        store.folder(STAGE, indicator_id, mark),
        manifest["rows"],
        manifest["missing"],
        manifest["content_sha256"],
    )


def compute(
    store: Store,
    indicator: Declared[Indicator],
    standards: dict[str, Standard],
    prepared: list[Prepared],
    uses: list[InService],
) -> Computed:
    """Compute every value of an indicator.

    Args:
        store: Where the result is kept.
        indicator: Its declaration and query.
        standards: Its inputs, and the standard tables of territories and members.
        prepared: Its prepared tables.
        uses: The certificates in service, for the level of each value.

    Raises:
        DataError: The query fails on the data, or returns a key twice.
    """
    spec = indicator.spec
    mark = compute_mark(indicator, standards, prepared, uses)
    if found := find_computed(store, spec.id, mark):
        return found
    folders = [standard.folder for standard in standards.values()] + [table.folder for table in prepared]
    with store.writing(STAGE, spec.id, mark) as (folder, manifest), Warehouse([folder, *folders]) as warehouse:
        for schema in ("standard", "prepared"):
            warehouse.execute(f"CREATE SCHEMA {schema}")
        for name, standard in standards.items():
            warehouse.view(name, standard.file, schema="standard")
        for table in prepared:
            warehouse.view(table.name, table.file, schema="prepared")
        _run_query(warehouse, indicator)
        for sql in _stages(spec, uses):
            warehouse.execute(sql)
        _check_keys(warehouse, spec)
        keys = _key(spec)
        warehouse.write_parquet(f"SELECT * FROM finished ORDER BY {keys}", folder / "values.parquet")
        rows, missing = warehouse.rows("SELECT count(*), count(*) FILTER (WHERE value IS NULL) FROM finished")[0]
        content = f"SELECT * EXCLUDE ({', '.join(LINEAGE)}) FROM finished ORDER BY {keys}"
        manifest |= {"rows": rows, "missing": missing, "content_sha256": parquet_digest(warehouse, content)}
    computed = find_computed(store, spec.id, mark)
    assert computed is not None
    return computed


def dimensions(spec: Indicator) -> list[str]:
    """The breakdown columns of an indicator's values: the standard ones, then its own."""
    return [*STANDARD_DIMENSIONS, *spec.dimensions]


def _is_total(spec: Indicator) -> str:
    """SQL that is true for a row about everyone; the age group stays, since it is part of many definitions (15+)."""
    return " AND ".join(f"{quote(name)} = '_T'" for name in dimensions(spec) if name != AGE_GROUP)


def _key(spec: Indicator) -> str:
    return ", ".join(map(quote, ["territory_id", "period", "series", *dimensions(spec)]))


def _run_query(warehouse: Warehouse, indicator: Declared[Indicator]) -> None:
    """`part`: the query's rows with every column that values have; breakdowns that it lacks are totals."""
    spec, query = indicator.spec, query_of(indicator)
    try:
        present = warehouse.columns(query, parameters_of(spec) or None)
        names = [name for name in dimensions(spec) if name in present]
        breakdowns = [
            f"coalesce({quote(name)}, '_T') AS {quote(name)}" if name in names else f"'_T' AS {quote(name)}"
            for name in dimensions(spec)
        ]
        optional = {
            "series": ("coalesce(series, '')", "''"),
            "numerator_low": ("numerator_low", "numerator"),
            "numerator_high": ("numerator_high", "numerator"),
            "method": ("coalesce(method, '')", "''"),
        }
        extra = {name: given if name in present else default for name, (given, default) in optional.items()}
        warehouse.execute(
            f"""
            CREATE TEMP TABLE part AS
            SELECT
                territory_id, period, {extra["series"]} AS series, {", ".join(breakdowns)},
                CAST(numerator AS DECIMAL(18, 4)) AS numerator,
                CAST({extra["numerator_low"]} AS DECIMAL(18, 4)) AS numerator_low,
                CAST({extra["numerator_high"]} AS DECIMAL(18, 4)) AS numerator_high,
                CAST(denominator AS DECIMAL(18, 4)) AS denominator,
                {extra["method"]} AS method,
                list_sort(list_distinct(input_rows)) AS input_rows
            FROM ({query})
            """,
            parameters_of(spec) or None,
        )
    except QueryError as error:
        raise DataError(
            f"indicators/{spec.id}/query.sql: {str(error).splitlines()[0]}",
            fix="run the query on the release's DuckDB file, where the same tables are",
        ) from None


def _check_keys(warehouse: Warehouse, spec: Indicator) -> None:
    keys = _key(spec)
    twice = warehouse.rows(f"SELECT {keys} FROM finished GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 1")
    if twice:
        raise DataError(
            f"indicators/{spec.id}/query.sql returns a key twice: {', '.join(map(str, twice[0]))}",
            why=f"the grain is {keys}",
            fix="add the missing breakdown to the query and to 'disaggregate_by', or aggregate it away",
        )


def _stages(spec: Indicator, uses: list[InService]) -> list[str]:
    """SQL, statement by statement, from `part` to `finished`."""
    return [
        _certificates(uses),
        _leaves(spec),
        _judged_parts(spec),
        _sums(spec),
        _grid(spec),
        _finished(spec),
    ]


def _certificates(uses: list[InService]) -> str:
    """`certificate`: the level of each source in service."""
    rows = ", ".join(f"({literal(use.source_id)}, {literal(use.certificate_id)}, {use.level})" for use in uses)
    body = f"VALUES {rows}" if rows else "SELECT NULL::VARCHAR, NULL::VARCHAR, NULL::INTEGER WHERE false"
    return f"CREATE TEMP TABLE certificate AS SELECT * FROM ({body}) AS c(source_id, certificate_id, cert_level)"


def _leaves(spec: Indicator) -> str:
    """`leaf`: each territory that has members, with the undivided territories it consists of."""
    condition = "" if spec.aggregation == "sum_over_members" else "WHERE false"
    return f"""
        CREATE TEMP TABLE leaf AS
        WITH RECURSIVE member AS (
            SELECT territory_id, member_id, row_id FROM standard.{TERRITORY_MEMBER} {condition}
        ), reach AS (
            SELECT territory_id, member_id, [row_id] AS path FROM member
            UNION ALL
            SELECT reach.territory_id, member.member_id, list_append(reach.path, member.row_id)
            FROM reach JOIN member ON member.territory_id = reach.member_id
            WHERE NOT list_contains(reach.path, member.row_id)
        )
        SELECT territory_id, member_id, path FROM reach
        WHERE member_id NOT IN (SELECT territory_id FROM member)
    """


def _judged_parts(spec: Indicator) -> str:
    """`judged`: each part with the lowest level of the sources that went in, and their certificates."""
    keys = _key(spec)
    return f"""
        CREATE TEMP TABLE judged AS
        WITH numbered AS (
            SELECT *, row_number() OVER (ORDER BY {keys}, input_rows) AS part_id FROM part
        ), used AS (
            SELECT part_id, min(cert_level) AS cert_level, list_sort(list(certificate_id)) AS certificate_ids
            FROM (
                SELECT DISTINCT part_id, split_part(unnest(input_rows), ':', 1) AS source_id FROM numbered
            )
            JOIN certificate USING (source_id)
            GROUP BY part_id
        )
        SELECT numbered.* EXCLUDE (part_id), used.cert_level, coalesce(used.certificate_ids, []) AS certificate_ids
        FROM numbered LEFT JOIN used USING (part_id)
    """


def _sums(spec: Indicator) -> str:
    """`summed`: own parts of territories without members, sums over the members of those that have some.

    A sum with a member missing is null and says which.
    """
    own = ", ".join(f"wanted.{quote(name)}" for name in ["period", "series", *dimensions(spec)])
    same = " AND ".join(
        f"judged.{quote(name)} = wanted.{quote(name)}" for name in ["period", "series", *dimensions(spec)]
    )
    names = ", ".join(map(quote, ["period", "series", *dimensions(spec)]))
    is_total = _is_total(spec)
    filled = "judged.numerator IS NOT NULL AND judged.denominator IS NOT NULL"
    return f"""
        CREATE TEMP TABLE summed AS
        WITH wanted AS (
            SELECT DISTINCT leaf.territory_id, {names}
            FROM leaf JOIN judged ON judged.territory_id = leaf.member_id
            UNION
            SELECT DISTINCT territory_id, {names} FROM judged
            WHERE ({is_total}) AND territory_id IN (SELECT territory_id FROM leaf)
        ), per_member AS (
            SELECT
                wanted.territory_id, {own}, leaf.member_id, leaf.path, ({filled}) AS is_filled,
                judged.* EXCLUDE (territory_id, {names})
            FROM wanted
            JOIN leaf USING (territory_id)
            LEFT JOIN judged ON judged.territory_id = leaf.member_id AND {same}
        ), level_of_members AS (
            SELECT territory_id, {names}, cert_level, sum(denominator) AS denominator
            FROM per_member WHERE is_filled GROUP BY ALL
        ), exposed AS (
            SELECT
                territory_id, {names},
                list(
                    {{'level': cert_level, 'share': CAST(denominator / nullif(total, 0) AS DECIMAL(9, 6))}}
                    ORDER BY cert_level
                ) AS exposure
            FROM (SELECT *, sum(denominator) OVER (PARTITION BY territory_id, {names}) AS total FROM level_of_members)
            GROUP BY ALL
        ), over_members AS (
            SELECT
                territory_id, {names},
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(numerator) END AS numerator,
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(numerator_low) END AS numerator_low,
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(numerator_high) END AS numerator_high,
                CASE WHEN bool_and(coalesce(is_filled, false)) THEN sum(denominator) END AS denominator,
                array_to_string(list_sort(list(DISTINCT nullif(method, '')) FILTER (WHERE method <> '')), '+') AS method,
                list_sort(list_distinct(flatten(list(list_concat(coalesce(input_rows, []), path))))) AS input_rows,
                min(cert_level) AS cert_level,
                list_sort(list_distinct(flatten(list(coalesce(certificate_ids, []))))) AS certificate_ids,
                count(DISTINCT member_id) AS members,
                list_sort(list(DISTINCT member_id) FILTER (WHERE NOT coalesce(is_filled, false))) AS absent
            FROM per_member GROUP BY ALL
        )
        SELECT
            over_members.*, exposed.exposure
        FROM over_members LEFT JOIN exposed USING (territory_id, {names})
        UNION ALL BY NAME
        SELECT
            *, 0 AS members, NULL::VARCHAR[] AS absent,
            CASE WHEN cert_level IS NOT NULL
                THEN [{{'level': cert_level, 'share': CAST(1 AS DECIMAL(9, 6))}}] END AS exposure
        FROM judged
        WHERE territory_id NOT IN (SELECT territory_id FROM leaf)
    """


def _grid(spec: Indicator) -> str:
    """`gap`: territories that should have a total and have no row, beside others of their country and level that do."""
    totals = ", ".join(
        f"seen.{AGE_GROUP}" if name == AGE_GROUP else f"'_T' AS {quote(name)}" for name in dimensions(spec)
    )
    is_total = _is_total(spec)
    return f"""
        CREATE TEMP TABLE gap AS
        WITH placed AS (
            SELECT summed.period, summed.series, summed.age_group, summed.territory_id, territory.country_code, territory.territory_level
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


def _finished(spec: Indicator) -> str:
    """`finished`: value, interval, status and reason of every row."""
    low, high = spec.range
    multiplier = f"CAST({spec.ratio.multiplier!r} AS DOUBLE)"
    names = ", ".join(map(quote, ["territory_id", "period", "series", *dimensions(spec)]))
    inputs = ", ".join(spec.inputs)

    def ratio(part: str) -> str:
        return f"CAST(round({multiplier} * {part}::DOUBLE / nullif(denominator, 0)::DOUBLE, 6) AS DECIMAL(18, 6))"

    shown = "status IN ('A', 'U', 'G')"
    return f"""
        CREATE TEMP TABLE finished AS
        WITH every AS (
            SELECT *, false AS is_gap FROM summed
            UNION ALL BY NAME
            SELECT *, true AS is_gap, 0 AS members FROM gap
        ), valued AS (
            SELECT *, {ratio("numerator")} AS raw_value FROM every
        ), stated AS (
            SELECT
                *,
                CASE
                    WHEN is_gap OR numerator IS NULL OR denominator IS NULL OR denominator = 0 THEN 'O'
                    WHEN denominator < {spec.disclosure.minimum_count} THEN 'Q'
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
                WHEN status = 'L' THEN 'withheld: level ' || coalesce(cert_level, 0) || ', {spec.requires_level} is required'
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
