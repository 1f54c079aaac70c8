"""Patterns of a Table Schema: Python's verdict on a cell in bounded time, and an expression for DuckDB.

Frictionless asks `re.compile("^" + pattern + "$").match(cell)`. So `a|b` means `^a` or `b$`, and `$` takes one final
line break. Python's engine backtracks: `(a+)+$` on forty characters takes longer than anybody waits.
"""

import atexit
import os
import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from importlib import import_module
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

TIME_LIMIT = 1.0
"""Seconds that Python's engine may take for one cell where nothing bounds its work beforehand."""

_WORK_LIMIT = 1_000_000
"""Steps that Python's engine may need at most to be asked at once: some hundredths of a second."""

_SHOWN = 200
"""Characters of a cell that a message shows."""

_ENDLESS = float("inf")
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
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_LINE_BREAK = ord("\n")

# The parser has no public name; what the tests compare would show a change in it.
_parser: Any = import_module("re._parser")
_MAXREPEAT: Any = import_module("re._constants").MAXREPEAT

_Ranges = list[tuple[int, int]]


class PatternTimeout(Exception):
    """Python's engine gave no verdict in time.

    Attributes:
        pattern: The pattern as the schema has it.
        cell: The text that it was asked about.
    """

    def __init__(self, pattern: str, cell: str) -> None:
        shown = cell if len(cell) <= _SHOWN else f"{cell[:_SHOWN]}…"
        super().__init__(f"the pattern {pattern!r} gave no answer on {shown!r} within {TIME_LIMIT:g} s")
        self.pattern = pattern
        self.cell = cell


