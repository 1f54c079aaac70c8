"""One table of what certified sources say: of two that contradict each other one stands, the other is kept aside."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.specs.declaration import Declared
from pipelines.specs.schema import StandardSchema
from pipelines.steps.certify import InService
from pipelines.steps.run import Run
from pipelines.steps.standardise import Feed, Standard, empty_standard, standardise
from pipelines.store import Store
from pipelines.warehouse import Warehouse
from tests.unit.synthetic import READING_FIELDS, Country, Row, csv_text, read_rows

STATION_SCHEMA: Row = {
    "version": 1,
    "title": "Station",
    "description": "An invented station. Grain: one row for each station.",
    "standard": "invented",
    "kind": "feature",
    "fields": [
        {"name": "station_id", "type": "string", "title": "Station", "description": "Its id.",
         "constraints": {"required": True}},
        {"name": "territory_id", "type": "string", "title": "Territory", "description": "Where.",
         "constraints": {"required": True}},
    ],
    "primaryKey": ["station_id"],
}  # fmt: skip


def declared(country: Country, name: str) -> Declared[StandardSchema]:
    return country.workspace().schemas[name]


def feed(country: Country, source_id: str, level: int = 1) -> Feed:
    """A source's validated rows, as if certified at that level."""
    validated = country.validated(source_id)
    source = country.workspace().sources[source_id]
    use = InService(
        source_id, validated.vintage.vintage_id, f"{source_id}-c", level, {}, validated.folder, validated.folder
    )
    return source, source.spec.tables[0], use


def stations(country: Country, source_id: str, *rows: tuple[str, str], level: int = 1) -> Feed:
    columns = {"station_id": "station", "territory_id": "place"}
    content = csv_text(["station", "place"], *rows)
    country.source(source_id, content, {"conforms_to": "station@1", "columns": columns})
    return feed(country, source_id, level)


def united(country: Country, feeds: list[Feed], territory: Standard | None = None) -> tuple[list[Row], list[Row]]:
    standard = standardise(Store(country.root / "data"), declared(country, "station"), feeds, territory)
    rows, rejected = read_rows(standard.file), read_rows(standard.quarantine)
    assert (standard.rows, standard.quarantined) == (len(rows), len(rejected))
    return rows, rejected


@pytest.fixture
def country(tmp_path: Path) -> Country:
    """A workspace whose only schema is `station`."""
    made = Country(tmp_path / "zz").extends()
    made.schema("station", STATION_SCHEMA)
    return made


def test_rows_of_all_sources_in_the_order_of_their_key(country: Country) -> None:
    feeds = [stations(country, "zz_a", ("C", "ZZ-1"), ("A", "ZZ-1")), stations(country, "zz_b", ("B", "ZZ-2"))]
    rows, rejected = united(country, feeds)
    assert [(row["station_id"], row["row_id"], row["source_id"], row["certificate_id"]) for row in rows] == [
        ("A", "zz_a:station:3", "zz_a", "zz_a-c"),
        ("B", "zz_b:station:2", "zz_b", "zz_b-c"),
        ("C", "zz_a:station:2", "zz_a", "zz_a-c"),
    ]
    assert rows[0]["vintage_id"] == feeds[0][2].vintage_id
    assert rejected == []


@pytest.mark.parametrize(("levels", "stands"), [((1, 2), "zz_b"), ((2, 1), "zz_a"), ((1, 1), "zz_a")])
def test_of_two_rows_with_one_key_the_better_certified_stands(
    country: Country, levels: tuple[int, int], stands: str
) -> None:
    feeds = [
        stations(country, "zz_a", ("A", "ZZ-1"), ("B", "ZZ-1"), level=levels[0]),
        stations(country, "zz_b", ("A", "ZZ-2"), level=levels[1]),
    ]
    rows, [reason] = united(country, feeds)
    assert [(row["station_id"], row["source_id"]) for row in rows] == [("A", stands), ("B", "zz_a")]
    other = {"zz_a": "zz_b", "zz_b": "zz_a"}[stands]
    assert (reason["source_id"], reason["rule"], reason["row_id"]) == (
        other,
        "conflicting-source",
        f"{other}:station:2",
    )
    assert f"(station_id=A): {stands}:station:2 gives the same key" in reason["message"]


