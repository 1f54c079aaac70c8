"""A made-up country, ZZ, as a workspace on disk: every name and figure in it is invented, and looks it.

Declarations are written as JSON, which is YAML too, so that a test can pass plain Python values.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.specs.declaration import Declared
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import Source
from pipelines.specs.workspace import Workspace, load_workspace
from pipelines.steps.certify import InService
from pipelines.steps.compute import Computed, compute
from pipelines.steps.conform import Conformed, conform
from pipelines.steps.fetch import fetch
from pipelines.steps.standardise import PROVENANCE, Standard
from pipelines.steps.validate import Validated, duckdb_type, validate_tables
from pipelines.store import Store
from pipelines.warehouse import Warehouse, quote

Row = dict[str, Any]

OFFICE = "zz_office"
ASSURANCE = ("operational_context", "communication", "supplier_checks", "own_investigation")

SOURCE: Row = {
    "title": "Invented figures of ZZ",
    "description": "Invented for a test. Grain: one row for each thing.",
    "publisher": {"name": "Office of ZZ (invented)", "kind": "nso"},
    "licence": "CC0-1.0",
    "attribution": "Invented for a test",
    "contact": "office@zz.invalid",
    "profile": "register",
    "frequency": "annual",
    "data": {"connector": "file", "path": "figures.csv", "format": "csv"},
}

INDICATOR: Row = {
    "title": "Unemployment in ZZ",
    "short_title": "Unemployment",
    "description": "Invented for a test.",
    "sdg": {"goal": "8", "target": "8.5", "indicator": "8.5.2", "alignment": "exact"},
    "unit": "%",
    "range": [0, 100],
    "direction": "lower_is_better",
    "disaggregate_by": ["sex", "age_group", "urbanisation"],
    "inputs": ["labour_force"],
    "ratio": {"multiplier": 100},
    "method_version": 1,
}

RATE_SQL = """
SELECT
    territory_id, period, sex, age_group, urbanisation,
    unemployed AS numerator, labour_force AS denominator, [row_id] AS input_rows
