"""SQL proves rows clean; Frictionless' readers judge the others.

One pass over the file makes a table with a row for each record, in order: the cells of a *suspect*, null for a record
that is surely accepted, and a hash of every key. What has one key with another row becomes a suspect too. The suspects
go through the judge by the order of their numbers, so that every note, also "the same as in row …", is Frictionless'.

Whatever has to keep the rows in order is an expression, never a join: DuckDB does not promise the order of a join.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.validation.columns import scanned_fields, text_array
from pipelines.validation.connection import numbers
from pipelines.validation.judging import Judge
from pipelines.validation.keys import Keys
from pipelines.validation.outcome import Outcome
from pipelines.validation.predicates import with_values
from pipelines.validation.raw_records import records
from pipelines.validation.references import suspect_references
from pipelines.validation.resource import Opened
from pipelines.validation.scanning import Numbers, Relation, Unscannable

_BATCH = 20_000

Mask = npt.NDArray[np.bool_]


class Compiled:
    """One table on its way through DuckDB.

    Args:
        connection: Where the relation can be read.
        relation: The table.
        opened: Its header and fields.
        judge: Judges the suspects.
        types: In which type a field's accepted values are kept, where it is not the usual one.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: Relation,
        opened: Opened,
        judge: Judge,
        types: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._relation = relation
        self._opened = opened
        self._judge = judge
        self._fields = scanned_fields(connection, relation, judge.columns, types)
        self._keys = Keys(connection, self._fields, opened)
        self._numbers: Numbers = np.empty(0, np.int64)

    def run(self, outcome: Outcome) -> None:
        """Judge every row; the errors go to the outcome, row by row, until it has enough.

        Raises:
            Unscannable: DuckDB does not read the file as Frictionless does.
            duckdb.Error: DuckDB refuses to read it.
        """
        self._read(outcome.wants_values)
        is_content = self._content()
        suspects = self._suspects(is_content)
        is_clean = is_content.copy()
        is_clean[suspects] = False
        wanted = self._keys.find_shared(is_clean, self._cells("judged", suspects, suspects))
        blank = self._blank()
        content = self._numbers[is_content]
        outcome.rows = len(content) + len(blank)
        for number, cells, is_proven in self._to_judge(suspects, wanted, blank):
            judged = self._judge.judge(number, cells, is_proven=is_proven)
            if not outcome.add(number, cells, judged):
                outcome.rows = int(sum(np.searchsorted(of, number, "right") for of in (content, blank)))
                return

    # -- reading

    def _read(self, wants_values: bool) -> None:
        names = self._relation.names
        columns = [f"CASE WHEN {self._is_clean()} THEN NULL ELSE [{', '.join(names)}] END AS cells"]
        columns += self._keys.columns
        if wants_values:
            columns += [f"{scanned.value} AS v{index}" for index, scanned in enumerate(self._fields)]
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE judged AS SELECT {', '.join(columns)} FROM {self._relation_with_values()}"
        )
        found: int = self._connection.execute("SELECT count(*) FROM judged").fetchall()[0][0]
        self._numbers = self._relation.record_numbers(found)

    def _relation_with_values(self) -> str:
        predicates = zip(self._relation.names, (scanned.predicate for scanned in self._fields), strict=False)
        return with_values(self._relation.sql(), dict(predicates))

    def _is_clean(self) -> str:
        conditions = [self._cell_is_clean(index) for index in range(len(self._fields))]
        if not self._relation.nulls_are_cells:
            # Cells that are not there are at the end of a record, so one column tells.
            conditions.append(f"{self._relation.names[len(self._fields) - 1]} IS NOT NULL")
        conditions += [f"{name} IS NULL" for name in self._relation.spare]
        conditions += [f"({self._any_filled(range(len(self._fields)))})"]
        if self._opened.primary_key:
            conditions += [f"({self._any_filled([self._judge.place(name) for name in self._opened.primary_key])})"]
        conditions += suspect_references(self._connection, self._relation.sql(), self._relation.names, self._judge)
        return " AND ".join(conditions)

    def _cell_is_clean(self, index: int) -> str:
        scanned, name = self._fields[index], self._relation.names[index]
        clean = f"({scanned.predicate.clean})"
        if scanned.value != scanned.predicate.typed:
            clean = f"({clean} AND ({scanned.value} IS NOT NULL OR NOT ({scanned.predicate.filled})))"
        if self._relation.nulls_are_cells:
            is_free = "false" if self._opened.fields[index].constraints.get("required") else "true"
            return f"CASE WHEN {name} IS NULL THEN {is_free} ELSE {clean} END"
        return clean

    def _any_filled(self, indices: Sequence[int]) -> str:
        """Whether one of the cells has a value; a clean cell of a required field always has."""
        if any(self._opened.fields[index].constraints.get("required") for index in indices):
            return "true"
        cases = " ".join(
            f"WHEN {self._relation.names[index]} IS NOT NULL AND {self._fields[index].predicate.filled} THEN true"
            for index in indices
        )
        return f"CASE {cases} ELSE false END"

    def _content(self) -> Mask:
        dialect = self._opened.resource.dialect
        is_content = self._numbers >= (1 if self._relation.nulls_are_cells else dialect.create_first_content_row())
        return is_content & ~self._is_comment(self._numbers)

    def _is_comment(self, numbers: Numbers) -> Mask:
        """Frictionless compares the numbers with whatever is listed."""
        listed = [row for row in self._opened.resource.dialect.comment_rows if isinstance(row, (int, float))]
        return np.isin(numbers, np.array(listed, np.float64))

    def _suspects(self, is_content: Mask) -> npt.NDArray[np.int64]:
        """The positions of the suspects, the blank rows that the dialect skips already left out."""
        places = numbers(self._connection, "SELECT rowid FROM judged WHERE cells IS NOT NULL")
        if self._opened.resource.dialect.skip_blank_rows:
            sql = "SELECT rowid FROM judged WHERE len(list_filter(cells, lambda c: c <> '')) = 0"
            is_content[numbers(self._connection, sql)] = False
        return np.asarray(places[is_content[places]], np.int64)

    def _blank(self) -> Numbers:
        dialect = self._opened.resource.dialect
        blank = self._relation.blank_numbers(self._numbers)
        if dialect.skip_blank_rows or not len(blank):
            return np.empty(0, np.int64)
        is_content = (blank >= dialect.create_first_content_row()) & ~self._is_comment(blank)
        content: Numbers = blank[is_content]
        return content

    # -- judging

    def _to_judge(
        self, suspects: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64], blank: Numbers
    ) -> Iterator[tuple[int, list[Any], bool]]:
        """Number and cells of every row that is judged, in order; true where the cells as such are proven clean."""
        return heapq.merge(
            self._numbered(suspects, self._cells("judged", suspects, suspects), is_proven=False),
            self._numbered(wanted, self._cells("again", self._read_again(wanted), wanted), is_proven=True),
            ((int(number), list[Any](), False) for number in blank),
            key=lambda row: row[0],
        )

    def _numbered(
        self, places: npt.NDArray[np.int64], batches: Iterator[list[list[Any]]], *, is_proven: bool
    ) -> Iterator[tuple[int, list[Any], bool]]:
        numbers = iter(self._numbers[places].tolist())
        for batch in batches:
            for cells in batch:
                yield next(numbers), cells, is_proven

    def _cells(self, table: str, places: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> Iterator[list[list[Any]]]:
        """The cells of the records at the given places of a table, in their order and in batches.

        `of` are the places of the same records in `judged`.
        """
        for start in range(0, len(places), _BATCH):
            part = places[start : start + _BATCH]
            wanted = set(part.tolist())
            sql = f"SELECT rowid, cells FROM {table} WHERE rowid BETWEEN {part[0]} AND {part[-1]} AND cells IS NOT NULL"
            rows = self._connection.execute(sql).fetchall()
            found = [self._trimmed(cells) for place, cells in rows if place in wanted]
            yield self._whole(found, of[start : start + _BATCH])

    def _whole(self, rows: list[list[Any]], places: npt.NDArray[np.int64]) -> list[list[Any]]:
        """The same rows; one with a cell in the last column may have more than DuckDB has told, and is read again."""
        width = len(self._relation.names)
        if self._relation.spare and (full := [index for index, cells in enumerate(rows) if len(cells) == width]):
            numbers = self._numbers[places[full]].tolist()
            cells = records(self._opened.resource, numbers)
            for index, number in zip(full, numbers, strict=True):
                rows[index] = cells[number]
        return rows

    def _trimmed(self, cells: list[Any]) -> list[Any]:
        """Without the cells that are not there; they are at the end."""
        if not self._relation.nulls_are_cells:
            while cells and cells[-1] is None:
                cells.pop()
        return cells

    def _read_again(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Read the cells of clean rows after all, into the table `again`; their places in it.

        Rows are found by the bits of their hashes, and told apart by their order: the same condition holds for the same
        rows of the first pass.
        """
        if not len(wanted):
            return wanted
        of_scan, of_judged = self._keys.conditions()
        cells = f"[{', '.join(self._relation.names)}]"
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE again AS SELECT {cells} AS cells FROM {self._relation_with_values()} "
            f"WHERE {of_scan}"
        )
        places = numbers(self._connection, f"SELECT rowid FROM judged WHERE {of_judged}")
        (count,) = self._connection.execute("SELECT count(*) FROM again").fetchall()[0]
        if count != len(places):
            raise Unscannable("two readings of the file differ")
        return np.flatnonzero(np.isin(places, wanted))

    # -- accepted rows

    def write_accepted(self, outcome: Outcome, file: Path) -> None:
        """Write the accepted rows as Parquet, in the order of the file.

        A row that is accepted although SQL could not prove it gets the values that Frictionless read.
        """
        rows = outcome.readmitted
        if rows:
            places = np.searchsorted(self._numbers, np.array([number for number, _ in rows], np.int64))
            columns = zip(*(values for _, values in rows), strict=True)
            table = {f"v{index}": text_array(column) for index, column in enumerate(columns)}
            self._connection.register("readmitted", pa.table({"place": pa.array(places), **table}))
            assigned = ", ".join(f"v{index} = r.v{index}::{kind}" for index, kind in enumerate(outcome.kept))
            self._connection.execute(f"UPDATE judged SET {assigned} FROM readmitted AS r WHERE judged.rowid = r.place")
            self._connection.unregister("readmitted")
        left = np.ones(len(self._numbers), np.bool_)
        left[~self._content()] = False
        left &= ~np.isin(self._numbers, outcome.rejected_numbers())
        gone = pa.table({"place": pa.array(np.flatnonzero(~left))})
        self._connection.register("gone", gone)
        self._connection.execute("DELETE FROM judged WHERE rowid IN (SELECT place FROM gone)")
        self._connection.unregister("gone")
        names = [column.name for column in self._judge.columns]
        selected = ", ".join(f"v{index} AS {_quoted(name)}" for index, name in enumerate(names))
        path = str(file).replace("'", "''")
        self._connection.execute(
            f"COPY (SELECT {selected} FROM judged) TO '{path}' "
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
