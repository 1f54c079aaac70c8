"""Text files with delimiters (CSV), read record by record and exactly as they are written."""

import codecs
import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from pipelines.errors import DataError
from pipelines.readers.compressed import read_bytes
from pipelines.readers.records import Malformed, Records, check_labels, table_schema, text_column
from pipelines.specs.source import Data

LINE_LIMIT = 1 << 20
"""Characters in one line, and in one cell."""

_BATCH = 65_536
_BYTE_ORDER_MARK = "\ufeff"
# Codecs that Python counts as text but that are no encoding of a file; some take quadratic time.
_NO_FILE_ENCODING = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})


def read_delimited(path: Path, data: Data) -> Records:
    """Read a CSV file by its declared encoding, delimiter and quote.

    Records are numbered as Frictionless numbers them: the first is 1, be it the header or not; a blank line
    counts, a line break inside quotes does not. Cells that are declared `missing` are null, after `trim`
    where declared.

    Args:
        path: The raw file.
        data: The declaration; nothing is guessed.

    Returns:
        The records. A blank line and a record with too few or too many cells are malformed.

    Raises:
        DataError: The file as a whole cannot be read as declared.
    """
    text = _decoded(path, read_bytes(path, data.compression), data)
    _check_text(path, text)
    # One line at a time: io.StringIO would hold four bytes for each character.
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")
    del text
    records = _records(path, lines, data)
    labels, first = _labels(path, records, data)
    schema = table_schema(labels)
    batches: list[pa.RecordBatch] = []
    malformed: list[Malformed] = []
    number = 2 if data.header else 1
    remaining = itertools.chain([first] if first is not None else [], records)
    while cells := list(itertools.islice(remaining, _BATCH)):
        numbers: Sequence[int] = range(number, number + len(cells))
        number += len(cells)
        if set(map(len, cells)) != {len(labels)}:
            numbers, cells, faulty = _split(numbers, cells, labels, data)
            malformed += faulty
        if cells:
            columns = [text_column(column, data) for column in zip(*cells, strict=True)]
            batches.append(pa.record_batch([*columns, pa.array(numbers, pa.int64())], schema=schema))
    return Records(pa.Table.from_batches(batches, schema), malformed)


def _decoded(path: Path, content: bytes, data: Data) -> str:
    try:
        if "\0" in data.encoding or codecs.lookup(data.encoding).name in _NO_FILE_ENCODING:
            raise LookupError
        return content.decode(data.encoding).removeprefix(_BYTE_ORDER_MARK)
    except LookupError as error:
        raise DataError(
            f"{path.name}: the declared encoding {data.encoding!r} is unknown",
            fix="declare one that Python knows, such as utf-8, windows-1252 or utf-16",
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path.name}: byte {error.start:,} (about line {line:,}) is not {data.encoding}",
            why=f"the source declares 'encoding: {data.encoding}'",
            fix=f"correct 'encoding'{_proposal(content, data)}, or ask the owner for a sound file",
        ) from error


def _check_text(path: Path, text: str) -> None:
    if not text or text.isspace():
        raise DataError(f"{path.name}: the file is empty", fix="fetch it again, or ask the owner")
    if text[:1_000].lstrip().lower().startswith(("<!doctype", "<html")):
        raise DataError(
            f"{path.name}: holds a web page, not a CSV file",
            fix="open the address in a browser: it may need a log-in, have moved or be under maintenance",
        )
    if (nul := text.find("\0")) >= 0:
        raise DataError(
            f"{path.name}: holds a NUL character on line {text.count(chr(10), 0, nul) + 1:,}",
            why="text has none; the file is damaged, binary, or of another encoding",
            fix="check 'format' and 'encoding' (UTF-16 read as Latin-1 looks so)",
        )


def _proposal(content: bytes, data: Data) -> str:
    for encoding in ("utf-8", "utf-16", "windows-1252"):
        if codecs.lookup(encoding) == codecs.lookup(data.encoding):
            continue
        if encoding == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            continue
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f" (the bytes would be valid {encoding}; look at the letters before believing it)"
    return ""


