"""Conform: the source's own columns become the columns of the standard schemas, still as text.

Grain in: one record of the file. Grain out: one row of a standard table, several for a record that is unpivoted. Every
record is taken by at least one table, declared out of scope, or malformed; the counts are kept.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import DataError, UsageError
from pipelines.readers import SOURCE_ROW, Malformed, Records, read_records
from pipelines.specs.declaration import Declared
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import Data, Fix, Source, Table, is_named
from pipelines.steps.fetch import Vintage
from pipelines.store import Store, fingerprint
from pipelines.warehouse import QueryError, Warehouse, literal, quote

STAGE = "conformed"
RECORDS = "records.parquet"

MALFORMED_SCHEMA = pa.schema(
    [
        ("source_row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("rule", pa.string()),
        ("message", pa.string()),
        ("raw", pa.string()),
    ]
)


@dataclass(frozen=True)
class Conformed:
    """A vintage in the columns of the standard schemas.

    `folder` holds `records.parquet` (the file as text, one row a record), `malformed.parquet` and one Parquet file a
    table. `received` counts the file's records, `rows` the standard rows by table, `out_of_scope` the records that a
    table's scope leaves out.
    """

    vintage: Vintage
    folder: Path
    received: int
    malformed: int
    rows: dict[str, int]
    out_of_scope: dict[str, int]

    def table(self, name: str) -> Path:
        """The Parquet file of one table: the schema's fields as text, `source_row`, `source_column`, `row_id`."""
        return self.folder / f"{name}.parquet"


def conform_mark(vintage: Vintage, source: Declared[Source], schemas: dict[str, StandardSchema]) -> str:
    """The fingerprint of what `conform` would make."""
    contracts = [schemas[table.schema_name].model_dump_json() for table in source.spec.tables]
    return fingerprint(STAGE, vintage.sha256, source.digest, contracts)


def find_conformed(store: Store, vintage: Vintage, mark: str) -> Conformed | None:
    """The result of an earlier `conform` with the same fingerprint, or None."""
    manifest = store.manifest(STAGE, vintage.source_id, mark)
    if manifest is None:
        return None
    folder = store.folder(STAGE, vintage.source_id, mark)
    return Conformed(
        vintage,
        folder,
        manifest["received"],
        manifest["malformed"],
        manifest["rows"],
        manifest["out_of_scope"],
    )


def conform(store: Store, vintage: Vintage, source: Declared[Source], schemas: dict[str, StandardSchema]) -> Conformed:
    """Read a vintage and write it in the columns of the standard schemas.

    Raises:
        DataError: The file cannot be read as declared, a column is unknown or missing, an expression cannot be
            evaluated, or a fix does not meet the rows it expects.
    """
    mark = conform_mark(vintage, source, schemas)
    if found := find_conformed(store, vintage, mark):
        return found
    records = read_records(vintage.path, source.spec.data)
    _check_columns(source, records)
    with store.writing(STAGE, vintage.source_id, mark) as (folder, manifest):
        pq.write_table(records.table, folder / RECORDS, compression="zstd")
        pq.write_table(_malformed_table(records.malformed), folder / "malformed.parquet", compression="zstd")
        manifest |= {
            "received": records.table.num_rows + len(records.malformed),
            "malformed": len(records.malformed),
            "rows": {},
            "columns": {table.table_name: sorted(set(table.columns.values())) for table in source.spec.tables},
            "out_of_scope": {},
        }
        with Warehouse([folder]) as warehouse:
            warehouse.register("records", records.table)
            for table in source.spec.tables:
                name = table.table_name
                taken, rows = _conform_table(
                    warehouse, source, table, schemas[table.schema_name], folder / f"{name}.parquet"
                )
                manifest["rows"][name] = rows
                manifest["out_of_scope"][name] = records.table.num_rows - taken
    conformed = find_conformed(store, vintage, mark)
    assert conformed is not None
    return conformed


def _malformed_table(rows: list[Malformed]) -> pa.Table:
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=MALFORMED_SCHEMA)


def _check_columns(declared: Declared[Source], records: Records) -> None:
    source, clean = declared.spec, declared.text("clean.sql")
    present = [name for name in records.table.column_names if name != SOURCE_ROW]
    # What `clean.sql` makes of the columns is known when it runs; a column it names counts as used.
    missing = [] if clean else [name for name in source.required_columns() if name not in present]
    unknown = [name for name in present if not source.mentions(name) and not (clean and is_named(name, clean))]
    if not missing and not unknown:
        return
    what, fixes = [], []
    for name in missing:
        near = difflib.get_close_matches(name, unknown, n=1, cutoff=0.6)
        what.append(f"the column {name!r} is gone" + (f" (is it {near[0]!r} now?)" if near else ""))
        fixes.append(f"map {near[0]!r} instead of {name!r}" if near else f"find out what became of {name!r}")
    for name in unknown:
        if not any(f"{name!r} instead" in fix for fix in fixes):
            what.append(f"the column {name!r} is new")
            fixes.append(f"map {name!r} or list it under 'ignore'")
    raise DataError(
        f"{source.data.path}, row 1: {'; '.join(what)}",
        why=f"every column must be mapped or ignored by sources/{source.id}/source.yaml; a new one is not a silence",
        fix="; ".join(fixes),
    )


