"""Verdicts on distinct cells are the verdicts of Frictionless alone on the whole table."""

from typing import Any

import pyarrow as pa
import pytest
from frictionless import Schema
from frictionless.resources import TableResource
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.validation import CellError, validate

# Literals that readers of numbers disagree about, and what one meets in files.
LITERALS = [
    "", "0", "1", "-1", "007", "+5", " 5 ", "12.0", "1.5", "1,5", "1_000", "1e3", "1e999", "NaN", "nan", "INF", "-inf",
    "٢٤", "½", "0x10", "true", "True", "FALSE", "no", "2024", "24", "10000", "2024-02-29", "2023-02-29", "2024-1-5",
    "20240105", "a", "A1", "ab", "=1+1", "-", "n/a", "é", "e\u0301", "a\u200cb", "\u202ea", "a\nb", '"', "null", "None",
]  # fmt: skip
FIELDS = [
    {"name": "key", "type": "string", "constraints": {"required": True}},
    {"name": "text", "type": "string", "constraints": {"pattern": "[a-z]+", "minLength": 2, "maxLength": 3}},
    {"name": "code", "type": "string", "constraints": {"required": True, "enum": ["a", "A1", "2024"]}},
    {"name": "whole", "type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
    {"name": "real", "type": "number", "constraints": {"required": True, "minimum": -1, "maximum": 1000}},
    {"name": "yes", "type": "boolean"},
    {"name": "day", "type": "date", "constraints": {"minimum": "2024-01-01"}},
    {"name": "founded", "type": "year", "constraints": {"maximum": 2000}},
]
SCHEMA: dict[str, Any] = {"fields": FIELDS, "primaryKey": ["key"], "missingValues": [""]}
NAMES = [str(field["name"]) for field in FIELDS]

CELL = st.sampled_from(LITERALS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
)
# The first cell is never empty: Frictionless calls a row without any cell blank, which the readers have sorted out.
ROW = st.tuples(CELL.filter(bool), *[CELL | st.none()] * (len(FIELDS) - 1))


def table_of(rows: list[tuple[str | None, ...]]) -> pa.Table:
    return pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(NAMES)})


def frictionless_alone(rows: list[tuple[str | None, ...]]) -> set[tuple[int, str, str, str]]:
    """(row, field, type, note) of every error that Frictionless finds in the whole table; keys are left out."""
    cells = [["" if cell is None else cell for cell in row] for row in rows]
    schema = Schema.from_descriptor({"fields": FIELDS, "missingValues": [""]})
    report = TableResource(data=[NAMES, *cells], schema=schema).validate(limit_errors=10_000)
    return {
        (error.row_number - 2, error.field_name, error.type, error.note)  # type: ignore[attr-defined]
        for task in report.tasks
        for error in task.errors
    }


@settings(max_examples=30)
@given(st.lists(ROW, min_size=1, max_size=12))
@example([("x", *[literal] * (len(FIELDS) - 1)) for literal in LITERALS])
def test_the_same_errors_as_frictionless_alone(rows: list[tuple[str | None, ...]]) -> None:
    report = validate(table_of(rows), SCHEMA)
    assert report.rows == len(rows)
    assert report.header == []
    assert {(e.row, e.column, e.rule, e.note) for e in report.errors} == frictionless_alone(rows)
    for error in report.errors:
        assert error.column is not None
        assert error.value == rows[error.row][NAMES.index(error.column)]


def test_errors_stand_in_the_order_of_rows_and_fields() -> None:
    good: tuple[str | None, ...] = ("k", "ab", "a", "1", "1", "true", "2024-01-01", "1999")
    bad: tuple[str | None, ...] = ("k", "ab", "b", "x", "1", "true", "2024-01-01", "2001")
    report = validate(table_of([good, bad, good, bad]), SCHEMA)
    assert [(error.row, error.column) for error in report.errors] == [
        (1, "code"), (1, "whole"), (1, "founded"), (3, "code"), (3, "whole"), (3, "founded"),
    ]  # fmt: skip
    assert report.errors[1] == CellError(1, "type-error", "whole", "x", 'type is "integer/default"')


def test_a_null_and_an_empty_cell_are_missing_both() -> None:
    table = pa.table({"real": pa.array([None, "", "1"], pa.string())})
    report = validate(table, {"fields": [FIELDS[4]], "missingValues": [""]})
    assert [(e.row, e.value, e.rule) for e in report.errors] == [
        (0, None, "constraint-error"),
        (1, "", "constraint-error"),
    ]


def test_a_column_that_is_not_there_is_told_of_the_table() -> None:
    report = validate(table_of([]).drop_columns(["whole", "day"]), SCHEMA)
    assert report.header == ["missing-label: whole", "missing-label: day"]
    assert report.errors == []


def test_a_table_without_rows() -> None:
    report = validate(table_of([]), SCHEMA)
    assert (report.rows, report.errors, report.header) == (0, [], [])


def test_columns_that_the_schema_does_not_know_are_not_judged() -> None:
    table = pa.table({"real": ["1"], "other": ["x"]})
    assert validate(table, {"fields": [FIELDS[4]], "missingValues": [""]}).errors == []


@pytest.mark.parametrize("chunks", [1, 3])
def test_chunks_do_not_matter(chunks: int) -> None:
    table = pa.concat_tables([pa.table({"real": pa.array(["x", "1"], pa.string())})] * chunks)
    report = validate(table, {"fields": [FIELDS[4]], "missingValues": [""]})
    assert [error.row for error in report.errors] == [2 * n for n in range(chunks)]
