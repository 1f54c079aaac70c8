"""How much a spreadsheet holds: bytes, members, and the cells that its reader would make of it."""

import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pipelines.errors import DataError
from pipelines.validation.raw_records import Damaged, too_large, unpacked_limit
from pipelines.validation.table_limits import CHUNK, UNPACKED_LIMIT

SHEET_LIMIT = 2 * 10**8
"""Cells of the area that a sheet spans, the empty ones too: its reader makes them all."""
MERGED_LIMIT = 10**7
"""Cells that are merged into others, of all sheets together."""
MEMBER_LIMIT = 1_000

_DIGITS = "0123456789"


def check_workbook(path: Path) -> None:
    """Read a workbook's members once, to count what they hold.

    Args:
        path: The file; nothing in it is trusted.

    Raises:
        Damaged: It is no zip file, or a broken one.
        DataError: It holds too much, declares a document type, or cannot be unpacked.
    """
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
                    while chunk := member.read(CHUNK):
                        produced += len(chunk)
                        if produced > limit:
                            raise too_large(path.name, limit)
                        sheet.feed(chunk)
                merged += sheet.merged
                sheet.check(merged)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        refusal = Damaged if isinstance(error, zipfile.BadZipFile) else DataError
        raise refusal(
            f"{path.name}: not a sound xlsx file ({str(error) or type(error).__name__})",
            fix="check 'format' and 'path', or save the spreadsheet again as xlsx, without a password",
        ) from error


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
