"""From parts to values. Every expectation is worked out by hand: value = 100 × unemployed / labour force."""

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.steps.bind import check_queries
from pipelines.steps.compute import Computed
from pipelines.steps.run import Run
from tests.unit.synthetic import RATE_SQL, Country, Desk, Row, figures, in_service_at, place, read_rows

TOWNS = [place("ZZ-1"), place("ZZ-2")]
# A city of two districts, of which the second is divided further.
CITY = [place("ZZ-C", "city"), place("ZZ-C1", "district"), place("ZZ-C2", "district")]
MEMBERS = [("ZZ-C", "ZZ-C1"), ("ZZ-C", "ZZ-C2")]


def declare(desk: Desk, query: str = RATE_SQL, **changes: Any) -> None:
    desk.country.indicator(query=query, **changes)


def decimals(row: Row, *names: str) -> list[Decimal | None]:
    return [row[name] for name in names]


def levels(row: Row) -> dict[int, float]:
    return {item["level"]: float(item["share"]) for item in json.loads(row["exposure"])}


# ---------------------------------------------------------------------------------------------------------- one row


def test_a_value_and_everything_beside_it(desk: Desk) -> None:
    [row] = desk.values([figures("ZZ-1", 700, 41)], TOWNS[:1]).values()
    # 100 * 41 / 700 = 5.857142857..., to six places 5.857143
    assert row == {
        "indicator_id": "zz_rate",
        "territory_id": "ZZ-1",
        "period": "2024",
        "series": "",
        "sex": "_T",
        "age_group": "Y_GE15",
        "urbanisation": "_T",
        "value": Decimal("5.857143"),
        "value_low": Decimal("5.857143"),
        "value_high": Decimal("5.857143"),
        "numerator": Decimal("41.0000"),
        "denominator": Decimal("700.0000"),
        "unit": "%",
        "alignment": "exact",
        "obs_status": "A",
        "conf_status": "F",
        "status_reason": None,
        "cert_level": 3,
        "exposure": row["exposure"],
        "method": "as_published",
        "members": 0,
        "method_version": 1,
        "input_rows": ["zz_office:labour_force:2"],
        "certificate_ids": ["zz_office-0"],
    }
    assert levels(row) == {3: 1}


@pytest.mark.parametrize(
    ("level", "status"),
    [(1, "G"), (2, "U"), (3, "A"), (4, "A")],
)
def test_the_status_says_how_well_the_value_is_certified(desk: Desk, level: int, status: str) -> None:
    [row] = desk.values([figures("ZZ-1", 10, 1)], TOWNS[:1], uses=[in_service_at(level)]).values()
    assert (row["obs_status"], row["cert_level"], row["value"]) == (status, level, 10)


@pytest.mark.parametrize(
    ("labour_force", "unemployed", "reason", "denominator"),
    [
        (10, None, "the source leaves the figure empty", 10),
        (None, 1, "the source leaves the figure empty", None),
        (None, None, "the source leaves the figure empty", None),
        (0, 0, "the denominator is 0", 0),
        (0, 5, "the denominator is 0", 0),
    ],
)
def test_a_missing_value_is_a_row_with_a_reason(
    desk: Desk, labour_force: int | None, unemployed: int | None, reason: str, denominator: int | None
) -> None:
    [row] = desk.values([figures("ZZ-1", labour_force, unemployed)], TOWNS[:1]).values()
    assert (row["value"], row["value_low"], row["value_high"]) == (None, None, None)
    assert (row["obs_status"], row["status_reason"], row["denominator"]) == ("O", reason, denominator)


def test_nothing_unemployed_is_a_value(desk: Desk) -> None:
    [row] = desk.values([figures("ZZ-1", 10, 0)], TOWNS[:1]).values()
    assert (row["value"], row["obs_status"]) == (0, "A")


