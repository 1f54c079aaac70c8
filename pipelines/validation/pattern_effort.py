"""How much work Python's engine, which backtracks, can have with a pattern."""

from collections.abc import Iterable, Sequence
from typing import Any

from pipelines.validation.pattern_parser import MAXREPEAT, REPEATS

WORK_LIMIT = 1_000_000
"""Steps that Python's engine may need at most to be asked at once: some hundredths of a second."""

_ENDLESS = float("inf")


def longest_bounded(parsed: Any) -> int:
    """The longest cell, to a power of two, for which the engine is sure to stay within `WORK_LIMIT`; -1 for none."""
    longest = -1
    length = 8
    try:
        while length <= WORK_LIMIT and _effort(parsed, length)[1] <= WORK_LIMIT:
            longest = length
            length *= 2
    except RecursionError:
        return -1
    return longest


def _effort(items: Iterable[Any], length: int) -> tuple[float, float]:
    """In how many ways the items in a row can match somewhere in a cell, and the steps to try them all."""
    ways, work = 1.0, 1.0
    for operator, argument in items:
        item_ways, item_work = _item_effort(str(operator), argument, length)
        work += ways * item_work
        ways *= item_ways
    return ways, work


def _item_effort(operator: str, argument: Any, length: int) -> tuple[float, float]:
    if operator in REPEATS:
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
    elif most == MAXREPEAT:
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
