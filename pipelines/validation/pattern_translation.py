"""A pattern of Python in the words of RE2, which never backtracks."""

import re
import struct
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.validation.pattern_parser import MAXREPEAT, REPEATS

_UNICODE = sys.maxunicode + 1
_LATIN = 0x250
"""Classes such as `\\w` are spelled out as far as the Latin letters go: Python's have 130,000 characters."""
_ASCII = 0x80
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_LINE_BREAK = ord("\n")

_Ranges = list[tuple[int, int]]


def re2_matches(expression: str, cell: str) -> bool:
    """Whether an expression of RE2 accepts the whole cell.

    Raises:
        pyarrow.ArrowInvalid: RE2 cannot compile it.
    """
    # Made of its bytes: for anything else pyarrow loads pandas.
    text = cell.encode()
    offsets = pa.py_buffer(struct.pack("=ii", 0, len(text)))
    cells = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(text))
    return bool(pc.match_substring_regex(cells, pattern=rf"\A(?:{expression})\z")[0].as_py())


class _Untranslatable(Exception):
    """RE2 cannot say it, or not with the same meaning."""


def translated(parsed: Any) -> tuple[str | None, int, bool]:
    """An expression of RE2 that accepts a part of what Python accepts.

    Returns:
        The expression, or null; below which code point all characters of a text must be so that it accepts exactly
        what Python does; whether that holds also for a text that ends with a line break.
    """
    try:
        translation = _Translation(has_boundary=_has_boundary(parsed))
        expression = translation.whole(parsed)
        re2_matches(expression, "")
    except (_Untranslatable, RecursionError, pa.ArrowInvalid):
        return None, 0, False
    return expression, translation.horizon, translation.knows_final_break


def _has_boundary(items: Any) -> bool:
    r"""Whether `\b` occurs: RE2 takes only ASCII for words, so with it only texts in ASCII can be judged."""
    for operator, argument in items:
        name = str(operator)
        if name == "AT" and str(argument) == "AT_BOUNDARY":
            return True
        parts: Iterable[Any] = ()
        if name in REPEATS or name == "SUBPATTERN":
            parts = argument[-1:]
        elif name == "BRANCH":
            parts = argument[1]
        if any(map(_has_boundary, parts)):
            return True
    return False