def test_without_rows_there_are_no_values(desk: Desk) -> None:
    computed = desk.run([], TOWNS)
    assert (computed.rows, computed.missing, read_rows(computed.file)) == (0, 0, [])


def test_counts_of_rows_and_of_missing_ones(desk: Desk) -> None:
    computed = desk.run([figures("ZZ-1", 10, 1), figures("ZZ-2", 10, None)], TOWNS)
    assert (computed.rows, computed.missing) == (2, 1)


def test_breakdowns_that_the_query_lacks_are_totals(desk: Desk) -> None:
    query = RATE_SQL.replace("sex, age_group, urbanisation,", "")
    declare(desk, query, disaggregate_by=[])
    [row] = desk.values([figures("ZZ-1", 10, 1)], TOWNS[:1]).values()
    assert (row["sex"], row["age_group"], row["urbanisation"]) == ("_T", "_T", "_T")


def test_a_breakdown_of_its_own(desk: Desk) -> None:
    query = RATE_SQL.replace("urbanisation,", "urbanisation, 'bus' AS commuting_mode,")
    declare(desk, query, disaggregate_by=["sex", "age_group", "urbanisation", "commuting_mode"])
    [row] = read_rows(desk.run([figures("ZZ-1", 10, 1)], TOWNS[:1]).file)
    assert row["commuting_mode"] == "bus"


def test_series_and_methods(desk: Desk) -> None:
    query = RATE_SQL.replace("unemployed AS", "'wide' AS series, 'recomputed' AS method, unemployed AS")
    declare(desk, query, series={"wide": "A wide definition"})
    [row] = desk.values([figures("ZZ-1", 10, 1)], TOWNS[:1]).values()
    assert (row["series"], row["method"]) == ("wide", "recomputed")


def test_fractions_stay_exact(desk: Desk) -> None:
    query = RATE_SQL.replace("unemployed AS numerator", "unemployed * $share AS numerator")
    declare(desk, query, parameters={"share": {"value": 0.1, "source": "invented"}})
    labour = [figures(f"ZZ-C{n}", 1, 1) for n in (1, 2)] + [figures("ZZ-C3", 1, 1)]
    rows = desk.values(labour, [*CITY, place("ZZ-C3", "district")], [*MEMBERS, ("ZZ-C", "ZZ-C3")])
    # 0.1 + 0.1 + 0.1 = 0.3; in binary floating point 0.30000000000000004
    assert rows["ZZ-C", "2024"]["numerator"] == Decimal("0.3000")
    assert rows["ZZ-C", "2024"]["value"] == Decimal("10.000000")


# ------------------------------------------------------------------------------------------------------- aggregation


def test_a_city_is_the_sum_of_its_members(desk: Desk) -> None:
    rows = desk.values([figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, 20)], CITY, MEMBERS)
    city = rows["ZZ-C", "2024"]
    # 100 * (30 + 20) / (300 + 100) = 12.5; the mean of 10 % and 20 % would be 15
    assert decimals(city, "value", "numerator", "denominator") == [Decimal("12.5"), 50, 400]
    assert city["members"] == 2
    # The rows that say what the members are have gone in too.
    assert city["input_rows"] == [
        "zz_office:labour_force:2",
        "zz_office:labour_force:3",
        "zz_office:territory_member:2",
        "zz_office:territory_member:3",
    ]
    assert rows["ZZ-C1", "2024"]["value"] == 10
    assert rows["ZZ-C1", "2024"]["members"] == 0


def test_a_city_is_that_sum_also_where_the_source_publishes_it(desk: Desk) -> None:
    labour = [figures("ZZ-C", 999, 999), figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, 20)]
    city = desk.values(labour, CITY, MEMBERS)["ZZ-C", "2024"]
    assert decimals(city, "value", "denominator") == [Decimal("12.5"), 400]


