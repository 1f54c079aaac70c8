"""A delimited file as DuckDB can read it: where its records begin, and whether DuckDB and Python agree on them.

DuckDB numbers no records and skips blank lines in silence, so the bytes are looked at first. Whatever the two readers
might see differently is `Unscannable`, and read record by record instead.
"""

import codecs
import dataclasses
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from pipelines.validation.connection import literal

_CHUNK = 4 << 20
_MOST_COLUMNS = 1_000
"""Beyond, DuckDB plans longer than Frictionless reads."""
_SPARE = 2
"""Columns beyond the last field, which extra cells fall into. DuckDB 1.5 drops empty cells beyond them in silence."""

Numbers = npt.NDArray[np.int64]


class Unscannable(Exception):
    """DuckDB and Frictionless might read the file differently; the message says where."""


class Relation(Protocol):
    """A table that DuckDB reads: one row a record, its cells as text."""

    @property
    def names(self) -> list[str]:
        """Its columns."""

    @property
    def spare(self) -> list[str]:
        """The columns that are null unless a record has too many cells."""

    @property
    def nulls_are_cells(self) -> bool:
        """Whether null is a cell without a value, rather than a cell that is not there."""

    def attempts(self) -> "list[Relation]":
        """The ways to read it, the fastest first; the next is for when DuckDB refuses one."""

    def sql(self) -> str:
        """The relation."""

    def record_numbers(self, found: int) -> Numbers:
        """The number in the file of each of the records that DuckDB found, in its order."""

    def blank_numbers(self, numbers: Numbers) -> Numbers:
        """The numbers of the records that DuckDB does not see."""


@dataclass(frozen=True)
class TableScan:
    """An Arrow table of text columns, registered as `given`; Frictionless counts the header as record 1."""

    columns: list[str]
    nulls_are_cells: bool = True

    @property
    def names(self) -> list[str]:
        """The columns, named by position."""
        return [f"c{number}" for number in range(len(self.columns))]

    @property
    def spare(self) -> list[str]:
        """A table has no cells beyond its columns."""
        return []

    def attempts(self) -> "list[Relation]":
        """There is one way to read it."""
        return [self]

    def sql(self) -> str:
        """The table."""
        quoted = ('"' + column.replace('"', '""') + '"' for column in self.columns)
        renamed = ", ".join(f"{old} AS {new}" for old, new in zip(quoted, self.names, strict=True))
        return f"(SELECT {renamed} FROM given)"

    def record_numbers(self, found: int) -> Numbers:
        """Every row is a record, after the header."""
        return np.arange(2, found + 2, dtype=np.int64)

    def blank_numbers(self, numbers: Numbers) -> Numbers:
        """None: a row of a table always has cells."""
        return np.empty(0, np.int64)


@dataclass(frozen=True)
class Dialect:
    """What both readers agree on: one delimiter, one quote (empty for none) that is doubled inside quotes."""

    delimiter: str
    quote: str
    translates_line_ends: bool

    @classmethod
    def of(cls, resource: Any) -> "Dialect":
        """The dialect of an open resource.

        Raises:
            Unscannable: It has what DuckDB does not know.
        """
        from frictionless.formats.csv import CsvControl

        control = CsvControl.from_dialect(resource.dialect)
        for is_unknown, reason in (
            (control.escape_char, "an escape character"),
            (control.skip_initial_space, "spaces after the delimiter are skipped"),
            (resource.dialect.comment_char, "a comment character"),
            (resource.extrapaths, "a file in parts"),
            (len(control.delimiter) != 1 or not control.delimiter.isascii(), "an unusual delimiter"),
            (len(control.quote_char) > 1 or not control.quote_char.isascii(), "an unusual quote"),
            ({control.delimiter, control.quote_char} & {"\r", "\n", "\0", " "}, "an unusual delimiter or quote"),
            (control.delimiter == control.quote_char, "one character as delimiter and quote"),
        ):
            if is_unknown:
                raise Unscannable(reason)
        return cls(control.delimiter, control.quote_char, resource.format != "csv")


