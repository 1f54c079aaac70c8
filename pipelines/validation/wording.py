"""A group of errors in words: where, what, what was expected, what to do."""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.validation.expectations import Field, advice, expectation, kind
from pipelines.validation.grouping import CONSTRAINT, Found, about, key_fields, raw_cell
from pipelines.validation.messages import Messages, shown
from pipelines.validation.report import Error

_MOST_ITEMS = 10
_MOST_NOTE = 120
_MOST_MEANING = 200

_TYPE = re.compile(r'type is "([^/"]+)/(.*)"\Z', re.DOTALL)
_BEFORE = re.compile(r'position "?(\d+)"?\Z')
_COUNTS = re.compile(r'expected is "(.*)" and actual is "(.*)"\Z', re.DOTALL)


@dataclass(frozen=True)
class Group:
    """All errors of one kind: the same rule broken in the same column, or in whole rows, the header or the file.

    Every text is in the language of the summary and safe to show: what cannot be seen is escaped, what is long is cut.

    Attributes:
        rule: Frictionless' type of error, or the name of the constraint for a `constraint-error`.
        type: Frictionless' type of error.
        column: The column, null for what concerns no single one.
        errors: How many errors there are.
        rows: In how many rows; 0 for what concerns no row.
        first_rows: The numbers of the first rows, the header being 1.
        values: The first different texts of the cells, as the file has them.
        problem: What is wrong, in a sentence that says where.
        expected: What the column asks for, null for what concerns no column.
        meaning: The column's title and description in the schema, null where it has none.
        fix: What to do next, one or several things.
    """

    rule: str
    type: str
    column: str | None
    errors: int
    rows: int
    first_rows: list[int]
    values: list[str]
    problem: str
    expected: str | None
    meaning: str | None
    fix: list[str]


@dataclass(frozen=True)
class Writer:
    """Puts groups of errors into words.

    Attributes:
        labels: The header of the table.
        fields: The fields of the schema by name.
        key: The names of its primary key.
        messages: In which language.
    """

    labels: list[str]
    fields: Mapping[str, Field]
    key: list[str]
    messages: Messages

    def group(self, rule: str, found: Found) -> Group:
        """One group; `rule` as `grouping.collect` gives it."""
        error, messages = found.first, self.messages
        is_cell = about(rule) == "cell"
        known = self._field(error) if is_cell else {}
        filled = self._filled(rule, found, known)
        problem = messages.fill(("rules", rule, "problem"), filled, found.errors)
        return Group(
            rule=rule,
            type=error.type,
            column=error.field_name if is_cell else None,
            errors=found.errors,
            rows=found.rows,
            first_rows=found.first_rows,
            values=[shown(text) for text in found.values] if is_cell else [],
            problem=messages.say("phrases", "sentence", place=self._place(rule, error), problem=problem) + ".",
            expected=expectation(known, messages) if known else None,
            meaning=_meaning(known),
            fix=self._advice(rule, found, known) or [messages.fill(("rules", rule, "fix"), filled)],
        )

    def _field(self, error: Error) -> Field:
        """The field of a cell; without a schema, what the note says of it."""
        known = self.fields.get(error.field_name or "")
        match = _TYPE.match(error.note)
        return known or ({"type": match[1], "format": match[2]} if match else {})

    def _place(self, rule: str, error: Error) -> str:
        subject, say = about(rule), self.messages.say
        if error.row_number is None:
            return say("phrases", "file" if subject in ("cell", "row") else subject)
        row = self.messages.number(error.row_number)
        if subject != "cell":
            return say("phrases", "row", row=row)
        return say("phrases", "cell", row=row, column=self.messages.quoted(error.field_name or ""))

    def _filled(self, rule: str, found: Found, known: Field) -> dict[str, str]:
        error, messages = found.first, self.messages
        counts, limit = _COUNTS.search(error.note), CONSTRAINT.match(error.note)
        reference = error.details.get("reference_name")
        return {
            "type": error.type,
            "note": shown(" ".join(error.note.split()), _MOST_NOTE),
            "value": messages.quoted(next(iter(found.values), "")),
            "kind": kind(known, messages),
            "limit": shown(limit[2]) if limit else "",
            "expected": shown(counts[1]) if counts else "",
            "actual": shown(counts[2]) if counts else "",
            "other": self._other_row(error),
            "items": self._items(rule, found),
            "table": messages.say("phrases", "table", name=messages.quoted(reference))
            if reference
            else messages.say("phrases", "this_table"),
        }

    def _other_row(self, error: Error) -> str:
        match = _BEFORE.search(error.note)
        if not match:
            return self.messages.say("phrases", "another_row")
        return self.messages.say("phrases", "this_row", row=self.messages.number(int(match[1])))

    def _items(self, rule: str, found: Found) -> str:
        messages, errors = self.messages, found.same_place
        match rule:
            case "missing-cell" | "missing-label":
                texts = [error.field_name or "" for error in errors]
            case "extra-cell":
                texts = [raw_cell(error) for error in errors]
            case "extra-label" | "duplicate-label":
                texts = [str(error.details.get("label", "")) for error in errors]
            case "blank-label":
                items = [messages.number(error.field_number or 0) for error in errors[:_MOST_ITEMS]]
                return messages.shortened(items, len(errors))
            case "incorrect-label":
                return messages.shortened([self._instead(error) for error in errors[:_MOST_ITEMS]], len(errors))
            case "primary-key" | "unique-key" | "foreign-key":
                return self._key(found.first)
            case _:
                return ""
        return messages.listed(texts, _MOST_ITEMS)

    def _instead(self, error: Error) -> str:
        label, column = str(error.details.get("label", "")), error.field_name or ""
        quoted = self.messages.quoted
        return self.messages.say("phrases", "instead", label=quoted(label), column=quoted(column))

    def _key(self, error: Error) -> str:
        """The fields of a key with their values in the row: `code = "12", year = "2020"`."""
        names = key_fields(error) or self.key
        cells = error.details.get("field_cells") or [self._cell(error, name) for name in names]
        return ", ".join(
            f"{shown(name)} = {self.messages.quoted(cell)}" for name, cell in zip(names, cells, strict=False)
        )

    def _cell(self, error: Error, name: str) -> str:
        order = self.labels if name in self.labels else list(self.fields)
        place = order.index(name) if name in order else len(order)
        return error.cells[place] if error.cells is not None and place < len(error.cells) else ""

    def _advice(self, rule: str, found: Found, known: Field) -> list[str]:
        if rule == "incorrect-label" and sorted(self.labels) == sorted(self.fields):
            return [self.messages.say("hints", "order")]
        return advice(rule, known, list(found.values), self.messages)


def _meaning(known: Field) -> str | None:
    words = [known.get("title"), known.get("description")]
    said = [word.strip() for word in words if isinstance(word, str) and word.strip()]
    whole = textwrap.shorten(" – ".join(dict.fromkeys(said)), _MOST_MEANING, placeholder=" …")
    return shown(whole, _MOST_MEANING) or None