FROM standard.labour_force
"""

TERRITORY_TABLE: Row = {
    "conforms_to": "territory@1",
    "columns": {"territory_id": "code", "territory_name": "name", "territory_level": "level", "parent_id": "parent"},
    "constants": {"country_code": "ZZ"},
}

LABOUR_TABLE: Row = {
    "conforms_to": "labour_force@1",
    "columns": {"territory_id": "code", "period": "year", "labour_force": "active", "unemployed": "jobless"},
    "constants": {"sex": "_T", "age_group": "Y_GE15", "urbanisation": "_T"},
}

READING_SCHEMA: Row = {
    "version": 1,
    "title": "Reading",
    "description": "An invented reading. Grain: one row for each station and day.",
    "standard": "invented",
    "kind": "reference",
    "fields": [
        {"name": "station_id", "type": "string", "title": "Station", "description": "Its id.",
         "constraints": {"required": True, "pattern": "[A-Z][0-9]*"}},
        {"name": "day", "type": "date", "title": "Day", "description": "The day."},
        {"name": "count", "type": "integer", "title": "Count", "description": "People counted.", "unit": "people",
         "constraints": {"minimum": 0, "maximum": 1000}},
        {"name": "share", "type": "number", "title": "Share", "description": "A share.", "unit": "%",
         "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "degrees", "type": "number", "title": "Degrees", "description": "A coordinate.", "unit": "degrees",
         "is_float": True, "constraints": {"minimum": -180, "maximum": 180}},
        {"name": "is_open", "type": "boolean", "title": "Open", "description": "Whether it is open."},
        {"name": "founded", "type": "year", "title": "Founded", "description": "The year."},
        {"name": "mode", "type": "string", "title": "Mode", "description": "How.",
         "constraints": {"enum": ["bus", "tram"]}},
    ],
    "primaryKey": ["station_id"],
}  # fmt: skip

READING_FIELDS = [field["name"] for field in READING_SCHEMA["fields"]]
READING_TABLE: Row = {"conforms_to": "reading@1", "columns": {name: name for name in READING_FIELDS}}


def csv_text(columns: Iterable[str], *rows: Iterable[Any], delimiter: str = ",") -> str:
    """A CSV file; None is an empty cell, and cells that need quotes get them."""

    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & {delimiter, '"', "\n", "\r"} else text

    return "".join(delimiter.join(map(cell, row)) + "\n" for row in [columns, *rows])


def read_rows(file: Path) -> list[Row]:
    """The rows of a Parquet file."""
    rows: list[Row] = pq.read_table(file).to_pylist()
    return rows


@dataclass(frozen=True)
class Country:
    """The workspace of ZZ in a folder of its own."""

    root: Path

    def write(self, path: str, content: str | bytes | Mapping[str, Any]) -> Path:
        """Write a file of the workspace; a mapping becomes a declaration."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
            file.write_text(text, encoding="utf-8", newline="")
        return file

    def extends(self, *kinds: str) -> "Country":
        """Take these kinds over from the repository."""
        self.write("workspace.yaml", {"extends": list(kinds)})
        return self

    def schema(self, name: str, content: Mapping[str, Any]) -> None:
        """Declare a schema."""
        self.write(f"schemas/{name}/schema.yaml", {"name": name, **content})

    def source(self, source_id: str, content: str | bytes, *tables: Row, **changes: Any) -> None:
        """Declare a source with its file."""
        declaration = {"id": source_id, **SOURCE, "tables": list(tables), **changes}
        declaration["data"] = SOURCE["data"] | declaration["data"]
        self.write(f"sources/{source_id}/source.yaml", declaration)
        self.write(f"sources/{source_id}/{declaration['data']['path']}", content)

    def places(self, *rows: tuple[str, str, str, str | None], source_id: str = "zz_places", **changes: Any) -> None:
        """Declare territories: code, name, level, parent."""
        content = csv_text(["code", "name", "level", "parent"], *rows)
        self.source(source_id, content, TERRITORY_TABLE, **changes)

    def members(self, *pairs: tuple[str, str]) -> None:
        """Declare which territories consist of which."""
        columns = {"territory_id": "whole", "member_id": "part"}
        table = {"conforms_to": "territory_member@1", "columns": columns}
        self.source("zz_members", csv_text(["whole", "part"], *pairs), table)

    def labour(self, *rows: tuple[Any, ...], source_id: str = "zz_labour", **changes: Any) -> None:
        """Declare labour figures: code, year, active, jobless; `changes` of the table under `table`."""
        table = LABOUR_TABLE | changes.pop("table", {})
        content = csv_text(["code", "year", "active", "jobless"], *rows)
        self.source(source_id, content, table, **changes)

    def readings(self, content: str | bytes, source_id: str = "zz_readings", **changes: Any) -> None:
        """Declare a source of the schema `reading`; `changes` of the table under `table`."""
        table = READING_TABLE | changes.pop("table", {})
        self.source(source_id, content, table, **changes)

    def assurance(self, source_id: str, *levels: str) -> None:
        """Fill in the assurance form of a source."""
        areas = {area: {"level": level, "evidence": "invented"} for area, level in zip(ASSURANCE, levels, strict=True)}
        form = {"acknowledged_by": "a steward of ZZ", "acknowledged_on": "2024-01-01", **areas}
        self.write(f"sources/{source_id}/assurance.yaml", form)

    def indicator(self, indicator_id: str = "zz_rate", query: str = RATE_SQL, **changes: Any) -> None:
        """Declare an indicator."""
        folder = f"indicators/{indicator_id}"
        self.write(f"{folder}/indicator.yaml", {"id": indicator_id, **INDICATOR, **changes})
        self.write(f"{folder}/query.sql", query)
        self.write(f"{folder}/method.md", "# Method\n\nInvented.\n")

    def workspace(self) -> Workspace:
        """The workspace, free of faults."""
        workspace = load_workspace(self.root)
        assert [str(fault) for fault in workspace.faults] == []
        return workspace

    def faults(self) -> list[str]:
        """Every fault of the workspace, as a person reads it."""
        return [str(fault) for fault in load_workspace(self.root).faults]

    def _prepared(self, source_id: str) -> tuple[Store, Declared[Source], dict[str, StandardSchema]]:
        workspace = self.workspace()
        schemas = {name: declared.spec for name, declared in workspace.schemas.items()}
        return Store(workspace.data), workspace.sources[source_id], schemas

    def conformed(self, source_id: str) -> Conformed:
        """The source, fetched and conformed."""
        store, source, schemas = self._prepared(source_id)
        return conform(store, fetch(store, source), source, schemas)

    def validated(self, source_id: str) -> Validated:
        """The source, fetched, conformed and validated."""
        store, source, schemas = self._prepared(source_id)
        return validate_tables(store, conform(store, fetch(store, source), source, schemas), source, schemas)


