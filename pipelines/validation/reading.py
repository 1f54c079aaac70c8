"""The exact reader: every record through Frictionless' own parser and readers, one after the other.

For what DuckDB cannot read as Frictionless does, and for tables so small that a database costs more than it saves.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.validation.judging import Judge
from pipelines.validation.outcome import Outcome
from pipelines.validation.report import Error
from pipelines.validation.resource import Opened

_BLOCK = 500
_NEAR = 20_000
"""Rows that are judged one by one faster than a large file is read once."""
BATCH = 65_536
"""Accepted rows that are written together."""


class Reader:
    """Judges the records of one table one by one.

    Args:
        opened: The table; its records are used up.
        judge: Judges them.
        outcome: Takes the errors.
        limit_rows: How many rows are judged at most; 0 for all.
    """

    def __init__(self, opened: Opened, judge: Judge, outcome: Outcome, limit_rows: int = 0) -> None:
        self.is_at_end = False
        self._records = self._until_broken(opened)
        self._judge = judge
        self._outcome = outcome
        self._limit_rows = limit_rows

    def read(self, most: int | None = None) -> bool:
        """Judge the next records, all or so many; whether there may be more that are wanted."""
        outcome = self._outcome
        for number, cells in itertools.islice(self._records, most):
            outcome.rows += 1
            is_last = bool(self._limit_rows) and outcome.rows >= self._limit_rows
            goes_on = outcome.add(number, cells, self._judge.judge(number, cells), is_last=is_last)
            if is_last:
                outcome.warnings.append(f"reached row limit: {self._limit_rows}")
                return False
            if not goes_on:
                return False
        return not self.is_at_end

    def _until_broken(self, opened: Opened) -> Iterator[tuple[int, list[Any]]]:
        """The records, until the file breaks off; why it does is an error like any other."""
        from frictionless import FrictionlessException

        try:
            yield from opened.records
        except FrictionlessException as exception:
            self._outcome.errors.append(Error.of(exception.error))
        self.is_at_end = True

    def read_while_dense(self, limit: int) -> bool:
        """Judge records for as long as the limit of errors is near; whether the outcome is final.

        A file in which every row is bad is so answered by its first rows.
        """
        while self.read(_BLOCK):
            rows, errors = self._outcome.rows, len(self._outcome.errors)
            if not limit or not errors or rows * limit > errors * _NEAR:
                return False
        return True


class Accepted:
    """Writes the accepted rows of a reader as Parquet, batch by batch."""

    def __init__(self, file: Path, names: Sequence[str], kinds: Sequence[str]) -> None:
        self._schema = pa.schema([(name, _arrow_type(kind)) for name, kind in zip(names, kinds, strict=True)])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, outcome: Outcome) -> None:
        """Write the rows that were accepted since the last time."""
        if outcome.readmitted:
            columns = list(zip(*(values for _, values in outcome.readmitted), strict=True))
            arrays = [pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            outcome.forget_accepted()

    def __enter__(self) -> "Accepted":
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()


_ARROW: dict[str, Callable[[], pa.DataType]] = {
    "VARCHAR": pa.string,
    "BIGINT": pa.int64,
    "INTEGER": pa.int32,
    "SMALLINT": pa.int16,
    "DOUBLE": pa.float64,
    "BOOLEAN": pa.bool_,
    "DATE": pa.date32,
    "TIMESTAMP": lambda: pa.timestamp("us"),
    "TIME": lambda: pa.time64("us"),
}


def _arrow_type(kind: str) -> pa.DataType:
    name, _, arguments = kind.partition("(")
    if name == "DECIMAL":
        precision, scale = (int(part) for part in arguments.rstrip(")").split(","))
        return pa.decimal128(precision, scale)
    return _ARROW[name]()
