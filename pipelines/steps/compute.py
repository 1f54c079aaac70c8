"""Compute: an indicator's query gives numerators and denominators; this makes them into values that can be published.

Grain: territory, period, series and breakdowns. A missing value is a row with a status and a reason, never a zero and
never a silent absence. See `docs/decisions/0007-from-parts-to-values.md`.
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import DataError
from pipelines.specs.declaration import Declared
from pipelines.specs.indicator import Indicator
from pipelines.steps.bind import parameters_of, query_of
from pipelines.steps.certify import InService
from pipelines.steps.prepare import Prepared
from pipelines.steps.standardise import Standard
from pipelines.steps.statuses import certified_sql, finished_sql, gaps_sql
from pipelines.store import Store, fingerprint
from pipelines.territories.aggregation import leaves_sql, sums_sql
from pipelines.warehouse import QueryError, Warehouse, content_digest, literal, quote

STAGE = "indicator"

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
        content = f"SELECT * EXCLUDE ({', '.join(LINEAGE)}) FROM finished"
        digest = content_digest(warehouse, content)
        manifest |= {"rows": rows, "missing": missing, "content_sha256": digest}
    computed = find_computed(store, spec.id, mark)
    assert computed is not None
    return computed


def _key(spec: Indicator) -> str:
    return ", ".join(map(quote, ["territory_id", "period", "series", *spec.breakdowns]))


def _run_query(warehouse: Warehouse, indicator: Declared[Indicator]) -> None:
    """`part`: the query's rows with every column that values have; breakdowns that it lacks are totals."""
    spec, query = indicator.spec, query_of(indicator)
    try:
        present = warehouse.columns(query, parameters_of(spec) or None)
        names = [name for name in spec.breakdowns if name in present]
        breakdowns = [
            f"coalesce({quote(name)}, '_T') AS {quote(name)}" if name in names else f"'_T' AS {quote(name)}"
            for name in spec.breakdowns
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
            FROM (
{query}
            )
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
        leaves_sql(spec),
        _judged_parts(spec),
        sums_sql(spec),
        certified_sql(),
        gaps_sql(spec),
        finished_sql(spec),
    ]


def _certificates(uses: list[InService]) -> str:
    """`certificate`: the level of each source in service."""
    rows = ", ".join(f"({literal(use.source_id)}, {literal(use.certificate_id)}, {use.level})" for use in uses)
    body = f"VALUES {rows}" if rows else "SELECT NULL::VARCHAR, NULL::VARCHAR, NULL::INTEGER WHERE false"
    return f"CREATE TEMP TABLE certificate AS SELECT * FROM ({body}) AS c(source_id, certificate_id, cert_level)"


def _judged_parts(spec: Indicator) -> str:
    """`judged`: each part with the lowest level of the sources that went in."""
    return f"""
        CREATE TEMP TABLE judged AS
        WITH numbered AS (
            SELECT *, row_number() OVER (ORDER BY {_key(spec)}, input_rows) AS part_id FROM part
        ), used AS (
            SELECT part_id, min(cert_level) AS cert_level
            FROM (SELECT part_id, split_part(unnest(input_rows), ':', 1) AS source_id FROM numbered)
            JOIN certificate USING (source_id)
            GROUP BY part_id
        )
        SELECT numbered.* EXCLUDE (part_id), used.cert_level FROM numbered LEFT JOIN used USING (part_id)
    """
