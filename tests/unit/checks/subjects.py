"""Vintages under assessment, made by hand: each criterion is asked about tables whose answer one can count."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pyarrow as pa

from pipelines.checks import CheckedTable, Subject
from pipelines.specs.declaration import read_declaration
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import Source
from pipelines.specs.workspace import ENGINE_ROOT
from pipelines.steps.validate import duckdb_type
from pipelines.warehouse import Warehouse, quote
from tests.unit.synthetic import LABOUR_TABLE, SOURCE, Row

MEASURED = ["labour_force", "unemployed"]


@cache
def standard(name: str) -> StandardSchema:
    """A standard schema of the repository."""
    declared, faults = read_declaration(StandardSchema, ENGINE_ROOT / "schemas" / name / "schema.yaml", ENGINE_ROOT)
    assert declared is not None, faults
    return declared.spec


def _text(rows: Iterable[Row], names: Iterable[str]) -> pa.Table:
    rows = list(rows)
    cells = {name: [None if (value := row.get(name)) is None else str(value) for row in rows] for name in names}
    return pa.table({name: pa.array(column, pa.string()) for name, column in cells.items()})


@contextmanager
def subject(
    *tables: tuple[Row, list[Row]],
    records: list[Row] | None = None,
    quarantine: Iterable[Row] = (),
    territories: Mapping[str, str] | None = None,
    members: Iterable[tuple[str, str]] = (),
    malformed: int = 0,
    received: Mapping[str, int] | None = None,
    hashes: tuple[str, str] = ("a" * 64, "a" * 64),
    **changes: Any,
) -> Iterator[Subject]:
    """A vintage.

    Args:
        tables: The declaration and the accepted rows of each table. Row n comes from record n unless it says otherwise.
        records: The records of the file; one for each row of the first table unless given.
        quarantine: Reasons; `table_name`, `row_id`, `source_row`, `rule`.
        territories: The known ones with their level, all in ZZ.
        members: Wholes and their parts.
        malformed: How many records are no rows.
        received: Rows received by table; accepted and quarantined ones unless given.
        hashes: As recorded when fetched, and now.
        changes: What the source's declaration says instead.
    """
    tables = tables or ((LABOUR_TABLE, []),)
    source = Source.model_validate({"id": "zz_a", **SOURCE, "tables": [table for table, _ in tables], **changes})
    reasons = list(quarantine)
    with Warehouse() as warehouse:
        checked = {}
        for table, (_, rows) in zip(source.tables, tables, strict=True):
            name, schema = table.table_name, standard(table.schema_name)
            numbered = [
                {"row_id": f"zz_a:{name}:{number}", "source_row": number} | row for number, row in enumerate(rows, 2)
            ]
            names = [*schema.field_names, "row_id", "source_row"]
            types = {field.name: duckdb_type(field) for field in schema.fields} | {"source_row": "BIGINT"}
            casts = ", ".join(f"CAST({quote(n)} AS {types.get(n, 'VARCHAR')}) AS {quote(n)}" for n in names)
            warehouse.register("given", _text(numbered, names))
            warehouse.execute(f"CREATE TABLE {quote(name)} AS SELECT {casts} FROM given")
            bad = len({reason["row_id"] for reason in reasons if reason["table_name"] == name})
            total = (received or {}).get(name, len(rows) + bad)
            checked[name] = CheckedTable(name, table, schema, total, len(rows), bad, 0)
        first = tables[0][1]
        given = records if records is not None else [{"code": row.get("territory_id")} for row in first]
        labels = sorted({label for record in given for label in record} | {"code"})
        warehouse.register(
            "text_of_file", _text([{"source_row": n} | r for n, r in enumerate(given, 2)], [*labels, "source_row"])
        )
        warehouse.execute(
            "CREATE TABLE records AS SELECT * REPLACE (source_row::BIGINT AS source_row) FROM text_of_file"
        )
        warehouse.register("quarantine", _text(reasons, ["table_name", "row_id", "source_row", "rule"]))
        places = [
            {"territory_id": code, "territory_level": level, "country_code": "ZZ"}
            for code, level in (territories or {}).items()
        ]
        warehouse.register("known_territory", _text(places, ["territory_id", "territory_level", "country_code"]))
        pairs = [{"territory_id": whole, "member_id": part} for whole, part in members]
        warehouse.register("known_member", _text(pairs, ["territory_id", "member_id"]))
        yield Subject(source, checked, warehouse, len(given) + malformed, malformed, *hashes)


def labour(code: str, labour_force: int | None, unemployed: int | None, **cells: Any) -> Row:
    """An accepted row of the labour force, the total of 2024."""
    totals = {"period": "2024", "sex": "_T", "age_group": "Y_GE15", "urbanisation": "_T"}
    return {"territory_id": code, **totals, "labour_force": labour_force, "unemployed": unemployed, **cells}