@dataclass(frozen=True)
class Scan:
    """A file that DuckDB may read.

    Attributes:
        path: The file as plain UTF-8.
        dialect: Its dialect.
        columns: How many columns there should be.
        lines: Lines of the file, the last one also where it has no end.
        has_quotes: Whether a quote occurs at all; without one, every line is a record.
    """

    path: Path
    dialect: Dialect
    columns: int
    lines: int
    has_quotes: bool
    is_parallel: bool = True
    nulls_are_cells: bool = False

    @property
    def names(self) -> list[str]:
        """The columns of the scan: one for each field, and the spare ones."""
        return [f"c{number}" for number in range(self.columns + _SPARE)]

    @property
    def spare(self) -> list[str]:
        """The columns that are null unless a record has too many cells."""
        return self.names[self.columns :]

    def attempts(self) -> "list[Relation]":
        """Lines that are filled up and line breaks inside quotes go together in one thread only."""
        return [self, dataclasses.replace(self, is_parallel=False)]

    def sql(self) -> str:
        """A relation of text columns, one row a record that is not blank; null is a cell that is not there."""
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in self.names)
        file = re.sub(r"([\[*?])", r"[\1]", str(self.path))
        # No text of the file is taken for null: nobody can know this one beforehand.
        letters = sorted(set("abcdefghijklmnopqrstuvwxyz") - {self.dialect.delimiter, self.dialect.quote})
        null = "".join(secrets.choice(letters) for _ in range(30))
        return (
            f"read_csv({literal(file)}, auto_detect = false, header = false, columns = {{{columns}}}, "
            f"delim = {literal(self.dialect.delimiter)}, quote = {literal(self.dialect.quote)}, "
            f"escape = {literal(self.dialect.quote)}, nullstr = '{null}', null_padding = true, "
            f"compression = 'none', encoding = 'utf-8', parallel = {str(self.is_parallel).lower()})"
        )

    def record_numbers(self, found: int) -> Numbers:
        """The number in the file of each record that DuckDB found; the first record of the file is 1.

        Raises:
            Unscannable: DuckDB found other records than there are.
        """
        if found == self.lines:
            return np.arange(1, found + 1, dtype=np.int64)
        numbers, blank = _records(self.path, self.dialect.quote if self.has_quotes else "")
        if len(numbers) != found:
            raise Unscannable(f"DuckDB finds {found:,} records, the file has {len(numbers):,} and {blank:,} blank ones")
        return numbers

    def blank_numbers(self, numbers: Numbers) -> Numbers:
        """The numbers of the blank records: all that are not among those found."""
        if len(numbers) == self.lines:
            return np.empty(0, np.int64)
        _, blank = _records(self.path, self.dialect.quote if self.has_quotes else "")
        everything = np.arange(1, len(numbers) + blank + 1, dtype=np.int64)
        return np.setdiff1d(everything, numbers, assume_unique=True)


@contextmanager
def scannable(resource: Any, path: Path, columns: int) -> Iterator[Scan]:
    """Look at the bytes of a file; for as long as the context lasts, DuckDB may read it.

    Args:
        resource: The open resource, for its dialect, encoding and compression.
        path: The file.
        columns: How many fields are expected.

    Raises:
        Unscannable: It must be read record by record.
    """
    dialect = Dialect.of(resource)
    if not 1 <= columns <= _MOST_COLUMNS:
        raise Unscannable(f"{columns:,} columns")
    encoding = resource.encoding
    if not resource.compression and encoding in ("utf-8", "utf-8-sig"):
        yield _looked_at(path, dialect, columns)
        return
    with tempfile.TemporaryDirectory(prefix="groma-") as folder:
        plain = Path(folder).resolve() / "plain.csv"
        _transcode(path, resource, plain)
        yield _looked_at(plain, dialect, columns)


def _transcode(path: Path, resource: Any, plain: Path) -> None:
    from pipelines.validation.raw_records import open_bytes

    try:
        with open_bytes(path, resource.compression, resource.innerpath) as source, plain.open("wb") as target:
            for number, text in enumerate(_decoded(source, resource.encoding)):
                if number == 0 and text.startswith("\ufeff"):
                    raise Unscannable("a mark at the beginning that is a character")
                target.write(text.encode())
    except UnicodeError as error:
        raise Unscannable(f"bytes that are not {resource.encoding}") from error


