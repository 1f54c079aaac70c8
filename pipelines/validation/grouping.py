"""Errors of one kind taken together: the same rule in the same column, or in whole rows, the header or the file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipelines.validation.messages import catalogue
from pipelines.validation.report import Error

_MOST_ROWS = 5
_MOST_VALUES = 4

CONSTRAINT = re.compile(r'constraint "(\w+)" is "(.*)"\Z', re.DOTALL)
"""Frictionless' note on a constraint: its name and what it is."""

_UNIQUE_KEY = re.compile(r'"(.*)" is the same as', re.DOTALL)
_OWN_NOTES = {
    ("source-error", "the source is empty"): "source-empty",
    ("primary-key", 'cells composing the primary keys are all "None"'): "primary-key-empty",
}


@dataclass
class Found:
    """The errors of one group, as far as they are needed.

    Attributes:
        first: The first of them.
        errors: How many there are.
        rows: In how many rows.
        last_row: The row of the last one.
        first_rows: The numbers of the first rows.
        values: The first different texts of their cells, empty ones left out.
        same_place: Those in the row of the first one; all of them where they concern no row.
    """

    first: Error
    errors: int = 0
    rows: int = 0
    last_row: int | None = None
    first_rows: list[int] = field(default_factory=list)
    values: dict[str, None] = field(default_factory=dict)
    same_place: list[Error] = field(default_factory=list)

    def add(self, error: Error) -> None:
        """Take one more error into the group; errors come in the order of their rows."""
        self.errors += 1
        if error.row_number is not None and error.row_number != self.last_row:
            self.rows += 1
            self.last_row = error.row_number
            if len(self.first_rows) < _MOST_ROWS:
                self.first_rows.append(error.row_number)
        if error.row_number == self.first.row_number:
            self.same_place.append(error)
        if error.cell is not None and len(self.values) < _MOST_VALUES and (text := raw_cell(error)):
            self.values.setdefault(text)


def about(rule: str) -> str:
    """What a rule is about: a `cell`, a `row`, the `header`, the `file`, its `schema` or its `descriptor`."""
    subject: str = catalogue()["rules"][rule]["about"]
    return subject


def collect(errors: Iterable[Error]) -> list[tuple[str, Found]]:
    """The groups in the order of their first errors, each with its rule: a type of error or a constraint."""
    groups: dict[tuple[Any, ...], Found] = {}
    for error in errors:
        rule = _rule(error)
        key = (rule, *_apart(rule, error))
        found = groups.get(key)
        if found is None:
            found = groups[key] = Found(error)
        found.add(error)
    return [(key[0], found) for key, found in groups.items()]


def _rule(error: Error) -> str:
    if error.type == "constraint-error":
        match = CONSTRAINT.match(error.note)
        return match[1] if match and match[1] in catalogue()["rules"] else error.type
    own = _OWN_NOTES.get((error.type, error.note), error.type)
    return own if own in catalogue()["rules"] else "other"


def _apart(rule: str, error: Error) -> tuple[Any, ...]:
    """What keeps errors of the same rule in different groups."""
    subject = about(rule)
    if subject == "cell":
        return (error.field_name,)
    if subject == "row":
        return (*key_fields(error), error.note if rule == "row-constraint" else "")
    return () if subject == "header" else (error.type, error.note)


def raw_cell(error: Error) -> str:
    """The cell as the file has it, empty where it is not there. Without the record, what the error itself shows."""
    if error.cells is None or error.field_number is None:
        return error.cell or ""
    place = error.field_number - 1
    return error.cells[place] if place < len(error.cells) else ""


def key_fields(error: Error) -> list[str]:
    """The fields of the key that an error of a whole row names, empty where it names none."""
    named = _UNIQUE_KEY.match(error.note) if error.type == "unique-key" else None
    return named[1].split(", ") if named else list(error.details.get("field_names", []))
