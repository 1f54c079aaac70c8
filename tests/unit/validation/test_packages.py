"""Every table of a data package, and the keys between them."""

import json
from pathlib import Path
from typing import Any

from frictionless import Package

from pipelines.validation import package_descriptor, package_schemas, validate_package

TOWNS = {
    "name": "towns",
    "path": "towns.csv",
    "encoding": "utf-8",
    "schema": {"fields": [{"name": "code", "type": "string"}], "primaryKey": ["code"]},
}
COUNTS = {
    "name": "counts",
    "path": "counts.csv",
    "encoding": "utf-8",
    "schema": {
        "fields": [{"name": "town", "type": "string"}, {"name": "people", "type": "integer"}],
        "foreignKeys": [{"fields": ["town"], "reference": {"resource": "towns", "fields": ["code"]}}],
    },
}


def package_of(folder: Path, *resources: dict[str, Any], **more: Any) -> Path:
    folder.joinpath("towns.csv").write_text("code\nA\nB\nB\n", encoding="utf-8")
    folder.joinpath("counts.csv").write_text("town,people\nA,1\nC,x\n,3\n", encoding="utf-8")
    folder.joinpath("read.me").write_text("no table", encoding="utf-8")
    file = folder / "datapackage.json"
    file.write_text(json.dumps({"name": "p", "resources": list(resources), **more}), encoding="utf-8")
    return file


def facts(descriptor: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (task["name"], error["type"], error["rowNumber"], error["note"])
        for task in descriptor["tasks"]
        for error in task["errors"]
    ]


def test_the_errors_of_all_tables_are_those_of_frictionless(tmp_path: Path) -> None:
    file = package_of(tmp_path, TOWNS, COUNTS, {"name": "readme", "path": "read.me"})
    theirs = Package.from_descriptor(str(file)).validate().to_descriptor()
    reports = validate_package(file)
    ours = package_descriptor(reports)
    assert [report.name for report in reports] == ["towns", "counts"]
    assert facts(ours) == facts(theirs) != []
    assert (ours["valid"], ours["stats"]["errors"]) == (False, theirs["stats"]["errors"])


def test_a_table_in_capital_letters_is_judged_and_not_skipped(tmp_path: Path) -> None:
    file = package_of(tmp_path, {**TOWNS, "format": "CSV"})
    assert Package.from_descriptor(str(file)).validate().valid
    (report,) = validate_package(file)
    assert [(error.type, error.row_number) for error in report.errors] == [("primary-key", 4)]


def test_the_version_of_the_standard_is_the_packages(tmp_path: Path) -> None:
    labelled = {**TOWNS, "schema": {**TOWNS["schema"], "missingValues": [{"value": "B", "label": "none"}]}}
    (report,) = validate_package(package_of(tmp_path, labelled))
    assert {error.type for error in report.errors} == {"schema-error"}
    v2 = package_of(tmp_path, labelled, **{"$schema": "https://datapackage.org/profiles/2.0/datapackage.json"})
    theirs = Package.from_descriptor(str(v2)).validate().to_descriptor()
    assert facts(package_descriptor(validate_package(v2))) == facts(theirs) != []


def test_schemas_are_known_by_the_names_of_their_tables(tmp_path: Path) -> None:
    assert package_schemas(package_of(tmp_path, TOWNS, COUNTS)) == {
        "towns": TOWNS["schema"],
        "counts": COUNTS["schema"],
    }
    assert package_schemas(tmp_path / "none.json") == {}


def test_a_descriptor_that_is_none_is_one_error(tmp_path: Path) -> None:
    file = tmp_path / "datapackage.json"
    for text in ("{", "[]", '{"resources": 1}', '{"resources": [1]}'):
        file.write_text(text, encoding="utf-8")
        (report,) = validate_package(file)
        assert [error.type for error in report.errors] == ["package-error"], text
        assert not package_descriptor([report])["valid"]
