"""Frictionless, asked once for every distinct value of every column that is not surely right.

A cell's verdict depends on its field and its text alone, so one question for each distinct text answers for all of its
cells; rows come back by joining. Texts in a canonical spelling that Frictionless is known to accept are not asked about
(`acceptance`). What concerns several cells at once (keys, relations) is not judged here.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.validation.acceptance import sure_acceptance
from pipelines.validation.report import CellError, Report

_FIRST_ROW = 2
"""Frictionless counts the header as row 1."""
_FILLED = "_filled"
"""A column that is never empty, so that an empty cell is not mistaken for a blank row."""


def validate(table: pa.Table, table_schema: Mapping[str, Any]) -> Report:
    """Judge every cell of a table of text.

    Args:
        table: One text column for each field of the schema; null is a missing cell.
        table_schema: A Table Schema descriptor, see `StandardSchema.table_schema`. Its keys and `unique` are not
            judged: duplicates concern several rows at once (`steps.validate`).

    Returns:
        The report, in the order of rows and fields; rows without an error are accepted.
    """
    fields = table_schema["fields"]
    missing = [field["name"] for field in fields if field["name"] not in table.column_names]
    if missing:
        return Report(table.num_rows, header=[f"missing-label: {name}" for name in missing])
    found: list[tuple[int, int, CellError]] = []
    for position, field in enumerate(fields):
        name = field["name"]
        column = table[name].combine_chunks()
        for value, verdicts in _judge_distinct(column, field, table_schema).items():
            rows = pc.is_null(column) if value is None else pc.equal(column, value)
            for row in pc.indices_nonzero(rows).to_pylist():
                found += [(row, position, CellError(row, rule, name, value, note)) for rule, note in verdicts]
    found.sort(key=lambda item: item[:2])
    return Report(table.num_rows, [error for _, _, error in found])


def _judge_distinct(
    column: pa.Array, field: Mapping[str, Any], table_schema: Mapping[str, Any]
) -> dict[str | None, list[tuple[str, str]]]:
    """The distinct texts that Frictionless rejects, each with the type and the note of every error."""
    is_sure = sure_acceptance(field)
    missing_values = table_schema.get("missingValues", [""])
    texts = [
        text for text in column.unique().to_pylist() if text in missing_values or text is None or not is_sure(text)
    ]
    if not texts:
        return {}
    from frictionless import Schema  # slow to import, and not needed where every text is surely right
    from frictionless.resources import TableResource

    constraints = {key: value for key, value in field.get("constraints", {}).items() if key != "unique"}
    descriptor = {
        "fields": [{"name": _FILLED, "type": "string"}, {**field, "constraints": constraints}],
        "missingValues": missing_values,
    }
    rows = [["1", text if text is not None else ""] for text in texts]
    resource = TableResource(data=[[_FILLED, field["name"]], *rows], schema=Schema.from_descriptor(descriptor))
    report = resource.validate(limit_errors=10 * max(len(texts), 1))
    verdicts: dict[str | None, list[tuple[str, str]]] = {}
    for task in report.tasks:
        for error in task.errors:
            row = getattr(error, "row_number", _FIRST_ROW) - _FIRST_ROW
            verdicts.setdefault(texts[row], []).append((error.type, error.note))
    return verdicts