def test_without_aggregation_it_is_as_published(desk: Desk) -> None:
    declare(desk, aggregation="none")
    labour = [figures("ZZ-C", 1000, 999), figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, 20)]
    city = desk.values(labour, CITY, MEMBERS)["ZZ-C", "2024"]
    assert (city["value"], city["members"]) == (Decimal("99.9"), 0)


@pytest.mark.parametrize(
    "labour",
    [
        [figures("ZZ-C1", 300, 30)],  # no row
        [figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, None)],  # an empty numerator
        [figures("ZZ-C1", 300, 30), figures("ZZ-C2", None, 20)],  # an empty denominator
        [figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, 20, period="2014")],  # another period
        [figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, 20, age_group="Y_GE16")],  # another definition
        [figures("ZZ-C1", 300, 30), figures("ZZ-C", 400, 50)],  # the city's own row does not fill in
    ],
)
def test_without_one_member_a_city_has_no_value(desk: Desk, labour: list[Row]) -> None:
    rows = [row for row in read_rows(desk.run(labour, CITY, MEMBERS).file) if row["territory_id"] == "ZZ-C"]
    city = next(row for row in rows if (row["period"], row["age_group"]) == ("2024", "Y_GE15"))
    assert decimals(city, "value", "numerator", "denominator") == [None, None, None]
    assert (city["obs_status"], city["members"]) == ("O", 2)
    assert city["status_reason"] == "1 of 2 members have no value: ZZ-C2"


def test_five_of_the_absent_members_are_named(desk: Desk) -> None:
    places = [place("ZZ-C", "city"), *(place(f"ZZ-C{n}", "district") for n in range(1, 9))]
    members = [("ZZ-C", f"ZZ-C{n}") for n in range(1, 9)]
    city = desk.values([figures("ZZ-C1", 10, 1), figures("ZZ-C2", 10, 1)], places, members)["ZZ-C", "2024"]
    assert city["status_reason"] == "6 of 8 members have no value: ZZ-C3, ZZ-C4, ZZ-C5, ZZ-C6, ZZ-C7, …"


def test_a_city_of_which_all_members_are_absent_but_that_is_published(desk: Desk) -> None:
    city = desk.values([figures("ZZ-C", 400, 50)], CITY, MEMBERS)["ZZ-C", "2024"]
    assert (city["value"], city["status_reason"]) == (None, "2 of 2 members have no value: ZZ-C1, ZZ-C2")


def test_members_of_members(desk: Desk) -> None:
    places = [*CITY, place("ZZ-C2a", "locality"), place("ZZ-C2b", "locality"), place("ZZ-R", "region")]
    members = [*MEMBERS, ("ZZ-C2", "ZZ-C2a"), ("ZZ-C2", "ZZ-C2b"), ("ZZ-R", "ZZ-C"), ("ZZ-R", "ZZ-1")]
    labour = [
        figures("ZZ-C1", 300, 30),
        figures("ZZ-C2a", 60, 6),
        figures("ZZ-C2b", 40, 14),
        figures("ZZ-1", 100, 0),
        figures("ZZ-C2", 7, 7),  # has members, so that its own row is not used
    ]
    rows = desk.values(labour, [*places, *TOWNS[:1]], members)
    # C2 = (6 + 14) / (60 + 40); C = (30 + 20) / (300 + 100); R = (50 + 0) / (400 + 100)
    found = {code: (rows[code, "2024"]["value"], rows[code, "2024"]["members"]) for code in ("ZZ-C2", "ZZ-C", "ZZ-R")}
    assert found == {"ZZ-C2": (20, 2), "ZZ-C": (Decimal("12.5"), 3), "ZZ-R": (10, 4)}


def test_members_in_a_circle_come_to_an_end(desk: Desk) -> None:
    labour = [figures("ZZ-1", 10, 1), figures("ZZ-2", 10, 2)]
    rows = desk.values(labour, TOWNS, [("ZZ-1", "ZZ-2"), ("ZZ-2", "ZZ-1")])
    assert set(rows) == {("ZZ-1", "2024"), ("ZZ-2", "2024")}