def _conform_table(
    warehouse: Warehouse, source: Declared[Source], table: Table, schema: StandardSchema, file: Path
) -> tuple[int, int]:
    """Write one table; the number of records it takes, and of rows it makes of them."""
    relation = _records_or_clean(source, table)
    where = f"(\n{table.scope.where}\n)" if table.scope else "true"
    parameters: dict[str, Any] = {}
    branches: Iterable[tuple[str | None, str | None]] = (
        table.unpivot.columns.items() if table.unpivot else [(None, None)]
    )
    selects = [
        f"SELECT {_select_list(source.spec, table, schema, code, column, parameters)} FROM {relation} WHERE {where}"
        for code, column in branches
    ]
    at = f"sources/{source.spec.id}/source.yaml: {table.table_name}"
    try:
        for _, expression in table.expressions():
            warehouse.check_expression(expression, "records")
        taken = warehouse.value(f"SELECT count(*) FROM {relation} WHERE {where}")
        warehouse.execute(f"CREATE OR REPLACE TEMP TABLE conformed AS {' UNION ALL '.join(selects)}", parameters)
        for number, fix in enumerate(table.fixes):
            _apply_fix(warehouse, fix, f"{at}: fixes.{number}")
        rows = warehouse.value("SELECT count(*) FROM conformed")
        warehouse.write_parquet("SELECT * FROM conformed ORDER BY source_row, source_column", file)
    except (QueryError, UsageError) as error:
        reason = error.what if isinstance(error, UsageError) else str(error)
        raise DataError(
            f"{at}: an expression cannot be evaluated: {reason.splitlines()[0]}",
            fix="correct scope, derive or fixes; every source column there is text",
        ) from None
    return taken, rows


def _records_or_clean(source: Declared[Source], table: Table) -> str:
    clean = source.text("clean.sql")
    return f"({clean.rstrip().rstrip(';')}) AS cleaned" if clean else "records"


def _select_list(
    source: Source,
    table: Table,
    schema: StandardSchema,
    code: str | None,
    column: str | None,
    parameters: dict[str, Any],
) -> str:
    def parameter(value: str) -> str:
        name = f"p{len(parameters)}"
        parameters[name] = value
        return f"${name}::VARCHAR"

    expressions = []
    for field in schema.fields:
        name = field.name
        if name in table.columns:
            text = quote(table.columns[name])
        elif name in table.derive:
            text = f"(\n{table.derive[name]}\n)::VARCHAR"
        elif name in table.constants:
            text = parameter(table.constants[name])
        elif table.unpivot and name == table.unpivot.into:
            assert code is not None
            text = parameter(code)
        elif table.unpivot and name == table.unpivot.value:
            assert column is not None
            text = quote(column)
        else:
            text = "NULL::VARCHAR"
        is_cell = name in table.columns or (table.unpivot is not None and name == table.unpivot.value)
        if is_cell and field.type in ("integer", "number"):
            text = _plain_number(source.data, text)
        if recode := table.values.get(name):
            cases = " ".join(f"WHEN {parameter(old)} THEN {parameter(new)}" for old, new in recode.items())
            text = f"CASE {text} {cases} ELSE {text} END"
        expressions.append(f"{text} AS {quote(name)}")
    suffix = f" || ':' || {parameter(column)}" if column else ""
    return ", ".join(
        [
            *expressions,
            "source_row",
            f"{parameter(column) if column else 'NULL::VARCHAR'} AS source_column",
            f"{literal(f'{source.id}:{table.table_name}:')} || source_row{suffix} AS row_id",
        ]
    )


def _plain_number(data: Data, text: str) -> str:
    """SQL that rewrites a number with group and decimal marks plainly; any other text is left for validation.

    Where a comma begins the decimals, a text with a point is no number: it is marked, so that validation does not take
    the point for one.
    """
    if data.group_char is None and data.decimal_char == ".":
        return text
    group = re.escape(data.group_char) if data.group_char else ""
    digits = rf"([0-9]{{1,3}}({group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    pattern = literal(rf"[-+]?{digits}({re.escape(data.decimal_char)}[0-9]+)?")
    plain = f"replace({text}, {literal(data.group_char)}, '')" if data.group_char else text
    other = text
    if data.decimal_char != ".":
        plain = f"replace({plain}, {literal(data.decimal_char)}, '.')"
        other = f"CASE WHEN regexp_full_match({text}, '[-+]?[0-9]*\\.[0-9]*') THEN {text} || '?' ELSE {text} END"
    return f"CASE WHEN regexp_full_match({text}, {pattern}) THEN {plain} ELSE {other} END"


def _apply_fix(warehouse: Warehouse, fix: Fix, at: str) -> None:
    expected = " AND ".join(
        [f"(\n{fix.where}\n)", *(f"{quote(name)} = {literal(text)}" for name, text in fix.expect.items())]
    )
    matched = warehouse.value(f"SELECT count(*) FROM conformed WHERE (\n{fix.where}\n)")
    as_expected = warehouse.value(f"SELECT count(*) FROM conformed WHERE {expected}")
    if matched != fix.rows or as_expected != fix.rows:
        raise DataError(
            f"{at}: the fix expects {fix.rows} row(s) and meets {matched}, {as_expected} of them as expected",
            why=f"the fix was made because: {fix.why}",
            fix="the publisher may have corrected the data: remove the fix, or adapt it",
        )
    assignments = ", ".join(f"{quote(name)} = {literal(text)}" for name, text in fix.set.items())
    warehouse.execute(f"UPDATE conformed SET {assignments} WHERE (\n{fix.where}\n)")