def _records(path: Path, text: Iterable[str], data: Data) -> Iterator[list[str]]:
    if data.delimiter == data.quote or {data.delimiter, data.quote} & {"\r", "\n", "\0"}:
        raise DataError(
            f"{path.name}: the delimiter {data.delimiter!r} with the quote {data.quote!r} makes no sense",
            fix="declare two different characters, none of them a line break",
        )
    csv.field_size_limit(LINE_LIMIT)
    reader = csv.reader(_lines(path, text), delimiter=data.delimiter, quotechar=data.quote, strict=True)
    number = line = 0
    try:
        for number, cells in enumerate(reader, start=1):  # noqa: B007  read after the loop has failed
            line = reader.line_num
            yield cells
    except csv.Error as error:
        raise DataError(
            f"{path.name}: record {number + 1:,}, from line {line + 1:,}, cannot be read: {_reason(error)}",
            why="where a quote is wrong, nobody can say where the records after it begin and end",
            fix="check 'delimiter' and 'quote' under 'data', or ask the owner to correct the line",
        ) from error


def _reason(error: csv.Error) -> str:
    reason = str(error)
    if reason == "unexpected end of data":
        return "a quote is opened and never closed"
    if "expected after" in reason:
        return "text follows a closing quote"
    return f"a cell is longer than {LINE_LIMIT:,} characters" if "field limit" in reason else reason


def _lines(path: Path, text: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(text, start=1):
        if len(line) > LINE_LIMIT:
            raise DataError(
                f"{path.name}: line {number:,} is longer than {LINE_LIMIT:,} characters",
                fix="check 'format', 'delimiter' and 'compression'; a table has no such lines",
            )
        yield line


def _labels(path: Path, records: Iterator[list[str]], data: Data) -> tuple[list[str], list[str] | None]:
    """The names of the columns, and the first record where it is not the header."""
    first = next(records)
    labels = first if data.header else list(data.columns or [])
    if not data.header and len(first) != len(labels):
        raise DataError(
            f"{path.name}: the first record has {len(first)} cells, 'columns' names {len(labels)}",
            why=f"the record is {_joined(first, data)[:500]!r}",
            fix="name every column of the file under 'columns', in order, and check 'delimiter'",
        )
    if not labels:
        raise DataError(f"{path.name}: the first line is blank where the header should be", fix="ask the owner")
    check_labels(path.name, labels)
    return labels, None if data.header else first


def _split(
    numbers: Sequence[int], records: list[list[str]], labels: list[str], data: Data
) -> tuple[list[int], list[list[str]], list[Malformed]]:
    sound = [(number, cells) for number, cells in zip(numbers, records, strict=True) if len(cells) == len(labels)]
    faulty = [
        _malformed(number, cells, labels, data)
        for number, cells in zip(numbers, records, strict=True)
        if len(cells) != len(labels)
    ]
    return [number for number, _ in sound], [cells for _, cells in sound], faulty


def _malformed(number: int, cells: list[str], labels: list[str], data: Data) -> Malformed:
    if not cells:
        return Malformed(number, None, None, "blank-row", f"row {number} is blank", "")
    counts = f"row {number} has {len(cells)} cells, the table has {len(labels)} columns"
    raw = _joined(cells, data)
    if len(cells) < len(labels):
        column = labels[len(cells)]
        return Malformed(number, column, None, "missing-cell", f"{counts}: {column!r} and after are missing", raw)
    extra = cells[len(labels)]
    return Malformed(number, None, extra, "extra-cell", f"{counts}: {extra!r} belongs to none", raw)


def _joined(cells: list[str], data: Data) -> str:
    text = io.StringIO()
    # What is in the line's end is quoted inside a cell, so it must be there.
    csv.writer(text, delimiter=data.delimiter, quotechar=data.quote, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")
