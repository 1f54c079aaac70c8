"""Keys, references, and checks that concern whole rows."""

import itertools
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from frictionless import Package
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.validation import validate
from tests.unit.validation.oracle import V2_PACKAGE, Case, disagreement, our_verdict
from tests.unit.validation.strategies import Writing

STATED: dict[str, Any] = {"encoding": "utf-8", "dialect": {"csv": {"delimiter": ",", "skipInitialSpace": False}}}
ENGINES = ["duckdb", "auto"]


def field(name: str, kind: str = "string", **constraints: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "constraints": constraints}


# Each value in several spellings, missing ones, wrong ones.
SPELLINGS = {
    "string": ["a", "A", "a ", "", "NA"],
    "integer": ["1", "01", "+1", " 1", "1_0", "10", "0", "-0", "", "x", "9223372036854775808", "9223372036854775807"],
    "number": [
        "1",
        "1.0",
        "1.00",
        "1e0",
        "+1",
        ".1",
        "0.1",
        "-0.0",
        "0",
        "NaN",
        "nan",
        "INF",
        "inf",
        "",
        "x",
        "1e-400",
    ],
    "date": ["2024-01-02", "2024-1-2", "2024-01-2", "", "x"],
    "year": ["2024", "2_02", " 202", "+202", "", "x"],
    "yearmonth": ["2024-01", "2024-1", "", "x"],
    "boolean": ["true", "1", "True", "false", "0", "", "x"],
    "datetime": [
        "2024-01-02T03:04:05Z",
        "2024-01-02 03:04:05Z",
        "2024-01-02T04:04:05+01:00",
        "2024-01-02T03:04:05",
        "",
        "x",
    ],
    "time": ["03:04:05", "03:04", "03:04:05Z", "03:04:05+00:00", "", "x"],
    "any": ["1", "01", "", "NA"],
    "duration": ["P1W", "P7D", "PT24H", "P1D", "P1M", "P30D", "", "x"],
    "geopoint": ["1,2", "1.0, 2.0", "", "x"],
}


def file_of(rows: list[list[str]], labels: list[str]) -> bytes:
    return Writing().text([labels, *rows]).encode()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", SPELLINGS)
@pytest.mark.parametrize("keys", ["unique", "primary", "both", "composite", "required"])
def test_one_value_in_many_spellings(keys: str, kind: str, engine: str, tmp_path: Path) -> None:
    unique = {"unique": True} if keys in ("unique", "both") else {"required": True} if keys == "required" else {}
    schema: dict[str, Any] = {"fields": [field("a", kind, **unique), field("b")], "missingValues": ["", "NA"]}
    if keys != "unique":
        schema["primaryKey"] = ["b", "a"] if keys == "composite" else "a"
    cells = SPELLINGS[kind]
    rows = [
        [cell, other]
        for cell, other in zip([*cells, *reversed(cells), *cells], itertools.cycle(["x", "y", ""]), strict=False)
    ]
    case = Case(file_of(rows, ["a", "b"]), schema, STATED)
    assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_chain_of_duplicates_names_the_row_before(engine: str, tmp_path: Path) -> None:
    rows = [["1", "a"], ["2", "a"], ["01", "b"], ["x", "a"], ["1", "b"], [], ["1.5", "b"], ["+1", "a"], ["2", "c"]]
    schema = {"fields": [field("a", "integer", unique=True, maximum=1), field("b")], "primaryKey": ["a", "b"]}
    case = Case(file_of(rows, ["a", "b"]), schema, STATED)
    assert disagreement(case, tmp_path, engine) is None
    notes = [error["note"] for error in our_verdict(case, tmp_path, engine).errors if error["type"] == "unique-error"]
    assert notes == [f"the same as in the row at position {row}" for row in (2, 4, 6, 3)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"], ["b", "c"]])
def test_keys_where_columns_stand_elsewhere(order: list[str], engine: str, tmp_path: Path) -> None:
    schema = {"fields": [field("a", "integer", unique=True), field("b")], "primaryKey": ["b", "a"]}
    for match in ("exact", "equal", "subset", "superset", "partial"):
        for header_case in (True, False):
            rows = [["1", "2"], ["1", "2"], ["2", "1"], ["", ""], ["x", ""]]
            labels = order if header_case else [label.upper() for label in order]
            resource = {**STATED, "dialect": {**STATED["dialect"], "headerCase": header_case}}
            case = Case(file_of(rows, labels), {**schema, "fieldsMatch": match}, resource)
            assert disagreement(case, tmp_path, engine) is None, (match, header_case)


REFERRED: tuple[bytes, dict[str, Any]] = (
    b"id,name\n1,a\n2,b\n03,\n,c\n,\n\n5\n",
    {"fields": [field("id", "integer"), field("name")]},
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["integer", "number", "string", "any", "year"])
@pytest.mark.parametrize("composite", [False, True])
def test_a_foreign_key(composite: bool, kind: str, engine: str, tmp_path: Path) -> None:
    reference = {"resource": "other", "fields": ["id", "name"] if composite else ["id"]}
    key = {"fields": ["ref", "name"] if composite else ["ref"], "reference": reference}
    schema = {"fields": [field("ref", kind), field("name")], "foreignKeys": [key]}
    rows = [
        ["1", "a"],
        ["2", "a"],
        ["3", ""],
        ["", "c"],
        ["", ""],
        ["01", "a"],
        ["4", "b"],
        ["x", "b"],
        [],
        ["5"],
        ["1.0", "a"],
    ]
    case = Case(file_of(rows, ["ref", "name"]), schema, STATED, references={"other": REFERRED})
    assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["", "table"])
