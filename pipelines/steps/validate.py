"""Validate: every conformed row is accepted, typed, or quarantined with its reasons.

Grain: one row of a standard table. received = accepted + quarantined, for every table; `certify` proves it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import DataError
from pipelines.specs.declaration import Declared
from pipelines.specs.schema import SchemaField, StandardSchema
from pipelines.specs.source import Source, Table
from pipelines.steps.conform import RECORDS, Conformed
from pipelines.steps.explain_rule import expected_of, fix_of
from pipelines.steps.fetch import Vintage
from pipelines.steps.quarantine import Quarantined, quarantine_table
from pipelines.store import Store, fingerprint
from pipelines.validation import Error, validate
from pipelines.warehouse import Warehouse, quote

STAGE = "validated"
QUARANTINE = "quarantine.parquet"
_FIRST_ROW = 2
"""Frictionless counts the header as row 1."""

_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(18,6)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "year": "INTEGER",
}


def _place(error: Error) -> int:
    """The position of an error's row in the table, from 0."""
    assert error.row_number is not None
    return error.row_number - _FIRST_ROW


def _stored_type(field: SchemaField) -> str:
    """The type that validation keeps a field in; a geometry stays text until it is written."""
    return "VARCHAR" if field.format == "wkb_hex" else duckdb_type(field)


def _is_unreadable(field: SchemaField) -> str | None:
    """SQL that holds for a text that is not plainly written; None for fields where every text is."""
    text = quote(field.name)
    if field.format == "wkb_hex":
        return f"(coalesce({text}, '') <> '' AND NOT regexp_full_match({text}, '([0-9A-Fa-f]{{2}})+'))"
    if field.type == "string":
        return None
    cast = f"TRY_CAST({text} AS {duckdb_type(field)})"
    if field.type == "boolean":
        return f"(coalesce({text}, '') NOT IN ('', 'true', 'false'))"
    plain = "true"
    if field.type in ("integer", "number"):
        exponent = "([eE][-+]?[0-9]+)?" if field.is_float else ""
        plain = rf"regexp_full_match({text}, '\s*[-+]?[0-9]+(\.[0-9]+)?{exponent}\s*')"
    return f"(coalesce({text}, '') <> '' AND ({cast} IS NULL OR NOT {plain}))"


@dataclass(frozen=True)
class TableAccount:
    """Where the rows of one standard table went; `received` is always `accepted + quarantined`."""

    received: int
    accepted: int
    quarantined: int
    out_of_scope: int


@dataclass(frozen=True)
class Validated:
    """A vintage, judged: one typed Parquet file a table, sorted by its key, and the quarantine of all of them."""

    vintage: Vintage
    conformed: Conformed
    folder: Path
    accounts: dict[str, TableAccount]
    malformed: int

    def table(self, name: str) -> Path:
        """The accepted rows of one table: the schema's fields, typed, and `row_id`, `source_row`."""
        return self.folder / f"{name}.parquet"

    @property
    def quarantine(self) -> Path:
        """The quarantined rows of all tables, see `steps.quarantine`."""
        return self.folder / QUARANTINE


def duckdb_type(field: SchemaField) -> str:
    """The type a field has in standard tables."""
    if field.format == "wkb_hex":
        return "BLOB"
    return "DOUBLE" if field.is_float else _TYPES[field.type]


def validate_mark(conformed: Conformed) -> str:
    """The fingerprint of what `validate_tables` would make."""
    return fingerprint(STAGE, conformed.folder.name)


def find_validated(store: Store, conformed: Conformed) -> Validated | None:
    """The result of an earlier validation of the same tables, or None."""
    source_id, mark = conformed.vintage.source_id, validate_mark(conformed)
    manifest = store.manifest(STAGE, source_id, mark)
    if manifest is None:
        return None
    accounts = {name: TableAccount(**account) for name, account in manifest["accounts"].items()}
    folder = store.folder(STAGE, source_id, mark)
    return Validated(conformed.vintage, conformed, folder, accounts, manifest["malformed"])


