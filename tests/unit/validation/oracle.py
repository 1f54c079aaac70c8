"""Frictionless itself beside our validation, on the same file: what each of them says, and where they differ."""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
from frictionless import Checklist, FrictionlessException, Package, Schema
from frictionless import Resource as FrictionlessResource

from pipelines.validation import Report, validate

V2_PACKAGE = "https://datapackage.org/profiles/2.0/datapackage.json"
V2_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
V2_RESOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"

# What ours may say where Frictionless raises instead of reporting.
_REFUSALS = frozenset(
    {
        "schema-error",
        "field-error",
        "source-error",
        "resource-error",
        "dialect-error",
        "compression-error",
        "scheme-error",
    }
)


@dataclass(frozen=True)
class Case:
    """A file and how it is to be judged.

    Attributes:
        content: The bytes of the file.
        schema: Its Table Schema descriptor; null where there is none.
        resource: What else its resource descriptor says: `dialect`, `encoding`, `path` and so on.
        references: Name, content and schema of the tables that foreign keys refer to.
    """

    content: bytes
    schema: Mapping[str, Any] | None
    resource: Mapping[str, Any] = field(default_factory=dict)
    checklist: Mapping[str, Any] | None = None
    references: Mapping[str, tuple[bytes, Mapping[str, Any]]] = field(default_factory=dict)
    limit_errors: int = 1_000
    limit_rows: int | None = None

    def written(self, folder: Path) -> dict[str, Any]:
        """Write the files; the resource descriptor, of version 2 unless it says otherwise."""
        descriptor = {"name": "table", "path": "table.csv", "$schema": V2_RESOURCE, **self.resource}
        if self.schema is not None:
            descriptor["schema"] = self.schema
        if descriptor["$schema"] is None:
            del descriptor["$schema"]
        (folder / descriptor["path"]).write_bytes(self.content)
        return _plain(descriptor)

    def written_references(self, folder: Path) -> dict[str, dict[str, Any]]:
        """Write the tables referred to; their resource descriptors."""
        descriptors = {}
        for name, (content, schema) in self.references.items():
            (folder / f"{name}.csv").write_bytes(content)
            descriptors[name] = {"name": name, "path": f"{name}.csv", "encoding": "utf-8", "schema": schema}
        return {name: _plain(described) for name, described in descriptors.items()}

    def script(self, engine: str, *, in_pieces: bool = False) -> str:
        """A script that shows what both of them say."""
        values = {name: value for name, value in vars(self).items() if value}
        arguments = ",\n    ".join(f"{name}={value!r}" for name, value in values.items())
        return (
            "import sys, tempfile, pathlib\nsys.path.insert(0, '.')\n"
            "from tests.unit.validation.oracle import Case, disagreement\n"
            f"case = Case(\n    {arguments if 'schema' in values else arguments + ', schema=None'},\n)\n"
            f"print(disagreement(case, pathlib.Path(tempfile.mkdtemp()), {engine!r}, in_pieces={in_pieces}))\n"
        )


