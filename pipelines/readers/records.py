"""What every reader gives back: a table of text, and the records that are no rows of it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import DataError
from pipelines.specs.source import Data

SOURCE_ROW = "source_row"
"""The column that numbers the records of a file; no source column may be called so."""
COLUMN_LIMIT = 2_000


@dataclass(frozen=True)
class Malformed:
    """A record of the file that is no row of its table. Grain: one record.

    Attributes:
        source_row: The record's number in the file, as in `Records.table`.
        column: The source column at fault; None where the whole record is.
        value: The cell at fault; None where there is none.
        rule: What was broken, as a short name: `blank-row`, `missing-cell`, `extra-cell`, `geometry-invalid`.
        message: The same for a person.
        raw: The whole record as text, so that nothing is lost.
    """

    source_row: int
    column: str | None
    value: str | None
    rule: str
    message: str
    raw: str


@dataclass(frozen=True)
class Records:
    """Every record of one file: in `table` or in `malformed`, never in both, never in neither.

    Attributes:
        table: Grain: one record. Every column is text (null: the file has no value there), and `source_row`
            (int64) is the record's number in the file: unique and ascending.
        malformed: The records that are no rows, in the order of the file.
    """

    table: pa.Table
    malformed: list[Malformed]


def check_labels(file: str, labels: Sequence[str]) -> None:
    """Refuse names that cannot tell the columns of a table apart.

    Raises:
        DataError: There are more than `COLUMN_LIMIT`; one is blank; or two are the same to a person and to
            SQL, who ignore case and whether `é` is one character or two.
    """
    if len(labels) > COLUMN_LIMIT:
        raise DataError(
            f"{file}: has {len(labels):,} columns, at most {COLUMN_LIMIT:,} are read",
            fix="check 'format' and 'delimiter'; if the table is so wide, ask the owner for it in parts",
        )
    seen: dict[str, int] = {SOURCE_ROW: 0}
    for position, label in enumerate(labels, start=1):
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", label).casefold())
        if not key.strip():
            raise DataError(f"{file}: column {position} has no name", fix="ask the owner to name it in the header")
        if key in seen:
            other = f"column {seen[key]}" if seen[key] else f"{SOURCE_ROW!r}, which groma adds itself"
            raise DataError(
                f"{file}: column {position} is called {label!r}, the same as {other}",
                why="names that differ only by case or by the form of an accent cannot be told apart",
                fix="ask the owner for names that differ",
            )
        seen[key] = position


def table_schema(labels: Sequence[str]) -> pa.Schema:
    """The Arrow schema of a table with these columns: all text, then `source_row`."""
    return pa.schema([*((label, pa.string()) for label in labels), (SOURCE_ROW, pa.int64())])


def text_column(cells: Sequence[str | None], data: Data) -> pa.Array:
    """Cells as declared: white space at both ends removed with `trim`, then the `missing` ones null."""
    column = pa.array(cells, pa.string())
    if data.trim:
        column = pc.utf8_trim_whitespace(column)
    is_missing = pc.is_in(column, value_set=pa.array(data.missing, pa.string()))
    return pc.if_else(is_missing, pa.scalar(None, pa.string()), column)
