"""A pattern as Python's `re` reads it, before it is compiled."""

from importlib import import_module
from typing import Any

# The parser has no public name; what the tests compare would show a change in it.
_parser: Any = import_module("re._parser")

MAXREPEAT: Any = import_module("re._constants").MAXREPEAT
"""The end of `{n,}`, `+` and `*`."""
REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
"""The operators whose argument is the least, the most, and what is repeated."""


def parsed(text: str) -> Any:
    """The operators of a pattern in a row, each with its argument.

    Raises:
        re.error: It is no pattern.
    """
    return _parser.parse(text)