def validate_tables(
    store: Store, conformed: Conformed, source: Declared[Source], schemas: dict[str, StandardSchema]
) -> Validated:
    """Judge every row of every table of a vintage.

    Raises:
        DataError: A table's columns as such do not fit its schema.
    """
    if found := find_validated(store, conformed):
        return found
    with store.writing(STAGE, source.spec.id, validate_mark(conformed)) as (folder, manifest):
        quarantined = _malformed(conformed, source.spec)
        accounts: dict[str, Any] = {}
        with Warehouse([folder, conformed.folder]) as warehouse:
            warehouse.view("records", conformed.folder / RECORDS)
            for table in source.spec.tables:
                name = table.table_name
                judged = _Judged(source.spec, table, schemas[table.schema_name], conformed)
                rows = judged.judge(warehouse, folder / f"{name}.parquet")
                bad = {row.row_id for row in rows}
                received = conformed.rows[name]
                accounts[name] = {
                    "received": received,
                    "accepted": pq.read_metadata(folder / f"{name}.parquet").num_rows,
                    "quarantined": len(bad),
                    "out_of_scope": conformed.out_of_scope[name],
                }
                quarantined += rows
        pq.write_table(quarantine_table(quarantined), folder / QUARANTINE, compression="zstd")
        manifest |= {"accounts": accounts, "malformed": conformed.malformed}
    validated = find_validated(store, conformed)
    assert validated is not None
    return validated


def _malformed(conformed: Conformed, source: Source) -> list[Quarantined]:
    table = pq.read_table(conformed.folder / "malformed.parquet")
    return [
        Quarantined(
            source.id,
            conformed.vintage.vintage_id,
            "(file)",
            row["source_row"],
            f"{source.id}:(file):{row['source_row']}",
            row["column"],
            row["value"],
            row["rule"],
            f"{source.data.path}, row {row['source_row']}: {row['message']}",
            "correct the record in the file; it is not a row as it stands",
            row["raw"],
        )
        for row in table.to_pylist()
    ]


