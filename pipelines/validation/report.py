"""What validation finds: Frictionless' errors as light tuples, and the report made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

_RENDERED = frozenset({"message", "title", "description", "tags"})
_NOTHING: Mapping[str, Any] = MappingProxyType({})

BEYOND = {
    "unique-key": ("Unique Key Error", 'Row at position "{rowNumber}" violates a unique key: {note}'),
    "category-error": (
        "Category Error",
        'The cell "{cell}" in row at position "{rowNumber}" and field "{fieldName}" at position "{fieldNumber}" '
        "is not one of the categories: {note}",
    ),
    "unstorable-value": (
        "Unstorable Value",
        'The cell "{cell}" in row at position "{rowNumber}" and field "{fieldName}" at position "{fieldNumber}" '
        "cannot be stored: {note}",
    ),
}
"""Types of error that Frictionless does not have, with their titles and messages; see `docs/validation.md`."""


class Error(NamedTuple):
    """One thing wrong with a file, a header, a row or a cell, as Frictionless words it.

    A tuple, because Frictionless' own error objects take fifty times as long to make; they are made when asked for.

    Attributes:
        type: Frictionless' type of error, or one of `BEYOND`.
        note: What exactly is wrong.
        row_number: The record in the file, the header being 1; null for what concerns no row.
        field_number: The position of the field, from 1; null for what concerns no cell.
        field_name: The field; empty for a cell beyond the last field.
        cell: The text of the cell, as Frictionless shows it (`None` for a cell that is not there).
        cells: The texts of the whole record.
        details: What only some types have, by the names of Frictionless' error objects: `labels`, `field_names`, ….
    """

    type: str
    note: str
    row_number: int | None = None
    field_number: int | None = None
    field_name: str | None = None
    cell: str | None = None
    cells: list[str] | None = None
    details: Mapping[str, Any] = _NOTHING

    @classmethod
    def of(cls, error: Any) -> "Error":
        """One of Frictionless' own error objects as a tuple."""
        import attrs

        given: dict[str, Any] = {
            name: getattr(error, name) for name in attrs.fields_dict(type(error)) if name in error.list_defined()
        }
        own: dict[str, Any] = {name: given.pop(name) for name in cls._fields[2:-1] if name in given}
        note = given.pop("note")
        return cls(error.type, note, **own, details={name: v for name, v in given.items() if name not in _RENDERED})

    def to_descriptor(self) -> dict[str, Any]:
        """The error as Frictionless writes it in a report."""
        from frictionless import system

        own: dict[str, Any] = dict(zip(self._fields[1:-1], self[1:-1], strict=True))
        given = {name: value for name, value in own.items() if value is not None}
        if self.type in BEYOND:
            return self._beyond(given)
        descriptor: dict[str, Any] = system.select_error_class(self.type)(**given, **self.details).to_descriptor()
        return descriptor

    def _beyond(self, given: Mapping[str, Any]) -> dict[str, Any]:
        title, template = BEYOND[self.type]
        camel = {_camel(name): value for name, value in {**given, **self.details}.items()}
        about = "#cell" if self.field_name is not None else "#row"
        return {
            "type": self.type,
            "title": title,
            "description": title,
            "message": template.format_map(camel),
            "tags": list(dict.fromkeys(["#table", "#row", about])),
            **camel,
        }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


@dataclass(frozen=True)
class Report:
    """The verdict on one table.

    Attributes:
        name: The resource, as Frictionless names it.
        place: Where it lies, `<memory>` for a table in memory.
        labels: The header as read.
        errors: In Frictionless' order: header first, then row by row.
        warnings: Why the report is not whole: a limit was reached.
        fields: How many fields were expected; null where the table could not be opened.
        rows: How many rows were read; null where the table could not be opened.
        accepted: How many rows have no error, null unless accepted rows were asked for. `accepted` and the distinct
            row numbers of `errors` make up `rows` where no limit was reached.
        engine: What did the work: `duckdb`, `reader` (row by row with Frictionless' cell readers), `frictionless`.
        seconds: How long it took.
    """

    name: str
    place: str
    labels: list[str] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fields: int | None = None
    rows: int | None = None
    accepted: int | None = None
    engine: str = "frictionless"
    seconds: float = 0.0

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong; false for a table that could not be judged."""
        return not self.errors

    def to_descriptor(self) -> dict[str, Any]:
        """The report as Frictionless writes it, for whatever reads such reports.

        Counts of bytes and digests are left out: the file was not read for them.
        """
        stats = {"errors": len(self.errors), "warnings": len(self.warnings), "seconds": round(self.seconds, 3)}
        counted = {name: count for name, count in (("fields", self.fields), ("rows", self.rows)) if count}
        return {
            "valid": self.valid,
            "stats": {"tasks": 1, **stats},
            "warnings": [],
            "errors": [],
            "tasks": [
                {
                    "name": self.name,
                    "type": "table",
                    "valid": self.valid,
                    "place": self.place,
                    "labels": self.labels,
                    "stats": {**stats, **counted},
                    "warnings": self.warnings,
                    "errors": [error.to_descriptor() for error in self.errors],
                }
            ],
        }
