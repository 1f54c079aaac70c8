"""What is to be judged, as Frictionless understands it: opened, local, its header read."""

import contextlib
import csv
import functools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from pipelines.validation.archives import check_archive
from pipelines.validation.attribute_tables import FORMATS as ATTRIBUTE_FORMATS
from pipelines.validation.attribute_tables import open_attribute_table
from pipelines.validation.raw_records import DAMAGE, Damaged
from pipelines.validation.report import Error

Resource: TypeAlias = str | Path | Mapping[str, Any] | pa.Table

V2 = "https://datapackage.org/profiles/2.0/dataresource.json"
FORMATS = frozenset({"csv", "tsv", "json", "jsonl", "ndjson", "xlsx", "inline"}) | ATTRIBUTE_FORMATS
_COMPRESSIONS = frozenset({"", "gz", "zip", "bz2", "xz"})
MEMORY = "<memory>"
_BATCH = 1_024


class Refused(Exception):
    """The table cannot be judged; the errors say why."""

    def __init__(self, *errors: Error) -> None:
        super().__init__(errors)
        self.errors = list(errors)


@dataclass(frozen=True)
class Opened:
    """A table whose header is read and whose rows wait.

    Attributes:
        resource: Frictionless' own resource, open; its dialect and encoding are what was declared or found.
        labels: The header.
        header_errors: What is wrong with it.
        fields: The field that each column is judged by, in the order of the columns; `fieldsMatch` is in it.
        primary_key: The fields of the key, empty where there is none or a part of it is not in the table.
        unique_keys: The fields of each further key (`uniqueKeys`, which Frictionless ignores).
        foreign_keys: As declared.
        is_empty: Neither header nor rows.
        table: The rows as text, where the resource is an Arrow table of text columns.
    """

    resource: Any
    labels: list[str]
    header_errors: list[Error]
    fields: list[Any]
    primary_key: list[str]
    unique_keys: list[list[str]]
    foreign_keys: list[dict[str, Any]]
    is_empty: bool
    table: pa.Table | None = field(default=None, repr=False)

    @property
    def records(self) -> Iterator[tuple[int, list[Any]]]:
        """The number and the cells of every record after the header, read once and as Frictionless reads them."""
        stream: Iterator[tuple[int, list[Any]]] = self.resource.dialect.read_enumerated_content_stream(
            self.resource.cell_stream
        )
        return stream


def frictionless_resource(given: Resource, schema: Any, basepath: Path | None) -> Any:
    """Frictionless' resource for whatever was given.

    A path or a table has no descriptor of its own; version 2 of the standard is assumed for it, so that labelled
    missing values and exclusive bounds work. A descriptor is taken at its word.

    Raises:
        Refused: A descriptor is not valid, or means something that is not on this machine.
    """
    from frictionless import FrictionlessException
    from frictionless import Resource as FrictionlessResource

    descriptor, base = _descriptor(given, basepath)
    if schema is not None:
        descriptor["schema"] = schema
    _check_local(descriptor, base)
    try:
        resource = FrictionlessResource.from_descriptor({**descriptor, "type": "table"}, basepath=str(base))
    except FrictionlessException as exception:
        raise Refused(*map(Error.of, exception.to_errors())) from None
    except (AttributeError, KeyError, TypeError, ValueError) as exception:
        note = f"the descriptor cannot be read ({exception}); fields and references are objects, keys are lists"
        raise Refused(Error("schema-error", note)) from None
    if isinstance(given, pa.Table):
        resource.data = functools.partial(_rows, given)
    return resource


def _rows(table: pa.Table) -> Iterator[list[Any]]:
    yield table.column_names
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from map(list, zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _descriptor(given: Resource, basepath: Path | None) -> tuple[dict[str, Any], Path]:
    if isinstance(given, Mapping):
        return {"name": "table", **given}, basepath or Path()
    if isinstance(given, pa.Table):
        return {"$schema": V2, "name": "memory", "data": [given.column_names]}, basepath or Path()
    path = (basepath or Path()) / given
    return {"$schema": V2, "name": path.stem.lower() or "table", "path": path.name}, path.parent


def _check_local(descriptor: Mapping[str, Any], base: Path) -> None:
    """Nothing is fetched: Frictionless would follow any address in a path, a schema or a dialect."""
    for name in ("path", "extrapaths", "schema", "dialect", "profile"):
        value = descriptor.get(name)
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, str) or (name == "profile" and "/" not in item):
                continue
            if "://" in item or not _is_inside(base / item, base):
                note = f'"{name}" is "{item}"; only files in the folder of the descriptor are read'
                raise Refused(Error("scheme-error", note))
    if descriptor.get("scheme") not in (None, "", "file"):
        raise Refused(Error("scheme-error", f'scheme "{descriptor["scheme"]}" is not a file of this machine'))


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


