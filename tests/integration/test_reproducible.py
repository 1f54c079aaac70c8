"""The same inputs give the same bytes, whatever the threads, the hash seed, the locale, the time zone or the folder.

Two of Morocco's divided cities with their arrondissements and the country, from the census itself, and a made-up map.
"""

import random
import struct
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.specs.workspace import ENGINE_ROOT
from tests.integration.workspaces import (
    WorkspaceFolder,
    csv_text,
    declaration,
    packaged_records,
    published_files,
)

CITIES = ("06.141.01.", "04.421.01.")
"""The codes of Casablanca and Rabat, and of their arrondissements, begin so."""

TERRITORIES = {
    "ma_hcp_regions_2024": (),
    "ma_hcp_provinces_2024": (),
    "ma_hcp_communes_2024": CITIES,
    "ma_hcp_arrondissements_2024": CITIES,
}
OBSERVATIONS = ("ma_hcp_people_2024", "ma_hcp_people_2014", "ma_hcp_households_2024")

VARIANTS: dict[str, tuple[str, list[str], dict[str, str]]] = {
    "one-thread-plain-locale": (
        "l'été d'une \"ville\"",
        ["--threads", "1"],
        {"LC_ALL": "C", "TZ": "America/Lima", "PYTHONHASHSEED": "0"},
    ),
    "eight-threads-turkish-locale": (
        "turkish",
        ["--threads", "8"],
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "random"},
    ),
}
"""A folder's name, options and environment: everything that must not matter differs from the baseline at once."""


def square(longitude: float, latitude: float, side: float) -> str:
    """A square as hexadecimal WKB (OGC 06-103r4): byte order, type polygon, one ring of five points."""
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    points = b"".join(struct.pack("<dd", longitude + x, latitude + y) for x, y in corners)
    return (struct.pack("<BIII", 1, 3, 1, 5) + points).hex().upper()


def made_up_map() -> tuple[dict[str, Any], list[list[str]]]:
    """Made-up outlines of the two regions, with an open space in each."""
    table = {
        "conforms_to": "territory_boundary@1",
        "columns": {"territory_id": "region", "boundary": "outline"},
        "constants": {"boundary_year": "2024"},
    }
    space = {
        "conforms_to": "open_space@1",
        "columns": {"open_space_id": "space", "territory_id": "region", "boundary": "green"},
        "constants": {"open_space_kind": "park"},
    }
    rows = [["region", "outline", "space", "green"]]
    for number, (region, longitude, latitude) in enumerate([("MA-06", -7.7, 33.5), ("MA-04", -6.9, 33.9)], start=1):
        outline, green = square(longitude, latitude, 0.1), square(longitude + 0.02, latitude + 0.02, 0.01)
        rows.append([region, outline, f"park-{number}", green])
    return declaration("made_up_map", "map.csv", [table, space]), rows


