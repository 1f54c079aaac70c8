"""The Data Package: frictionless, which is not ours, finds no fault with it or with any row it describes."""

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package, Resource, validate

from pipelines.checks.level import LEVEL_NAMES
from pipelines.outputs.code_lists import CERTIFICATE_LEVEL
from pipelines.outputs.data_package import write_data_package
from pipelines.outputs.release import Release
from pipelines.outputs.tables import RELEASE_TABLES
from pipelines.outputs.tabular import write_csv

DWELLINGS = (
    "ALTER TABLE indicator_value ADD COLUMN dwelling_type VARCHAR DEFAULT '_T'",
    "INSERT INTO indicator_value SELECT * REPLACE ('villa' AS dwelling_type) FROM indicator_value WHERE sex = 'F'",
)


def written(release: Release) -> tuple[Path, dict[str, Any]]:
    write_csv(release)
    package, _ = write_data_package(release)
    return package, json.loads(package.read_text("utf-8"))


def faults(package: Path) -> list[Any]:
    report = validate(package)
    assert len(report.tasks) == len(RELEASE_TABLES)
    return report.flatten(["name", "rowNumber", "fieldName", "type", "message"])


@pytest.mark.parametrize("changes", [(), DWELLINGS, ("DELETE FROM indicator_value", "DELETE FROM source")])
def test_frictionless_finds_no_fault(make_release: Callable[..., Release], changes: tuple[str, ...]) -> None:
    package, descriptor = written(make_release("release", *changes))
    assert faults(package) == []
    assert [resource["name"] for resource in descriptor["resources"]] == [table.name for table in RELEASE_TABLES]


def test_frictionless_reads_every_row(release: Release) -> None:
    package, _ = written(release)
    for resource in Package(str(package)).resources:
        assert isinstance(resource, Resource)
        rows = resource.read_rows()
        expected = release.warehouse.records(f"FROM {resource.name}")
        # The rows that a value was made from are in Parquet and in the DuckDB file only.
        expected = [{name: cell for name, cell in row.items() if name != "input_rows"} for row in expected]
        key = resource.schema.primary_key
        assert len(rows) == len(expected), resource.name

        def sorted_by_key(records: list[Any], key: list[str] = key) -> list[dict[str, Any]]:
            plain = [{**record, **{name: record[name] or "" for name in key}} for record in map(dict, records)]
            return sorted(plain, key=lambda record: [str(record[name]) for name in key])

        assert sorted_by_key(rows) == sorted_by_key(expected), resource.name


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (",exact,G,", ",exact,Z,", "constraint-error"),
        (",15.300000,", ",fifteen,", "type-error"),
        (",M,Y_GE15,", ",F,Y_GE15,", "primary-key"),
    ],
)
def test_a_damaged_file_is_found(release: Release, before: str, after: str, kind: str) -> None:
    package, descriptor = written(release)
    for resource in descriptor["resources"]:
        del resource["bytes"], resource["hash"]
    package.write_text(json.dumps(descriptor), "utf-8")
    values = release.folder / "csv" / "indicator_value.csv"
    text = values.read_text("utf-8")
    assert before in text
    values.write_text(text.replace(before, after, 1), "utf-8")
    assert kind in {fault[3] for fault in faults(package)}


