"""Tables in memory: the same verdicts as Frictionless has on the same rows."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.validation import validate
from tests.unit.validation.oracle import table_disagreement
from tests.unit.validation.strategies import LITERALS, labels_of, often, schemas


@st.composite
def tables(draw: Callable[..., Any]) -> tuple[pa.Table, dict[str, Any], dict[str, Any]]:
    """A table of text and nulls, a schema, and limits."""
    schema, columns = draw(schemas())
    labels, below = draw(labels_of(columns))
    if not labels:
        labels, below = [column.descriptor["name"] for column in columns], columns
    good = st.tuples(*(st.sampled_from(column.goods) for column in below))
    mixed = st.tuples(*(st.one_of(column.cells(), st.none()) for column in below))
    rows = draw(st.lists(st.one_of(good, mixed), max_size=12))
    if draw(st.booleans()):
        rows = draw(st.lists(good, min_size=1, max_size=3)) * 25 + rows
    arrays = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(below))]
    limits = {"limit_errors": draw(often(0.2, st.sampled_from([0, 1, 3]), 1_000))}
    return pa.Table.from_arrays(arrays, names=labels), schema, limits


@settings(
    max_examples=120,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(tables())
def test_any_table(given_table: tuple[pa.Table, dict[str, Any], dict[str, Any]]) -> None:
    table, schema, limits = given_table
    for engine in ("duckdb", "auto"):
        assert table_disagreement(table, schema, engine, **limits) is None


FIELDS: list[dict[str, Any]] = [
    {"name": "text", "type": "string", "constraints": {"pattern": "[a-z]+", "minLength": 2, "maxLength": 3}},
    {"name": "code", "type": "string", "constraints": {"required": True, "enum": ["a", "A1", "2024"]}},
    {"name": "whole", "type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
    {"name": "real", "type": "number", "constraints": {"required": True, "minimum": -1, "maximum": 1000}},
    {"name": "yes", "type": "boolean"},
    {"name": "day", "type": "date", "constraints": {"minimum": "2024-01-01"}},
    {"name": "founded", "type": "year", "constraints": {"maximum": 2000}},
]


@pytest.mark.parametrize("engine", ["auto", "duckdb"])
@pytest.mark.parametrize("chunks", [1, 3])
def test_every_literal_in_every_column(engine: str, chunks: int) -> None:
    values = pa.array([*LITERALS, None], pa.string())
    table = pa.concat_tables([pa.table({field["name"]: values for field in FIELDS})] * chunks)
    assert table_disagreement(table, {"fields": FIELDS}, engine, limit_errors=0) is None


def test_a_null_and_an_empty_cell_are_missing_both() -> None:
    table = pa.table({"real": pa.array([None, "", "1"], pa.string()), "b": ["x", "x", "x"]})
    schema = {"fields": [FIELDS[3], {"name": "b", "type": "string"}]}
    for engine in ("auto", "duckdb"):
        assert table_disagreement(table, schema, engine) is None
        report = validate(table, schema, engine=engine)
        assert [(e.row_number, e.type, e.cell) for e in report.errors] == [
            (2, "constraint-error", "None"),
            (3, "constraint-error", ""),
        ]


@pytest.mark.parametrize("engine", ["auto", "duckdb"])
def test_a_table_without_rows_or_columns(engine: str) -> None:
    schema = {"fields": [FIELDS[0]]}
    assert table_disagreement(pa.table({"text": pa.array([], pa.string())}), schema, engine) is None
    assert table_disagreement(pa.table({"other": pa.array(["x"], pa.string())}), schema, engine) is None


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.string_view()])
def test_text_of_other_layouts(kind: pa.DataType) -> None:
    column = pa.array(["ab", "x", None, "abcd"], pa.string()).cast(kind)
    for engine in ("auto", "duckdb"):
        assert table_disagreement(pa.table({"text": column}), {"fields": [FIELDS[0]]}, engine) is None


@pytest.mark.parametrize("engine", ["auto", "duckdb"])
def test_columns_of_numbers(engine: str) -> None:
    """Frictionless reads typed cells by other rules than text; so does ours."""
    table = pa.table({"whole": [1, 101, None], "real": [1.5, None, -2.0]})
    schema = {"fields": [FIELDS[2], FIELDS[3]]}
    assert table_disagreement(table, schema, engine) is None
