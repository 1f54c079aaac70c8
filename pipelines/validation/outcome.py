"""What comes of the rows: errors up to the limit, and for those who want them all accepted and all rejected rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.validation.columns import kept_types, storable
from pipelines.validation.judging import Judged
from pipelines.validation.report import Error
from pipelines.validation.scanning import Numbers


class Outcome:
    """Collects row by row.

    Args:
        fields: Frictionless' fields.
        types: In which type a field's accepted values are kept, where it is not the usual one.
        errors: What is known already: errors of the header.
        limit: How many errors are reported; 0 for all.
        wants_values: Whether accepted and rejected rows are wanted; then the limit ends the report, not the work.
    """

    def __init__(
        self,
        fields: Sequence[Any],
        types: Mapping[str, str],
        errors: Sequence[Error] = (),
        *,
        limit: int = 0,
        wants_values: bool = False,
    ) -> None:
        self.errors = list(errors)
        self.warnings: list[str] = []
        self.rows = 0
        self.wants_values = wants_values
        self.kept = kept_types(fields, types)
        self.readmitted: list[tuple[int, list[Any]]] = []
        self.rejected: list[tuple[int, Sequence[Any], list[Error]]] = []
        self._fields = fields
        self._limit = limit

    @property
    def is_limited(self) -> bool:
        """Whether there are more errors than are reported."""
        return bool(self.warnings)

    def add(self, number: int, cells: Sequence[Any], judged: Judged, *, is_last: bool = False) -> bool:
        """Take one row; whether the next one is wanted. As in Frictionless, the last row is not cut by the limit."""
        errors = judged.errors
        if self.wants_values:
            if not errors and judged.values:
                errors = self._keep(number, cells, judged.values)
            if errors:
                self.rejected.append((number, cells, errors))
        if errors and not self.is_limited:
            self.errors += errors
        if self._limit and len(self.errors) >= self._limit and not self.is_limited and not is_last:
            del self.errors[self._limit :]
            self.warnings.append(f"reached error limit: {self._limit}")
        return self.wants_values or not self.is_limited

    def forget_accepted(self) -> None:
        """Drop the accepted rows collected so far: they are written, or not wanted."""
        self.readmitted.clear()

    def _keep(self, number: int, cells: Sequence[Any], values: Sequence[Any]) -> list[Error]:
        stored = [
            storable(value, _text(cells, index), kind)
            for index, (value, kind) in enumerate(zip(values, self.kept, strict=True))
        ]
        lost = [index for index, value in enumerate(values) if value is not None and stored[index] is None]
        if not lost:
            self.readmitted.append((number, stored))
        texts = ["" if cell is None else str(cell) for cell in cells]
        return [
            Error(
                "unstorable-value",
                f'no {self.kept[index]} holds the value "{values[index]}"',
                number,
                index + 1,
                self._fields[index].name,
                str(cells[index]),
                texts,
            )
            for index in lost
        ]

    def rejected_numbers(self) -> Numbers:
        """The numbers of the rejected rows, ascending."""
        return np.array([number for number, _, _ in self.rejected], np.int64)


def _text(cells: Sequence[Any], index: int) -> str | None:
    cell = cells[index] if index < len(cells) else None
    return cell if isinstance(cell, str) else None
