"""Standardise: the certified tables of all sources that conform to one schema become one table.

Grain: one row for each key of the schema. Every row keeps where it comes from: `row_id`, `source_id`, `vintage_id`,
`certificate_id`.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.specs.declaration import Declared
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import Source, Table
from pipelines.specs.workspace import TERRITORY
from pipelines.steps.certify import InService
from pipelines.steps.quarantine import Quarantined, quarantine_table
from pipelines.steps.validate import duckdb_type
from pipelines.store import Store, fingerprint
from pipelines.warehouse import Warehouse, literal, quote, scan

STAGE = "standard"
PROVENANCE = ("row_id", "source_id", "vintage_id", "certificate_id")

Feed = tuple[Declared[Source], Table, InService]


@dataclass(frozen=True)
class Standard:
    """One standard table: its Parquet file, and the certified rows that could not enter it."""

    name: str
    folder: Path
    rows: int
    quarantined: int

    @property
    def file(self) -> Path:
        """The rows: the schema's fields, then the provenance columns."""
        return self.folder / "rows.parquet"

    @property
    def quarantine(self) -> Path:
        """Certified rows that another source contradicts, or whose territory nobody declares."""
        return self.folder / "quarantine.parquet"


def standard_mark(schema: Declared[StandardSchema], feeds: list[Feed], territory: "Standard | None") -> str:
    """The fingerprint of what `standardise` would make."""
    parts = [[use.source_id, table.table_name, use.certificate_id, use.folder.name] for _, table, use in feeds]
    return fingerprint(STAGE, schema.spec.model_dump_json(), parts, territory.folder.name if territory else None)


def find_standard(store: Store, name: str, mark: str) -> Standard | None:
    """The result of an earlier `standardise` with the same fingerprint, or None."""
    manifest = store.manifest(STAGE, name, mark)
    if manifest is None:
        return None
    return Standard(name, store.folder(STAGE, name, mark), manifest["rows"], manifest["quarantined"])


def standardise(
    store: Store, schema: Declared[StandardSchema], feeds: list[Feed], territory: Standard | None
) -> Standard:
    """Unite what the certified sources say about one subject.

    Where two sources give the same key, the row of the better certified one stands (of equals, the one whose id comes
    first), and the other goes to quarantine. So does a row of a territory that no certified source declares.

    Args:
        store: Where the result is kept.
        schema: The standard schema.
        feeds: The source tables that conform to it and are in service.
        territory: The standard table of territories, or None for that table itself.
    """
    spec = schema.spec
    mark = standard_mark(schema, feeds, territory)
    if found := find_standard(store, spec.name, mark):
        return found
    folders = sorted({use.folder for _, _, use in feeds} | ({territory.folder} if territory else set()))
    with store.writing(STAGE, spec.name, mark) as (folder, manifest), Warehouse([folder, *folders]) as warehouse:
        _unite(warehouse, spec, feeds)
        _judge(warehouse, spec, territory)
        keys = ", ".join(map(quote, spec.primary_key))
        columns = ", ".join(map(quote, [*spec.field_names, *PROVENANCE]))
        warehouse.write_parquet(
            f"SELECT {columns} FROM judged WHERE rule IS NULL ORDER BY {keys}, row_id", folder / "rows.parquet"
        )
        rejected = _rejected(warehouse, spec)
        pq.write_table(quarantine_table(rejected), folder / "quarantine.parquet", compression="zstd")
        rows = warehouse.value("SELECT count(*) FROM judged WHERE rule IS NULL")
        manifest |= {"rows": rows, "quarantined": len(rejected)}
    standard = find_standard(store, spec.name, mark)
    assert standard is not None
    return standard


