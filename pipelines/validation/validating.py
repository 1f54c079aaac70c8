"""The way of a table: opened, its schema looked at, its rows proven or judged, a report."""

import dataclasses
import functools
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from pipelines.errors import GromaError
from pipelines.validation.compiled import Compiled
from pipelines.validation.connection import connected
from pipelines.validation.counts import count_errors, hash_warnings
from pipelines.validation.judging import Judge
from pipelines.validation.outcome import Outcome
from pipelines.validation.patterns import PatternTimeout
from pipelines.validation.quarantine import write_quarantine
from pipelines.validation.reading import BATCH, Accepted, Reader
from pipelines.validation.references import lookups
from pipelines.validation.report import Error, Report
from pipelines.validation.resource import MEMORY, Opened, Refused, Resource, frictionless_resource, opened, readable
from pipelines.validation.scanning import Relation, TableScan, Unscannable, scannable
from pipelines.validation.traps import CellTrap, find_traps

Engine = Literal["auto", "duckdb", "frictionless"]

_SCANNED = frozenset({"csv", "tsv"})
_SMALL = 100_000
"""Bytes below which opening DuckDB takes longer than reading the file record by record."""


@dataclass(frozen=True)
class Options:
    """How a table is judged.

    Attributes:
        engine: "duckdb" proves rows clean in SQL and has Frictionless' readers judge the others; "frictionless" is
            Frictionless itself; "auto" takes what is fastest. Where DuckDB would read a file differently, the first and
            the last read it record by record.
        checklist: A Frictionless checklist descriptor; then Frictionless itself does the work.
        references: The tables that foreign keys refer to, by name.
        limit_errors: How many errors are reported, as in Frictionless; 0 or null for all.
        limit_rows: How many rows are judged; 0 or null for all.
        accepted: A Parquet file to write the accepted rows to, typed and in the order of the file.
        quarantine: A Parquet file to write the rejected rows to, see `quarantine.SCHEMA`. With this or `accepted`,
            every row is judged, and `limit_errors` ends the report only.
        types: In which DuckDB type a field is kept in `accepted`, where `predicates.DUCKDB_TYPES` will not do.
    """

    engine: Engine = "auto"
    checklist: Mapping[str, Any] | None = None
    references: Mapping[str, Resource] | None = None
    limit_errors: int | None = 1_000
    limit_rows: int | None = None
    accepted: Path | None = None
    quarantine: Path | None = None
    types: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if self.engine not in ("auto", "duckdb", "frictionless"):
            raise ValueError(f"the engine is auto, duckdb or frictionless, not {self.engine!r}")

    @property
    def wants_values(self) -> bool:
        """Whether rows are to be written."""
        return self.accepted is not None or self.quarantine is not None


def validate(
    resource: Resource, schema: Mapping[str, Any] | None = None, *, basepath: Path | None = None, **options: Any
) -> Report:
    """Judge a table against a Table Schema; the errors are those that Frictionless 5.21.0 reports.

    Args:
        resource: A file, a Data Resource descriptor, or an Arrow table (text columns; null is a cell without a value).
        schema: A Table Schema descriptor; null takes the one in the resource descriptor.
        basepath: The folder that a descriptor's paths start from.
        options: The fields of `Options`.

    Returns:
        The report. What is wrong with the file, the descriptor or the schema is in it too.

    Raises:
        DataError: The file is made to exhaust whoever reads it.
        ValueError: An option makes no sense.
    """
    start = time.perf_counter()
    validation = _Validation(resource, schema, basepath, Options(**options))
    try:
        report = validation.report()
    except Refused as refused:
        report = validation.refused(refused.errors)
    except (CellTrap, PatternTimeout) as trap:
        report = validation.refused([Error("schema-error", str(trap))])
    return dataclasses.replace(report, seconds=time.perf_counter() - start)


