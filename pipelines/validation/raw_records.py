"""The records of a delimited file as they stand in it, by their numbers.

A record is what `csv.reader` makes one row of: a blank line is one, and so are several lines that a quote holds
together. Its text is the file's own, so that a rejected row can be shown, corrected and sent back.
"""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from pipelines.errors import DataError

SIZE_LIMIT = 4 * 1024**3
"""Bytes a file may hold once unpacked."""
RATIO_LIMIT = 200
"""Bytes that one packed byte may become, counted beyond the first `RATIO_FREE` bytes."""
RATIO_FREE = 10_000_000
RECORD_LIMIT = 1 << 20
"""Characters of a record that are given; a longer one is cut and ends with `…`. A table has no such records, but a
quote that is never closed makes one of the rest of the file."""

_CHUNK = 4 << 20
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)
"""What unpacking raises where the bytes are no sound archive, or one that is encrypted or packed in an unknown way."""


class Damaged(DataError):
    """A packed file that is none, or is cut short."""


def raw_records(resource: Any, numbers: Sequence[int]) -> dict[int, str]:
    """The text of some records, without the ends of their last lines.

    Args:
        resource: Frictionless' resource of a delimited file (`csv`, `tsv`), its dialect and encoding known.
        numbers: Which records; the first one of the file is 1. In any order.

    Returns:
        By number; a record that the file does not have is not there. Bytes that are not of the declared encoding are
        the replacement character.

    Raises:
        DataError: The file cannot be unpacked, or unpacks to more than the limits allow.
    """
    return dict(each_raw_record(resource, numbers))


def each_raw_record(resource: Any, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The same in the order of the file, in one pass and without keeping them; nothing after the last one is read."""
    for number, lines in _each_whole(resource, numbers):
        text = lines.removesuffix("\n").removesuffix("\r")
        yield number, text if len(text) <= RECORD_LIMIT else text[:RECORD_LIMIT] + "…"


def _each_whole(resource: Any, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    from frictionless.formats.csv import CsvControl

    wanted = sorted(set(numbers))
    dialect = CsvControl.from_dialect(resource.dialect).to_python()
    encoding = resource.encoding or "utf-8"
    special = _special(dialect)
    if wanted and special.isascii() and _is_superset_of_ascii(encoding):
        with _opened(resource) as source:
            reached = yield from _by_lines(source, encoding, special.encode(), wanted)
        wanted = wanted[bisect_left(wanted, reached) :] if reached else []
    if wanted:
        with _opened(resource) as source:
            yield from _by_records(source, encoding, dialect, wanted)


def records(resource: Any, numbers: Sequence[int]) -> dict[int, list[str]]:
    """The cells of some records, however long they are, by their numbers; see `raw_records`."""
    from frictionless.formats.csv import CsvControl

    dialect = CsvControl.from_dialect(resource.dialect).to_python()
    return {
        number: next(csv.reader(io.StringIO(lines, newline=""), dialect=dialect), [])
        for number, lines in _each_whole(resource, numbers)
    }


def _special(dialect: type[csv.Dialect] | csv.Dialect) -> str:
    """The characters that can make one record of several lines."""
    quote = (dialect.quotechar or "") if dialect.quoting != csv.QUOTE_NONE else ""
    return quote + (dialect.escapechar or "")


def _is_superset_of_ascii(encoding: str) -> bool:
    """Whether a byte below 128 is always that ASCII character, and never a part of another one."""
    name = codecs.lookup(encoding).name
    return name in {"utf-8", "utf-8-sig", "ascii"} or name.startswith(("iso8859-", "cp125"))


def _by_lines(
    source: IO[bytes], encoding: str, special: bytes, wanted: Sequence[int]
) -> Generator[tuple[int, str], None, int]:
    """The wanted records where a line is a record.

    Returns:
        The record in which that may end, because a special byte is near; 0 where all are found or not in the file.
    """
    numbers = np.asarray(wanted, np.int64)
    current = 1  # The record that the next byte belongs to,
    begun: list[bytes] = []  # and what is read of it, if it is wanted.
    while chunk := _piece(source):
        if any(bytes([byte]) in chunk for byte in special):
            return current
        ends = _line_ends(chunk)
        first, after = np.searchsorted(numbers, [current, current + len(ends)])
        for number in wanted[first:after]:
            index = number - current
            before, start = ([], ends[index - 1]) if index else (begun, 0)
            yield number, _text(b"".join([*before, chunk[start : ends[index]]]), encoding, number)
        if after == len(wanted):
            return 0
        current += len(ends)
        if len(ends) or wanted[after] != current:
            begun = []
        if wanted[after] == current:
            begun.append(chunk[ends[-1] if len(ends) else 0 :])
    if any(begun):
        yield current, _text(b"".join(begun), encoding, current)
    return 0


def _piece(source: IO[bytes]) -> bytes:
    """Some bytes that do not end between the two of a line end."""
    chunk = source.read(_CHUNK)
    while chunk.endswith(b"\r") and (following := source.read(1)):
        chunk += following
    return chunk


def _line_ends(chunk: bytes) -> Any:
    """The positions just after the end of each line."""
    data = np.frombuffer(chunk, np.uint8)
    is_end = data == ord("\n")
    if b"\r" in chunk:
        is_return = data == ord("\r")
        is_return[:-1] &= ~is_end[1:]
        is_end |= is_return
    return np.flatnonzero(is_end) + 1


def _text(record: bytes, encoding: str, number: int) -> str:
    # Only the file as such begins with a byte order mark.
    encoding = "utf-8" if number > 1 and codecs.lookup(encoding).name == "utf-8-sig" else encoding
    return record.decode(encoding, "replace")


class _Lines:
    """Lines for a `csv.reader`, which remembers those that it took."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.taken: list[str] = []
        self._lines = lines
        self._waiting: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._lines)
        self.taken.append(line)
        return line

    def put_back(self) -> None:
        """Have the last line taken again."""
        self._waiting.append(self.taken.pop())


