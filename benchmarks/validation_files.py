"""Files to validate, made by a script: the same bytes every time, and about no place."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

MILLION = 1_000_000


@dataclass(frozen=True)
class File:
    """A CSV file and the schema it is validated against."""

    path: Path
    schema: Path


_FIELDS: list[dict[str, Any]] = [
    {
        "name": "code",
        "type": "string",
        "constraints": {"required": True, "unique": True, "pattern": "[A-Z]{2}[0-9]{7}"},
    },
    {"name": "population", "type": "integer", "constraints": {"required": True, "minimum": 0, "maximum": 10_000_000}},
    {"name": "rate", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
    {"name": "ref_date", "type": "date", "constraints": {"required": True, "minimum": "1900-01-01"}},
    {"name": "sex", "type": "string", "constraints": {"enum": ["F", "M", "_T"]}},
    {"name": "urban", "type": "boolean"},
    {"name": "label", "type": "string", "constraints": {"required": True, "maxLength": 40}},
    {"name": "year", "type": "year", "constraints": {"minimum": 1990, "maximum": 2030}},
]
_SCHEMA = {"fields": _FIELDS, "primaryKey": ["code"], "missingValues": ["", "NA"]}

# Numbers that look like chance and are the same everywhere: multiples of a prime, modulo.
_CODE = "chr((65 + {i} % 26)::INTEGER) || chr((65 + {i} // 26 % 26)::INTEGER) || lpad(({i})::VARCHAR, 7, '0')"
_GOOD = {
    "code": _CODE.format(i="i"),
    "population": "i * 7919 % 5000000",
    "rate": "CASE WHEN i % 50 = 3 THEN 'NA' ELSE (i * 104729 % 10000 / 100)::DECIMAL(5, 2)::VARCHAR END",
    "ref_date": "DATE '2000-01-01' + (i * 31 % 9000)::INTEGER",
    "sex": "['F', 'M', '_T'][(i % 3 + 1)::INTEGER]",
    "urban": "i % 4 < 3",
    "label": "['São Paulo', 'Łódź', 'Casablanca', 'İzmir', 'Quận 1'][(i % 5 + 1)::INTEGER] || ' ' || i % 1000",
    "year": "1990 + i % 35",
}
_BAD = {
    "population": "CASE WHEN i % 900 = 100 THEN '-5' ELSE ({good})::VARCHAR END",
    "rate": "CASE WHEN i % 900 = 200 THEN '101' ELSE {good} END",
    "ref_date": "CASE WHEN i % 900 = 300 THEN '2020-13-01' ELSE ({good})::VARCHAR END",
    "sex": "CASE WHEN i % 900 = 400 THEN 'Q' ELSE {good} END",
    "urban": "CASE WHEN i % 900 = 500 THEN 'maybe' ELSE ({good})::VARCHAR END",
    "label": "CASE WHEN i % 900 = 600 THEN '' ELSE {good} END",
    "year": "CASE WHEN i % 900 = 700 THEN '1800' ELSE ({good})::VARCHAR END",
}


def national(folder: Path, rows: int, *, has_errors: bool = False) -> File:
    """Eight fields with a key; with errors, one row in a hundred has a wrong cell or another row's key."""
    columns = dict(_GOOD)
    if has_errors:
        columns |= {name: sql.format(good=_GOOD[name]) for name, sql in _BAD.items()}
        earlier = _CODE.format(i="(i - 450)")
        columns["code"] = f"CASE WHEN i % 900 = 0 THEN 'x' WHEN i % 900 = 800 THEN {earlier} ELSE {_GOOD['code']} END"
    return _made(folder, f"national-{rows}-{has_errors}", columns, rows, _SCHEMA)


def all_bad(folder: Path, rows: int) -> File:
    """Every row has a wrong cell."""
    return _made(folder, f"bad-{rows}", {**_GOOD, "urban": "'maybe'"}, rows, _SCHEMA)


def french(folder: Path, rows: int) -> File:
    """Semicolons, decimal commas, blanks between thousands, dates like 31/12/2024."""
    number = {"type": "number", "groupChar": " ", "decimalChar": ","}
    schema = {
        "fields": [
            {"name": "code", "type": "string", "constraints": {"required": True, "pattern": "[0-9]{5}"}},
            {"name": "montant", **number, "constraints": {"minimum": 0}},
            {"name": "taux", **number, "constraints": {"minimum": 0, "maximum": 100}},
            {"name": "date_debut", "type": "date", "format": "%d/%m/%Y", "constraints": {"required": True}},
            {"name": "date_fin", "type": "date", "format": "%d/%m/%Y"},
        ]
    }
    columns = {
        "code": "lpad((i % 96000)::VARCHAR, 5, '0')",
        "montant": "replace(format('{:,}', i * 7919 % 5000000), ',', ' ') || ',' || lpad((i % 100)::VARCHAR, 2, '0')",
        "taux": "(i * 31 % 100)::VARCHAR || ',' || (i % 10)::VARCHAR",
        "date_debut": "strftime(DATE '2000-01-01' + (i * 31 % 9000)::INTEGER, '%d/%m/%Y')",
        "date_fin": "strftime(DATE '2001-01-01' + (i * 37 % 9000)::INTEGER, '%d/%m/%Y')",
    }
    return _made(folder, f"french-{rows}", columns, rows, schema, delimiter=";")


def wide(folder: Path, rows: int) -> File:
    """Thirty columns, five of each of six kinds."""
    kinds: dict[str, tuple[dict[str, Any], str]] = {
        "text": ({"type": "string", "constraints": {"maxLength": 20}}, "'text ' || (i * {k} % 1000)::VARCHAR"),
        "whole": ({"type": "integer", "constraints": {"minimum": 0}}, "i * {k} % 100000"),
        "real": ({"type": "number"}, "(i * {k} % 10000 / 100)::DECIMAL(6, 2)"),
        "day": (
            {"type": "date", "format": "%d/%m/%Y"},
            "strftime(DATE '2000-01-01' + (i * {k} % 9000)::INTEGER, '%d/%m/%Y')",
        ),
        "kind": (
            {"type": "string", "constraints": {"enum": ["a", "b", "c", "d"]}},
            "['a', 'b', 'c', 'd'][(i * {k} % 4 + 1)::INTEGER]",
        ),
        "flag": ({"type": "boolean"}, "i * {k} % 3 = 0"),
    }
    names = {
        f"{name}_{k}": (field, sql.format(k=k)) for k in (7, 11, 13, 17, 19) for name, (field, sql) in kinds.items()
    }
    schema = {"fields": [{"name": name, **field} for name, (field, _) in names.items()]}
    return _made(folder, f"wide-{rows}", {name: sql for name, (_, sql) in names.items()}, rows, schema)


def _made(
    folder: Path, name: str, columns: dict[str, str], rows: int, schema: dict[str, Any], delimiter: str = ","
) -> File:
    file = File(folder / f"{name}.csv", folder / f"{name}.json")
    if not file.path.exists():
        selected = ", ".join(f"{sql} AS {column}" for column, sql in columns.items())
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT {selected} FROM range({rows}) AS numbers(i)) TO '{file.path}' "
                f"(FORMAT csv, HEADER, DELIMITER '{delimiter}')"
            )
        file.schema.write_text(json.dumps(schema), encoding="utf-8")
    return file