class _Validation:
    """One table, and every way to judge it."""

    def __init__(self, given: Resource, schema: Any, basepath: Path | None, options: Options) -> None:
        self._given = given
        self._schema = schema
        self._basepath = basepath
        self._options = options
        self._types = options.types or {}
        self._name, self._place = "table", MEMORY

    def report(self) -> Report:
        """Judge by the engine that was chosen."""
        table = self._given if isinstance(self._given, pa.Table) else None
        resource = self._resource()
        self._name, self._place = resource.name, resource.place
        if self._options.engine == "frictionless" or self._options.checklist is not None:
            return self._by_frictionless(resource)
        if resource.schema and (traps := find_traps(resource.schema)):
            return self._by_reader_unless_trapped(resource, table, traps)
        if not self._options.limit_rows and (self._options.engine == "duckdb" or not self._is_small(resource)):
            try:
                return self._by_duckdb(resource, table)
            except Unscannable as reason:
                logging.getLogger(__name__).info("%s is read record by record: %s", self._place, reason)
                resource = self._resource()
        return self._by_reader(resource, table)

    def refused(self, errors: Sequence[Error]) -> Report:
        """The report on a table that cannot be judged."""
        return Report(self._name, self._place, errors=list(errors))

    def _resource(self) -> Any:
        return frictionless_resource(self._given, self._schema, self._basepath)

    def _is_small(self, resource: Any) -> bool:
        if isinstance(self._given, pa.Table):
            return bool(self._given.nbytes < _SMALL)
        if not resource.path or resource.format not in _SCANNED:
            return True
        path = Path(resource.normpath)
        return path.is_file() and path.stat().st_size < _SMALL

    # -- the ways to judge

    def _by_frictionless(self, resource: Any) -> Report:
        """Frictionless itself, from opening to report."""
        from frictionless import Checklist, FrictionlessException

        try:
            checklist = Checklist.from_descriptor(dict(self._options.checklist or {}))
        except FrictionlessException as exception:
            raise Refused(*map(Error.of, exception.to_errors())) from None
        limits = {"limit_errors": self._options.limit_errors or 0, "limit_rows": self._options.limit_rows or None}
        resource = readable(resource)
        try:
            (task,) = resource.validate(checklist, **limits).tasks
        except Exception as error:
            traps = find_traps(resource.schema) if resource.schema else []
            raise Refused(*traps or [Error("schema-error", f"Frictionless breaks off: {error}")]) from error
        errors = [Error.of(error) for error in task.errors]
        counts = {"fields": task.stats.get("fields"), "rows": task.stats.get("rows")}
        return Report(task.name, task.place, task.labels, errors, task.warnings, **counts)

    def _by_duckdb(self, resource: Any, table: pa.Table | None) -> Report:
        with opened(resource, table) as read:
            if self._options.engine == "auto" and not self._options.wants_values:
                outcome = self._outcome(read)
                if Reader(read, self._judge(read), outcome).read_while_dense(self._options.limit_errors or 0):
                    return self._finished(read, outcome, "reader")
            if 0 < (self._options.limit_errors or 0) <= len(read.header_errors):
                raise Unscannable("the limit of errors is reached in the header")
            with _related(read) as (relation, files), connected(*files, *self._targets()) as connection:
                if table is not None:
                    connection.register("given", table)
                return self._finished(read, self._compiled(read, relation, connection), "duckdb")

    def _compiled(self, read: Opened, relation: Relation, connection: duckdb.DuckDBPyConnection) -> Outcome:
        refusal = ""
        for attempt in relation.attempts():
            outcome = self._outcome(read)
            try:
                compiled = Compiled(connection, attempt, read, self._judge(read), self._types)
                compiled.run(outcome)
                if self._options.accepted:
                    with _replacing(self._options.accepted) as file:
                        compiled.write_accepted(outcome, file)
            except duckdb.Error as error:
                refusal = str(error).partition("\n")[0]
                continue
            return outcome
        raise Unscannable(f"DuckDB: {refusal}")

    def _by_reader(self, resource: Any, table: pa.Table | None) -> Report:
        with opened(resource, table) as read:
            judge, outcome = self._judge(read), self._outcome(read)
            reader = Reader(read, judge, outcome, self._options.limit_rows or 0)
            if self._options.accepted is None:
                while reader.read(BATCH):
                    outcome.forget_accepted()
            else:
                names = [column.name for column in judge.columns]
                with _replacing(self._options.accepted) as file, Accepted(file, names, outcome.kept) as accepted:
                    while reader.read(BATCH):
                        accepted.write(outcome)
                    accepted.write(outcome)
            return self._finished(read, outcome, "reader")

    def _by_reader_unless_trapped(self, resource: Any, table: pa.Table | None, traps: list[Error]) -> Report:
        """A schema that would break Frictionless is told to be wrong as soon as it would, and no earlier."""
        try:
            return self._by_reader(resource, table)
        except (Refused, GromaError):
            raise
        except Exception as error:
            raise Refused(*traps) from error

    # -- parts of them

    def _judge(self, read: Opened) -> Judge:
        return Judge(read.fields, read.primary_key, read.unique_keys, lookups(read, self._references(read)))

    def _outcome(self, read: Opened) -> Outcome:
        empty = [Error("source-error", "the source is empty")] if read.is_empty else []
        return Outcome(
            read.fields,
            self._types,
            [*empty, *read.header_errors],
            limit=self._options.limit_errors or 0,
            wants_values=self._options.wants_values,
        )

    def _references(self, read: Opened) -> dict[str, Any]:
        """What opens each table that a foreign key may refer to, the table itself among them."""
        itself = functools.partial(_open, self._given, self._schema, self._basepath)
        others = {
            name: functools.partial(_open, given, None, self._basepath)
            for name, given in (self._options.references or {}).items()
        }
        return {**others, "": itself, read.resource.name: itself}

    def _targets(self) -> list[Path]:
        return [_partial(self._options.accepted)] if self._options.accepted else []

    def _finished(self, read: Opened, outcome: Outcome, engine: str) -> Report:
        if not outcome.warnings:
            outcome.errors += count_errors(read.resource, outcome.rows)
        if self._options.quarantine:
            with _replacing(self._options.quarantine) as file:
                write_quarantine(outcome, read.resource, file)
        return Report(
            self._name,
            self._place,
            read.labels,
            outcome.errors,
            [*hash_warnings(read.resource), *outcome.warnings],
            fields=read.resource.stats.fields,
            rows=outcome.rows,
            accepted=outcome.rows - len(outcome.rejected) if self._options.wants_values else None,
            engine=engine,
        )


@contextmanager
def _open(given: Resource, schema: Any, basepath: Path | None) -> Iterator[Opened]:
    resource = frictionless_resource(given, schema, basepath)
    with opened(resource, given if isinstance(given, pa.Table) else None) as read:
        yield read


@contextmanager
def _related(read: Opened) -> Iterator[tuple[Relation, list[Path]]]:
    """The table as DuckDB reads it, and the files it must reach for that."""
    if read.table is not None:
        if not all(pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in read.table.schema.types):
            raise Unscannable("cells that are no text")
        yield TableScan(read.table.column_names), []
        return
    if read.resource.path is None or read.resource.format not in _SCANNED:
        raise Unscannable(f"the format {read.resource.format}")
    with scannable(read.resource, Path(read.resource.normpath), len(read.fields)) as scan:
        yield scan, [scan.path]


def _partial(file: Path) -> Path:
    return file.with_name(f".{file.name}.partial")


@contextmanager
def _replacing(file: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of the wanted one when it is whole."""
    partial = _partial(file)
    try:
        yield partial
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)
