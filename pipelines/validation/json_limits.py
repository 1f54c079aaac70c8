"""How deep a JSON file is nested, and how long its rows and its numbers are."""

import re
from typing import IO, Any

import numpy as np

from pipelines.errors import DataError
from pipelines.validation.table_limits import CHUNK, UNPACKED_LIMIT

DEPTH_LIMIT = 64
"""How deep the brackets of a JSON file may be nested."""
DIGIT_LIMIT = 4_000
"""Digits of a number in a JSON file. Python makes no whole number of more than 4,300, and ijson 3.6 ends the process
where it is asked to."""
ITEM_LIMIT = 64 * 1024**2
"""Bytes that one row of a JSON file, or one feature with its geometry, may have."""

_MARKS = np.zeros(256, np.bool_)
_MARKS[list(b'"[]{}')] = True
_STEPS = np.zeros(256, np.int64)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_ESCAPED = re.compile(rb"\\.", re.DOTALL)


def check_json(name: str, source: IO[bytes], kind: str) -> None:
    """Read a JSON file to its end, and refuse it if its reader would be overwhelmed.

    Args:
        name: The file.
        source: Its content.
        kind: `geojson`, `json`, or where each line is a text of its own, `jsonl` or `ndjson`.

    Raises:
        DataError: It is too large or nested too deep, or a row or a number in it is too long.
    """
    total = 0
    nesting = _Nesting(name, 2 if kind == "geojson" else 1)
    is_lines = kind in {"jsonl", "ndjson"}
    while chunk := source.readline(ITEM_LIMIT + 1) if is_lines else source.read(CHUNK):
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
