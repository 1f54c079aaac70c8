"""What a certification criterion is, what it is applied to, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import Source, Table
from pipelines.warehouse import Warehouse

Outcome = Literal["pass", "fail", "not_assessable", "not_applicable"]


@dataclass(frozen=True)
class CheckedTable:
    """One standard table of the vintage under assessment; its accepted rows are the view of the same name."""

    name: str
    table: Table
    schema: StandardSchema
    received: int
    accepted: int
    quarantined: int
    out_of_scope: int


@dataclass(frozen=True)
class Subject:
    """A vintage under assessment.

    The warehouse has the views `records` (the file as text), `quarantine`, one view for each table, and
    `known_territory` and `known_member`: all territories and members that any source declares.
    `recorded_sha256` was taken when the bytes were fetched, `sha256` now.
    """

    source: Source
    tables: Mapping[str, CheckedTable]
    warehouse: Warehouse
    received: int
    malformed: int
    recorded_sha256: str
    sha256: str


@dataclass(frozen=True)
class Finding:
    """What a criterion found.

    `value` is null where it could not be assessed or does not apply; `explanation` says what was found, or why not, in
    words for a statistician. `n` is the number of things looked at.
    """

    value: float | None
    explanation: str
    n: int = 0
    numerator: float | None = None
    denominator: float | None = None
    state: Literal["assessed", "not_assessable", "not_applicable"] = "assessed"
    details: tuple[Mapping[str, Any], ...] = ()


def not_applicable(why: str) -> Finding:
    """The criterion does not concern this source."""
    return Finding(None, why, state="not_applicable")


def not_assessable(why: str) -> Finding:
    """The criterion concerns this source, and what is needed to assess it is not there. Never a pass."""
    return Finding(None, why, state="not_assessable")


@dataclass(frozen=True)
class Criterion:
    """A fact that must hold.

    `name` states the fact. `bound` says on which side of a threshold a value passes. The thresholds by level are data:
    `thresholds.yaml`.
    """

    id: str
    name: str
    title: str
    dimension: str
    unit: str
    bound: Literal["at_least", "at_most"]
    definition: str
    assess: Callable[[Subject], Finding]
