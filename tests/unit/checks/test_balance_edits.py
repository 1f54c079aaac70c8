"""D5.2: relations between the figures of one row."""

from pipelines.checks.balance_edits import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE


def test_relations_that_hold_of_those_that_apply() -> None:
    rows = [
        labour("ZZ-1", 100, 10, employed=90),  # 100 = 90 + 10 and 90 <= 100: two of two
        labour("ZZ-2", 100, 10, employed=80),  # 100 <> 90, but 80 <= 100: one of two
        labour("ZZ-3", 100, 10, employed=101),  # neither: none of two
        labour("ZZ-4", 100, 10),  # no relation applies
        # 100 * 10 / 100 = 10.0; 10.04 lies within half a step of 0.1, 10.06 does not: one of two
        labour("ZZ-5", 100, 10, unemployment_rate_pct="10.04", rate_rounding_pct="0.1"),
        labour("ZZ-6", 100, 10, unemployment_rate_pct="10.06", rate_rounding_pct="0.1"),
    ]
    with subject((LABOUR_TABLE, rows)) as vintage:
        finding = assess(vintage)
    assert (finding.value, finding.numerator, finding.denominator) == (4 / 8, 4, 8)
    assert [(d["edit"], d["broken"], d["first_source_row"]) for d in finding.details] == [
        ("labour_force_adds_up", 2, 3),
        ("employed_within_labour_force", 1, 4),
        ("unemployment_rate_matches_counts", 1, 7),
    ]
    assert "labour_force_adds_up is broken first in row 3 (labour_force)" in finding.explanation


def test_without_the_figures_it_does_not_apply() -> None:
    with subject((LABOUR_TABLE, [labour("ZZ-1", 100, None)])) as vintage:
        assert assess(vintage).state == "not_applicable"
