"""Rejected rows, kept whole: the raw text of the record, and every reason."""

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.validation.outcome import Outcome
from pipelines.validation.raw_records import each_raw_record

_BATCH = 50_000

SCHEMA = pa.schema(
    [
        ("row_number", pa.int64()),
        ("raw", pa.string()),
        (
            "reasons",
            pa.list_(
                pa.struct(
                    [
                        ("type", pa.string()),
                        ("field_number", pa.int32()),
                        ("field_name", pa.string()),
                        ("cell", pa.string()),
                        ("note", pa.string()),
                    ]
                )
            ),
        ),
    ]
)
"""Grain: one rejected row. `raw` is the record as the file has it, or its cells as JSON where the file is no text.
Field and cell of a reason are null where it is about the whole row."""


def write_quarantine(outcome: Outcome, resource: Any, file: Path) -> None:
    """Write the rejected rows in the order of the file.

    Args:
        outcome: Where they were collected.
        resource: The opened resource, whose file has their text.
        file: The Parquet file to write.
    """
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        texts = _texts(resource, outcome.rejected)
        for rows in _batches(outcome.rejected):
            columns = [
                [number for number, _, _ in rows],
                list(itertools.islice(texts, len(rows))),
                [[_reason(error) for error in errors] for _, _, errors in rows],
            ]
            arrays = [pa.array(column, kind) for column, kind in zip(columns, SCHEMA.types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _texts(resource: Any, rows: Sequence[Any]) -> Iterator[str]:
    if resource.path is None or resource.format not in ("csv", "tsv"):
        return (json.dumps(list(cells), ensure_ascii=False, default=str) for _, cells, _ in rows)
    return (text for _, text in each_raw_record(resource, [number for number, _, _ in rows]))


def _reason(error: Any) -> dict[str, Any]:
    return {name: getattr(error, name) for name in ("type", "field_number", "field_name", "cell", "note")}