@dataclass(frozen=True)
class _Judged:
    """One table on its way from text to types."""

    source: Source
    table: Table
    schema: StandardSchema
    conformed: Conformed

    def judge(self, warehouse: Warehouse, file: Path) -> list[Quarantined]:
        cells = pq.read_table(self.conformed.table(self.table.table_name))
        errors, typed = self._judged_cells(warehouse, cells, file.with_suffix(".typed"))
        warehouse.register("typed", typed)
        errors += self._repeated(warehouse)
        places = pa.table({"place": pa.array(sorted({_place(error) for error in errors}), pa.int64())})
        warehouse.register("bad", places)
        columns = ", ".join(f"{self._kept(field)} AS {quote(field.name)}" for field in self.schema.fields)
        keys = ", ".join(map(quote, self.schema.primary_key))
        warehouse.write_parquet(
            f"SELECT {columns}, row_id, source_row FROM typed ANTI JOIN bad USING (place) ORDER BY {keys}, row_id", file
        )
        quarantined = self._explain(warehouse, cells, sorted(errors, key=_place))
        warehouse.unregister("typed")
        warehouse.unregister("bad")
        return quarantined

    def _judged_cells(self, warehouse: Warehouse, cells: pa.Table, scratch: Path) -> tuple[list[Error], pa.Table]:
        """What is wrong with single cells, and the rows without such an error: typed, with where they come from."""
        schema = {name: value for name, value in self.schema.table_schema().items() if name != "primaryKey"}
        types = {field.name: _stored_type(field) for field in self.schema.fields}
        report = validate(cells.select(self.schema.field_names), schema, limit_errors=0, types=types, accepted=scratch)
        if unplaced := [error for error in report.errors if error.row_number is None]:
            raise DataError(f"{self.source.id}: {self.table.table_name}: {unplaced[0].to_descriptor()['message']}")
        warehouse.register("cells", cells)
        unreadable = self._unreadable(warehouse, report.errors)
        warehouse.unregister("cells")
        accepted = np.setdiff1d(np.arange(cells.num_rows), [_place(error) for error in report.errors])
        origin = cells.select(["row_id", "source_row"]).take(accepted).append_column("place", pa.array(accepted))
        typed = pq.read_table(scratch)
        scratch.unlink()
        for name, column in zip(origin.column_names, origin.columns, strict=True):
            typed = typed.append_column(name, column)
        is_plain = ~np.isin(accepted, [_place(error) for error in unreadable])
        return [*report.errors, *unreadable], typed.filter(pa.array(is_plain))

    def _kept(self, field: SchemaField) -> str:
        name = quote(field.name)
        return f"unhex({name})" if field.format == "wkb_hex" else name

    def _unreadable(self, warehouse: Warehouse, known: list[Error]) -> list[Error]:
        """Cells that the standard accepts but that are not plainly written (`1_000`, Arabic digits, `1e999`)."""
        judged = {(_place(error), error.field_name) for error in known}
        conditions = {field.name: sql for field in self.schema.fields if (sql := _is_unreadable(field))}
        if not conditions:
            return []
        # Nearly always none: one pass over the table answers for all columns.
        suspects = warehouse.rows(
            f"SELECT place, {', '.join(f'{sql}, {quote(name)}' for name, sql in conditions.items())} "
            f"FROM (SELECT *, row_number() OVER () - 1 AS place FROM cells) "
            f"WHERE {' OR '.join(conditions.values())} ORDER BY place"
        )
        found = []
        for place, *pairs in suspects:
            for name, is_unreadable, cell in zip(conditions, pairs[::2], pairs[1::2], strict=True):
                if is_unreadable and (place, name) not in judged:
                    field = self.schema.field(name)
                    note = f"not a plain {'geometry' if field.format == 'wkb_hex' else field.type}"
                    found.append(Error("type-error", note, place + _FIRST_ROW, field_name=name, cell=cell))
        return found

    def _repeated(self, warehouse: Warehouse) -> list[Error]:
        """Rows with one key: all of them where they differ (none is known to be right), else the surplus."""
        # What is compared is what the cells mean: '1' and '01' are one number.
        keys = ", ".join(map(quote, self.schema.primary_key))
        if not warehouse.rows(f"SELECT 1 FROM typed GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"):
            return []
        names = ", ".join(map(quote, self.schema.field_names))
        rows = warehouse.rows(
            f"""
            WITH counted AS (
                SELECT
                    place, source_row,
                    count(*) OVER (PARTITION BY {keys}) AS with_key,
                    count(*) OVER (PARTITION BY {names}) AS alike,
                    row_number() OVER (PARTITION BY {names} ORDER BY source_row, row_id) AS rank,
                    min(source_row) OVER (PARTITION BY {keys}) AS first_row
                FROM typed
            )
            SELECT place, with_key = alike AS is_copy, with_key, first_row FROM counted
            WHERE with_key > 1 AND NOT (with_key = alike AND rank = 1)
            ORDER BY place
            """
        )
        return [
            Error(
                "duplicate-row" if is_copy else "primary-key",
                f"the same row stands in row {first_row} already"
                if is_copy
                else f"{with_key} rows from row {first_row} on have this key and differ; none is known to be right",
                place + _FIRST_ROW,
            )
            for place, is_copy, with_key, first_row in rows
        ]

    def _explain(self, warehouse: Warehouse, cells: pa.Table, errors: list[Error]) -> list[Quarantined]:
        wanted = {cells["source_row"][_place(error)].as_py() for error in errors}
        warehouse.register("wanted", pa.table({"source_row": pa.array(sorted(wanted), pa.int64())}))
        raw = dict(
            warehouse.rows(
                "SELECT source_row, to_json(records)::VARCHAR FROM records SEMI JOIN wanted USING (source_row)"
            )
        )
        warehouse.unregister("wanted")
        return [self._quarantined(cells, error, raw) for error in errors]

    def _quarantined(self, cells: pa.Table, error: Error, raw: dict[int, str]) -> Quarantined:
        place = _place(error)
        row = cells["source_row"][place].as_py()
        unpivoted = cells["source_column"][place].as_py()
        field = self.schema.field(error.field_name) if error.field_name else None
        column = self._source_column(error.field_name, unpivoted)
        cell = cells[error.field_name][place].as_py() if error.field_name else None
        # As received: the conformed cell may have been rewritten.
        value = json.loads(raw[row]).get(column, cell) if row in raw and column else cell
        key = ", ".join(f"{name}={cells[name][place].as_py()}" for name in self.schema.primary_key)
        return Quarantined(
            self.source.id,
            self.conformed.vintage.vintage_id,
            self.table.table_name,
            row,
            cells["row_id"][place].as_py(),
            column,
            value,
            error.type,
            f"{self.source.data.path}, row {row}"
            + (f", column {column!r} = {value!r}" if column else f" ({key})")
            + f": {expected_of(error, cell, field)}",
            fix_of(error, field, self.source.id),
            raw.get(row),
        )

    def _source_column(self, field: str | None, unpivoted: str | None) -> str | None:
        if field is None:
            return None
        if self.table.unpivot and field == self.table.unpivot.value:
            return unpivoted
        return self.table.columns.get(field, field)