def _decoded(source: IO[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    while chunk := source.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _looked_at(path: Path, dialect: Dialect, columns: int) -> Scan:
    feeds = returns = pairs = 0
    quotes = _Quotes(dialect)
    last = b""
    with path.open("rb") as file:
        buffer = bytearray(_CHUNK)
        while size := file.readinto(buffer):
            chunk = buffer if size == _CHUNK else buffer[:size]
            feeds += chunk.count(b"\n")
            if b"\r" in chunk or last == b"\r":
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
            quotes.look_at(chunk.removeprefix(codecs.BOM_UTF8) if not last else chunk)
            last = bytes(chunk[-1:])
    quotes.end()
    if not last:
        raise Unscannable("an empty file")
    if returns and (feeds or pairs) and not returns == pairs == feeds:
        raise Unscannable("lines that end differently")
    if returns and quotes.count and dialect.translates_line_ends:
        raise Unscannable("line ends that may be inside quotes")
    ends = feeds or returns
    return Scan(path, dialect, columns, ends + (last not in b"\r\n"), bool(quotes.count))


class _Quotes:
    """Whether every quote of a file is where RFC 4180 has it: then all readers agree on the cells and the records.

    Counted from 0, an even quote opens a cell: before it is a delimiter, the end of a line, or the quote that it
    doubles. An odd one closes a cell: after it is a delimiter, the end of a line, or the quote that doubles it.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.count = 0
        self._quote = dialect.quote.encode()
        self._is_edge = np.zeros(256, np.bool_)
        self._is_edge[list(dialect.delimiter.encode() + b"\r\n" + self._quote)] = True
        # Where the file begins, as after the end of a line; the last byte of a chunk waits for what follows it.
        self._waiting = b"\n"

    def look_at(self, chunk: bytearray) -> None:
        """Take the next bytes of the file."""
        if not self._quote:
            return
        if self._quote in chunk or self._waiting[-1:] == self._quote:
            self._check(self._waiting + bytes(chunk))
        self._waiting = (self._waiting + bytes(chunk[-2:]))[-2:]

    def end(self) -> None:
        """Take the end of the file, which ends a line."""
        if self._waiting[-1:] == self._quote != b"":
            self._check(self._waiting + b"\n")
        if self.count % 2:
            raise Unscannable("a quote that is never closed")

    def _check(self, content: bytes) -> None:
        """Look at all quotes but one in the first byte, which was looked at, and one in the last, whose next waits."""
        data = np.frombuffer(content, np.uint8)
        start = len(self._waiting) - 1
        places = np.flatnonzero(data[start : len(data) - 1] == self._quote[0]) + start
        places = places[places > 0]
        is_opening = (np.arange(self.count, self.count + len(places)) % 2) == 0
        self.count += len(places)
        if (
            not self._is_edge[data[places[is_opening] - 1]].all()
            or not self._is_edge[data[places[~is_opening] + 1]].all()
        ):
            raise Unscannable("a quote inside a cell, or a space beside one")


def _records(path: Path, quote: str) -> tuple[Numbers, int]:
    """The numbers of the records that are not blank, and how many are."""
    end = ord(b"\n") if _has(path, b"\n") else ord(b"\r")
    boundaries, offset, is_quoted = [np.array([-1], np.int64)], 0, False
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            data = np.frombuffer(chunk, np.uint8)
            ends = np.flatnonzero(data == end)
            if quote:
                quotes = np.flatnonzero(data == ord(quote))
                inside = (np.searchsorted(quotes, ends) + is_quoted) % 2 == 1
                ends = ends[~inside]
                is_quoted = bool((len(quotes) + is_quoted) % 2)
            boundaries.append(ends + offset)
            offset += len(chunk)
            last = chunk[-1:]
    if last != bytes([end]):
        boundaries.append(np.array([offset], np.int64))
    edges = np.concatenate(boundaries)
    lengths = np.diff(edges) - 1
    is_blank = lengths == 0
    if end == ord(b"\n"):
        is_blank |= (lengths == 1) & _is_return(path, edges[1:] - 1, lengths == 1)
    numbers = np.flatnonzero(~is_blank) + 1
    return numbers.astype(np.int64), int(is_blank.sum())


def _has(path: Path, byte: bytes) -> bool:
    with path.open("rb") as file:
        return any(byte in chunk for chunk in iter(lambda: file.read(_CHUNK), b""))


def _is_return(path: Path, positions: Numbers, candidates: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether the byte at each candidate's position is a carriage return; a line of it alone is blank."""
    result = np.zeros(len(positions), np.bool_)
    indices = np.flatnonzero(candidates)
    if len(indices):
        content = np.memmap(path, np.uint8, "r")
        result[indices] = content[positions[indices]] == ord(b"\r")
    return result
