"""D5.6: the parts add up to the published whole; the difference is relative to what was published."""

from typing import Any

import pytest

from pipelines.checks.reconciled_totals import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE, Row

# Two towns and the country, as a file has them in one table.
RECORDS = [{"level": "town"}, {"level": "town"}, {"level": "country"}]
ROWS = [
    labour("ZZ-1", 300, 30, unemployment_rate_pct="10.0"),
    labour("ZZ-2", 100, 20, unemployment_rate_pct="20.0"),
    labour("ZZ", 400, 50, unemployment_rate_pct="12.5"),
]


def check(**changes: Any) -> Row:
    return {
        "name": "labour force",
        "measure": "labour_force",
        "parts": "level = 'town'",
        "whole": "level = 'country'",
        "tolerance": 0,
        "published_in": "a book of ZZ",
        **changes,
    }


def found(*checks: Row, rows: list[Row] = ROWS, records: list[Row] = RECORDS) -> Any:
    with subject((LABOUR_TABLE | {"expect": {"reconcile": list(checks)}}, rows), records=records) as vintage:
        return assess(vintage)


def test_parts_that_sum_to_the_whole() -> None:
    finding = found(check())  # 300 + 100 = 400
    assert (finding.value, finding.n) == (0, 1)
    assert "2 parts sum to 400, published 400" in finding.explanation
    assert finding.details[0]["is_reconciled"] is True


def test_a_weighted_mean_for_a_rate() -> None:
    # (300 * 10.0 + 100 * 20.0) / 400 = 12.5; the plain mean would be 15.
    rate = check(measure="unemployment_rate_pct", weight="labour_force", tolerance=0.05)
    finding = found(rate)
    assert finding.value == 0
    assert finding.details[0]["parts"] == pytest.approx(12.5)


def test_a_missing_rate_takes_its_weight_with_it() -> None:
    rows = [ROWS[0], labour("ZZ-2", 100, 20), ROWS[2]]
    rate = check(measure="unemployment_rate_pct", weight="labour_force", tolerance=0)
    finding = found(rate, rows=rows)
    # Only ZZ-1 is left: 10.0 against 12.5, a fifth less; beyond the tolerance it counts as at least 1.
    assert finding.details[0]["parts"] == pytest.approx(10.0)
    assert finding.value == 1


def test_a_figure_published_elsewhere() -> None:
    finding = found(check(whole=None, equals=410, tolerance=10))
    # 400 against 410, within the tolerance of 10: a relative difference of 10 / 410.
    assert finding.value == pytest.approx(10 / 410)
    assert finding.details[0]["is_reconciled"] is True


@pytest.mark.parametrize(("equals", "value"), [(410, 1), (100, 3)])
def test_beyond_the_tolerance_it_counts_as_at_least_one(equals: float, value: float) -> None:
    finding = found(check(whole=None, equals=equals, tolerance=9))  # 300 / 100 = 3
    assert finding.value == value
    assert "beyond the tolerance of 9" in finding.explanation


@pytest.mark.parametrize(("equals", "tolerance", "value"), [(0, 400, 1), (0, 0, 1)])
def test_a_whole_of_nothing(equals: float, tolerance: float, value: float) -> None:
    assert found(check(whole=None, equals=equals, tolerance=tolerance)).value == value


def test_nothing_of_nothing_is_reconciled() -> None:
    rows = [labour("ZZ-1", 0, 0), labour("ZZ-2", 0, 0), labour("ZZ", 0, 0)]
    assert found(check(), rows=rows).value == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parts": "level = 'village'"}, "the parts have no rows"),
        ({"whole": "level = 'planet'"}, "the published whole is not in the file"),
    ],
)
def test_what_is_not_there_does_not_reconcile(changes: Row, words: str) -> None:
    finding = found(check(**changes))
    assert finding.value == 1
    assert words in finding.explanation
    assert finding.details[0]["is_reconciled"] is False


def test_the_worst_counts_and_all_are_told() -> None:
    finding = found(check(), check(name="half", whole=None, equals=200, tolerance=300))
    assert finding.value == 1.0  # 400 against 200 within 300: a relative difference of 1
    assert [(d["name"], d["relative"]) for d in finding.details] == [("labour force", 0), ("half", 1)]
    assert "half" in finding.explanation


def test_a_column_of_the_record_is_meant_before_the_rows_own() -> None:
    # The file calls its level `sex`; the standard row's own `sex` is _T everywhere.
    records = [{"sex": record["level"]} for record in RECORDS]
    assert found(check(parts="sex = 'town'", whole="SEX = 'country'"), records=records).value == 0
    assert found(check(parts="urbanisation = '_T' AND territory_id <> 'ZZ'", whole="territory_id = 'ZZ'")).value == 0


def test_without_a_published_total_nothing_can_be_said() -> None:
    with subject((LABOUR_TABLE, ROWS), records=RECORDS) as vintage:
        assert assess(vintage).state == "not_assessable"
