"""From a published value back to the rows of the files it was made from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.outputs.tables import INDICATOR_VALUE
from pipelines.steps.publish import Publication
from pipelines.warehouse import Warehouse, quote, scan

_SHOWN_CELLS = 12
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Question:
    """Which values are asked about: `territory` by id or unambiguous name, `breakdown` by column; others are totals."""

    indicator_id: str
    territory: str
    period: str
    series: str | None = None
    breakdown: Mapping[str, str] = field(default_factory=dict)


def explain_value(publication: Publication, data: Path, question: Question) -> dict[str, Any]:
    """Everything that went into the values of one indicator for one territory and period.

    Args:
        publication: The release.
        data: The workspace's data folder, where the records of the files are.
        question: Which values.

    Returns:
        `indicator`, `territory` and `values`; each value with `inputs` (standard rows by table) and `sources` (vintage,
        certificate, and the records of the file).

    Raises:
        UsageError: There is no such indicator, territory, breakdown or value.
    """
    with Warehouse([data], file=publication.database, read_only=True) as warehouse:
        indicator = _one(warehouse, "indicator", "indicator_id", question.indicator_id)
        place = _territory(warehouse, question.territory)
        wanted = {
            "indicator_id": question.indicator_id,
            "territory_id": place["territory_id"],
            "period": question.period,
            **_breakdown(warehouse, question.breakdown),
        }
        if question.series is not None:
            wanted["series"] = question.series
        where = " AND ".join(f"{quote(name)} = ${name}" for name in wanted)
        values = warehouse.records(f"SELECT * FROM indicator_value WHERE {where} ORDER BY ALL", wanted)
        if not values:
            periods = warehouse.rows(
                "SELECT DISTINCT period FROM indicator_value WHERE indicator_id = $indicator "
                "AND territory_id = $territory ORDER BY 1",
                {"indicator": question.indicator_id, "territory": place["territory_id"]},
            )
            asked = f"{place['territory_name']} in {question.period}"
            raise UsageError(
                f"{question.indicator_id} has no row for {asked} with this breakdown",
                fix=f"periods with rows: {', '.join(row[0] for row in periods) or 'none'}",
            )
        for value in values:
            value["inputs"] = _inputs(warehouse, value["input_rows"])
            value["sources"] = _sources(warehouse, data, value["input_rows"], value["certificate_ids"])
    return {"indicator": indicator, "territory": place, "values": values}


def _breakdown(warehouse: Warehouse, given: Mapping[str, str]) -> dict[str, str]:
    """A code for every breakdown but the age group, which is part of many definitions; `_T` where none is given."""
    own = set(warehouse.columns("FROM indicator_value")) - set(INDICATOR_VALUE.column_names())
    known = {"sex", "urbanisation", "age_group"} | own
    if unknown := sorted(set(given) - known):
        raise UsageError(f"there is no breakdown {unknown[0]!r}", fix=f"known: {', '.join(sorted(known))}")
    return dict.fromkeys(sorted(known - {"age_group"}), "_T") | dict(given)


def _one(warehouse: Warehouse, table: str, key: str, value: str) -> dict[str, Any]:
    rows = warehouse.records(f"SELECT * FROM {quote(table)} WHERE {quote(key)} = $value", {"value": value})
    if not rows:
        known = [row[0] for row in warehouse.rows(f"SELECT {quote(key)} FROM {quote(table)} ORDER BY 1")]
        raise UsageError(f"there is no {table} {value!r}", fix=f"known: {', '.join(known)}")
    return rows[0]


def _territory(warehouse: Warehouse, given: str) -> dict[str, Any]:
    rows = warehouse.records(
        "SELECT territory_id, territory_name, territory_level FROM territory "
        "WHERE territory_id = $given OR lower(territory_name) = lower($given) ORDER BY territory_id",
        {"given": given},
    )
    exact = [row for row in rows if row["territory_id"] == given]
    cities = [row for row in rows if row["territory_level"] == "city"]
    # A province is often called after its city; who names a place means the city.
    for choice in (exact, cities, rows):
        if len(choice) == 1:
            return choice[0]
    if rows:
        names = ", ".join(f"{row['territory_id']} ({row['territory_level']})" for row in rows[:8])
        raise UsageError(f"several territories are called {given!r}", fix=f"give the id: {names}")
    near = warehouse.rows(
        "SELECT territory_name FROM territory ORDER BY jaro_winkler_similarity(territory_name, $given) DESC, "
        "territory_id LIMIT 3",
        {"given": given},
    )
    raise UsageError(f"there is no territory {given!r}", fix=f"did you mean {', '.join(row[0] for row in near)}?")


def _inputs(warehouse: Warehouse, row_ids: list[str]) -> list[dict[str, Any]]:
    tables = [
        row[0]
        for row in warehouse.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'standard' ORDER BY 1"
        )
    ]
    found = []
    for name in tables:
        columns = [
            column
            for column, kind in warehouse.columns(f"FROM standard.{quote(name)}").items()
            if kind != "BLOB" and column not in ("source_id", "vintage_id", "certificate_id")
        ]
        chosen = ", ".join(map(quote, columns))
        rows = warehouse.rows(
            f"SELECT {chosen} FROM standard.{quote(name)} "
            f"WHERE row_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY row_id",
            {"ids": row_ids},
        )
        if rows:
            found.append({"name": name, "columns": columns, "rows": [list(row) for row in rows]})
    return found


def _sources(warehouse: Warehouse, data: Path, row_ids: list[str], certificate_ids: list[str]) -> list[dict[str, Any]]:
    by_source: dict[str, dict[int, set[tuple[str, str]]]] = {}
    for row_id in row_ids:
        source_id, table, rest = row_id.split(":", 2)
        number, _, column = rest.partition(":")
        by_source.setdefault(source_id, {}).setdefault(int(number), set()).add((table, column))
    sources = []
    for source_id, rows in sorted(by_source.items()):
        record = warehouse.records(
            """
            SELECT
                source.source_id, source.title, attribution, licence, vintage.vintage_id, sha256, address,
                records_file, certificate.certificate_id, level, level_name, caps
            FROM certificate
            JOIN source ON source.source_id = certificate.source_id
            JOIN vintage ON vintage.vintage_id = certificate.vintage_id
            WHERE certificate.source_id = $source AND list_contains($ids::VARCHAR[], certificate.certificate_id)
            """,
            {"source": source_id, "ids": certificate_ids},
        )[0]
        record["records"] = _records(warehouse, data, record.pop("records_file"), rows)
        sources.append(record)
    return sources


def _records(
    warehouse: Warehouse, data: Path, records_file: str | None, rows: dict[int, set[tuple[str, str]]]
) -> list[dict[str, Any]]:
    """The records of the file; of a wide one the cells that were read for the tables in question."""
    if records_file is None or not (data / records_file).is_file():
        return []
    manifest = json.loads((data / records_file).with_name("manifest.json").read_text("utf-8"))
    found = warehouse.records(
        f"SELECT * FROM {scan(data / records_file)} "
        f"WHERE source_row IN (SELECT unnest($rows::BIGINT[])) ORDER BY source_row",
        {"rows": sorted(rows)},
    )
    records = []
    for record in found:
        number = record.pop("source_row")
        used = {name for table, column in rows[number] for name in [column, *manifest["columns"].get(table, [])]}
        shown = record if len(record) <= _SHOWN_CELLS else [name for name in record if name in used]
        cells = {name: record[name] for name in shown if len(str(record[name])) <= _SHOWN_CHARACTERS}
        records.append({"source_row": number, "cells": cells})
    return records