def test_a_member_reached_on_two_ways_counts_once(desk: Desk) -> None:
    members = [*MEMBERS, ("ZZ-R", "ZZ-C"), ("ZZ-R", "ZZ-C1")]
    labour = [figures("ZZ-C1", 300, 30), figures("ZZ-C2", 100, 20)]
    region = desk.values(labour, [*CITY, place("ZZ-R", "region")], members)["ZZ-R", "2024"]
    assert (region["members"], region["denominator"]) == (2, 400)


def test_breakdowns_are_summed_apart(desk: Desk) -> None:
    labour = [
        figures("ZZ-C1", 300, 30),
        figures("ZZ-C2", 100, 20),
        figures("ZZ-C1", 100, 20, sex="F"),
        figures("ZZ-C2", 60, 12, sex="F"),
        figures("ZZ-C1", 200, 10, sex="M"),
    ]
    rows = desk.values(labour, CITY, MEMBERS)
    assert rows["ZZ-C", "2024"]["value"] == Decimal("12.5")
    assert rows["ZZ-C", "2024", "F"]["value"] == 20  # (20 + 12) / (100 + 60)
    assert rows["ZZ-C", "2024", "M"]["status_reason"] == "1 of 2 members have no value: ZZ-C2"


INTERVAL_SQL = RATE_SQL.replace(
    "FROM",
    ", (unemployment_rate_pct - rate_rounding_pct / 2) * labour_force / 100 AS numerator_low"
    ", (unemployment_rate_pct + rate_rounding_pct / 2) * labour_force / 100 AS numerator_high FROM",
).replace("unemployed AS numerator", "unemployment_rate_pct * labour_force / 100 AS numerator")


