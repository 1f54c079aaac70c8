"""Quarantine: where a row that may not be used waits, whole, with every reason.

Grain: one row for each reason. A source row that breaks three rules stands here three times and is counted once.
"""

from dataclasses import asdict, dataclass

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("source_id", pa.string()),
        ("vintage_id", pa.string()),
        ("table_name", pa.string()),
        ("source_row", pa.int64()),
        ("row_id", pa.string()),
        ("column_name", pa.string()),
        ("value", pa.string()),
        ("rule", pa.string()),
        ("message", pa.string()),
        ("fix", pa.string()),
        ("raw_record", pa.string()),
    ]
)


@dataclass(frozen=True)
class Quarantined:
    """One reason why one row may not be used.

    `source_row` counts the records of the source's file as a person does (a header is row 1). `column_name` is the
    source's own column where the reason is one cell; `raw_record` is the whole record as JSON.
    """

    source_id: str
    vintage_id: str
    table_name: str
    source_row: int
    row_id: str
    column_name: str | None
    value: str | None
    rule: str
    message: str
    fix: str
    raw_record: str | None


def quarantine_table(rows: list[Quarantined]) -> pa.Table:
    """The reasons as a table, in the order of source row, column and rule."""
    ordered = sorted(rows, key=lambda row: (row.table_name, row.source_row, row.column_name or "", row.rule))
    return pa.Table.from_pylist([asdict(row) for row in ordered], schema=SCHEMA)
