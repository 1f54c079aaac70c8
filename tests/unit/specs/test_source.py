"""A source says where its bytes are and what becomes of every column; what cannot be meant is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.specs.source import AssuranceForm, Data, Source
from tests.unit.synthetic import ASSURANCE, LABOUR_TABLE, SOURCE, TERRITORY_TABLE

FILE = {"connector": "file", "path": "a.csv", "format": "csv"}


def source(*tables: dict[str, Any], **changes: Any) -> Source:
    return Source.model_validate({"id": "zz_a", **SOURCE, "tables": list(tables or [LABOUR_TABLE]), **changes})


def message_of(model: Any, content: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(content)
    return "; ".join(error["msg"] for error in raised.value.errors())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "../a.csv"}, "String should match pattern"),
        ({"path": "a/../../b.csv"}, "must stay inside its folder"),
        ({"path": "a//b.csv"}, "must stay inside its folder"),
        ({"path": "/etc/passwd"}, "String should match pattern"),
        ({"path": "data[1].csv"}, "String should match pattern"),
        ({"path": "*.csv"}, "String should match pattern"),
        ({"path": "a.csv\n"}, "String should match pattern"),
        ({"path": "..\\a.csv"}, "String should match pattern"),
        ({"path": "http://zz.invalid/a.csv"}, "String should match pattern"),
        ({"path": "a" * 301}, "at most 300 characters"),
        ({"connector": "http"}, "Input should be 'package' or 'file'"),
        ({"connector": "package"}, "goes with 'connector: package'"),
        ({"package": "morocco"}, "goes with 'connector: package'"),
        ({"header": False}, "a file without a header needs 'columns'"),
        ({"columns": ["a"]}, "'columns' is for a file without a header"),
        ({"format": "sqlite"}, "needs 'layer'"),
        ({"format": "sqlite", "layer": "a", "compression": "gzip"}, "no compression"),
        ({"delimiter": ";;"}, "at most 1 character"),
        ({"quote": ""}, "at least 1 character"),
        ({"format": "xlsx"}, "Input should be 'csv', 'sqlite' or 'osm'"),
    ],
)
def test_bytes_that_cannot_be_meant(changes: dict[str, Any], message: str) -> None:
    assert message in message_of(Data, FILE | changes)


def test_one_mark_does_not_group_and_begin_the_decimals() -> None:
    with_marks = FILE | {"group_char": ".", "decimal_char": ","}
    assert Data.model_validate(with_marks).decimal_char == ","


@pytest.mark.parametrize("marks", [{"group_char": ",", "decimal_char": ","}, {"group_char": "."}])
def test_the_same_mark_for_both_is_refused(marks: dict[str, str]) -> None:
    message_of(Data, FILE | marks)


RECONCILE = {
    "name": "a",
    "measure": "labour_force",
    "parts": "true",
    "equals": 1,
    "tolerance": 0,
    "published_in": "a book",
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tables": []}, "at least 1 item"),
        ({"tables": [LABOUR_TABLE, LABOUR_TABLE]}, "two tables are called labour_force; give each a 'name'"),
        ({"tables": [LABOUR_TABLE | {"conforms_to": "labour_force"}]}, "String should match pattern"),
        ({"tables": [LABOUR_TABLE | {"conforms_to": "labour_force@0"}]}, "String should match pattern"),
        ({"tables": [LABOUR_TABLE | {"expect": {"reconcile": [RECONCILE | {"whole": "x"}]}}]}, "give either 'whole'"),
        (
            {"tables": [LABOUR_TABLE | {"expect": {"reconcile": [RECONCILE | {"equals": None}]}}]},
            "give either 'whole'",
        ),
        ({"tables": [LABOUR_TABLE | {"fixes": [{"where": "true", "set": {}, "rows": 0, "why": "x"}]}]}, "equal to 1"),
        ({"tables": [LABOUR_TABLE | {"unpivot": {"into": "a", "value": "b", "columns": {}}}]}, "at least 1 item"),
        ({"reference_date": "2024-1-1"}, "String should match pattern"),
        ({"profile": "scraped"}, "Input should be 'register'"),
        ({"known_faults": {"rows": -1}}, "equal to 0"),
    ],
)
def test_declarations_that_cannot_be_meant(changes: dict[str, Any], message: str) -> None:
    assert message in message_of(Source, {"id": "zz_a", **SOURCE, "tables": [LABOUR_TABLE], **changes})


def test_two_tables_of_one_schema_have_names_of_their_own() -> None:
    named = source(LABOUR_TABLE, LABOUR_TABLE | {"name": "labour_of_women"})
    assert [table.table_name for table in named.tables] == ["labour_force", "labour_of_women"]
    assert {table.schema_name for table in named.tables} == {"labour_force"}


def test_columns_that_must_be_there() -> None:
    wide = {"conforms_to": "commuting@1", "unpivot": {"into": "m", "value": "v", "columns": {"bus": "b", "tram": "t"}}}
    both = source(TERRITORY_TABLE, LABOUR_TABLE, wide)
    assert both.required_columns() == ["code", "name", "level", "parent", "year", "active", "jobless", "b", "t"]
    assert both.tables[2].targets() == ["m", "v"]


@pytest.mark.parametrize(
    ("column", "is_mentioned"),
    [
        ("code", True),  # mapped
        ("b", True),  # unpivoted
        ("first", True),  # in an expression
        ("FIRST", True),  # SQL does not mind case
        ("firs", False),
        ("first_name", False),
        ("kept", True),  # the scope
        ("part", True),  # a part of a published total
        ("whole", True),
        ("notes", True),  # ignored
        ("note", False),
        ("old_1", True),  # ignored by its beginning
        ("old_", True),
        ("older", False),
        ("a.b", False),  # the point is no wildcard
    ],
)
def test_a_column_is_mapped_ignored_or_new(column: str, is_mentioned: bool) -> None:
    table = LABOUR_TABLE | {
        "unpivot": {"into": "employed", "value": "unemployed", "columns": {"x": "b"}},
        "derive": {"employed": "upper(first) || axb"},
        "scope": {"where": "kept = 'yes'", "why": "the others are not meant"},
        "expect": {"reconcile": [RECONCILE | {"parts": "part > '1'", "whole": "whole = 'x'", "equals": None}]},
    }
    assert source(table, ignore=["notes", "old_*"]).mentions(column) == is_mentioned


def test_an_assurance_form_answers_for_all_four_areas() -> None:
    areas = {area: {"level": "A2", "evidence": "a letter"} for area in ASSURANCE}
    form = {"acknowledged_by": "a steward", "acknowledged_on": "2024-01-01", **areas}
    assert AssuranceForm.model_validate(form).communication.level == "A2"
    assert "Field required" in message_of(AssuranceForm, {k: v for k, v in form.items() if k != "communication"})
    assert "Input should be 'A0'" in message_of(
        AssuranceForm, form | {"communication": {"level": "A4", "evidence": "x"}}
    )
