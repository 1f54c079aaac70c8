"""Tables that Frictionless does not read as tables, and files made to exhaust whoever reads them.

Frictionless takes a GeoJSON file for a map and calls anything valid; it does not know GeoPackage; and it reads Parquet
through a data frame, which turns whole numbers into fractions. Their attributes are given here as labels and rows of
Python values, which its cell readers judge like any other.
"""

import datetime
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

import numpy as np

from pipelines.errors import DataError
from pipelines.validation.raw_records import open_bytes, too_large, unpacked_limit

FORMATS = frozenset({"geojson", "gpkg", "parquet", "parq"})
"""The formats that are read here."""
DEPTH_LIMIT = 64
"""How deep the brackets of a JSON file may be nested."""
DIGIT_LIMIT = 4_000
"""Digits of a number in a JSON file. Python makes no whole number of more than 4,300, and ijson 3.6 ends the process
where it is asked to."""
ITEM_LIMIT = 64 * 1024**2
"""Bytes that one row of a JSON file, or one feature with its geometry, may have."""
COLUMN_LIMIT = 2_000
CELL_LIMIT = 10**9
"""Cells a table may have; beyond the first `CELLS_FREE`, no more than `CELLS_PER_BYTE` for each byte of the file."""
CELLS_FREE = 10**8
CELLS_PER_BYTE = 200
SHEET_LIMIT = 2 * 10**8
"""Cells of the area that a sheet spans, the empty ones too: its reader makes them all."""
MERGED_LIMIT = 10**7
"""Cells that are merged into others, of all sheets together."""
UNPACKED_LIMIT = 2 * 1024**3
"""Bytes that a spreadsheet, or a JSON file, may hold once unpacked."""
MEMBER_LIMIT = 1_000

_CHUNK = 4 << 20
_BATCH = 4_096
_JSON = frozenset({"json", "jsonl", "ndjson"})


@dataclass(frozen=True)
class AttributeTable:
    """A table as labels and rows of Python values.

    Attributes:
        labels: The names of the columns, as the file has them.
        rows: A list of cells for each row, one for each label, read as they are asked for. Null: no value. A cell is
            text, a number, a truth value, a date or time, bytes, or for nested ones a list or mapping. Reading may
            raise `DataError`.
    """

    labels: list[str]
    rows: Iterator[list[Any]]


def open_attribute_table(
    path: Path, kind: str, *, layer: str | None = None, compression: str = "", innerpath: str | None = None
) -> AttributeTable:
    """Read the labels of a table; its rows wait.

    Args:
        path: The file; nothing in it is trusted.
        kind: One of `FORMATS`.
        layer: The table of a GeoPackage; null for the first one.
        compression: As for `open_bytes`; only GeoJSON may have one.
        innerpath: The member of a zip file; null for the first one.

    Raises:
        DataError: The file is not what it should be, is damaged, or is made to exhaust whoever reads it.
    """
    if not path.is_file():
        raise DataError(f"{path.name}: there is no such file", fix="correct 'path'")
    if kind == "geojson":
        return _geojson(path, compression, innerpath)
    if compression:
        raise DataError(
            f"{path.name}: a {kind} file is not read while it is packed",
            why="it is read here and there, not from its beginning to its end",
            fix="unpack it, and remove 'compression'",
        )
    return _geopackage(path, layer) if kind == "gpkg" else _parquet(path)


def check_archive(path: Path, kind: str, compression: str = "", innerpath: str | None = None) -> None:
    """Refuse a file that grows, or nests, beyond what a table needs.

    Frictionless unpacks without a limit, so the bytes are counted before it does. What is read here (`FORMATS`) is
    checked when it is opened.

    Args:
        path: The file.
        kind: Its format; JSON and spreadsheets are looked into.
        compression: As for `open_bytes`.
        innerpath: The member of a zip file; null for the first one.

    Raises:
        DataError: A limit is exceeded, or the file is no such archive.
    """
    if kind in FORMATS or not path.is_file():
        # Who reads the file will say that it is missing.
        return
    if kind == "xlsx" and not compression:
        _check_workbook(path)
    elif kind in _JSON:
        with open_bytes(path, compression, innerpath) as source:
            _check_json(path.name, source, kind)
    elif kind == "xlsx":
        raise DataError(f"{path.name}: a packed spreadsheet is not read", fix="unpack it, and remove 'compression'")
    elif compression:
        with open_bytes(path, compression, innerpath) as source:
            while source.read(_CHUNK):
                pass