def _by_records(
    source: IO[bytes], encoding: str, dialect: type[csv.Dialect] | csv.Dialect, wanted: Sequence[int]
) -> Iterator[tuple[int, str]]:
    special = _special(dialect)
    waiting = iter(wanted)
    next_wanted = next(waiting)
    with io.TextIOWrapper(source, encoding, errors="replace", newline="") as text:
        lines = _Lines(text)
        reader = csv.reader(lines, dialect=dialect)
        for number, line in enumerate(lines, start=1):
            if any(character in line for character in special):
                lines.put_back()
                _take_record(reader, number)
            if number == next_wanted:
                yield number, "".join(lines.taken)
                if (following := next(waiting, None)) is None:
                    return
                next_wanted = following
            lines.taken.clear()


def _take_record(reader: Any, number: int) -> None:
    try:
        next(reader, None)
    except csv.Error as error:
        raise DataError(f"record {number:,} cannot be read: {error}", fix="check the quotes around it") from error


@contextmanager
def _opened(resource: Any) -> Iterator[IO[bytes]]:
    if resource.extrapaths:
        from frictionless.schemes.multipart.loader import MultipartLoader

        loader: Any = MultipartLoader(resource)
        parts = loader.read_byte_stream_create()
        with io.BufferedReader(_Capped(resource.place, parts, SIZE_LIMIT, "multipart"), _CHUNK) as source:
            yield source
        return
    with open_bytes(Path(resource.normpath), resource.compression or "", resource.innerpath) as source:
        yield source


@contextmanager
def open_bytes(path: Path, compression: str | None = "", innerpath: str | None = None) -> Iterator[IO[bytes]]:
    """A file's content, unpacked with the same functions as Frictionless uses, but within limits.

    What is counted is what unpacking really produces, not what the file claims.

    Args:
        path: The file.
        compression: `gz`, `zip`, `bz2`, `xz`; empty or null for none.
        innerpath: The member of a zip file; null for the first one.

    Yields:
        A stream of bytes.

    Raises:
        Damaged: On opening or reading: the file is no such archive, is cut short or damaged.
        DataError: It grows beyond a limit, or has no such member.
    """
    if not compression:
        with path.open("rb") as file:
            yield file
        return
    with ExitStack() as stack:
        # Only around the opening: an error of the caller's block is not the file's.
        with _refusing_damage(path.name, compression):
            packed = stack.enter_context(_unpacked(path, compression, innerpath))
        capped = _Capped(path.name, packed, unpacked_limit(path), compression)
        yield stack.enter_context(io.BufferedReader(capped, _CHUNK))


def unpacked_limit(path: Path) -> int:
    """How many bytes a file may unpack to."""
    return min(SIZE_LIMIT, max(RATIO_FREE, RATIO_LIMIT * path.stat().st_size))


def too_large(name: str, limit: int) -> DataError:
    """The error for a file that unpacks to more than it may."""
    return DataError(
        f"{name}: unpacks to more than {limit:,} bytes",
        why=f"the limit is {SIZE_LIMIT:,}, and {RATIO_LIMIT} for each packed byte beyond {RATIO_FREE:,}",
        fix="ask the owner for the file in parts; a file like this is usually made to exhaust a machine",
    )


@contextmanager
def _refusing_damage(name: str, compression: str) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise Damaged(
            f"{name}: not a sound {compression} file ({str(error) or type(error).__name__})",
            fix="fetch it again, or correct 'compression' if the file is not packed so",
        ) from error


def _unpacked(path: Path, compression: str, innerpath: str | None) -> AbstractContextManager[IO[bytes]]:
    openers: dict[str, Callable[[Path], Any]] = {"gz": gzip.GzipFile, "bz2": bz2.BZ2File, "xz": lzma.LZMAFile}
    if compression == "zip":
        return _member(path, innerpath)
    if compression not in openers:
        raise DataError(
            f"{path.name}: compression {compression!r} is not supported", fix="use 'gz', 'zip', 'bz2' or 'xz'"
        )
    return openers[compression](path)  # type: ignore[no-any-return]


@contextmanager
def _member(path: Path, innerpath: str | None) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if not names:
            raise DataError(f"{path.name}: the zip file is empty", fix="fetch it again, or ask the owner")
        if innerpath is not None and innerpath not in names:
            raise DataError(
                f"{path.name}: has no member {innerpath!r}",
                why=f"its members are: {', '.join(map(repr, names[:20]))}",
                fix="correct 'innerpath'",
            )
        with archive.open(innerpath or names[0]) as member:
            yield member


class _Capped(io.RawIOBase):
    """A stream that fails where more comes than may."""

    def __init__(self, name: str, source: Any, limit: int, compression: str) -> None:
        self._name = name
        self._source = source
        self._limit = limit
        self._compression = compression
        self._produced = 0
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            with _refusing_damage(self._name, self._compression):
                self._rest = self._source.read(len(buffer))
            self._produced += len(self._rest)
            if self._produced > self._limit:
                raise too_large(self._name, self._limit)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