def test_what_rounding_leaves_open_goes_through_the_sum(desk: Desk) -> None:
    declare(desk, INTERVAL_SQL)
    labour = [
        figures("ZZ-C1", 300, None, unemployment_rate_pct="10.0", rate_rounding_pct="0.1"),
        figures("ZZ-C2", 100, None, unemployment_rate_pct="20.0", rate_rounding_pct="1"),
    ]
    rows = desk.values(labour, CITY, MEMBERS)
    # C1: 10 ± 0.05, C2: 20 ± 0.5. City: 100 * (30 ± 0.15 + 20 ± 0.5) / 400 = 12.5 ± 0.1625
    assert decimals(rows["ZZ-C1", "2024"], "value_low", "value", "value_high") == [
        Decimal("9.95"), 10, Decimal("10.05"),
    ]  # fmt: skip
    assert decimals(rows["ZZ-C", "2024"], "value_low", "value", "value_high") == [
        Decimal("12.3375"), Decimal("12.5"), Decimal("12.6625"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------ level and exposure


def from_source(source_id: str, row: Row, number: int) -> Row:
    return row | {"row_id": f"{source_id}:labour_force:{number}", "source_id": source_id}


def test_a_value_is_as_well_certified_as_its_weakest_input(desk: Desk) -> None:
    # Vector 25 of the scheme: inputs of levels 3, 3 and 1 give level 1 and status G.
    places = [*CITY, place("ZZ-C3", "district")]
    members = [*MEMBERS, ("ZZ-C", "ZZ-C3")]
    labour = [
        from_source("zz_a", figures("ZZ-C1", 500, 10), 2),
        from_source("zz_b", figures("ZZ-C2", 340, 10), 2),
        from_source("zz_c", figures("ZZ-C3", 160, 10), 2),
    ]
    uses = [in_service_at(3, name) for name in ("zz_a", "zz_b", "zz_office")] + [in_service_at(1, "zz_c")]
    city = desk.values(labour, places, members, uses=uses)["ZZ-C", "2024"]
    assert (city["cert_level"], city["obs_status"]) == (1, "G")
    # 500 + 340 of 1000 people at level 3, 160 at level 1: the scheme's own example of 84 % and 16 %.
    assert levels(city) == {1: 0.16, 3: 0.84}
    assert city["certificate_ids"] == ["zz_a-0", "zz_b-0", "zz_c-0", "zz_office-0"]


def test_who_says_what_the_members_are_counts_too(desk: Desk) -> None:
    labour = [from_source("zz_a", figures("ZZ-C1", 300, 30), 2), from_source("zz_a", figures("ZZ-C2", 100, 20), 3)]
    uses = [in_service_at(3, "zz_a"), in_service_at(2)]
    rows = desk.values(labour, CITY, MEMBERS, uses=uses)
    assert rows["ZZ-C1", "2024"]["cert_level"] == 3
    assert rows["ZZ-C", "2024"]["cert_level"] == 2


@pytest.mark.parametrize(("level", "status"), [(1, "L"), (2, "U"), (3, "A")])
def test_a_value_below_the_required_level_is_withheld(desk: Desk, level: int, status: str) -> None:
    declare(desk, requires_level=2)
    [row] = desk.values([figures("ZZ-1", 10, 1)], TOWNS[:1], uses=[in_service_at(level)]).values()
    assert row["obs_status"] == status
    if status == "L":
        assert row["value"] is None
        assert row["status_reason"] == "withheld: level 1, 2 is required"


def test_a_row_of_a_source_without_certificate_is_withheld(desk: Desk) -> None:
    [row] = desk.values([figures("ZZ-1", 10, 1)], TOWNS[:1], uses=[]).values()
    assert (row["value"], row["cert_level"]) == (None, 0)
    assert row["status_reason"] == "withheld: level 0, 1 is required"


# ------------------------------------------------------------------------------------------------ withheld and absent


@pytest.mark.parametrize(("labour_force", "status"), [(9, "Q"), (10, "A")])
def test_values_about_few_are_withheld(desk: Desk, labour_force: int, status: str) -> None:
    declare(desk, disclosure={"minimum_count": 10})
    [row] = desk.values([figures("ZZ-1", labour_force, 1)], TOWNS[:1]).values()
    assert row["obs_status"] == status
    if status == "Q":
        assert row["conf_status"] == "C"
        assert decimals(row, "value", "value_low", "value_high", "numerator", "denominator") == [None] * 5
        assert row["status_reason"] == "withheld: fewer than 10 in the denominator"


def test_a_small_count_is_withheld_without_a_value_too(desk: Desk) -> None:
    declare(desk, disclosure={"minimum_count": 10})
    [row] = desk.values([figures("ZZ-1", 9, None)], TOWNS[:1]).values()
    assert row["denominator"] is None


def test_a_value_out_of_range_is_withheld(desk: Desk) -> None:
    [row] = desk.values([figures("ZZ-1", 10, 11)], TOWNS[:1]).values()
    assert (row["value"], row["value_low"], row["value_high"], row["obs_status"]) == (None, None, None, "L")
    assert row["status_reason"] == "withheld: 110.000000 is outside the range 0 to 100"


@pytest.mark.parametrize("unemployed", [0, 10])
def test_the_ends_of_the_range_belong_to_it(desk: Desk, unemployed: int) -> None:
    [row] = desk.values([figures("ZZ-1", 10, unemployed)], TOWNS[:1]).values()
    assert row["obs_status"] == "A"


def gaps(desk: Desk, labour: list[Row], places: list[Row]) -> set[tuple[str, ...]]:
    return {
        key for key, row in desk.values(labour, places).items() if (row["status_reason"] or "").startswith("no row for")
    }


def test_territories_without_a_row_are_listed(desk: Desk) -> None:
    places = [*TOWNS, place("ZZ-3"), place("ZZ-R", "region"), place("YY-1", country_code="YY")]
    rows = desk.values([figures("ZZ-1", 10, 1), figures("ZZ-2", 10, 1, period="2014")], places)
    gap = rows["ZZ-3", "2024"]
    assert (gap["value"], gap["obs_status"], gap["members"], gap["cert_level"]) == (None, "O", 0, 0)
    assert gap["status_reason"] == "no row for this territory and period in labour_force"
    assert gap["age_group"] == "Y_GE15"  # the definition of the rows beside it
    assert (gap["input_rows"], gap["certificate_ids"]) == ([], [])
    # Of the region, and of another country, nothing is observed: nothing is missing.
    assert set(rows) == {(code, year) for code in ("ZZ-1", "ZZ-2", "ZZ-3") for year in ("2014", "2024")}


def test_a_part_alone_does_not_fill_the_gap_of_the_total(desk: Desk) -> None:
    assert gaps(desk, [figures("ZZ-1", 10, 1), figures("ZZ-2", 10, 1, sex="F")], TOWNS) == {("ZZ-2", "2024")}


@pytest.mark.parametrize(
    ("cells", "is_missing"),
    [
        ({"valid_from": "2025-01-01"}, False),  # not there yet
        ({"valid_to": "2023-12-31"}, False),  # not there any more
        ({"valid_from": "2024-06-30"}, True),
        ({"valid_to": "2024-01-01"}, True),
        ({"valid_from": "1900-01-01", "valid_to": "2100-01-01"}, True),
    ],
)
def test_only_territories_of_the_time_are_missed(desk: Desk, cells: Row, is_missing: bool) -> None:
    assert bool(gaps(desk, [figures("ZZ-1", 10, 1)], [TOWNS[0], place("ZZ-9", **cells)])) == is_missing


# ------------------------------------------------------------------------------------------------------------ errors


def test_a_key_that_comes_twice_is_an_error(desk: Desk) -> None:
    declare(desk, RATE_SQL.replace("sex, ", ""), disaggregate_by=["age_group", "urbanisation"])
    with pytest.raises(DataError, match="returns a key twice: ZZ-1, 2024") as raised:
        desk.run([figures("ZZ-1", 10, 1), figures("ZZ-1", 5, 1, sex="F")], TOWNS[:1])
    assert raised.value.fix is not None
    assert "'disaggregate_by'" in raised.value.fix
    assert not list((desk.folder / "data-a" / "indicator").glob("*/*"))


@pytest.mark.parametrize(
    "expression", ["territory_id::INTEGER", "CAST(1e15 AS DOUBLE)", "1 / 0 * (SELECT unnest([1, 2]))"]
)
def test_a_query_that_fails_on_the_data(desk: Desk, expression: str) -> None:
    declare(desk, RATE_SQL.replace("unemployed AS", f"{expression} AS"))
    with pytest.raises(DataError, match=r"indicators/zz_rate/query\.sql: "):
        desk.run([figures("ZZ-1", 10, 1)], TOWNS[:1])


@pytest.mark.parametrize("end", ["-- the last line", "; -- the last line"])
def test_a_comment_may_end_a_query(desk: Desk, end: str) -> None:
    declare(desk, RATE_SQL.rstrip() + " " + end)
    assert check_queries(desk.country.workspace()) == []
    assert desk.values([figures("ZZ-1", 10, 1)], TOWNS[:1])["ZZ-1", "2024"]["value"] == 10


# -------------------------------------------------------------------------------------------------------- one result


def many(count: int) -> tuple[list[Row], list[Row], list[tuple[str, str]]]:
    """Districts of ten cities, some without a figure, from two sources."""
    chance = random.Random(1)
    labour, places, members = [], [], []
    for number in range(count):
        city, code = f"ZZ-{number % 10}", f"ZZ-{number % 10}-{number}"
        places.append(place(code, "district"))
        members.append((city, code))
        active = chance.randrange(1, 5000)
        jobless = None if chance.random() < 0.01 else chance.randrange(active)
        labour += [
            from_source(f"zz_{'ab'[number % 2]}", figures(code, active, jobless, sex=sex), number)
            for sex in ("_T", "F")
        ]
    return labour, [*places, *(place(f"ZZ-{n}", "city") for n in range(10))], members


def figures_of(computed: Computed) -> list[Row]:
    lineage = ("input_rows", "certificate_ids")
    return [{name: cell for name, cell in row.items() if name not in lineage} for row in read_rows(computed.file)]


def test_the_order_of_rows_and_the_number_of_threads_do_not_matter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    labour, places, members = many(400)
    uses = [in_service_at(3, "zz_a"), in_service_at(1, "zz_b"), in_service_at(2)]
    results = []
    for number, threads in enumerate((1, 2, 8)):
        monkeypatch.setenv("GROMA_THREADS", str(threads))
        shuffled = [random.Random(number).sample(rows, len(rows)) for rows in (labour, places, members)]
        results.append(desk.run(*shuffled, uses=uses, mark=str(number)))
    assert len({computed.content_sha256 for computed in results}) == 1
    assert figures_of(results[0]) == figures_of(results[1]) == figures_of(results[2])


def test_one_figure_more_is_another_result(desk: Desk) -> None:
    first = desk.run([figures("ZZ-1", 10, 1)], TOWNS[:1], mark="a")
    second = desk.run([figures("ZZ-1", 10, 2)], TOWNS[:1], mark="b")
    assert first.content_sha256 != second.content_sha256


def test_the_same_is_made_once(desk: Desk) -> None:
    first = desk.run([figures("ZZ-1", 10, 1)], TOWNS[:1])
    made = first.file.stat()
    assert desk.run([figures("ZZ-1", 10, 1)], TOWNS[:1]) == first
    assert first.file.stat() == made
    declare(desk, method_version=2)
    assert desk.run([figures("ZZ-1", 10, 1)], TOWNS[:1]).folder != first.folder


PART = st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)).map(lambda pair: (max(pair), min(pair)))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PART, min_size=1, max_size=6))
def test_a_sum_lies_between_its_members(desk: Desk, parts: list[tuple[int, int]]) -> None:
    codes = [f"ZZ-C{n}" for n in range(len(parts))]
    labour = [figures(code, *part) for code, part in zip(codes, parts, strict=True)]
    places = [place("ZZ-C", "city"), *(place(code, "district") for code in codes)]
    mark = "-".join(f"{a}_{b}" for a, b in parts)
    rows = desk.values(labour, places, [("ZZ-C", code) for code in codes], mark=str(abs(hash(mark))))
    city, of_members = rows["ZZ-C", "2024"], [rows[code, "2024"]["value"] for code in codes]
    assert city["denominator"] == sum(part[0] for part in parts)
    assert city["numerator"] == sum(part[1] for part in parts)
    assert min(of_members) <= city["value"] <= max(of_members)


def test_from_files_shuffled_records_give_the_same_figures(zz: Country) -> None:
    places = [("ZZ-C", "C", "city", None), ("ZZ-C1", "C1", "district", "ZZ-C"), ("ZZ-C2", "C2", "district", "ZZ-C")]
    labour = [("ZZ-C1", "2024", 300, 30), ("ZZ-C2", "2024", 100, 20), ("ZZ-C1", "2014", 200, 10)]
    zz.indicator()
    digests = []
    for order in (1, -1):
        zz.places(*places[::order])
        zz.members(*MEMBERS[::order])
        zz.labour(*labour[::order])
        computed = Run(zz.workspace()).computed("zz_rate")
        digests.append(computed.content_sha256)
        values = {(row["territory_id"], row["period"]): row["value"] for row in read_rows(computed.file)}
        assert values["ZZ-C", "2024"] == Decimal("12.5")
        assert values["ZZ-C", "2014"] is None
    assert digests[0] == digests[1]