def test_bytes_and_hash_are_those_of_the_files(release: Release) -> None:
    _, descriptor = written(release)
    for resource in descriptor["resources"]:
        content = (release.folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()


def test_every_column_is_described(release: Release) -> None:
    _, descriptor = written(release)
    for resource in descriptor["resources"]:
        with (release.folder / resource["path"]).open(encoding="utf-8", newline="") as stream:
            header = next(csv.reader(stream))
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header
        assert all(field["description"] and field["type"] for field in fields)


def test_a_breakdown_of_one_indicator_is_part_of_the_key(make_release: Callable[..., Release]) -> None:
    _, descriptor = written(make_release("release", *DWELLINGS))
    [values] = [r for r in descriptor["resources"] if r["name"] == "indicator_value"]
    assert values["schema"]["primaryKey"][-1] == "dwelling_type"


def test_only_sources_in_service_are_credited(release: Release) -> None:
    _, descriptor = written(release)
    assert descriptor["sources"] == [
        {
            "title": "Map extract of central Helsinki",
            "path": "https://www.openstreetmap.org/copyright",
            "version": "fi_map-1",
            "attribution": "© OpenStreetMap contributors",
        },
        {
            "title": "Census of Morocco 2024",
            "path": "https://www.hcp.ma/file/242671/",
            "version": "ma_census-1",
            "attribution": "HCP, RGPH 2024, CC BY 4.0",
        },
    ]
    assert [contributor["title"] for contributor in descriptor["contributors"]] == [
        "Haut-Commissariat au Plan (HCP)",
        "OpenStreetMap contributors",
    ]


def test_share_alike_values_are_named(release: Release) -> None:
    _, descriptor = written(release)
    licences = {licence["name"]: licence for licence in descriptor["licenses"]}
    assert set(licences) == {"CC-BY-4.0", "ODbL-1.0"}
    assert licences["ODbL-1.0"]["path"] == "https://spdx.org/licenses/ODbL-1.0.html"
    assert "sdg_11_7_1_open_space" in licences["ODbL-1.0"]["title"]
    assert "sdg_8_5_2" not in licences["ODbL-1.0"]["title"]
    assert "(sdg_11_7_1_open_space) are a derived database" in descriptor["description"]


def test_a_licence_of_no_list_is_named_without_an_address(make_release: Callable[..., Release]) -> None:
    _, descriptor = written(make_release("release", "UPDATE source SET licence = 'Supply agreement 7/2024'"))
    [licence] = descriptor["licenses"]
    assert licence["name"] == "Supply-agreement-7-2024"
    assert "path" not in licence
    assert licence["title"].startswith("Supply agreement 7/2024, ")


def test_public_domain_has_no_rights_holder(make_release: Callable[..., Release]) -> None:
    _, descriptor = written(
        make_release("release", "UPDATE source SET licence = 'CC0-1.0' WHERE source_id = 'ma_census'")
    )
    roles = {contributor["title"]: contributor["roles"] for contributor in descriptor["contributors"]}
    assert roles["Haut-Commissariat au Plan (HCP)"] == ["DataCollector"]
    assert roles["OpenStreetMap contributors"] == ["DataCollector", "RightsHolder"]


def test_level_names_are_those_of_the_certificates() -> None:
    assert {int(level): meaning.name for level, meaning in CERTIFICATE_LEVEL.items()} == LEVEL_NAMES


def test_the_same_release_gives_the_same_bytes(make_release: Callable[..., Release]) -> None:
    def files(name: str) -> list[bytes]:
        release = make_release(name)
        write_csv(release)
        return [file.read_bytes() for file in write_data_package(release)]

    assert files("one") == files("two")


def test_the_page_says_what_to_cite_and_what_is_missing(release: Release) -> None:
    write_csv(release)
    page = write_data_package(release)[1].read_text("utf-8")
    assert "> - HCP, RGPH 2024, CC BY 4.0\n" in page
    assert "| sdg_8_5_2 | Unemployment rate | exact | % | 6 | 1 |" in page
    assert "| ODbL-1.0 | Map extract of central Helsinki | OpenStreetMap contributors | sdg_11_7_1_open_space |" in page


def test_a_title_cannot_break_the_page(make_release: Callable[..., Release]) -> None:
    hostile = "UPDATE source SET title = E'a | b\\n<script>' WHERE source_id = 'fi_map'"
    release = make_release("release", hostile)
    write_csv(release)
    page = write_data_package(release)[1].read_text("utf-8")
    assert "| ODbL-1.0 | a \\| b &lt;script> | OpenStreetMap contributors |" in page
