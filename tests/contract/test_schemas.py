"""Every standard schema holds what it promises: valid rows pass, invalid rows fail with the rule they name.

The judges are frictionless and DuckDB themselves, not the engine's validation.
"""

import csv
from pathlib import Path

import duckdb
import pytest
from frictionless import Resource, Schema

from pipelines.specs.schema import SchemaField, StandardSchema
from pipelines.specs.workspace import ENGINE_ROOT, Workspace

FOLDERS = sorted(path.parent for path in (ENGINE_ROOT / "schemas").glob("*/schema.yaml"))
RULES = {"type-error", "constraint-error", "primary-key"}
DUCKDB_TYPES = {"integer": "BIGINT", "number": "DECIMAL(18, 6)", "date": "DATE", "boolean": "BOOLEAN"}

each_schema = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def read(file: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV file."""
    csv.field_size_limit(20_000_000)
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    return header, rows


def schema_of(workspace: Workspace, folder: Path) -> StandardSchema:
    """The schema of a folder; fails with its faults where it cannot be read."""
    faults = [str(fault) for fault in workspace.faults if Path(fault.file).is_relative_to(f"schemas/{folder.name}")]
    assert not faults, "\n".join(faults)
    return workspace.schemas[folder.name].spec


def broken_rules(schema: StandardSchema, rows: list[list[str]]) -> list[tuple[int, str]]:
    """The rules that rows break, as (row from 1, rule): frictionless' error types, else names of edits."""
    resource = Resource(data=[schema.field_names, *rows], schema=Schema.from_descriptor(schema.table_schema()))
    errors = resource.validate().flatten(["rowNumber", "type"])
    # Frictionless counts the header as row 1.
    return sorted({(number - 1, kind) for number, kind in errors}) or broken_edits(schema, rows)


def broken_edits(schema: StandardSchema, rows: list[list[str]]) -> list[tuple[int, str]]:
    """The edits that rows of the right types break, by DuckDB. An edit that is null does not judge."""
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" VARCHAR' for name in schema.field_names)
        connection.execute(f"CREATE TABLE given (row_number INTEGER, {columns})")
        marks = ", ".join("?" * (1 + len(schema.fields)))
        given = [[number, *(cell or None for cell in row)] for number, row in enumerate(rows, 1)]
        connection.executemany(f"INSERT INTO given VALUES ({marks})", given)
        typed = ", ".join(f'CAST("{field.name}" AS {duckdb_type(field)}) AS "{field.name}"' for field in schema.fields)
        connection.execute(f"CREATE TABLE typed AS SELECT row_number, {typed} FROM given")
        return [
            (number, edit.name)
            for edit in schema.edits
            for (number,) in connection.execute(
                f"SELECT row_number FROM typed WHERE NOT ({edit.rule}) ORDER BY row_number"
            ).fetchall()
        ]


def duckdb_type(field: SchemaField) -> str:
    """The type a field has in a standard table."""
    return "DOUBLE" if field.is_float else DUCKDB_TYPES.get(field.type, "VARCHAR")


def test_the_eleven_standard_schemas_are_there() -> None:
    assert {folder.name for folder in FOLDERS} >= {
        "commuting",
        "dwelling",
        "household_service",
        "labour_force",
        "literacy",
        "open_space",
        "population",
        "territory",
        "territory_boundary",
        "territory_member",
        "transit_stop",
    }


@each_schema
def test_schema_is_declared_without_fault(workspace: Workspace, folder: Path) -> None:
    schema = schema_of(workspace, folder)
    assert schema.name == folder.name
    assert (folder / "CHANGELOG.md").read_text(encoding="utf-8").count(f"\n## Version {schema.version}\n") == 1


@each_schema
def test_valid_rows_pass(workspace: Workspace, folder: Path) -> None:
    schema = schema_of(workspace, folder)
    header, rows = read(folder / "valid.csv")
    assert header == schema.field_names
    assert rows
    assert broken_rules(schema, rows) == []


@each_schema
def test_each_invalid_row_fails_with_the_rule_it_names(workspace: Workspace, folder: Path) -> None:
    schema = schema_of(workspace, folder)
    header, invalid = read(folder / "invalid.csv")
    assert header == [*schema.field_names, "expected_rule"]
    _, valid = read(folder / "valid.csv")
    # Each stands alone behind the valid rows, so that a repeated key has something to repeat.
    found = [broken_rules(schema, [*valid, row[:-1]]) for row in invalid]
    assert found == [[(len(valid) + 1, row[-1])] for row in invalid]


@each_schema
def test_every_rule_has_an_invalid_row(workspace: Workspace, folder: Path) -> None:
    schema = schema_of(workspace, folder)
    _, invalid = read(folder / "invalid.csv")
    named = {row[-1] for row in invalid}
    assert named >= {"constraint-error", "primary-key"} | {edit.name for edit in schema.edits}
    assert named <= RULES | {edit.name for edit in schema.edits}


@each_schema
def test_fields_are_bounded(workspace: Workspace, folder: Path) -> None:
    schema = schema_of(workspace, folder)
    for field in schema.fields:
        limits = field.constraints
        if field.type in ("integer", "number"):
            assert field.unit, field.name
            assert limits.minimum is not None, field.name
            assert limits.maximum is not None, field.name
        elif field.type == "string":
            assert limits.enum or limits.max_length or limits.pattern, field.name
        assert limits.required or field.name not in schema.primary_key, f"{field.name} is a key and not required"


def test_one_name_means_one_quantity_everywhere(workspace: Workspace) -> None:
    meanings: dict[str, set[tuple[str, str | None, str, bool]]] = {}
    for declared in workspace.schemas.values():
        for field in declared.spec.fields:
            meaning = (field.type, field.unit, field.format, field.is_float)
            meanings.setdefault(field.name, set()).add(meaning)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}
