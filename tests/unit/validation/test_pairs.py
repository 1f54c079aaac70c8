"""Published schemas with the valid and invalid files that their authors published beside them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.validation.oracle import Case, disagreement, frictionless_verdict

PAIRS = Path(__file__).parents[3].parent / "shared/data/table_schemas/pairs"
FILES = [
    (name, file) for name in ("lieux_covoiturage", "prenoms", "stationnement") for file in ("valid.csv", "invalid.csv")
]
PACKAGE = "bicycle_counts"


def read(path: str) -> bytes:
    file = PAIRS / path
    if not file.exists():
        pytest.skip(f"the published files are not here: {file}")
    return file.read_bytes()


def described(content: bytes, schema: dict[str, Any], resource: dict[str, Any] | None = None) -> list[Case]:
    """As one finds it, and as one should describe it."""
    stated = {"encoding": "utf-8", "dialect": {"csv": {"delimiter": ",", "skipInitialSpace": False}}}
    return [Case(content, schema, resource or {}), Case(content, schema, {**(resource or {}), **stated})]


@pytest.mark.parametrize("engine", ["auto", "duckdb", "frictionless"])
@pytest.mark.parametrize(("name", "file"), FILES)
def test_a_published_file(name: str, file: str, engine: str, tmp_path: Path) -> None:
    schema = json.loads(read(f"{name}/schema.json"))
    for case in described(read(f"{name}/{file}"), schema):
        assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("name", ["lieux_covoiturage", "prenoms", "stationnement"])
def test_what_the_authors_call_invalid_is_found_invalid(name: str, tmp_path: Path) -> None:
    schema = json.loads(read(f"{name}/schema.json"))
    (_, case) = described(read(f"{name}/invalid.csv"), schema)
    assert frictionless_verdict(case, tmp_path).errors


@pytest.mark.parametrize("engine", ["auto", "duckdb", "frictionless"])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("folder", ["data", "tests"])
def test_a_resource_of_a_data_package(place: int, folder: str, engine: str, tmp_path: Path) -> None:
    package = json.loads(read(f"{PACKAGE}/datapackage.json"))
    resource = dict(package["resources"][place])
    file = Path(resource.pop("path")).name
    content = read(f"{PACKAGE}/{folder}/{file}")
    schema = resource.pop("schema")
    resource = {"name": resource["name"], "format": resource["format"], "bytes": resource["bytes"], "$schema": None}
    for case in described(content, schema, resource):
        assert disagreement(case, tmp_path, engine) is None