class Pattern:
    """One pattern of a schema.

    Python's own engine is asked where its work is bounded: the number of ways in which it could divide a cell of some
    length among the parts of the pattern is counted beforehand. Other cells go to RE2, which never backtracks, where
    the pattern means the same there; what remains, to Python's engine in a process that can be ended.

    Args:
        text: The pattern as the schema has it.

    Attributes:
        text: The same.

    Raises:
        ValueError: Python cannot compile it; the message is Python's.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._compiled = re.compile(f"^{text}$")
                self._parsed = _parser.parse(f"^{text}$")
        except (re.error, OverflowError) as error:
            raise ValueError(str(error)) from error
        except RecursionError as error:
            raise ValueError("the pattern is nested too deeply") from error

    @property
    def sql(self) -> str | None:
        """An expression of RE2, in plain ASCII without quotes, for DuckDB's `regexp_full_match(text, sql)`.

        It is true only for texts that Python accepts, whatever characters they have, and may be false for some of
        them. Null where there is none: look-around, references to groups, more than 1,000 repeats, ….
        """
        return self._translated[0]

    @cached_property
    def _reach(self) -> int:
        return _reach(self._parsed)

    @cached_property
    def _translated(self) -> tuple[str | None, int, bool]:
        return _translated(self._parsed)

    def matches(self, cell: str) -> bool:
        """Whether Python's `re` accepts the cell.

        Raises:
            PatternTimeout: There is no verdict within `TIME_LIMIT`.
        """
        if len(cell) <= self._reach:
            return self._compiled.match(cell) is not None
        if self.sql is not None and self._is_exact_for(cell):
            return _re2_matches(self.sql, cell)
        answer = _PROCESS.ask(f"^{self.text}$", cell)
        if answer is None:
            raise PatternTimeout(self.text, cell)
        return answer

    def _is_exact_for(self, cell: str) -> bool:
        _, horizon, knows_final_break = self._translated
        if not knows_final_break and cell.endswith("\n"):
            return False
        if cell.isascii():
            return True
        # A lone surrogate is a character in Python and none in UTF-8.
        return ord(max(cell)) < horizon and not any("\ud800" <= character <= "\udfff" for character in cell)


def _re2_matches(expression: str, cell: str) -> bool:
    return bool(pc.match_substring_regex(pa.scalar(cell), pattern=rf"\A(?:{expression})\z").as_py())


# ----------------------------------------------------------------------------------------------------------------
# How much work Python's engine can have


def _reach(parsed: Any) -> int:
    """The longest cell, to a power of two, for which the engine is sure to stay within `_WORK_LIMIT`; -1 for none."""
    reach = -1
    length = 8
    try:
        while length <= _WORK_LIMIT and _effort(parsed, length)[1] <= _WORK_LIMIT:
            reach = length
            length *= 2
    except RecursionError:
        return -1
    return reach


def _effort(items: Iterable[Any], length: int) -> tuple[float, float]:
    """In how many ways the items in a row can match somewhere in a cell, and the steps to try them all."""
    ways, work = 1.0, 1.0
    for operator, argument in items:
        item_ways, item_work = _item_effort(str(operator), argument, length)
        work += ways * item_work
        ways *= item_ways
    return ways, work


def _item_effort(operator: str, argument: Any, length: int) -> tuple[float, float]:
    if operator in _REPEATS:
        least, most, body = argument
        return _repeat_effort(least, most, body, length)
    if operator == "SUBPATTERN":
        return _effort(argument[-1], length)
    if operator == "ATOMIC_GROUP":
        return _effort(argument, length)
    if operator in ("ASSERT", "ASSERT_NOT"):
        return _effort(argument[1], length)
    if operator in ("BRANCH", "GROUPREF_EXISTS"):
        alternatives = [_effort(alternative or (), length) for alternative in _alternatives(argument)]
        return sum(ways for ways, _ in alternatives), 1 + sum(work for _, work in alternatives)
    if operator == "GROUPREF":
        return 1.0, 1.0 + length
    return 1.0, 1.0


def _alternatives(argument: Any) -> Sequence[Any]:
    return argument[1] if isinstance(argument[1], list) else argument[1:]


def _repeat_effort(least: int, most: int, body: Any, length: int) -> tuple[float, float]:
    ways, work = _effort(body, length)
    narrowest = body.getwidth()[0]
    if narrowest:
        # One more than fits: the last one fails on its way.
        most = min(most, length // narrowest + 1)
    elif most == _MAXREPEAT:
        return _ENDLESS, _ENDLESS
    if ways <= 1:
        return max(1.0, most - least + 1), 1 + most * work
    leaves = _power(ways, most + 1)
    return leaves, 1 + leaves * work


def _power(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:
        return _ENDLESS


# ----------------------------------------------------------------------------------------------------------------
# The same in RE2


class _Untranslatable(Exception):
    """RE2 cannot say it, or not with the same meaning."""


def _translated(parsed: Any) -> tuple[str | None, int, bool]:
    """An expression of RE2 that accepts a part of what Python accepts.

    Returns:
        The expression, or null; below which code point all characters of a text must be so that it accepts exactly
        what Python does; whether that holds also for a text that ends with a line break.
    """
    try:
        translation = _Translation(has_boundary=_has_boundary(parsed))
        expression = translation.whole(parsed)
        _re2_matches(expression, "")
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
        if name in _REPEATS or name == "SUBPATTERN":
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
    if most == _MAXREPEAT:
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


# ----------------------------------------------------------------------------------------------------------------
# Python's engine in another process


_PROGRAM = """
import ast, re, sys
print("ready", flush=True)
for line in sys.stdin:
    pattern, cell = ast.literal_eval(line)
    print(int(re.compile(pattern).match(cell) is not None), flush=True)
"""


class _Process:
    """A Python that is started when first asked, kept, and ended when it takes too long; one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def ask(self, pattern: str, cell: str) -> bool | None:
        """Whether the whole pattern matches at the start of the cell; null where there is no answer in time."""
        with self._lock:
            process = self._started()
            timer = threading.Timer(TIME_LIMIT, process.kill)
            timer.start()
            try:
                answer = _answer(process, pattern, cell)
            finally:
                timer.cancel()
            if answer is None:
                self._end()
            return answer

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        if self._owner == os.getpid():
            self._end()
        # -I: neither the environment nor the working directory has a say in what runs.
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and program
            [sys.executable, "-I", "-S", "-W", "ignore", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
        )
        self._owner = os.getpid()
        _line(self._process)
        return self._process

    def close(self) -> None:
        """End the process, if this one started it."""
        if self._owner == os.getpid():
            self._end()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be written to it
                    continue
        self._process = None


def _answer(process: subprocess.Popen[str], pattern: str, cell: str) -> bool | None:
    try:
        if process.stdin is not None:
            # Not JSON, which makes one character of two lone surrogates.
            process.stdin.write(f"{(pattern, cell)!a}\n")
            process.stdin.flush()
        return {"0": False, "1": True}.get(_line(process))
    except OSError:
        return None


def _line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip() if process.stdout is not None else ""


_PROCESS = _Process()
atexit.register(_PROCESS.close)