def _unite(warehouse: Warehouse, spec: StandardSchema, feeds: list[Feed]) -> None:
    fields = ", ".join(map(quote, spec.field_names))
    branches = [
        f"SELECT {fields}, row_id, source_row, {literal(use.source_id)} AS source_id, "
        f"{literal(use.vintage_id)} AS vintage_id, {literal(use.certificate_id)} AS certificate_id, "
        f"{use.level} AS cert_level, {literal(table.table_name)} AS table_name "
        f"FROM {scan(use.table(table.table_name))}"
        for _, table, use in feeds
    ]
    if not branches:
        typed = ", ".join(f"NULL::{duckdb_type(field)} AS {quote(field.name)}" for field in spec.fields)
        names = ("row_id", "source_id", "vintage_id", "certificate_id", "table_name")
        text = ", ".join(f"NULL::VARCHAR AS {name}" for name in names)
        branches = [f"SELECT {typed}, {text}, 0::BIGINT AS source_row, 0 AS cert_level WHERE false"]
    warehouse.execute(f"CREATE TEMP TABLE united AS {' UNION ALL BY NAME '.join(branches)}")


def _judge(warehouse: Warehouse, spec: StandardSchema, territory: Standard | None) -> None:
    keys = ", ".join(map(quote, spec.primary_key))
    known = "true"
    if territory is not None and "territory_id" in spec.field_names:
        warehouse.view("known", territory.file)
        known = f"territory_id IN (SELECT {TERRITORY}_id FROM known)"
    warehouse.execute(
        f"""
        CREATE TEMP TABLE judged AS
        WITH placed AS (
            SELECT *, NOT ({known}) AS is_nowhere FROM united
        ), contested AS (
            SELECT {keys} FROM placed WHERE NOT is_nowhere GROUP BY {keys} HAVING count(*) > 1
        ), ranked AS (
            SELECT row_id, first_value(row_id) OVER best AS best_row_id
            FROM placed SEMI JOIN contested USING ({keys})
            WHERE NOT is_nowhere
            WINDOW best AS (PARTITION BY {keys} ORDER BY cert_level DESC, source_id, row_id)
        )
        SELECT
            placed.* EXCLUDE (is_nowhere), ranked.best_row_id,
            CASE
                WHEN is_nowhere THEN 'unknown-territory'
                WHEN ranked.best_row_id <> row_id THEN 'conflicting-source'
            END AS rule
        FROM placed LEFT JOIN ranked USING (row_id)
        """
    )


def _rejected(warehouse: Warehouse, spec: StandardSchema) -> list[Quarantined]:
    key = " || ', ' || ".join(f"'{name}=' || coalesce({quote(name)}::VARCHAR, '')" for name in spec.primary_key)
    territory = "territory_id" if "territory_id" in spec.field_names else "NULL"
    rows = warehouse.rows(
        f"SELECT source_id, vintage_id, table_name, source_row, row_id, rule, {key}, {territory}, best_row_id "
        f"FROM judged WHERE rule IS NOT NULL ORDER BY row_id"
    )
    result = []
    for source_id, vintage_id, table_name, source_row, row_id, rule, key_text, territory_id, best in rows:
        unknown = rule == "unknown-territory"
        message = (
            f"row {source_row}: no certified source declares the territory {territory_id!r}"
            if unknown
            else f"row {source_row} ({key_text}): {best} gives the same key and is at least as well certified"
        )
        fix = (
            "add a source of territories that has it, or correct the code"
            if unknown
            else "narrow 'scope' in one of the two sources so that they do not overlap"
        )
        column = "territory_id" if unknown else None
        value = territory_id if unknown else None
        result.append(
            Quarantined(source_id, vintage_id, table_name, source_row, row_id, column, value, rule, message, fix, None)
        )
    return result


def empty_standard(spec: StandardSchema) -> str:
    """SQL for a standard table without rows, to bind queries against."""
    typed = [f"NULL::{duckdb_type(field)} AS {quote(field.name)}" for field in spec.fields]
    return f"SELECT {', '.join([*typed, *(f'NULL::VARCHAR AS {name}' for name in PROVENANCE)])} WHERE false"
