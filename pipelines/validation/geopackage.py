"""The attributes in one layer of a GeoPackage, as rows."""

import datetime
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pipelines.errors import DataError
from pipelines.validation.table_limits import BATCH, check_width

_MAGIC = b"SQLite format 3\0"
# A million rows of ten columns take some fifteen million steps; a file made to keep SQLite busy takes more.
_STEPS_AT_ONCE = 1_000_000
_STEP_LIMIT = 2_000_000_000
_VALUE_LIMIT = 256 * 1024**2


def read_geopackage(path: Path, layer: str | None) -> tuple[list[str], Iterator[list[Any]]]:
    """Read which attributes a layer has; the rows wait.

    Args:
        path: The file; nothing in it is trusted.
        layer: The table; null for the first one.

    Returns:
        The names of the columns that are no geometry and no feature identifier; the rows in the order in which they
        are stored. Null: no value.

    Raises:
        DataError: It is no GeoPackage, is damaged, has no such layer, or is made to exhaust whoever reads it.
    """
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise DataError(
                f"{path.name}: not a GeoPackage", why="it is no SQLite file", fix="check 'format' and 'path'"
            )
    with _connection(path) as connection:
        table = _layer(path.name, connection, layer)
        columns = _attribute_columns(connection, table)
        order = _order(connection, table)
    check_width(path.name, len(columns))

    def rows() -> Iterator[list[Any]]:
        # A table of nothing but geometries has rows all the same.
        names = ", ".join(_quoted(name) for name, _ in columns) or "NULL"
        converters = [_CONVERTERS.get(_declared(kind), _as_it_is) for _, kind in columns]
        with _connection(path) as connection:
            cursor = connection.execute(f"SELECT {names} FROM main.{_quoted(table)}{order}")
            while batch := cursor.fetchmany(BATCH):
                for row in batch:
                    yield [convert(cell) for convert, cell in zip(converters, row, strict=False)]

    return [name for name, _ in columns], rows()


@contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that reads this one file, writes nothing and ends by itself."""
    steps = 0

    def is_exhausted() -> bool:
        nonlocal steps
        steps += _STEPS_AT_ONCE
        return steps > _STEP_LIMIT

    try:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        # Rows may be read, and the connection closed, by another thread than the one that opened it.
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_LIMIT)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            connection.set_progress_handler(is_exhausted, _STEPS_AT_ONCE)
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA cell_size_check=ON")
            # A message of SQLite may quote the file's own bytes, and then it is Python that cannot read it.
            yield connection
    except (sqlite3.Error, UnicodeError) as error:
        reason = f"took more than {_STEP_LIMIT:,} steps" if steps > _STEP_LIMIT else str(error)
        raise DataError(
            f"{path.name}: SQLite cannot read it: {reason}", fix="fetch it again, or ask the owner"
        ) from error


def _layer(name: str, connection: sqlite3.Connection, layer: str | None) -> str:
    """The table of the layer, or of the first one."""
    stored = _stored_tables(connection)
    if "gpkg_contents" not in stored:
        raise DataError(
            f"{name}: not a GeoPackage", why="it has no table 'gpkg_contents'", fix="check 'format' and 'path'"
        )
    listed = connection.execute(
        "SELECT table_name FROM main.gpkg_contents WHERE data_type IN ('features', 'attributes', 'aspatial') "
        "ORDER BY rowid"
    )
    layers = [str(table) for (table,) in listed]
    wanted = layers[0] if layer is None and layers else layer
    if wanted is None or wanted not in layers or wanted not in stored:
        raise DataError(
            f"{name}: has no layer {wanted!r} that is a table" if wanted else f"{name}: has no layer",
            why=f"its layers are: {', '.join(map(repr, layers[:20])) or 'none'}; a view or virtual table is not read",
            fix="correct 'layer'",
        )
    return wanted


def _stored_tables(connection: sqlite3.Connection) -> set[str]:
    # A view computes, a virtual table (it has no root page) runs a module's code; neither is data.
    found = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0")
    return {name for (name,) in found}


def _attribute_columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """The name and the declared type of each column that is no geometry and no feature identifier, as in GDAL."""
    geometries = set()
    if "gpkg_geometry_columns" in _stored_tables(connection):
        query = "SELECT lower(column_name) FROM main.gpkg_geometry_columns WHERE lower(table_name) = lower(?)"
        geometries = {name for (name,) in connection.execute(query, [table])}
    query = "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1"
    listed = connection.execute(query, [table]).fetchall()
    key = [name for name, kind, position in listed if position]
    # A key of one integer column only tells features apart (`fid`).
    identifiers = {name for name, kind, position in listed if position and len(key) == 1 and _is_integer(kind)}
    return [(name, kind) for name, kind, _ in listed if name.lower() not in geometries and name not in identifiers]


def _order(connection: sqlite3.Connection, table: str) -> str:
    """The clause that gives the rows in the order in which they are stored."""
    ((without_rowid,),) = connection.execute("SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'", [table])
    if without_rowid:
        query = "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk"
        return " ORDER BY " + ", ".join(_quoted(name) for (name,) in connection.execute(query, [table]))
    taken = {name.lower() for (name,) in connection.execute("SELECT name FROM pragma_table_xinfo(?)", [table])}
    free = [name for name in ("rowid", "_rowid_", "oid") if name not in taken]
    # Columns of its own may take all three names, and then nothing else names the rowid. The table itself is still
    # stored by it, and SQLite goes through it in that order where it may not use an index instead.
    return f" ORDER BY {free[0]}" if free else " NOT INDEXED"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _declared(kind: str) -> str:
    return kind.upper().partition("(")[0].strip()


def _is_integer(kind: str) -> bool:
    return _declared(kind) == "INTEGER"


def _as_it_is(cell: Any) -> Any:
    return cell.hex().upper() if isinstance(cell, bytes) else cell


def _boolean(cell: Any) -> Any:
    return bool(cell) if isinstance(cell, int) and cell in {0, 1} else _as_it_is(cell)


def _parsed(pattern: str, parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    shape = re.compile(pattern, re.ASCII)

    def convert(cell: Any) -> Any:
        """The value, or the cell as it is, so that what is wrong with it is reported."""
        if not isinstance(cell, str) or not shape.fullmatch(cell):
            return _as_it_is(cell)
        try:
            return parse(cell)
        except ValueError:
            return cell

    return convert


_DAY = r"\d{4}-\d{2}-\d{2}"
_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "BOOLEAN": _boolean,
    "DATE": _parsed(_DAY, datetime.date.fromisoformat),
    "DATETIME": _parsed(
        _DAY + r"T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", datetime.datetime.fromisoformat
    ),
}
"""By the column types of the GeoPackage standard (table 1); the others are what SQLite gives."""
