"""D4.1: rows present of rows required (R1 of the ESS quality indicators: available / required)."""

import pytest

from pipelines.checks.expected_rows import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE, Row


def table(name: str, low: int | None = None, high: int | None = None) -> Row:
    limits = {} if low is None else {"expect": {"rows": {"min": low, "max": high}}}
    return LABOUR_TABLE | {"name": name} | limits


@pytest.mark.parametrize(
    ("rows", "low", "high", "value"),
    [
        (8, 10, None, 0.8),
        (10, 10, 10, 1),
        (12, 10, None, 1),  # more than the least is not better than complete
        (20, 8, 16, 16 / 20),  # too many is as suspect as too few
        (0, 10, None, 0),
    ],
)
def test_share_of_the_expected(rows: int, low: int, high: int | None, value: float) -> None:
    with subject((table("a", low, high), [labour("ZZ", 1, 0)] * rows)) as vintage:
        finding = assess(vintage)
    assert finding.value == pytest.approx(value)


def test_the_worst_table_counts() -> None:
    rows = [labour("ZZ", 1, 0)] * 9
    with subject((table("a", 9), rows), (table("b", 10), rows), (table("c"), [])) as vintage:
        finding = assess(vintage)
    assert (finding.value, finding.n) == (0.9, 2)
    assert finding.explanation == "b has 9 rows; expected at least 10"


@pytest.mark.parametrize("low", [None, 0])
def test_without_an_expectation_it_does_not_apply(low: int | None) -> None:
    with subject((table("a", low), [])) as vintage:
        finding = assess(vintage)
    assert (finding.state, finding.value) == ("not_applicable", None)
