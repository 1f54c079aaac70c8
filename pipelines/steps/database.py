"""The release's DuckDB file: tables for analysts, every column commented, rows in the order of their key."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import rfc8785

from pipelines.outputs.release import own_dimensions
from pipelines.outputs.tables import (
    DIMENSION_DESCRIPTION,
    INDICATOR,
    INDICATOR_VALUE,
    RELEASE_TABLES,
    Column,
    ReleaseTable,
)
from pipelines.outputs.tables import TERRITORY as TERRITORIES
from pipelines.specs.indicator import STANDARD_DIMENSIONS
from pipelines.specs.workspace import TERRITORY
from pipelines.steps.contents import Contents
from pipelines.warehouse import Warehouse, literal, quote, scan


def build_database(file: Path, contents: Contents, release_id: str, content_sha256: str) -> None:
    """One transaction on a new file: tables in a fixed order, rows in key order, every column commented."""
    folders = [s.folder for s in contents.standards.values()] + [c.folder for c in contents.computed]
    folders += [u.folder for u in contents.uses]
    folders += [c.validated.folder for c in contents.certificates if c.validated]
    with Warehouse(folders, file=file, threads=1) as warehouse:
        warehouse.execute("BEGIN")
        warehouse.execute("CREATE SCHEMA standard")
        for name, schema in sorted(contents.workspace.schemas.items()):
            made = scan(contents.standards[name].file)
            warehouse.execute(f"CREATE TABLE standard.{quote(name)} AS FROM {made}")
            comments = {field.name: field.description for field in schema.spec.fields} | _PROVENANCE
            _comment(warehouse, f"standard.{quote(name)}", schema.spec.description, comments)
        rows = {
            "release": [
                {
                    "release_id": release_id,
                    "title": contents.workspace.title,
                    "content_sha256": content_sha256,
                    "engine_version": version("groma"),
                }
            ],
            "indicator": _indicator_rows(contents),
            "source": _source_rows(contents),
            "vintage": _vintage_rows(contents),
            "certificate": _certificate_rows(contents),
            "certificate_result": _result_rows(contents),
        }
        for table in RELEASE_TABLES:
            if table.name == INDICATOR_VALUE.name:
                _load_values(warehouse, contents, release_id)
            elif table.name == TERRITORY:
                _create(warehouse, table, f"SELECT {_columns(table)} FROM standard.{TERRITORY}")
            elif table.name == "quarantine":
                _create(warehouse, table, _quarantine_sql(contents))
            else:
                _load_rows(warehouse, table, rows[table.name])
        warehouse.execute(_latest(contents))
        warehouse.execute(f"COMMENT ON VIEW latest IS {literal(_LATEST_DESCRIPTION)}")
        for name, text in _latest_comments(contents).items():
            warehouse.execute(f"COMMENT ON COLUMN latest.{quote(name)} IS {literal(text)}")
        warehouse.execute("COMMIT")
        warehouse.execute("CHECKPOINT")


_PROVENANCE = {
    "row_id": "Source, table and row of the file that this row comes from.",
    "source_id": "The source.",
    "vintage_id": "The vintage of the source.",
    "certificate_id": "The certificate of that vintage.",
}

_LATEST_DESCRIPTION = "The newest period with a value of each indicator, series, territory and breakdown, with names."


def _latest(contents: Contents) -> str:
    breakdowns = [*STANDARD_DIMENSIONS, *own_dimensions(contents.workspace)]
    key = ", ".join(f"v.{quote(name)}" for name in ["indicator_id", "series", "territory_id", *breakdowns])
    return f"""
        CREATE VIEW latest AS
        SELECT
            indicator.short_title, {TERRITORY}.territory_name, {TERRITORY}.territory_level,
            {TERRITORY}.country_code, v.*
        FROM {INDICATOR_VALUE.name} AS v
        JOIN indicator ON indicator.indicator_id = v.indicator_id
        LEFT JOIN {TERRITORY} ON {TERRITORY}.territory_id = v.territory_id
        WHERE v.value IS NOT NULL
        QUALIFY rank() OVER (PARTITION BY {key} ORDER BY v.period DESC) = 1
    """


def _latest_comments(contents: Contents) -> dict[str, str]:
    named = {
        "short_title": INDICATOR,
        **dict.fromkeys(("territory_name", "territory_level", "country_code"), TERRITORIES),
    }
    described = {name: table.described(name) for name, table in named.items()}
    described |= dict.fromkeys(own_dimensions(contents.workspace), DIMENSION_DESCRIPTION)
    return described | {column.name: column.description for column in INDICATOR_VALUE.columns}


def _columns(table: ReleaseTable) -> str:
    return ", ".join(quote(name) for name in table.column_names())


def _comment(warehouse: Warehouse, name: str, description: str, comments: dict[str, str]) -> None:
    warehouse.execute(f"COMMENT ON TABLE {name} IS {literal(description)}")
    for column, text in comments.items():
        warehouse.execute(f"COMMENT ON COLUMN {name}.{quote(column)} IS {literal(text)}")


def _create(warehouse: Warehouse, table: ReleaseTable, sql: str, extra: tuple[Column, ...] = ()) -> None:
    columns = [*table.columns, *extra]
    typed = ", ".join(f"CAST({quote(column.name)} AS {column.type}) AS {quote(column.name)}" for column in columns)
    order = ", ".join(map(quote, (*table.key, *(column.name for column in extra))))
    warehouse.execute(f"CREATE TABLE {quote(table.name)} AS SELECT {typed} FROM ({sql}) ORDER BY {order}")
    comments = {column.name: column.description for column in columns}
    _comment(warehouse, quote(table.name), table.description, comments)


def _load_rows(warehouse: Warehouse, table: ReleaseTable, rows: list[dict[str, Any]]) -> None:
    arrays = {name: [row.get(name) for row in rows] for name in table.column_names()}
    lists = {column.name for column in table.columns if column.type.endswith("[]")}
    typed = {
        name: pa.array(values, pa.list_(pa.string())) if name in lists else pa.array(values)
        for name, values in arrays.items()
    }
    warehouse.register("rows_to_load", pa.table(typed))
    _create(warehouse, table, "FROM rows_to_load")
    warehouse.unregister("rows_to_load")


def _load_values(warehouse: Warehouse, contents: Contents, release_id: str) -> None:
    own = own_dimensions(contents.workspace)
    extra = tuple(Column(name, "VARCHAR", DIMENSION_DESCRIPTION) for name in own)
    files = scan(*(c.file for c in sorted(contents.computed, key=lambda c: c.indicator_id)))
    filled = "".join(f", coalesce({quote(name)}, '_T') AS {quote(name)}" for name in own)
    exclude = f"EXCLUDE ({', '.join(map(quote, own))})" if own else ""
    sql = f"SELECT * {exclude}{filled}, {literal(release_id)} AS release_id FROM {files}"
    if not contents.computed:
        empty = ", ".join(f"NULL::{column.type} AS {quote(column.name)}" for column in INDICATOR_VALUE.columns)
        sql = f"SELECT {empty} WHERE false"
    _create(warehouse, INDICATOR_VALUE, sql, extra)


def _indicator_rows(contents: Contents) -> list[dict[str, Any]]:
    digests = {c.indicator_id: c.content_sha256 for c in contents.computed}
    rows = []
    for indicator_id, declared in sorted(contents.workspace.indicators.items()):
        spec = declared.spec
        target = spec.target
        rows.append(
            {
                "indicator_id": indicator_id,
                "title": spec.title,
                "short_title": spec.short_title,
                "description": spec.description,
                "goal": spec.sdg.goal,
                "target": spec.sdg.target,
                "sdg_indicator": spec.sdg.indicator,
                "alignment": spec.sdg.alignment,
                "unit": spec.unit,
                "direction": spec.direction,
                "range_low": float(spec.range[0]),
                "range_high": float(spec.range[1]),
                "multiplier": float(spec.ratio.multiplier),
                "aggregation": spec.aggregation,
                "series": json.dumps(spec.series, ensure_ascii=False),
                "target_value": target.value if target else None,
                "target_year": target.year if target else None,
                "target_source": target.source if target else None,
                "requires_level": spec.requires_level,
                "method_version": spec.method_version,
                "caveats": spec.caveats,
                "assumptions": json.dumps([a.model_dump() for a in spec.assumptions], ensure_ascii=False),
                "method": declared.text("method.md"),
                "query": declared.text("query.sql"),
                "content_sha256": digests.get(indicator_id),
            }
        )
    return rows


def _source_rows(contents: Contents) -> list[dict[str, Any]]:
    uses = {use.source_id: use for use in contents.uses}
    rows = []
    for certificate in contents.certificates:
        declared = contents.workspace.sources[certificate.source_id]
        spec, use, validated = declared.spec, uses.get(certificate.source_id), certificate.validated
        accounts = list(validated.accounts.values()) if validated else []
        rows.append(
            {
                "source_id": spec.id,
                "title": spec.title,
                "description": spec.description,
                "publisher": spec.publisher.name,
                "publisher_kind": spec.publisher.kind,
                "licence": spec.licence,
                "attribution": spec.attribution,
                "homepage": spec.homepage,
                "contact": spec.contact,
                "profile": spec.profile,
                "frequency": spec.frequency,
                "reference_date": spec.reference_date,
                "published_on": spec.published_on,
                "definition": spec.definition,
                "notes": spec.notes,
                "is_in_service": use is not None,
                "stale_because": use.stale_because if use else None,
                "vintage_id": use.vintage_id if use else None,
                "certificate_id": certificate.certificate_id,
                "cert_level": certificate.level,
                "records": validated.conformed.received if validated else None,
                "received": sum(a.received for a in accounts) + validated.malformed if validated else None,
                "accepted": sum(a.accepted for a in accounts) if validated else None,
                "quarantined": sum(a.quarantined for a in accounts) + validated.malformed if validated else None,
                "out_of_scope": sum(a.out_of_scope for a in accounts) if validated else None,
            }
        )
    return rows


def _vintage_rows(contents: Contents) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for use in contents.uses:
        subject = use.content["subject"]
        rows[use.vintage_id] = {
            "vintage_id": use.vintage_id,
            "source_id": use.source_id,
            "sha256": subject["sha256"],
            "bytes": subject["bytes"],
            "address": subject["address"],
            "records_file": "/".join(use.records.parts[-4:]),
        }
    return sorted(rows.values(), key=lambda row: row["vintage_id"])


def _certificate_rows(contents: Contents) -> list[dict[str, Any]]:
    used = {use.certificate_id: use.content for use in contents.uses}
    every = {c.certificate_id: c.content for c in contents.certificates} | used
    return [
        {
            "certificate_id": certificate_id,
            "source_id": content["source_id"],
            "vintage_id": content["vintage_id"],
            "level": content["level"],
            "level_name": content["level_name"],
            "quality_level": content["quality_level"],
            "assurance_cap": content.get("assurance_cap"),
            "profile_cap": content.get("profile_cap"),
            "caps": content["caps"],
            "content": rfc8785.dumps(content).decode(),
        }
        for certificate_id, content in sorted(every.items())
    ]


def _result_rows(contents: Contents) -> list[dict[str, Any]]:
    return [
        {"certificate_id": row["certificate_id"], **result}
        for row in _certificate_rows(contents)
        for result in json.loads(row["content"])["results"]
    ]


def _quarantine_sql(contents: Contents) -> str:
    files = [c.validated.quarantine for c in contents.certificates if c.validated]
    files += [contents.standards[name].quarantine for name in sorted(contents.standards)]
    return f"FROM {scan(*files)}"
