"""Descriptors that say odd or wrong things: ours reports what Frictionless reports, and never breaks off."""

import copy
from pathlib import Path
from typing import Any

import pytest

from pipelines.validation import validate
from tests.unit.validation.oracle import V2_PACKAGE, V2_RESOURCE, V2_SCHEMA, Case, disagreement

CSV: dict[str, Any] = {"csv": {"delimiter": ",", "skipInitialSpace": False}}
STATED: dict[str, Any] = {"encoding": "utf-8", "dialect": CSV}
CONTENT = b"a,b\n1,x\n,\n2\nx,y,z\n1,x\n"
FIELDS: list[dict[str, Any]] = [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]
ENGINES = ["duckdb", "auto", "frictionless"]


def with_field(**properties: Any) -> dict[str, Any]:
    return {"fields": [{"name": "a", "type": "integer", **properties}, FIELDS[1]]}


SCHEMAS: list[dict[str, Any]] = [
    {},
    {"fields": []},
    {"fields": [{"name": "a"}, {"name": "b"}]},
    {"fields": [{"type": "string"}]},
    {"fields": [{"name": ""}, {"name": "b"}]},
    {"fields": [FIELDS[0], FIELDS[0]]},
    {"fields": [FIELDS[0], {"name": "A", "type": "string"}]},
    {"fields": FIELDS, "primaryKey": "zz"},
    {"fields": FIELDS, "primaryKey": []},
    {"fields": FIELDS, "primaryKey": ["a", "a"]},
    {"fields": FIELDS, "primaryKey": ["a", "zz"]},
    {"fields": FIELDS, "missingValues": "x"},
    {"fields": FIELDS, "missingValues": [1, "x"]},
    {"fields": FIELDS, "missingValues": [None]},
    {"fields": FIELDS, "missingValues": [{"value": "x"}, {"value": "x", "label": "y"}]},
    {"fields": FIELDS, "missingValues": [{"label": "y"}]},
    {"fields": FIELDS, "foreignKeys": [{"fields": ["zz"], "reference": {"resource": "", "fields": ["a"]}}]},
    {"fields": FIELDS, "foreignKeys": [{"fields": ["a"], "reference": {"resource": "", "fields": ["zz"]}}]},
    {"fields": FIELDS, "foreignKeys": [{"fields": ["a", "b"], "reference": {"resource": "", "fields": ["a"]}}]},
    {"fields": FIELDS, "foreignKeys": [{"fields": "a", "reference": {"resource": "", "fields": "a"}}]},
    {"fields": FIELDS, "foreignKeys": [{"fields": ["a"]}]},
    {"fields": FIELDS, "foreignKeys": [{"fields": ["a"], "reference": {"fields": ["a"]}}]},
    {"fields": FIELDS, "foreignKeys": []},
    {"fields": FIELDS, "fieldsMatch": "other"},
    {"fields": FIELDS, "fieldsMatch": ["equal"]},
    {"fields": FIELDS, "$schema": "https://example.org/profile.json"},
    {"fields": FIELDS, "$schema": V2_SCHEMA},
    {"fields": FIELDS, "name": "X Y", "title": 1},
    with_field(type="money"),
    with_field(type=1),
    with_field(format=1),
    with_field(constraints=[]),
    with_field(constraints={"pattern": "x"}),
    with_field(constraints={"minLength": 2}),
    with_field(constraints={"required": "yes"}),
    with_field(constraints={"unique": 1}),
    with_field(constraints={"enum": 1}),
    with_field(constraints={"required": None, "minimum": None, "enum": None}),
    with_field(constraints={"jsonSchema": {}}),
    with_field(constraints={"unknown": 1}),
    with_field(constraints={"required": False, "unique": False}),
    with_field(example="x"),
    with_field(example=1),
    with_field(missingValues="x"),
    with_field(missingValues=[1]),
    with_field(bareNumber="no"),
    with_field(groupChar=","),
    with_field(rdfType="x", title="y", description="z", custom=1),
    with_field(type="number", decimalChar=1),
    with_field(type="boolean", trueValues="x"),
    with_field(type="boolean", trueValues=[1]),
    with_field(type="list", itemType="object"),
    with_field(type="list", delimiter=""),
    with_field(type="array", arrayItem={"type": "money"}),
    with_field(type="string", format="x"),
    with_field(type="string", constraints={"minLength": "2"}),
    with_field(type="string", constraints={"maxLength": -1}),
    with_field(type="string", constraints={"minLength": 1.5}),
    with_field(type="string", constraints={"pattern": 1}),
    with_field(type="string", constraints={"enum": ["x", 1, None, True]}),
    with_field(type="geopoint", format="x"),
    with_field(type="date", format=""),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("version", [V2_RESOURCE, None])
@pytest.mark.parametrize("number", range(len(SCHEMAS)))
def test_a_schema(number: int, version: str | None, engine: str, tmp_path: Path) -> None:
    case = Case(CONTENT, SCHEMAS[number], {**STATED, "$schema": version})
    assert disagreement(case, tmp_path, engine) is None


DIALECTS: list[Any] = [
    {"csv": {"delimiter": ";;"}},
    {"csv": {"delimiter": ""}},
    {"csv": {"delimiter": 1}},
    {"csv": {"quoteChar": "ab"}},
    {"csv": {"quoteChar": ""}},
    {"csv": {"escapeChar": "ab"}},
    {"csv": {"delimiter": "\n"}},
    {"csv": {"delimiter": '"'}},
    {"csv": {"delimiter": ",", "quoteChar": ","}},
    {"csv": {"unknown": 1}},
    {"csv": []},
    {"unknown": {"delimiter": ","}},
    {"delimiter": ";"},
    {"delimiter": ",", "quoteChar": "'", "header": True},
    {"header": "yes"},
    {"headerRows": ["x"]},
    {"headerRows": [0]},
    {"headerRows": [-1]},
    {"headerRows": [9]},
    {"headerRows": [200]},
    {"headerRows": [2, 1]},
    {"headerRows": 1},
    {"headerRows": []},
    {"headerJoin": 1},
    {"commentRows": ["x"]},
    {"commentRows": [0, 1, 1, 99]},
    {"commentChar": ""},
    {"commentChar": "ab"},
    {"commentChar": "a"},
    {"type": "delimited"},
    {"property": "x"},
    {"$schema": "https://datapackage.org/profiles/2.0/tabledialect.json", "delimiter": ","},
    {"caseSensitiveHeader": True},
    {"lineTerminator": "\r\n", "doubleQuote": True, "skipInitialSpace": True, "nullSequence": "x"},
    {},
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(len(DIALECTS)))
def test_a_dialect(number: int, engine: str, tmp_path: Path) -> None:
    for version in (V2_RESOURCE, None):
        case = Case(CONTENT, {"fields": FIELDS}, {"encoding": "utf-8", "dialect": DIALECTS[number], "$schema": version})
        assert disagreement(case, tmp_path, engine) is None


RESOURCES: list[dict[str, Any]] = [
    {"name": "X Y"},
    {"name": ""},
    {"name": 1},
    {"format": "csv"},
    {"format": "CSV"},
    {"mediatype": "text/csv", "title": "x", "sources": [{"title": "y"}], "licenses": []},
    {"encoding": "no-such-encoding"},
    {"encoding": 1},
    {"encoding": ""},
    {"hash": "x"},
    {"hash": 1},
    {"bytes": "10"},
    {"rows": "10"},
    {"fields": 3},
    {"profile": "tabular-data-resource"},
    {"profile": "data-resource"},
    {"type": "table"},
    {"type": "file"},
    {"datatype": "table"},
    {"$schema": "https://example.org/x.json"},
    {"$schema": V2_PACKAGE},
    {"scheme": "file"},
    {"compression": "gz"},
    {"innerpath": "x"},
    {"homepage": "x", "custom": {"a": 1}},
    {"extrapaths": []},
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(len(RESOURCES)))
def test_a_resource(number: int, engine: str, tmp_path: Path) -> None:
    case = Case(CONTENT, {"fields": FIELDS}, {**STATED, **RESOURCES[number]})
    assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_given_stays_as_it_was(engine: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(CONTENT)
    schema = {
        "fields": [{**FIELDS[0], "constraints": {"unique": True}}, FIELDS[1]],
        "primaryKey": "a",
        "missingValues": [""],
    }
    schema["foreignKeys"] = [{"fields": "a", "reference": {"resource": "", "fields": "a"}}]
    descriptor = {"name": "table", "path": "table.csv", "schema": schema, **copy.deepcopy(STATED)}
    before = copy.deepcopy(descriptor)
    first = validate(descriptor, basepath=tmp_path, engine=engine)
    assert descriptor == before
    assert validate(descriptor, basepath=tmp_path, engine=engine).errors == first.errors


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_that_is_not_there(engine: str, tmp_path: Path) -> None:
    for path in ("nothing.csv", ".", "nothing", "nothing.xlsx"):
        report = validate(
            {"name": "table", "path": path, "schema": {"fields": FIELDS}}, basepath=tmp_path, engine=engine
        )
        assert not report.valid
    assert not validate(tmp_path / "nothing.csv", {"fields": FIELDS}, engine=engine).valid
