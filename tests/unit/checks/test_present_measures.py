"""D4.3: empty cells among the measures (item non-response, A5 of the ESS quality indicators)."""

from pipelines.checks.present_measures import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE, TERRITORY_TABLE


def test_empty_cells_of_all_that_carry_an_observation() -> None:
    rows = [labour("ZZ-1", 1, 0), labour("ZZ-2", None, None), labour("ZZ-3", 1, None)]
    with subject((LABOUR_TABLE, rows)) as vintage:
        finding = assess(vintage)
    # Labour force and unemployed are mapped: 6 cells, 3 of them empty. Employed and the rate are not published.
    assert (finding.value, finding.numerator, finding.denominator) == (0.5, 3, 6)


def test_cells_of_all_tables_count_together() -> None:
    women = LABOUR_TABLE | {"name": "women"}
    with subject((LABOUR_TABLE, [labour("ZZ-1", 1, 0)]), (women, [labour("ZZ-1", 1, None)])) as vintage:
        assert assess(vintage).value == 0.25


def test_without_measures_or_rows_it_does_not_apply() -> None:
    with subject((TERRITORY_TABLE, [{"territory_id": "ZZ"}])) as vintage:
        assert assess(vintage).state == "not_applicable"
    with subject() as vintage:
        assert assess(vintage).state == "not_applicable"
