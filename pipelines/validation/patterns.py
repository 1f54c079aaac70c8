"""Patterns of a Table Schema: Python's verdict on a cell in bounded time, and an expression for DuckDB.

Frictionless asks `re.compile("^" + pattern + "$").match(cell)`. So `a|b` means `^a` or `b$`, and `$` takes one final
line break. Python's engine backtracks: `(a+)+$` on forty characters takes longer than anybody waits.
"""

import re
import warnings
from functools import cached_property

from pipelines.validation.pattern_effort import longest_bounded
from pipelines.validation.pattern_parser import parsed
from pipelines.validation.pattern_process import TIME_LIMIT, answer_in_time
from pipelines.validation.pattern_translation import re2_matches, translated

_SHOWN = 200
"""Characters of a cell that a message shows."""


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
                self._parsed = parsed(f"^{text}$")
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
        return longest_bounded(self._parsed)

    @cached_property
    def _translated(self) -> tuple[str | None, int, bool]:
        return translated(self._parsed)

    def matches(self, cell: str) -> bool:
        """Whether Python's `re` accepts the cell.

        Raises:
            PatternTimeout: There is no verdict within `TIME_LIMIT`.
        """
        if len(cell) <= self._reach:
            return self._compiled.match(cell) is not None
        if self.sql is not None and self._is_exact_for(cell):
            return re2_matches(self.sql, cell)
        answer = answer_in_time(f"^{self.text}$", cell)
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
