"""Rows judged by Frictionless' own cell readers, without its row objects.

What a row's errors are, and in which order, is Frictionless' algorithm (`frictionless/table/row.py` and
`frictionless/resources/table.py` of 5.21.0), written with plain tuples: one of its error objects takes as long as
fifty cells to read. A differential test holds the two together.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.validation.cell_readers import reader_of
from pipelines.validation.report import Error
from pipelines.validation.traps import Reader

_KINDS = {"type": "type-error", "categories": "category-error"}
_UNREAD: Any = object()
_MOST_REMEMBERED = 100_000
"""Texts of one field whose verdict is kept."""


@dataclass(frozen=True)
class Lookup:
    """A foreign key and the keys it may refer to, parsed."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]
    keys: frozenset[tuple[Any, ...]]


@dataclass
class Judged:
    """One row: its errors, and its values by position of the field (null for a missing or wrong cell).

    A row whose cells are proven has no values here; they are where the proof was made.
    """

    errors: list[Error]
    values: list[Any]


@dataclass
class Column:
    """A field's reader, which remembers its verdicts on texts."""

    field: Any
    name: str
    number: int
    read: Reader
    known: dict[str, tuple[Any, tuple[tuple[str, str], ...]]] = dataclasses.field(default_factory=dict)

    @property
    def type(self) -> str:
        """The field's type."""
        return str(self.field.type)

    def verdict(self, source: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
        """The parsed value and the notes: `type` alone, or one for each constraint that fails."""
        if type(source) is not str:
            return self._read(source)
        verdict = self.known.get(source)
        if verdict is None:
            value, _ = verdict = self._read(source)
            if len(self.known) < _MOST_REMEMBERED and _is_the_same_for_all(value):
                self.known[source] = verdict
        return verdict

    def _read(self, source: Any) -> tuple[Any, tuple[tuple[str, str], ...]]:
        value, notes = self.read(source)
        if not notes:
            return value, ()
        # The type comes first, whatever else an array's items add.
        return value, tuple(sorted(notes.items(), key=lambda item: item[0] != "type"))


def _is_the_same_for_all(value: Any) -> bool:
    """Whether rows may share one parsed value: not one that can be changed, nor NaN, which equals itself alone."""
    if isinstance(value, Decimal):
        return not value.is_nan()
    return not isinstance(value, (list, dict)) and not (isinstance(value, float) and math.isnan(value))


class Judge:
    """Judges rows one after the other, in the order of their numbers.

    Args:
        fields: Frictionless' fields, one for each column.
        primary_key: Names of the key's fields; empty for none.
        unique_keys: Names of the fields of each further key. A row that lacks a part of one is not compared.
        lookups: The foreign keys.
    """

    def __init__(
        self,
        fields: Sequence[Any],
        primary_key: Sequence[str] = (),
        unique_keys: Iterable[Sequence[str]] = (),
        lookups: Iterable[Lookup] = (),
    ) -> None:
        self._unique_keys: list[tuple[Sequence[str], dict[tuple[Any, ...], int]]] = [(key, {}) for key in unique_keys]
        self.lookups = list(lookups)
        keys = {*primary_key, *(name for key, _ in self._unique_keys for name in key)}
        keys |= {name for lookup in self.lookups for name in lookup.fields}
        keys |= {expected.name for expected in fields if expected.constraints.get("unique")}
        self.columns = [
            Column(expected, expected.name, number, reader_of(expected, is_key=expected.name in keys))
            for number, expected in enumerate(fields, start=1)
        ]
        self._index = {column.name: column.number - 1 for column in self.columns}
        self._unique = [(self._index[expected.name], {}) for expected in fields if expected.constraints.get("unique")]  # type: list[tuple[int, dict[Any, int]]]
        self._key = [self._index[name] for name in primary_key]
        self._keys: dict[tuple[Any, ...], int] = {}

    def place(self, name: str) -> int:
        """The position of a field, from 0."""
        return self._index[name]

    def judge(self, number: int, cells: Sequence[Any], *, is_proven: bool = False) -> Judged:
        """The errors of one row, as Frictionless finds and words them.

        Args:
            number: The record in the file, the header being 1.
            cells: As read; fewer or more than there are fields.
            is_proven: Nothing is wrong with the cells as such; only the keys are looked at, and the row is not kept.

        Raises:
            CellTrap: Frictionless itself would break at a cell.
            PatternTimeout: A pattern takes too long on a cell.
        """
        row = _Row(number, cells, self.columns, is_complete=is_proven)
        for index, seen in self._unique:
            value = row.value(index)
            if value is None:
                continue
            before = seen.get(value)
            seen[value] = number
            if before:
                row.add_unique(index, value, before)
        if self._key:
            self._check_key(row)
        for names, seen in self._unique_keys:
            self._check_unique_key(row, names, seen)
        for lookup in self.lookups:
            self._check_reference(row, lookup)
        return Judged(row.all_errors(), [] if is_proven else row.values)

    def _check_key(self, row: "_Row") -> None:
        key = tuple([row.value(index) for index in self._key])
        if all(value is None for value in key):
            row.add("primary-key", 'cells composing the primary keys are all "None"')
            return
        before = self._keys.get(key)
        self._keys[key] = row.number
        if before:
            row.add("primary-key", f"the same as in the row at position {before}")

    def _check_unique_key(self, row: "_Row", names: Sequence[str], seen: dict[tuple[Any, ...], int]) -> None:
        key = tuple([row.value(self._index[name]) for name in names])
        if any(value is None for value in key):
            return
        before = seen.get(key)
        seen[key] = row.number
        if before:
            note = f'"{", ".join(names)}" is the same as in the row at position {before}'
            row.add("unique-key", note, {"field_names": list(names)})

    def _check_reference(self, row: "_Row", lookup: Lookup) -> None:
        key = tuple([row.value(self._index[name]) for name in lookup.fields])
        if all(value is None for value in key) or key in lookup.keys:
            return
        note = (
            f'for "{", ".join(lookup.fields)}": values "{", ".join(map(str, key))}" not found in the lookup table '
            f'"{lookup.resource}" as "{", ".join(lookup.reference_fields)}"'
        )
        details = {
            "field_names": list(lookup.fields),
            "field_cells": list(map(_shown, key)),
            "reference_name": lookup.resource,
            "reference_field_names": list(lookup.reference_fields),
        }
        row.add("foreign-key", note, details)


class _Row:
    """A row on its way: key cells are read first, the others when the first error of the whole row is noted."""

    def __init__(self, number: int, cells: Sequence[Any], columns: Sequence[Column], *, is_complete: bool) -> None:
        self.number = number
        self.values: list[Any] = [_UNREAD] * len(columns)
        self._cells = cells
        self._columns = columns
        self._errors: list[Error] = []
        self._blank = 0
        self._is_complete = is_complete
        self._texts: list[str] | None = None

    def value(self, index: int) -> Any:
        """The parsed cell; reading it notes its errors."""
        if self.values[index] is _UNREAD:
            self._read(index)
        return self.values[index]

    def add(self, kind: str, note: str, details: Mapping[str, Any] | None = None) -> None:
        """Note an error of the row as such, after all those of its cells."""
        self._complete()
        self._errors.append(Error(kind, note, self.number, cells=self._shown_cells(), details=details or {}))

    def add_unique(self, index: int, value: Any, before: int) -> None:
        """Note that a value was seen before."""
        self._complete()
        column = self._columns[index]
        note = f"the same as in the row at position {before}"
        self._errors.append(
            Error("unique-error", note, self.number, column.number, column.name, str(value), self._shown_cells())
        )

    def all_errors(self) -> list[Error]:
        """Every error, the rest of the row being read."""
        self._complete()
        return self._errors

    def _read(self, index: int) -> None:
        column = self._columns[index]
        source = self._cells[index] if index < len(self._cells) else None
        value, notes = column.verdict(source)
        self.values[index] = value
        if not notes:
            self._blank += value is None
            return
        is_type_error = notes[0][0] == "type"
        self._blank += value is None and not is_type_error
        cells, shown = self._shown_cells(), str(source)
        for name, note in notes:
            kind = _KINDS.get(name, "constraint-error")
            self._errors.append(Error(kind, note, self.number, column.number, column.name, shown, cells))

    def _complete(self) -> None:
        if self._is_complete:
            return
        self._is_complete = True
        for index, value in enumerate(self.values):
            if value is _UNREAD:
                self._read(index)
        given, expected = len(self._cells), len(self._columns)
        for number in range(expected + 1, given + 1):
            cell = str(self._cells[number - 1])
            self._errors.append(Error("extra-cell", "", self.number, number, "", cell, self._shown_cells()))
        for column in self._columns[given:]:
            self._errors.append(
                Error("missing-cell", "", self.number, column.number, column.name, "", self._shown_cells())
            )
        if self._blank == expected:
            self._errors = [Error("blank-row", "", self.number, cells=self._shown_cells())]

    def _shown_cells(self) -> list[str]:
        if self._texts is None:
            self._texts = list(map(_shown, self._cells))
        return self._texts


def _shown(cell: Any) -> str:
    return str(cell) if cell is not None else ""