def test_a_reference_to_the_table_itself(name: str, engine: str, tmp_path: Path) -> None:
    key = {"fields": ["parent"], "reference": {"resource": name, "fields": ["id"]}}
    schema = {"fields": [field("id", "integer", required=True), field("parent", "integer")], "foreignKeys": [key]}
    rows = [["1", ""], ["2", "1"], ["3", "9"], ["x", "2"], ["5", "x"], ["5", "05"], [], ["", "5"], ["7", "7", "z"]]
    assert disagreement(Case(file_of(rows, ["id", "parent"]), schema, STATED), tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_several_foreign_keys(engine: str, tmp_path: Path) -> None:
    keys = [
        {"fields": ["a"], "reference": {"resource": "other", "fields": ["id"]}},
        {"fields": ["b"], "reference": {"resource": "other", "fields": ["name"]}},
        {"fields": ["a"], "reference": {"resource": "", "fields": ["b"]}},
    ]
    schema = {"fields": [field("a", "integer"), field("b")], "foreignKeys": keys, "primaryKey": "a"}
    rows = [["1", "a"], ["2", "z"], ["9", "b"], ["1", "a"], ["", "a"], ["3", ""]]
    case = Case(file_of(rows, ["a", "b"]), schema, STATED, references={"other": REFERRED})
    assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_references_that_cannot_be_followed(engine: str, tmp_path: Path) -> None:
    empty = (b"", REFERRED[1])
    for name, fields in (("nowhere", ["id"]), ("other", ["nothing"]), ("other", ["id"])):
        key = {"fields": ["a"], "reference": {"resource": name, "fields": fields}}
        schema = {"fields": [field("a", "integer")], "foreignKeys": [key]}
        ways: tuple[dict[str, Any], ...] = ({}, {"other": REFERRED}, {"other": empty})
        for references in ways:
            case = Case(b"a\n1\n9\n", schema, STATED, references=references)
            assert disagreement(case, tmp_path, engine) is None, (name, fields, references)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_header_below_a_foreign_key(engine: str, tmp_path: Path) -> None:
    key = {"fields": ["a"], "reference": {"resource": "other", "fields": ["id"]}}
    schema = {"fields": [field("a", "integer"), field("b")], "foreignKeys": [key]}
    for labels in (["b", "a"], ["x"], ["b"], ["a", "b", "c"]):
        for match in ("exact", "equal", "subset", "superset", "partial"):
            case = Case(
                file_of([["1", "9"], ["9", "1"]], labels),
                {**schema, "fieldsMatch": match},
                STATED,
                references={"other": REFERRED},
            )
            assert disagreement(case, tmp_path, engine) is None, (labels, match)


CELL = st.sampled_from(["1", "01", "2", "", "x", "NA", "3", "1.0"])


@settings(max_examples=60, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=3), max_size=12),
    referred=st.lists(st.lists(CELL, min_size=1, max_size=3), max_size=6),
    kind=st.sampled_from(["integer", "number", "string"]),
    fields=st.sampled_from([["a"], ["a", "b"], ["b", "a"]]),
    name=st.sampled_from(["other", ""]),
)
def test_any_reference(
    rows: list[list[str]], referred: list[list[str]], kind: str, fields: list[str], name: str, tmp_path: Path
) -> None:
    key = {"fields": fields, "reference": {"resource": name, "fields": ["a", "b"][: len(fields)]}}
    schema = {
        "fields": [field("a", kind), field("b", "integer")], "foreignKeys": [key], "missingValues": ["", "NA"],
            "primaryKey": "b",
    }  # fmt: skip
    other = (file_of(referred, ["a", "b"]), {"fields": [field("a", "integer"), field("b", "integer", unique=True)]})
    case = Case(file_of(rows, ["a", "b"]), schema, STATED, references={"other": other})
    for engine in ENGINES:
        assert disagreement(case, tmp_path, engine) is None


