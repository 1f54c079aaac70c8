"""Declarations against each other: what a source or an indicator says must fit the schemas it names."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.specs.declaration import Declared, Fault
from pipelines.specs.indicator import Indicator
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import Source, Table

Schemas = Mapping[str, Declared[StandardSchema]]
Place = tuple[str | int, ...]


def source_faults(source: Declared[Source], schemas: Schemas, root: Path) -> list[Fault]:
    """What in a source does not fit the standard schemas."""
    found: list[tuple[Place, str]] = []
    for index, table in enumerate(source.spec.tables):
        at: Place = ("tables", index)
        name, _, version = table.conforms_to.partition("@")
        if name not in schemas:
            found.append(((*at, "conforms_to"), _unknown_schema(name, schemas)))
            continue
        schema = schemas[name].spec
        if schema.version != int(version):
            found.append(((*at, "conforms_to"), f"{name} is at version {schema.version}, not {version}"))
        found += [((*at, *place), message) for place, message in _table_faults(table, schema)]
    return [source.fault(place, message, root) for place, message in found]


def indicator_faults(indicator: Declared[Indicator], schemas: Schemas, root: Path) -> list[Fault]:
    """What in an indicator does not fit the standard schemas, and which of its files are missing."""
    spec = indicator.spec
    found: list[tuple[Place, str]] = [
        (("inputs", index), _unknown_schema(name, schemas))
        for index, name in enumerate(spec.inputs)
        if name not in schemas
    ]
    for name, measure in spec.prepare.items():
        for role, schema in (("of", measure.of), ("within", measure.within)):
            if schema not in spec.inputs:
                found.append((("prepare", name, role), f"{schema!r} must be among the inputs"))
    for beside in ("query.sql", "method.md"):
        if indicator.text(beside) is None:
            found.append(((), f"{beside} is missing beside indicator.yaml"))
    return [indicator.fault(place, message, root) for place, message in found]


def _unknown_schema(name: str, schemas: Schemas) -> str:
    return f"no schema {name!r}; known: {', '.join(sorted(schemas))}"


def _table_faults(table: Table, schema: StandardSchema) -> Iterator[tuple[Place, str]]:
    targets = table.targets()
    for target in sorted({target for target in targets if targets.count(target) > 1}):
        yield (), f"{target!r} is filled twice; keep one of columns, derive, constants, unpivot"
    for field in schema.fields:
        if field.constraints.required and field.name not in targets:
            yield (), f"{schema.reference} requires {field.name!r}; fill it from columns, derive or constants"
    has = ", ".join(schema.field_names)
    for place, name in _mentioned_fields(table):
        if name not in schema.field_names:
            yield place, f"{schema.reference} has no field {name!r}; it has {has}"


def _mentioned_fields(table: Table) -> Iterator[tuple[Place, str]]:
    for section in ("columns", "derive", "constants", "values"):
        yield from (((section, name), name) for name in getattr(table, section))
    if table.unpivot:
        yield ("unpivot", "into"), table.unpivot.into
        yield ("unpivot", "value"), table.unpivot.value
    for position, check in enumerate(table.expect.reconcile):
        for name in filter(None, (check.measure, check.weight)):
            yield ("expect", "reconcile", position), name
