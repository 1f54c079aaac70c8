"""What Frictionless ignores and users rely on; the expectations are written by hand."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from frictionless import Resource

from pipelines.validation import validate

ENGINES = ["duckdb", "auto"]
V2 = "https://datapackage.org/profiles/2.0/dataresource.json"


def judged(folder: Path, text: str, schema: dict[str, Any], engine: str, **options: Any) -> list[tuple[Any, ...]]:
    """Type, row, field and note of every error; Frictionless itself finds none of them."""
    (folder / "table.csv").write_text(text, encoding="utf-8")
    descriptor = {"$schema": V2, "name": "table", "path": "table.csv", "encoding": "utf-8", "schema": schema}
    assert Resource.from_descriptor({**descriptor, "type": "table"}, basepath=str(folder)).validate().valid
    report = validate(descriptor, basepath=folder, engine=engine, **options)
    for error in report.to_descriptor()["tasks"][0]["errors"]:
        assert error["message"]
    return [(error.type, error.row_number, error.field_name, error.note) for error in report.errors]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_unique_key_is_compared_where_it_is_whole(engine: str, tmp_path: Path) -> None:
    schema = {
        "fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}, {"name": "c", "type": "any"}],
        "uniqueKeys": [["a", "b"], ["c"]],
    }
    text = "a,b,c\n1,x,\n1,,\n1,,\n01,x,\n2,x,7\n3,x,7\n1,x,8\n"
    assert judged(tmp_path, text, schema, engine) == [
        ("unique-key", 5, None, '"a, b" is the same as in the row at position 2'),
        ("unique-key", 7, None, '"c" is the same as in the row at position 6'),
        ("unique-key", 8, None, '"a, b" is the same as in the row at position 5'),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_category_is_one_of_those_listed(engine: str, tmp_path: Path) -> None:
    schema = {
        "fields": [
            {"name": "level", "type": "string", "categories": ["low", "high"]},
            {"name": "code", "type": "integer", "categories": [{"value": 1, "label": "one"}, {"value": 2}]},
        ]
    }
    text = "level,code\nlow,1\nmiddle,2\n,02\nhigh,3\n"
    assert judged(tmp_path, text, schema, engine) == [
        ("category-error", 3, "level", 'the categories are "low, high"'),
        ("category-error", 5, "code", 'the categories are "1, 2"'),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_value_that_no_column_holds_is_not_lost(engine: str, tmp_path: Path) -> None:
    schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]}
    text = "a,b\n1,x\n99999999999999999999,y\n3,z\n"
    assert judged(tmp_path, text, schema, engine) == []
    accepted, quarantine = tmp_path / "accepted.parquet", tmp_path / "quarantine.parquet"
    assert judged(tmp_path, text, schema, engine, accepted=accepted, quarantine=quarantine) == [
        ("unstorable-value", 3, "a", 'no BIGINT holds the value "99999999999999999999"')
    ]
    assert pq.read_table(accepted).to_pylist() == [{"a": 1, "b": "x"}, {"a": 3, "b": "z"}]
    (rejected,) = pq.read_table(quarantine).to_pylist()
    assert (rejected["row_number"], rejected["raw"]) == (3, "99999999999999999999,y")
    types = {"a": "DECIMAL(30,0)"}
    assert judged(tmp_path, text, schema, engine, accepted=accepted, types=types) == []
    assert pq.read_table(accepted).num_rows == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pattern_that_takes_ages_is_answered(engine: str, tmp_path: Path) -> None:
    schema = {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "(a+)+$"}}]}
    (tmp_path / "table.csv").write_text(f"a\n{'a' * 40}!\n{'a' * 40}\n", encoding="utf-8")
    report = validate(tmp_path / "table.csv", schema, engine=engine)
    assert [(error.type, error.row_number) for error in report.errors] == [("constraint-error", 2)]