def census_workspace(root: Path, shuffled: bool = False) -> WorkspaceFolder:
    """The workspace; with the rows of every file in another order where `shuffled`."""
    folder = WorkspaceFolder(root, extends=["schemas", "indicators"], title="Two cities")
    chance = random.Random(20240901)

    def declare(source: dict[str, Any], records: list[list[str]]) -> None:
        header, *rows = records
        if shuffled:
            chance.shuffle(rows)
        source["data"] = {"connector": "file", "path": "table.csv", "format": "csv"}
        # The counts and totals that are expected of the whole country do not hold for a part of it.
        source["tables"] = [{k: v for k, v in table.items() if k != "expect"} for table in source["tables"]]
        source["ignore"] = [*source.get("ignore", []), "level"]
        folder.declare(source, {"table.csv": csv_text([header, *rows])})

    def declared(source_id: str) -> tuple[dict[str, Any], list[list[str]]]:
        source = yaml.safe_load((ENGINE_ROOT / "sources" / source_id / "source.yaml").read_text("utf-8"))
        return source, packaged_records(source["data"]["path"])

    for source_id, prefixes in TERRITORIES.items():
        source, [header, *rows] = declared(source_id)
        declare(source, [header, *(row for row in rows if not prefixes or row[0].startswith(prefixes))])
    for source_id in OBSERVATIONS:
        source, [header, *rows] = declared(source_id)
        level = header.index("level")
        kept = [row for row in rows if row[level] in ("country", "region") or row[0].startswith(CITIES)]
        declare(source, [header, *(row for row in kept if row[level] != "urbanCentre")])
    countries = yaml.safe_load((ENGINE_ROOT / "sources/iso_countries/source.yaml").read_text("utf-8"))
    lines = (ENGINE_ROOT / "sources/iso_countries/countries.csv").read_text("utf-8").splitlines()
    declare(countries, [line.split(",") for line in lines])
    declare(*made_up_map())
    return folder


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceFolder:
    folder = census_workspace(tmp_path_factory.mktemp("baseline"))
    outcome = folder.groma("run", "--json", "--threads", "2", PYTHONHASHSEED="1")
    assert outcome.code == 0, outcome.stderr
    return folder


def test_the_workspace_is_worth_comparing(baseline: WorkspaceFolder) -> None:
    """Values of every indicator, sums over members, missing values and a map."""
    [(indicators, values, sums, missing)] = baseline.query(
        "SELECT count(DISTINCT indicator_id) FILTER (WHERE value IS NOT NULL), count(value), "
        "count(*) FILTER (WHERE members > 0), count(*) - count(value) FROM indicator_value"
    )
    assert indicators == len(baseline.query("FROM indicator"))
    assert min(values, sums, missing) > 0
    assert values > 1000


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_file_has_the_same_bytes(baseline: WorkspaceFolder, tmp_path: Path, variant: str) -> None:
    name, arguments, environment = VARIANTS[variant]
    folder = census_workspace(tmp_path / name)
    outcome = folder.groma("run", "--json", *arguments, **environment)
    assert outcome.code == 0, outcome.stderr
    expected, found = published_files(baseline), published_files(folder)
    assert found.keys() == expected.keys()
    assert [path for path in expected if found[path] != expected[path]] == [], "these files differ"


def test_the_database_has_the_same_rows_in_the_same_order(baseline: WorkspaceFolder) -> None:
    """The one file that is not the same to the byte holds what the Parquet files hold, which are."""
    tables = baseline.query("SELECT schema_name, table_name FROM duckdb_tables()")
    assert len(tables) > 10
    for schema, table in tables:
        file = baseline.release / "parquet" / ("standard" if schema == "standard" else "") / f"{table}.parquet"
        assert baseline.query(f"FROM {schema}.{table}") == baseline.query(f"FROM '{file}'"), table


def test_the_order_of_rows_in_the_files_does_not_matter(baseline: WorkspaceFolder, tmp_path: Path) -> None:
    folder = census_workspace(tmp_path, shuffled=True)
    outcome = folder.groma("run", "--json")
    assert outcome.code == 0, outcome.stderr
    one, other = (f.query("SELECT release_id, content_sha256 FROM release")[0] for f in (baseline, folder))
    assert one[1] == other[1]
    assert one[0] != other[0], "other bytes came in: it is another release"
    assert outcome.data["content_sha256"] == one[1]
    lineage = "input_rows, certificate_ids, release_id"
    figures = f"SELECT * EXCLUDE ({lineage}) FROM indicator_value"
    assert folder.query(figures) == baseline.query(figures)


def test_a_third_run_changes_nothing(baseline: WorkspaceFolder) -> None:
    before = {path: path.stat().st_mtime_ns for path in baseline.publications.rglob("*")}
    for _ in range(2):
        assert baseline.groma("run", "--json").data["made"] == 0
    assert {path: path.stat().st_mtime_ns for path in baseline.publications.rglob("*")} == before
