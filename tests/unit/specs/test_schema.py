"""A standard schema cannot contradict itself, and is a plain Frictionless Table Schema for everyone else."""

import copy
from typing import Any

import frictionless
import pytest
from pydantic import ValidationError

from pipelines.specs.schema import StandardSchema
from tests.unit.synthetic import READING_SCHEMA

CONTENT: dict[str, Any] = {"name": "reading", **READING_SCHEMA}
TEXT = {"name": "a", "type": "string", "title": "A", "description": "A."}
NUMBER = {**TEXT, "type": "number", "unit": "%", "constraints": {"minimum": 0, "maximum": 1}}


def schema(**changes: Any) -> StandardSchema:
    return StandardSchema.model_validate(copy.deepcopy(CONTENT) | changes)


def message_of(**changes: Any) -> str:
    with pytest.raises(ValidationError) as raised:
        schema(**changes)
    return "; ".join(error["msg"] for error in raised.value.errors())


def test_what_a_schema_says_of_itself() -> None:
    reading = schema()
    assert reading.reference == "reading@1"
    assert reading.field_names[0] == "station_id"
    assert reading.field("count").unit == "people"
    with pytest.raises(KeyError):
        reading.field("gone")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fields": [TEXT, TEXT], "primaryKey": ["a"]}, "defined twice: a"),
        ({"fields": [TEXT | {"name": "row_id"}], "primaryKey": ["row_id"]}, "the engine adds these columns itself"),
        ({"fields": [TEXT | {"name": "source_row"}], "primaryKey": ["source_row"]}, "the engine adds these columns"),
        ({"fields": [NUMBER | {"unit": None}], "primaryKey": ["a"]}, "needs a unit"),
        ({"fields": [NUMBER | {"constraints": {"minimum": 0}}], "primaryKey": ["a"]}, "a minimum and a maximum"),
        (
            {"fields": [TEXT | {"type": "integer", "unit": "people"}], "primaryKey": ["a"]},
            "they keep NaN and infinity out",
        ),
        ({"primaryKey": ["gone"]}, "primaryKey names no field: gone"),
        ({"primaryKey": []}, "at least 1 item"),
        ({"measures": ["gone"]}, "measures names no field: gone"),
        ({"kind": "observation"}, "an observation needs at least one measure"),
        ({"kind": "table"}, "Input should be 'observation'"),
        ({"version": 0}, "greater than or equal to 1"),
    ],
)
def test_contradictions_are_faults(changes: dict[str, Any], message: str) -> None:
    assert message in message_of(**changes)


def test_others_read_it_as_a_table_schema() -> None:
    descriptor = schema().table_schema()
    assert descriptor["primaryKey"] == ["station_id"]
    assert descriptor["missingValues"] == [""]
    assert {key for field in descriptor["fields"] for key in field} == {
        "name",
        "type",
        "title",
        "description",
        "constraints",
    }
    read = frictionless.Schema.from_descriptor(descriptor)
    assert read.field_names == schema().field_names
    assert read.get_field("count").constraints == {"minimum": 0, "maximum": 1000}
    assert read.get_field("station_id").constraints == {"required": True, "pattern": "[A-Z][0-9]*"}
    assert read.get_field("mode").constraints == {"enum": ["bus", "tram"]}
