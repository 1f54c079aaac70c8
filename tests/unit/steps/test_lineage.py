"""From a published value back to the records it was made from."""

import pytest

from pipelines.errors import ExitCode, UsageError
from pipelines.steps.lineage import Question, explain_value
from pipelines.steps.publish import current_publication
from pipelines.steps.run import Run
from pipelines.store import Store, file_digest
from tests.unit.synthetic import Country, Row


def explained(country: Country, territory: str = "ZZ-C", period: str = "2024", **question: object) -> Row:
    data = country.root.resolve() / "data"
    publication = current_publication(Store(data))
    assert publication is not None
    return explain_value(publication, data, Question("zz_rate", territory, period, **question))  # type: ignore[arg-type]


def test_a_sum_leads_to_the_records_of_every_member(released: Country) -> None:
    found = explained(released)
    assert found["indicator"]["title"] == "Unemployment in ZZ"
    assert found["territory"]["territory_name"] == "Cedarville"
    [value] = found["values"]
    assert (value["value"], value["members"]) == (12.5, 2)  # 100 * (30 + 20) / (300 + 100)
    rows = {table["name"]: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
            for table in value["inputs"]}  # fmt: skip
    assert [(row["territory_id"], row["unemployed"], row["labour_force"]) for row in rows["labour_force"]] == [
        ("ZZ-C1", 30, 300),
        ("ZZ-C2", 20, 100),
    ]
    assert [row["member_id"] for row in rows["territory_member"]] == ["ZZ-C1", "ZZ-C2"]
    assert [source["source_id"] for source in value["sources"]] == ["zz_labour", "zz_members"]
    labour = value["sources"][0]
    assert labour["sha256"] == file_digest(released.root / "sources/zz_labour/figures.csv")
    assert (labour["address"], labour["licence"], labour["level"]) == ("file:figures.csv", "CC0-1.0", 1)
    # As they stand in the file, with the number a person counts: the header is row 1.
    assert labour["records"] == [
        {"source_row": 2, "cells": {"code": "ZZ-C1", "year": "2024", "active": "300", "jobless": "30"}},
        {"source_row": 3, "cells": {"code": "ZZ-C2", "year": "2024", "active": "100", "jobless": "20"}},
    ]


def test_a_missing_value_leads_to_what_there_is(released: Country) -> None:
    [value] = explained(released, period="2014")["values"]
    assert (value["value"], value["status_reason"]) == (None, "1 of 2 members have no value: ZZ-C2")
    assert [record["source_row"] for record in value["sources"][0]["records"]] == [4]


@pytest.mark.parametrize(
    ("name", "territory_id"),
    [
        ("ZZ-C1", "ZZ-C1"),
        ("Old Town", "ZZ-C1"),
        ("old town", "ZZ-C1"),
        ("Cedarville", "ZZ-C"),  # the city, not the province called after it
    ],
)
def test_a_territory_by_its_id_or_name(released: Country, name: str, territory_id: str) -> None:
    assert explained(released, name)["territory"]["territory_id"] == territory_id


@pytest.mark.parametrize(
    ("question", "what", "fix"),
    [
        ({"territory": "New Town"}, "several territories are called 'New Town'", "ZZ-C2 (district), ZZ-C3 (locality)"),
        ({"territory": "Cedarvile"}, "there is no territory 'Cedarvile'", "did you mean Cedarville"),
        ({"territory": "' OR true --"}, "there is no territory", "did you mean"),
        ({"period": "1999"}, "zz_rate has no row for Cedarville in 1999", "periods with rows: 2014, 2024"),
        ({"territory": "ZZ-P"}, "zz_rate has no row for Cedarville in 2024", "periods with rows: none"),
        ({"breakdown": {"sex": "F"}}, "with this breakdown", "periods with rows: 2014, 2024"),
        ({"breakdown": {"colour": "red"}}, "there is no breakdown 'colour'", "known: age_group, sex, urbanisation"),
        ({"series": "gone"}, "with this breakdown", "periods with rows"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(released: Country, question: Row, what: str, fix: str) -> None:
    with pytest.raises(UsageError) as raised:
        explained(released, **question)
    assert what in raised.value.what
    assert fix in (raised.value.fix or "")
    assert raised.value.exit_code == ExitCode.USAGE == 2


def test_an_indicator_that_is_not_there(released: Country) -> None:
    data = released.root.resolve() / "data"
    publication = current_publication(Store(data))
    assert publication is not None
    with pytest.raises(UsageError, match="there is no indicator 'zz_gone'"):
        explain_value(publication, data, Question("zz_gone", "ZZ-C", "2024"))


def test_the_age_group_is_asked_for_where_there_are_several(released: Country) -> None:
    assert len(explained(released, breakdown={"age_group": "Y_GE15"})["values"]) == 1


def test_without_the_records_the_rest_is_still_told(released: Country) -> None:
    records = next((released.root / "data/conformed/zz_labour").glob("*/records.parquet"))
    moved = records.rename(records.with_name("moved"))
    try:
        assert explained(released)["values"][0]["sources"][0]["records"] == []
    finally:
        moved.rename(records)


def test_the_certificate_is_the_one_the_value_was_made_under(zz: Country) -> None:
    zz.places(("ZZ-1", "One", "municipality", None))
    zz.labour(("ZZ-1", "2024", 10, 1))
    zz.indicator()
    Run(zz.workspace()).publication()
    [made] = explained(zz, "ZZ-1")["values"]
    # The same bytes under a licence that is none: the new certificate has level 0, the old one stays in service. In a
    # list by id the new one may stand before the old one or after it: both are tried.
    wanted = {True, False}
    for number in range(50):
        zz.labour(("ZZ-1", "2024", 10, 1), licence=f"all rights reserved {number}")
        run = Run(zz.workspace())
        certificate = run.certificate("zz_labour")
        is_before = certificate.certificate_id < made["certificate_ids"][0]
        if is_before not in wanted:
            continue
        wanted.remove(is_before)
        run.publication()
        [value] = explained(zz, "ZZ-1")["values"]
        assert (certificate.level, value["certificate_ids"]) == (0, made["certificate_ids"])
        assert [source["certificate_id"] for source in value["sources"]] == made["certificate_ids"]
        if not wanted:
            return