@contextmanager
def opened(resource: Any, table: pa.Table | None = None) -> Iterator[Opened]:
    """Open a resource and read its header; closed again at the end.

    Raises:
        Refused: Frictionless cannot open it; the errors are those that it would report.
        DataError: The file is made to exhaust whoever reads it.
    """
    from frictionless import FrictionlessException
    from frictionless.formats.csv.settings import FIELD_SIZE_LIMIT

    foreign_keys = list(resource.schema.foreign_keys) if resource.schema else []
    if resource.schema:
        resource.schema.foreign_keys = []
    try:
        resource = readable(resource)
        # Elsewhere in the process it may have been made smaller.
        csv.field_size_limit(FIELD_SIZE_LIMIT)
        resource.open()
    except FrictionlessException as exception:
        resource.close()
        raise Refused(*map(Error.of, exception.to_errors())) from None
    except DAMAGE as exception:
        resource.close()
        raise Refused(Error("compression-error", str(exception) or type(exception).__name__)) from None
    except (TypeError, ValueError, AttributeError, KeyError) as exception:
        resource.close()
        raise Refused(Error("schema-error", f"Frictionless cannot use the descriptor: {exception}")) from None
    with resource:
        yield _facts(resource, foreign_keys, table)


def readable(resource: Any) -> Any:
    """The resource itself, or its rows in memory where Frictionless reads no table from such a file."""
    kind, compression = resource.format or "", resource.compression or ""
    if kind not in FORMATS:
        raise Refused(Error("format-error", f'format "{kind}" is not supported'))
    if compression not in _COMPRESSIONS:
        raise Refused(Error("compression-error", f'compression "{compression}" is not supported'))
    if resource.extrapaths and kind not in ("csv", "tsv"):
        raise Refused(Error("format-error", f'format "{kind}" cannot be in parts'))
    if resource.path is None:
        return resource
    path = Path(resource.normpath)
    if not path.is_file():
        raise Refused(Error("scheme-error", f"[Errno 2] No such file or directory: '{resource.normpath}'"))
    packed = {"compression": compression, "innerpath": resource.innerpath}
    # Frictionless has words of its own for a damaged file.
    with contextlib.suppress(Damaged):
        check_archive(path, kind, **packed)
    if kind not in ATTRIBUTE_FORMATS:
        return resource
    return _attributes(resource, open_attribute_table(path, kind, layer=resource.custom.get("layer"), **packed))


def _attributes(resource: Any, attributes: Any) -> Any:
    from frictionless.resources import TableResource

    def rows() -> Iterator[list[Any]]:
        yield attributes.labels
        yield from attributes.rows

    return TableResource(name=resource.name, data=rows, schema=resource.schema, dialect=resource.dialect)


def _facts(resource: Any, foreign_keys: list[dict[str, Any]], table: pa.Table | None) -> Opened:
    from frictionless import FrictionlessException

    header = resource.header
    fields = header.get_expected_fields()
    names = {expected.name for expected in fields}
    key = list(resource.schema.primary_key)
    if not set(key) <= names:
        key = []
    elif not resource.dialect.header_case:
        lower = [name.lower() for name in key]
        key = [expected.name for expected in fields if expected.name.lower() in lower]
    try:
        errors = [Error.of(error) for error in header.errors]
    except FrictionlessException as exception:
        raise Refused(*map(Error.of, exception.to_errors())) from None
    return Opened(
        resource,
        list(resource.labels),
        errors,
        fields,
        key,
        [unique for unique in resource.schema.custom.get("uniqueKeys", []) if set(unique) <= names],
        [group for group in foreign_keys if set(group["fields"]) <= names],
        not (resource.labels or resource.fragment),
        table,
    )