def test_rows_that_agree_are_kept_once_too(country: Country) -> None:
    feeds = [stations(country, name, ("A", "ZZ-1")) for name in ("zz_a", "zz_b", "zz_c")]
    rows, rejected = united(country, feeds)
    assert [row["source_id"] for row in rows] == ["zz_a"]
    assert [reason["source_id"] for reason in rejected] == ["zz_b", "zz_c"]


def territories(country: Country, *codes: str) -> Standard:
    """The standard table of territories with these, made by the same step."""
    schema = STATION_SCHEMA | {"primaryKey": ["territory_id"], "fields": STATION_SCHEMA["fields"][1:]}
    country.schema("territory", schema)
    table = {"conforms_to": "territory@1", "columns": {"territory_id": "code"}}
    country.source("zz_places", csv_text(["code"], *([code] for code in codes)), table)
    store = Store(country.root / "data")
    return standardise(store, declared(country, "territory"), [feed(country, "zz_places")], None)


def test_a_row_of_a_territory_that_nobody_declares(country: Country) -> None:
    known = territories(country, "ZZ-1")
    rows, [reason] = united(country, [stations(country, "zz_a", ("A", "ZZ-1"), ("B", "ZZ-9"))], known)
    assert [row["station_id"] for row in rows] == ["A"]
    assert (reason["rule"], reason["column_name"], reason["value"]) == ("unknown-territory", "territory_id", "ZZ-9")
    assert reason["message"] == "row 3: no certified source declares the territory 'ZZ-9'"


def test_where_no_territory_is_known_no_row_has_one(country: Country) -> None:
    rows, rejected = united(country, [stations(country, "zz_a", ("A", "ZZ-1"))], territories(country))
    assert (rows, len(rejected)) == ([], 1)


def test_a_row_that_cannot_stand_does_not_displace_another(country: Country) -> None:
    known = territories(country, "ZZ-1")
    feeds = [
        stations(country, "zz_a", ("A", "ZZ-9"), level=2),  # better certified, in a territory nobody knows
        stations(country, "zz_b", ("A", "ZZ-1"), level=1),
    ]
    rows, rejected = united(country, feeds, known)
    assert [reason["rule"] for reason in rejected] == ["unknown-territory"]
    assert [row["source_id"] for row in rows] == ["zz_b"]


def test_without_sources_the_table_is_there_and_empty(country: Country) -> None:
    rows, rejected = united(country, [])
    assert (rows, rejected) == ([], [])
    spec = declared(country, "station").spec
    standard = standardise(Store(country.root / "data"), declared(country, "station"), [], None)
    with Warehouse([standard.folder]) as warehouse:
        warehouse.view("made", standard.file)
        assert warehouse.columns("FROM made") == warehouse.columns(empty_standard(spec))


def test_the_same_is_made_once(country: Country) -> None:
    feeds = [stations(country, "zz_a", ("A", "ZZ-1"))]
    store, schema = Store(country.root / "data"), declared(country, "station")
    first = standardise(store, schema, feeds, None)
    made = first.file.stat()
    assert standardise(store, schema, feeds, None) == first
    assert first.file.stat() == made
    assert standardise(store, schema, [stations(country, "zz_a", ("B", "ZZ-1"))], None).folder != first.folder


def test_names_and_cells_that_need_quoting(country: Country) -> None:
    hostile = "A', 'x'); DROP TABLE united; --"
    rows, rejected = united(country, [stations(country, name, (hostile, "ZZ-1")) for name in ("zz_a", "zz_b")])
    assert rows[0]["station_id"] == hostile
    assert f"(station_id={hostile})" in rejected[0]["message"]


def test_only_sources_in_service_feed_a_table(readings: Country) -> None:
    def station(name: str, **cells: Any) -> str:
        return csv_text(READING_FIELDS, [({"station_id": name} | cells).get(field) for field in READING_FIELDS])

    readings.readings(station("A"), source_id="zz_good")
    readings.readings(station("B", count="x"), source_id="zz_bad")
    run = Run(readings.workspace())
    assert [source.spec.id for source, _, _ in run.feeds("reading")] == ["zz_good"]
