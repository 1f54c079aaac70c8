"""The accepted rows are those in which Frictionless finds nothing, with the values that Frictionless reads."""

import datetime
import math
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from frictionless import Resource
from hypothesis import HealthCheck, given, settings

from pipelines.validation import Report, validate
from tests.unit.validation.oracle import Case, frictionless_verdict, small_pieces
from tests.unit.validation.strategies import KINDS, LITERALS, Writing, cases

STATED: dict[str, Any] = {"encoding": "utf-8", "dialect": {"csv": {"delimiter": ",", "skipInitialSpace": False}}}
KEPT = {"integer": int, "number": float, "boolean": bool, "date": None, "datetime": None, "time": None, "year": int}


def frictionless_rows(case: Case, folder: Path) -> list[tuple[int, list[Any], list[Any], list[dict[str, Any]]]]:
    """Number, cells, values and errors of each row."""
    resource = Resource.from_descriptor({**case.written(folder), "type": "table"}, basepath=str(folder))
    with resource:
        return [
            (row.row_number, row.cells, row.to_list(), [error.to_descriptor() for error in row.errors])
            for row in resource.row_stream  # type: ignore[attr-defined]
        ]


def as_kept(value: Any, cell: Any, kind: str) -> Any:
    """A value as it is kept: times in UTC, what has no type of its own as the text that it was."""
    if value is None or kind not in KEPT:
        return None if value is None else cell
    if getattr(value, "tzinfo", None) is not None:
        return value.astimezone(datetime.UTC).replace(tzinfo=None) if kind == "datetime" else value.replace(tzinfo=None)
    convert = KEPT[kind]
    kept = value if convert is None else convert(value)
    return "not a number" if isinstance(kept, float) and math.isnan(kept) else kept


def compare(case: Case, folder: Path, engine: str) -> Report | None:
    """Judge with both files wanted; null where Frictionless itself reads no rows."""
    theirs = frictionless_verdict(case, folder)
    if theirs.raised is not None or theirs.rows is None:
        return None
    rows = frictionless_rows(case, folder)
    accepted, quarantine = folder / "accepted.parquet", folder / "quarantine.parquet"
    accepted.unlink(missing_ok=True)
    report = validate(
        case.written(folder), basepath=folder, engine=engine, limit_errors=0, accepted=accepted, quarantine=quarantine
    )
    if report.rows is None:  # refused for a bound that no cell has met
        return None
    unstorable = {error.row_number for error in report.errors if error.type == "unstorable-value"}
    table = pq.read_table(accepted)
    types = {field["name"]: field["type"] for field in (case.schema or {})["fields"]}
    kinds = [types.get(name, "any") for name in table.column_names]
    expected = [
        [as_kept(value, cell, kind) for value, cell, kind in zip(values, cells, kinds, strict=True)]
        for number, cells, values, errors in rows
        if not errors and number not in unstorable
    ]
    found = [
        ["not a number" if isinstance(value, float) and math.isnan(value) else value for value in row]
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True)
    ]
    assert found == expected
    assert report.accepted == len(expected)
    kept_back = pq.read_table(quarantine).to_pylist()
    reasons = {row["row_number"]: [reason["type"] for reason in row["reasons"]] for row in kept_back}
    wanted = {number: [error["type"] for error in errors] for number, _, _, errors in rows if errors}
    assert {number: types for number, types in reasons.items() if number not in unstorable} == wanted
    assert list(reasons) == sorted(reasons)
    assert len(rows) == report.rows == len(expected) + len(kept_back)
    return report


@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases())
@pytest.mark.parametrize("engine", ["duckdb", "auto"])
def test_any_file(case: Case, engine: str, tmp_path: Path) -> None:
    whole = Case(case.content, case.schema, case.resource)
    compare(whole, tmp_path, engine)
    with small_pieces():
        compare(whole, tmp_path, engine)


FIELDS: list[dict[str, Any]] = [
    {"type": "string"}, {"type": "integer"}, {"type": "integer", "bareNumber": False}, {"type": "number"},
    {"type": "number", "groupChar": " ", "decimalChar": ","}, {"type": "number", "bareNumber": False},
        {"type": "boolean"}, {"type": "date"},
    {"type": "date", "format": "%d/%m/%Y"}, {"type": "datetime"}, {"type": "time"}, {"type": "year"},
        {"type": "yearmonth"}, {"type": "any"},
    {"type": "duration"}, {"type": "geopoint"}, {"type": "array"}, {"type": "list"},
]  # fmt: skip


@pytest.mark.parametrize("engine", ["duckdb", "auto"])
@pytest.mark.parametrize("number", range(len(FIELDS)))
def test_every_literal(number: int, engine: str, tmp_path: Path) -> None:
    kind = KINDS[FIELDS[number]["type"]]
    texts = [*LITERALS, *kind.nasty, *(text for goods in kind.goods.values() for text in goods)]
    texts += [text for _, goods in kind.options for text in goods]
    rows: list[list[str] | str] = [["a", "b"], *([text, "x"] for text in texts if "\r" not in text)]
    schema = {"fields": [{"name": "a", **FIELDS[number]}, {"name": "b", "type": "string"}], "missingValues": ["", "NA"]}
    report = compare(Case(Writing(style="all").text(rows).encode(), schema, STATED), tmp_path, engine)
    assert report is not None
    assert report.accepted
