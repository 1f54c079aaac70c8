"""One table of a SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa

from pipelines.errors import DataError
from pipelines.readers.compressed import SIZE_LIMIT
from pipelines.readers.records import Records, check_labels, table_schema, text_column
from pipelines.specs.source import Data

_MAGIC = b"SQLite format 3\0"
_BATCH = 4_096
# A million rows of ten columns take some fifteen million steps; a file made to keep SQLite busy takes more.
_STEPS_AT_ONCE = 1_000_000
_STEP_LIMIT = 2_000_000_000
_CELL_LIMIT = 256 * 1024**2


def read_sqlite(path: Path, data: Data) -> Records:
    """Read the table `data.layer`, in the order of its rows.

    Numbers become their shortest exact text, and binary cells (geometries) upper-case hexadecimal.
    `source_row` counts the rows from 1. Cells that are declared `missing` are null, after `trim` where
    declared.

    Args:
        path: The raw file; it is opened read-only and as unchanging, and nothing in it is trusted.
        data: The declaration.

    Returns:
        The records; a table has no malformed ones.

    Raises:
        DataError: The file is no sound SQLite file, or has no such table.
    """
    layer = data.layer or ""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise DataError(f"{path.name}: not a SQLite file", fix="check 'format' and 'path' under 'data'")
    if path.stat().st_size > SIZE_LIMIT:
        raise DataError(f"{path.name}: larger than {SIZE_LIMIT:,} bytes", fix="ask the owner for it in parts")
    batches: list[pa.RecordBatch] = []
    with _opened(path) as connection:
        columns, order = _columns(path, connection, layer)
        schema = table_schema(columns)
        names = ", ".join(map(_quoted, columns))
        cursor = connection.execute(f"SELECT {names} FROM main.{_quoted(layer)}{order}")
        number = 1
        while rows := cursor.fetchmany(_BATCH):
            arrays = [text_column(list(map(_text, column)), data) for column in zip(*rows, strict=True)]
            arrays.append(pa.array(range(number, number + len(rows)), pa.int64()))
            batches.append(pa.record_batch(arrays, schema=schema))
            number += len(rows)
    return Records(pa.Table.from_batches(batches, schema), [])


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads this one file, writes nothing and ends by itself."""
    steps = 0

    def is_exhausted() -> bool:
        nonlocal steps
        steps += _STEPS_AT_ONCE
        return steps > _STEP_LIMIT

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _CELL_LIMIT)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            connection.set_progress_handler(is_exhausted, _STEPS_AT_ONCE)
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # A message of SQLite may quote the file's own bytes, and then it is Python that cannot read it.
        reason = "its schema holds text that is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        reason = f"took more than {_STEP_LIMIT:,} steps" if steps > _STEP_LIMIT else reason
        raise DataError(
            f"{path.name}: SQLite cannot read it: {reason}", fix="fetch it again, or ask the owner"
        ) from error


def _columns(path: Path, connection: sqlite3.Connection, layer: str) -> tuple[list[str], str]:
    """The names of the table's columns in order, and the clause that gives its rows in the order they are stored in."""
    # A view computes, a virtual table (it has no root page) runs a module's code; neither is data.
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
    tables = [name for (name,) in found]
    if layer not in tables:
        raise DataError(
            f"{path.name}: has no table {layer!r}",
            why=f"its tables are: {', '.join(map(repr, tables[:20])) or 'none'}",
            fix="correct 'layer' under 'data'",
        )
    listed = connection.execute("SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1", [layer]).fetchall()
    columns = [name for name, _ in listed]
    check_labels(path.name, columns)
    ((without_rowid,),) = connection.execute("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [layer])
    if without_rowid:
        key = sorted((position, name) for name, position in listed if position)
        return columns, f" ORDER BY {', '.join(_quoted(name) for _, name in key)}"
    taken = {name.lower() for name in columns}
    free = [name for name in ("rowid", "_rowid_", "oid") if name not in taken]
    # Columns of its own may take all three names, and then nothing else names the rowid. The table itself is still
    # stored by it, and SQLite goes through it in that order where it may not use an index instead.
    return columns, f" ORDER BY {free[0]}" if free else " NOT INDEXED"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(cell: str | int | float | bytes | None) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return cell.hex().upper() if isinstance(cell, bytes) else repr(cell)
