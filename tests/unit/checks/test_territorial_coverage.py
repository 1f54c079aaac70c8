"""D4.2: of the territories that should be there, those with a value."""

import pytest

from pipelines.checks.territorial_coverage import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE, TERRITORY_TABLE

TOWNS = {f"ZZ-{n}": "municipality" for n in range(1, 5)}


def test_all_are_there() -> None:
    with subject((LABOUR_TABLE, [labour(code, 1, 0) for code in TOWNS]), territories=TOWNS) as vintage:
        finding = assess(vintage)
    assert (finding.value, finding.numerator, finding.denominator) == (1, 4, 4)
    assert finding.explanation == "labour_force: 4 of 4 territories have a value"


def test_who_is_absent_is_named() -> None:
    rows = [labour("ZZ-1", 1, 0), labour("ZZ-2", 1, 0), labour("ZZ-3", 1, None)]
    with subject((LABOUR_TABLE, rows), territories=TOWNS) as vintage:
        finding = assess(vintage)
    # ZZ-3 has a row without the number of unemployed, ZZ-4 none: 2 of 4.
    assert finding.value == 0.5
    assert "among those without: ZZ-3, ZZ-4" in finding.explanation


def test_levels_that_the_source_does_not_observe_are_not_expected() -> None:
    everything = {**TOWNS, "ZZ": "country", "ZZ-R": "region"}
    rows = [labour(code, 1, 0) for code in [*TOWNS, "ZZ"]]
    with subject((LABOUR_TABLE, rows), territories=everything) as vintage:
        assert assess(vintage).value == 1  # 4 towns and the country; no region is expected


def test_a_whole_is_covered_by_all_of_its_members() -> None:
    parts = {"ZZ-1a": "district", "ZZ-1b": "district"}
    rows = [labour(code, 1, 0) for code in ["ZZ-2", "ZZ-3", "ZZ-4", "ZZ-1a", "ZZ-1b"]]
    members = [("ZZ-1", "ZZ-1a"), ("ZZ-1", "ZZ-1b")]
    with subject((LABOUR_TABLE, rows), territories=TOWNS | parts, members=members) as vintage:
        assert assess(vintage).value == 1
    with subject((LABOUR_TABLE, rows[:-1]), territories=TOWNS | parts, members=members) as vintage:
        # Of 4 towns and 2 districts, ZZ-1b has no row and ZZ-1 therefore no value.
        assert assess(vintage).value == pytest.approx(4 / 6)


def test_the_worst_table_counts() -> None:
    women = LABOUR_TABLE | {"name": "women"}
    with subject(
        (LABOUR_TABLE, [labour(code, 1, 0) for code in TOWNS]),
        (women, [labour("ZZ-1", 1, 0)]),
        territories=TOWNS,
    ) as vintage:
        finding = assess(vintage)
    assert finding.value == 0.25
    assert finding.explanation.startswith("women: 1 of 4")


def test_measures_that_the_source_does_not_publish_are_not_asked_for() -> None:
    table = LABOUR_TABLE | {"columns": {"territory_id": "code", "period": "year", "labour_force": "active"}}
    with subject((table, [labour(code, 1, None) for code in TOWNS]), territories=TOWNS) as vintage:
        assert assess(vintage).value == 1


def test_where_no_territory_is_known_nothing_can_be_said() -> None:
    with subject((LABOUR_TABLE, [labour("ZZ-1", 1, 0)])) as vintage:
        assert assess(vintage).state == "not_assessable"
    with subject((LABOUR_TABLE, [labour("ZZ-9", 1, 0)]), territories=TOWNS) as vintage:
        assert assess(vintage).state == "not_assessable"


def test_a_source_that_observes_no_territories() -> None:
    with subject((TERRITORY_TABLE, [{"territory_id": "ZZ"}]), territories=TOWNS) as vintage:
        assert assess(vintage).state == "not_applicable"