CHECKS: list[list[dict[str, Any]]] = [
    [{"type": "duplicate-row"}],
    [{"type": "row-constraint", "formula": "a > 1"}],
    [{"type": "row-constraint", "formula": "a < 3 and b != 'x'"}],
    [{"type": "row-constraint", "formula": "a >"}],
    [{"type": "duplicate-row"}, {"type": "row-constraint", "formula": "len(b) == 1"}],
    [{"type": "forbidden-value", "fieldName": "b", "values": ["x"]}],
    [{"type": "required-value", "fieldName": "b", "values": ["zz"]}],
    [{"type": "sequential-value", "fieldName": "a"}],
    [{"type": "table-dimensions", "numRows": 3, "maxFields": 1}],
    [{"type": "truncated-value"}],
    [{"type": "ascii-value"}],
    [{"type": "deviated-value", "fieldName": "a"}],
    [{"type": "deviated-cell"}],
]


@pytest.mark.parametrize("engine", ["duckdb", "auto", "frictionless"])
@pytest.mark.parametrize("checks", CHECKS, ids=lambda checks: "+".join(check["type"] for check in checks))
def test_a_checklist(checks: list[dict[str, Any]], engine: str, tmp_path: Path) -> None:
    schema = {"fields": [field("a", "integer"), field("b")]}
    rows = [
        ["1", "x"],
        ["01", "x"],
        ["2", "y"],
        [],
        ["3", "é"],
        ["z", "x"],
        ["2", "y"],
        ["2"],
        ["900", "y", "q"],
        ["2", "y"],
    ]
    for checklist in (
        {"checks": checks},
        {"checks": checks, "skipErrors": ["type-error"]},
        {"pickErrors": ["#row"], "checks": checks},
    ):
        for limit in (1_000, 2):
            case = Case(file_of(rows, ["a", "b"]), schema, STATED, checklist=checklist, limit_errors=limit)
            assert disagreement(case, tmp_path, engine) is None


def test_a_checklist_that_makes_no_sense(tmp_path: Path) -> None:
    schema = {"fields": [field("a", "integer")]}
    case = Case(
        b"a\n1\n", schema, STATED, checklist={"checks": [{"type": "forbidden-value", "fieldName": "zz", "values": []}]}
    )
    assert disagreement(case, tmp_path, "duckdb") is None
    report = validate(case.written(tmp_path), basepath=tmp_path, checklist={"checks": [{"type": "no-such-check"}]})
    assert not report.valid


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("form", ["path", "name", "table", "descriptor"])
def test_every_way_to_give_a_table_that_is_referred_to(form: str, engine: str, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_bytes(b"id,name\n1,a\n2,b\n,c\n")
    key = {"fields": ["ref"], "reference": {"resource": "other", "fields": ["id"]}}
    schema = {"fields": [field("ref", "integer")], "foreignKeys": [key]}
    own = {"name": "table", "type": "table", "path": "table.csv", "schema": schema, **STATED}
    (tmp_path / "table.csv").write_bytes(b"ref\n1\n02\n3\n\nx\n")
    other = {"name": "other", "type": "table", "path": "other.csv"}
    ways: dict[str, Any] = {
        "path": tmp_path / "other.csv",
        "name": str(tmp_path / "other.csv"),
        "table": pa.table({"id": [1, 2, None], "name": ["a", "b", "c"]}),
        "descriptor": other,
    }
    package = Package.from_descriptor({"$schema": V2_PACKAGE, "resources": [own, other]}, basepath=str(tmp_path))
    (task,) = package.get_resource("table").validate().tasks
    report = validate(own, basepath=tmp_path, engine=engine, references={"other": ways[form]})
    assert [error.to_descriptor() for error in report.errors] == [error.to_descriptor() for error in task.errors]
    assert [error.row_number for error in report.errors] == [4, 5, 6]