def _check_width(name: str, columns: int) -> None:
    if columns > COLUMN_LIMIT:
        raise DataError(
            f"{name}: has more than {COLUMN_LIMIT:,} columns",
            why=f"{columns:,} were found",
            fix="check 'format'; if the table is so wide, ask the owner for it in parts",
        )


# ------------------------------------------------------------------------------------------------------------- GeoJSON


def _geojson(path: Path, compression: str, innerpath: str | None) -> AttributeTable:
    def properties() -> Iterator[Mapping[str, Any]]:
        with open_bytes(path, compression, innerpath) as source, _readable_json(path.name):
            yield from _properties(path.name, source)

    with open_bytes(path, compression, innerpath) as source:
        _check_json(path.name, source, "geojson")
    # Twice from the beginning: any feature may have a property that no other one has.
    labels: dict[str, None] = {}
    features = 0
    for feature in properties():
        features += 1
        labels.update(dict.fromkeys(feature))
        _check_width(path.name, len(labels))
    if not features:
        with open_bytes(path, compression, innerpath) as source, _readable_json(path.name):
            _check_collection(path.name, source)
    return AttributeTable(list(labels), ([feature.get(label) for label in labels] for feature in properties()))


def _properties(name: str, source: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    import ijson

    for number, feature in enumerate(ijson.items(_without_mark(source), "features.item"), start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else feature
        if properties is not None and not isinstance(properties, dict):
            raise DataError(
                f"{name}: feature {number:,} has no properties that are an object",
                why="RFC 7946: a feature is an object, its 'properties' an object or null",
                fix="ask the owner for a valid GeoJSON file",
            )
        yield properties or {}


def _check_collection(name: str, source: IO[bytes]) -> None:
    """Tell a collection without features from something else."""
    import ijson

    if next(ijson.items(_without_mark(source), "features"), None) != []:
        raise DataError(
            f"{name}: not a GeoJSON FeatureCollection",
            why="there is no list of 'features' in it",
            fix="check 'path' and 'format'",
        )


@contextmanager
def _readable_json(name: str) -> Iterator[None]:
    import ijson

    try:
        yield
    except (ijson.JSONError, ValueError) as error:
        reason = error.args[0] if error.args else ""
        lines = (reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(error)).strip().splitlines()
        raise DataError(
            f"{name}: not valid JSON: {lines[0] if lines else 'it ends too early'}",
            fix="fetch it again, or ask the owner",
        ) from error


def _without_mark(source: IO[bytes]) -> "_Rest":
    """The stream without a byte order mark, which is not JSON but is common."""
    begin = source.read(3)
    return _Rest(b"" if begin == b"\xef\xbb\xbf" else begin, source)


class _Rest:
    """A stream whose first bytes were read already."""

    def __init__(self, begin: bytes, source: IO[bytes]) -> None:
        self._begin = begin
        self._source = source

    def read(self, size: int = -1) -> bytes:
        # Nothing is asked for to learn the type of what comes, and an empty answer otherwise means the end.
        if size == 0 or not self._begin:
            return self._source.read(size)
        begin, self._begin = self._begin, b""
        return begin


# ------------------------------------------------------------------------------------------------------- depth of JSON


def _check_json(name: str, source: IO[bytes], kind: str) -> None:
    total = 0
    nesting = _Nesting(name, 2 if kind == "geojson" else 1)
    is_lines = kind in {"jsonl", "ndjson"}
    while chunk := source.readline(ITEM_LIMIT + 1) if is_lines else source.read(_CHUNK):
        total += len(chunk)
        if total > UNPACKED_LIMIT:
            raise DataError(f"{name}: larger than {UNPACKED_LIMIT:,} bytes", fix="ask the owner for it in parts")
        if not is_lines:
            nesting.feed(chunk)
        elif len(chunk) > ITEM_LIMIT:
            raise nesting.too_long()
        elif chunk.count(b"[") + chunk.count(b"{") > DEPTH_LIMIT:
            # A broken line says nothing about the next one.
            _Nesting(name, 0).feed(chunk)


_MARKS = np.zeros(256, np.bool_)
_MARKS[list(b'"[]{}')] = True
_STEPS = np.zeros(256, np.int64)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_ESCAPED = re.compile(rb"\\.", re.DOTALL)


class _Nesting:
    """How deep the brackets of a JSON text are nested, piece by piece, and how far apart its items end.

    Args:
        name: The file.
        item_level: How many brackets are open between two items: 1 in a list of rows, 2 in a collection of features;
            0 where the length does not matter. It does not either where the text as such is no list at level 1.
    """

    def __init__(self, name: str, item_level: int) -> None:
        self._name = name
        self._item_level = item_level
        self._offset = 0
        self._item_end = 0
        self._depth = 0
        self._is_text = False
        self._is_begun = False
        self._escape = b""
        self._before = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next piece.

        Raises:
            DataError: It is nested too deep, or an item or a number is too long.
        """
        self._check_digits(chunk)
        if self._escape or b"\\" in chunk:
            chunk = _ESCAPED.sub(b"  ", self._escape + chunk)
            self._escape = b"\\" if chunk.endswith(b"\\") else b""
            chunk = chunk.removesuffix(b"\\")
        data = np.frombuffer(chunk, np.uint8)
        marks = np.flatnonzero(_MARKS[data])
        found = data[marks]
        is_quote = found == ord('"')
        quotes = np.cumsum(is_quote) + self._is_text
        is_bracket = ~is_quote & (quotes % 2 == 0)
        depths = self._depth + np.cumsum(_STEPS[found[is_bracket]])
        if len(quotes):
            self._is_text = bool(quotes[-1] % 2)
        if len(depths):
            self._begin(found[is_bracket][0])
            self._check(marks[is_bracket], depths)
            self._depth = int(depths[-1])
        self._offset += len(chunk)
        if self._item_level and self._offset - self._item_end > ITEM_LIMIT:
            raise self.too_long()

    def _check_digits(self, chunk: bytes) -> None:
        digits = self._before + chunk.translate(_ZEROS)
        if b"0" * (DIGIT_LIMIT + 1) in digits:
            raise DataError(
                f"{self._name}: a number in it has more than {DIGIT_LIMIT:,} digits",
                fix="ask the owner; a file like this is usually made to exhaust a machine",
            )
        self._before = digits[-DIGIT_LIMIT:]

    def _begin(self, bracket: int) -> None:
        if not self._is_begun and self._item_level == 1 and bracket != ord("["):
            self._item_level = 0
        self._is_begun = True

    def _check(self, positions: Any, depths: Any) -> None:
        if depths.max() > DEPTH_LIMIT:
            raise DataError(
                f"{self._name}: its JSON is nested deeper than {DEPTH_LIMIT} levels",
                why="a table has no such cells; a file like this is usually made to exhaust a machine",
                fix="check 'path' and 'format', or ask the owner",
            )
        if self._item_level:
            ends = self._offset + positions[depths <= self._item_level]
            if len(ends):
                if np.diff(ends, prepend=self._item_end).max() > ITEM_LIMIT:
                    raise self.too_long()
                self._item_end = int(ends[-1])

    def too_long(self) -> DataError:
        """The error for an item that is longer than it may be."""
        return DataError(
            f"{self._name}: one row of it is longer than {ITEM_LIMIT:,} bytes",
            fix="check 'path' and 'format', or ask the owner for smaller parts",
        )


# --------------------------------------------------------------------------------------------------------- spreadsheet


def _check_workbook(path: Path) -> None:
    """Read a workbook's members once, to count what they hold: bytes, and the cells that its reader would make."""
    limit = min(UNPACKED_LIMIT, unpacked_limit(path))
    produced = 0
    merged = 0
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MEMBER_LIMIT:
                raise DataError(f"{path.name}: has more than {MEMBER_LIMIT:,} members", fix="ask the owner")
            for info in archive.infolist():
                sheet = _Sheet(path.name)
                with archive.open(info) as member:
                    while chunk := member.read(_CHUNK):
                        produced += len(chunk)
                        if produced > limit:
                            raise too_large(path.name, limit)
                        sheet.feed(chunk)
                merged += sheet.merged
                sheet.check(merged)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise DataError(
            f"{path.name}: not a sound xlsx file ({str(error) or type(error).__name__})",
            fix="check 'format' and 'path', or save the spreadsheet again as xlsx, without a password",
        ) from error


_DIGITS = "0123456789"


def _corner(reference: str) -> tuple[int, int]:
    """The row and the column of a cell such as `C7`; 0 for what is not there."""
    letters = reference.replace("$", "").rstrip(_DIGITS)
    digits = reference[len(reference.rstrip(_DIGITS)) :]
    return _row_number(digits or "0"), _column_number(letters)


@lru_cache(1_024)
def _column_number(letters: str) -> int:
    column = 0
    for letter in letters[:8].upper():
        column = column * 26 + ord(letter) - 64
    return column


@lru_cache(1_024)
def _local(name: str) -> str:
    """The name of an element without the prefix of its namespace."""
    return name.rpartition(":")[2]


class _Sheet:
    """What one member of a workbook declares, if it is XML: how far its cells reach and how many are merged."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._row = self._rows = self._columns = self._column = 0
        self.merged = 0
        self._is_xml = True
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunk: bytes) -> None:
        """Look at the next piece."""
        if self._is_xml:
            try:
                self._parser.Parse(chunk)
            except (expat.ExpatError, ValueError, LookupError):
                # A picture, or XML that is broken here for its reader too.
                self._is_xml = False

    def check(self, merged: int) -> None:
        """Refuse what would make the reader of the sheet run for hours.

        Raises:
            DataError: The sheet, or what is merged in the workbook so far, has too many cells.
        """
        if self._rows * max(1, self._columns) > SHEET_LIMIT or merged > MERGED_LIMIT:
            raise DataError(
                f"{self._name}: a sheet of it spans {self._rows:,} rows and {self._columns:,} columns, "
                f"{merged:,} cells are merged",
                why=f"at most {SHEET_LIMIT:,} cells are read, the empty ones too, and {MERGED_LIMIT:,} merged ones",
                fix="delete the empty rows and columns beyond the table in the spreadsheet program, and save it again",
            )

    def _refuse(self, *_: Any) -> None:
        raise DataError(
            f"{self._name}: its XML declares a document type",
            why="a spreadsheet needs none; it is a way to attack its reader",
            fix="save the spreadsheet again in a spreadsheet program",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = _local(name)
        if kind == "c":
            reference = attributes.get("r")
            self._column = _column_number(reference.rstrip(_DIGITS)) if reference else self._column + 1
            self._columns = max(self._columns, self._column)
        elif kind == "row":
            self._column = 0
            self._row = _row_number(attributes["r"]) if "r" in attributes else self._row + 1
            self._rows = max(self._rows, self._row)
        elif kind == "dimension":
            rows, columns = _corner(attributes.get("ref", "").rpartition(":")[2])
            self._rows, self._columns = max(self._rows, rows), max(self._columns, columns)
        elif kind == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            (top, left), (bottom, right) = _corner(first), _corner(last or first)
            self.merged += (bottom - top + 1) * (right - left + 1)


def _row_number(text: str) -> int:
    try:
        return int(float(text)) if len(text) < 20 else SHEET_LIMIT + 1
    except (ValueError, OverflowError):
        return SHEET_LIMIT + 1


# ---------------------------------------------------------------------------------------------------------- GeoPackage

_MAGIC = b"SQLite format 3\0"
# A million rows of ten columns take some fifteen million steps; a file made to keep SQLite busy takes more.
_STEPS_AT_ONCE = 1_000_000
_STEP_LIMIT = 2_000_000_000
_VALUE_LIMIT = 256 * 1024**2


def _geopackage(path: Path, layer: str | None) -> AttributeTable:
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise DataError(
                f"{path.name}: not a GeoPackage", why="it is no SQLite file", fix="check 'format' and 'path'"
            )
    with _connection(path) as connection:
        table = _layer(path.name, connection, layer)
        columns = _attribute_columns(connection, table)
        order = _order(connection, table)
    _check_width(path.name, len(columns))

    def rows() -> Iterator[list[Any]]:
        # A table of nothing but geometries has rows all the same.
        names = ", ".join(_quoted(name) for name, _ in columns) or "NULL"
        converters = [_CONVERTERS.get(_declared(kind), _as_it_is) for _, kind in columns]
        with _connection(path) as connection:
            cursor = connection.execute(f"SELECT {names} FROM main.{_quoted(table)}{order}")
            while batch := cursor.fetchmany(_BATCH):
                for row in batch:
                    yield [convert(cell) for convert, cell in zip(converters, row, strict=False)]

    return AttributeTable([name for name, _ in columns], rows())


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
    return f" ORDER BY {free[0]}" if free else ""


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


# ------------------------------------------------------------------------------------------------------------- Parquet

_FOOTER_LIMIT = 64 * 1024**2
_GROUP_LIMIT = 4 * 1024**3
"""Bytes that a row group may hold once unpacked, by its own account."""
_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def _parquet(path: Path) -> AttributeTable:
    import pyarrow.parquet as pq

    _check_footer(path)
    with _readable_parquet(path.name), pq.ParquetFile(path) as file:
        _check_size(path, file.metadata)
        columns = _parquet_columns(file.schema_arrow)

    def rows() -> Iterator[list[Any]]:
        with _readable_parquet(path.name), pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                cells = [_python_values(batch.column(position)) for _, position in columns]
                yield from map(list, zip(*cells, strict=True))

    return AttributeTable([label for label, _ in columns], rows())


@contextmanager
def _readable_parquet(name: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError, LookupError) as error:
        reason = str(error).splitlines()
        raise DataError(
            f"{name}: not a sound Parquet file: {reason[0] if reason else type(error).__name__}",
            fix="fetch it again, or ask the owner",
        ) from error


def _check_footer(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 8))
        end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != b"PAR1" or length + 12 > size:
        raise DataError(
            f"{path.name}: not a Parquet file, or one that is cut short", fix="fetch it again, or check 'format'"
        )
    if length > _FOOTER_LIMIT:
        raise DataError(f"{path.name}: its footer is larger than {_FOOTER_LIMIT:,} bytes", fix="ask the owner")


def _check_size(path: Path, metadata: Any) -> None:
    """Refuse what its own footer says to be too much; a page that repeats one value needs hardly a byte for it."""
    _check_width(path.name, metadata.num_columns)
    cells = metadata.num_rows * metadata.num_columns
    limit = min(CELL_LIMIT, max(CELLS_FREE, CELLS_PER_BYTE * path.stat().st_size))
    if cells > limit:
        raise DataError(
            f"{path.name}: has {cells:,} cells, at most {limit:,} are read",
            why=f"the limit is {CELL_LIMIT:,}, and {CELLS_PER_BYTE} for each byte beyond the first {CELLS_FREE:,}",
            fix="ask the owner for the file in parts; a file like this is usually made to exhaust a machine",
        )
    for number in range(metadata.num_row_groups):
        if metadata.row_group(number).total_byte_size > _GROUP_LIMIT:
            raise DataError(
                f"{path.name}: row group {number + 1} is larger than {_GROUP_LIMIT:,} bytes",
                fix="ask the owner for smaller row groups",
            )


def _parquet_columns(schema: Any) -> list[tuple[str, int]]:
    """The label and position of each column, in the order of the data frame that Frictionless would make of it.

    There, a named index of pandas comes first, and one without a name is no column.
    """
    index = [label for label in _pandas_index(schema) if isinstance(label, str)]
    columns = [(label, position) for position, label in enumerate(schema.names)]
    named = [column for label in index for column in columns if column[0] == label]
    others = [column for column in columns if column not in named]
    return [column for column in named + others if column in others or not _UNNAMED_INDEX.fullmatch(column[0])]


def _pandas_index(schema: Any) -> list[Any]:
    try:
        return list((schema.pandas_metadata or {})["index_columns"])
    except (ValueError, LookupError, TypeError):
        return []


def _python_values(column: Any) -> list[Any]:
    """The cells as Python values; of a time, what is finer than a microsecond is cut off."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    elif pa.types.is_float16(kind):
        column = column.cast(pa.float32())
    values: list[Any] = column.to_pylist()
    return values