def _plain(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """A copy as JSON has it."""
    plain: dict[str, Any] = json.loads(json.dumps(descriptor))
    return plain


@dataclass(frozen=True)
class Verdict:
    """What is said of a file.

    Attributes:
        errors: The errors as Frictionless writes them.
        rows: How many rows were read; null for none.
        fields: How many fields the schema has; null for none.
        raised: The exception that ended it, null where there was none.
        engine: What did the work.
    """

    errors: list[dict[str, Any]]
    labels: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows: int | None = None
    fields: int | None = None
    raised: str | None = None
    engine: str = "frictionless"


def frictionless_verdict(case: Case, folder: Path) -> Verdict:
    """What Frictionless alone says."""
    descriptor = {**case.written(folder), "type": "table"}
    references = case.written_references(folder)
    checklist = Checklist.from_descriptor(dict(case.checklist)) if case.checklist else None
    limits: dict[str, Any] = {"limit_errors": case.limit_errors, "limit_rows": case.limit_rows}

    def resource() -> Any:
        if not references:
            return FrictionlessResource.from_descriptor(descriptor, basepath=str(folder))
        package = {"$schema": V2_PACKAGE, "resources": [descriptor, *references.values()]}
        return Package.from_descriptor(package, basepath=str(folder)).get_resource(descriptor["name"])

    return _verdict_of(resource, checklist, limits)


def _verdict_of(open_resource: Callable[[], Any], checklist: Any, limits: Mapping[str, Any]) -> Verdict:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (task,) = open_resource().validate(checklist, **limits).tasks
    except FrictionlessException as exception:  # a descriptor that is refused before there is a report
        return Verdict([found.to_descriptor() for found in exception.to_errors()])
    except Exception as exception:
        return Verdict([], raised=f"{type(exception).__name__}: {exception}")
    errors = [error.to_descriptor() for error in task.errors]
    rows = task.stats.get("rows")
    # Where the table could not be opened, Frictionless may have counted the fields of the schema all the same.
    fields = task.stats.get("fields") if rows or task.labels else None
    return Verdict(errors, task.labels, task.warnings, rows, fields)


_SMALL_PIECES: dict[str, dict[str, float]] = {
    "columns": {"_WORTHWHILE": 2.0},
    "compiled": {"_BATCH": 3},
    "connection": {"_BITS": 8},
    "counts": {"_CHUNK": 3},
    "judging": {"_MOST_REMEMBERED": 3},
    "reading": {"_BLOCK": 2, "_NEAR": 50},
    "references": {"_BATCH": 2},
    "resource": {"_BATCH": 2},
    "scanning": {"_CHUNK": 5},
    "validating": {"_SMALL": 0, "BATCH": 2},
}


@contextmanager
def small_pieces() -> Iterator[None]:
    """Ours works on pieces of a few bytes and rows, as if small files were large ones.

    `auto` takes DuckDB for all of them, and from 20 rows on no predicate is good enough: distinct texts are read.
    """
    with ExitStack() as stack:
        for module, constants in _SMALL_PIECES.items():
            for name, value in constants.items():
                stack.enter_context(patch(f"pipelines.validation.{module}.{name}", value))
        yield


def table_disagreement(table: pa.Table, schema: Mapping[str, Any], engine: str, **options: Any) -> str | None:
    """Where ours differs on a table in memory from Frictionless on the same rows."""
    content = [table.column_names, *map(list, zip(*(column.to_pylist() for column in table.columns), strict=True))]
    descriptor = {"$schema": V2_RESOURCE, "name": "memory", "type": "table", "data": content, "schema": dict(schema)}
    theirs = _verdict_of(lambda: FrictionlessResource.from_descriptor(_plain(descriptor)), None, options)
    ours = _our(validate(table, _plain(schema), engine=engine, **options))
    return difference(Case(b"", schema), theirs, ours)


def our_verdict(case: Case, folder: Path, engine: str, *, in_pieces: bool = False) -> Verdict:
    """What our validation says by one of its engines; in small pieces where asked for."""
    with small_pieces() if in_pieces else nullcontext():
        return _our(our_report(case, folder, engine))


def _our(report: Report) -> Verdict:
    errors = [error.to_descriptor() for error in report.errors]
    return Verdict(
        errors,
        report.labels,
        report.warnings,
        report.rows or None,
        report.fields or None if report.rows or report.labels else None,
        engine=report.engine,
    )


def our_report(case: Case, folder: Path, engine: str) -> Report:
    """The report itself."""
    return validate(
        case.written(folder),
        basepath=folder,
        engine=engine,
        checklist=case.checklist,
        references=case.written_references(folder),
        limit_errors=case.limit_errors,
        limit_rows=case.limit_rows,
    )


def disagreement(case: Case, folder: Path, engine: str, *, in_pieces: bool = False) -> str | None:
    """Where ours differs from Frictionless, null where it does not."""
    theirs = frictionless_verdict(case, folder)
    return difference(case, theirs, our_verdict(case, folder, engine, in_pieces=in_pieces))


def difference(case: Case, theirs: Verdict, ours: Verdict) -> str | None:
    """The first difference between two verdicts on a case, null where there is none.

    Where Frictionless raises, ours has to refuse. It may refuse too where only the cells at hand kept Frictionless from
    raising: a bad bound in a file without rows.
    """
    types = {error["type"] for error in ours.errors}
    if theirs.raised is not None:
        if types and types <= _REFUSALS:
            return None
        return f"Frictionless raises {theirs.raised}; ours ({ours.engine}) reports {sorted(types)}"
    if types == {"schema-error"} and ours.errors != theirs.errors and case.schema and breaks_frictionless(case.schema):
        return None
    for place in range(max(len(theirs.errors), len(ours.errors))):
        expected = theirs.errors[place] if place < len(theirs.errors) else None
        found = ours.errors[place] if place < len(ours.errors) else None
        if expected != found:
            return (
                f"error {place} of {len(theirs.errors)} and {len(ours.errors)} ({ours.engine}):\n"
                f"    frictionless {_told(expected, found)}\n    ours         {_told(found, expected)}"
            )
    for name in ("labels", "warnings", "rows", "fields"):
        if getattr(theirs, name) != getattr(ours, name):
            return f"{name} ({ours.engine}): frictionless {getattr(theirs, name)!r}, ours {getattr(ours, name)!r}"
    return None


def breaks_frictionless(descriptor: Mapping[str, Any]) -> bool:
    """Whether there is a cell at which Frictionless raises."""
    from tests.unit.validation.strategies import KINDS, LITERALS

    schema = Schema.from_descriptor({"$schema": V2_SCHEMA, **_plain(descriptor)})
    for expected in schema.fields:
        kind = KINDS[expected.type]
        texts = [*LITERALS, *kind.nasty, *(text for goods in kind.goods.values() for text in goods)]
        texts += [text for _, goods in kind.options for text in goods]
        keys = [schema.primary_key, *(group["fields"] for group in schema.foreign_keys)]
        is_key = expected.constraints.get("unique") or any(expected.name in key for key in keys)
        try:
            read = expected.create_cell_reader()
            for text in texts:
                value, _ = read(text)
                if is_key:
                    hash(value)
        except Exception:
            return True
    return False


def _told(error: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    if error is None:
        return "nothing"
    parts = ["type", "rowNumber", "fieldName", "note"]
    parts += [key for key in error if other and error[key] != other.get(key) and key not in parts]
    return str({key: error[key] for key in parts if key in error})