def standard_table(folder: Path, schema: StandardSchema, rows: list[Row], source_id: str = OFFICE) -> Standard:
    """A standard table as `standardise` leaves it, from rows given by hand; fields not given are null."""
    folder.mkdir(parents=True, exist_ok=True)
    given = [
        {
            "row_id": f"{source_id}:{schema.name}:{number}",
            "source_id": source_id,
            "vintage_id": f"{source_id}@0",
            "certificate_id": f"{source_id}-0",
        }
        | row
        for number, row in enumerate(rows, start=2)
    ]
    names = [*schema.field_names, *PROVENANCE]
    cells = {
        name: pa.array([None if (v := row.get(name)) is None else str(v) for row in given], pa.string())
        for name in names
    }
    types = {field.name: duckdb_type(field) for field in schema.fields}
    typed = ", ".join(f"CAST({quote(name)} AS {types.get(name, 'VARCHAR')}) AS {quote(name)}" for name in names)
    with Warehouse([folder]) as warehouse:
        warehouse.register("given", pa.table(cells))
        warehouse.write_parquet(f"SELECT {typed} FROM given", folder / "rows.parquet")
    return Standard(schema.name, folder, len(rows), 0)


def in_service_at(level: int, source_id: str = OFFICE) -> InService:
    """A source in service with a certificate of that level."""
    return InService(source_id, f"{source_id}@0", f"{source_id}-0", level, {}, Path(), Path())


@dataclass(frozen=True)
class Desk:
    """Where an indicator is computed from standard tables given by hand."""

    country: Country
    folder: Path

    def run(
        self,
        labour: list[Row],
        territories: list[Row],
        members: Iterable[tuple[str, str]] = (),
        uses: Iterable[InService] = (in_service_at(3),),
        mark: str = "a",
    ) -> Computed:
        """Compute the indicator `zz_rate`; tables that belong together have one `mark`."""
        workspace = self.country.workspace()
        pairs = [{"territory_id": whole, "member_id": part} for whole, part in members]
        rows = {"labour_force": labour, "territory": territories, "territory_member": pairs}
        standards = {
            name: standard_table(self.folder / f"{name}-{mark}", workspace.schemas[name].spec, table)
            for name, table in rows.items()
        }
        store = Store(self.folder / f"data-{mark}")
        return compute(store, workspace.indicators["zz_rate"], standards, [], list(uses))

    def values(self, *arguments: Any, **options: Any) -> dict[tuple[str, ...], Row]:
        """The values by territory and period, and by sex where it is not the total."""
        rows = read_rows(self.run(*arguments, **options).file)
        return {
            (row["territory_id"], row["period"], *([row["sex"]] if row["sex"] != "_T" else [])): row for row in rows
        }


def place(territory_id: str, level: str = "municipality", **cells: Any) -> Row:
    """A row of the standard table of territories."""
    return {
        "territory_id": territory_id,
        "territory_name": f"Place {territory_id}",
        "territory_level": level,
        "country_code": "ZZ",
        **cells,
    }


def figures(territory_id: str, labour_force: int | None, unemployed: int | None, **cells: Any) -> Row:
    """A row of the standard table of the labour force: the total of 2024 unless cells say otherwise."""
    return {
        "territory_id": territory_id,
        "period": "2024",
        "sex": "_T",
        "age_group": "Y_GE15",
        "urbanisation": "_T",
        "labour_force": labour_force,
        "unemployed": unemployed,
        **cells,
    }
