"""What validation finds."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CellError:
    """One thing wrong with one row.

    `row` is the position in the table that was validated, from 0. `rule` is Frictionless' type of error; `column` is
    null where the error is about the whole row; `value` is the cell's text, null for a missing one.
    """

    row: int
    rule: str
    column: str | None
    value: str | None
    note: str


@dataclass(frozen=True)
class Report:
    """All errors of one table, in row order; `header` lists what is wrong with the columns as such."""

    rows: int
    errors: list[CellError] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