class _Translation:
    """The translation of one pattern; what it cost in exactness is found on the way.

    Look-around, atomic groups and the like are refused, so every part stands where more texts for the part mean more
    texts for the whole: a part may be made narrower without the whole accepting anything new.

    Attributes:
        horizon: The code point from which on the expression may accept less than Python.
        knows_final_break: Whether it is exact also for texts that end with a line break.
    """

    def __init__(self, *, has_boundary: bool) -> None:
        self.horizon = _ASCII if has_boundary else _UNICODE
        self.knows_final_break = True
        self._alphabet = self.horizon

    def whole(self, parsed: Any) -> str:
        """The expression for whole texts, where Python's `match` may stop before the end."""
        items = list(parsed)
        if items and _is_end(items[-1]):
            return f"(?:{self._sequence(items[:-1], 0, is_last=True)}){_escaped(_LINE_BREAK)}?"
        return f"(?:{self._sequence(items, 0, is_last=True)}){self._set([(0, _UNICODE - 1)])}*"

    def _sequence(self, items: Sequence[Any], flags: int, *, is_last: bool) -> str:
        rests = [is_last and all(map(_is_end, items[index + 1 :])) for index in range(len(items))]
        return "".join(
            self._item(str(operator), argument, flags, is_last=rest)
            for (operator, argument), rest in zip(items, rests, strict=True)
        )

    def _item(self, operator: str, argument: Any, flags: int, *, is_last: bool) -> str:
        if operator in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, body = argument
            return f"(?:{self._sequence(body, flags, is_last=is_last and most <= 1)}){_count(least, most)}"
        if operator == "SUBPATTERN":
            _, added, removed, body = argument
            return f"(?:{self._sequence(body, _supported(flags | added) & ~removed, is_last=is_last)})"
        if operator == "BRANCH":
            return f"(?:{'|'.join(self._sequence(one, flags, is_last=is_last) for one in argument[1])})"
        if operator == "AT":
            return self._place(str(argument), is_last=is_last)
        return self._set(self._members(operator, argument, flags))

    def _place(self, place: str, *, is_last: bool) -> str:
        if place in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return r"\A"
        if place == "AT_BOUNDARY":
            return r"\b"
        if place == "AT_END_STRING":
            return r"\z"
        if place != "AT_END":
            raise _Untranslatable
        if is_last:
            # Nothing comes after that could want the line break, so it may be taken here.
            return rf"(?:{_escaped(_LINE_BREAK)}?\z)"
        self.knows_final_break = False
        return r"\z"

    def _members(self, operator: str, argument: Any, flags: int) -> _Ranges:
        if operator == "LITERAL":
            return [(argument, argument)]
        if operator == "NOT_LITERAL":
            return _complement([(argument, argument)])
        if operator == "ANY":
            return [(0, _UNICODE - 1)] if flags & re.DOTALL else _complement([(_LINE_BREAK, _LINE_BREAK)])
        if operator != "IN":
            raise _Untranslatable
        is_negated = str(argument[0][0]) == "NEGATE"
        entries = argument[1:] if is_negated else argument
        ranges = [_range(str(kind), value) for kind, value in entries if str(kind) != "CATEGORY"]
        if len(ranges) < len(entries):
            self.horizon = min(self.horizon, _LATIN)
            limited = partial(_category_ranges, flags=flags & re.ASCII)
            ranges += [one for kind, value in entries if str(kind) == "CATEGORY" for one in limited(str(value))]
            ranges = _complement(ranges) if is_negated else ranges
            return _clipped(ranges, _LATIN)
        return _complement(ranges) if is_negated else ranges

    def _set(self, ranges: _Ranges) -> str:
        ranges = _clipped(ranges, self._alphabet)
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            return _escaped(ranges[0][0])
        if not ranges:
            return rf"[^{_escaped(0)}-{_escaped(_UNICODE - 1)}]"
        return f"[{''.join(map(_written, ranges))}]"


def _is_end(item: Any) -> bool:
    return str(item[0]) == "AT" and str(item[1]) == "AT_END"


def _supported(flags: int) -> int:
    if flags & (re.IGNORECASE | re.MULTILINE | re.LOCALE):
        raise _Untranslatable
    return flags


def _count(least: int, most: Any) -> str:
    if most == MAXREPEAT:
        return {0: "*", 1: "+"}.get(least, f"{{{least},}}")
    return f"{{{least},{most}}}"


def _escaped(code: int) -> str:
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\x{{{code:x}}}"


def _written(span: tuple[int, int]) -> str:
    first, last = span
    return _escaped(first) if first == last else f"{_escaped(first)}-{_escaped(last)}"


def _range(kind: str, value: Any) -> tuple[int, int]:
    if kind == "LITERAL":
        return value, value
    if kind == "RANGE":
        return value[0], value[1]
    raise _Untranslatable


def _category_ranges(name: str, *, flags: int) -> _Ranges:
    if name not in _CATEGORIES:
        raise _Untranslatable
    belongs = re.compile(_CATEGORIES[name], flags).match
    return [(code, code) for code in range(_LATIN) if belongs(chr(code))]


def _clipped(ranges: _Ranges, limit: int) -> _Ranges:
    """The ranges below a limit, in order and joined where they touch."""
    joined: _Ranges = []
    for first, last in sorted((first, min(last, limit - 1)) for first, last in ranges if first < limit):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _complement(ranges: _Ranges) -> _Ranges:
    edges = [(-1, -1), *_clipped(ranges, _UNICODE), (_UNICODE, _UNICODE)]
    gaps = ((before[1] + 1, after[0] - 1) for before, after in pairwise(edges))
    return [(first, last) for first, last in gaps if first <= last]
