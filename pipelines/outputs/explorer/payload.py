"""What the explorer shows: the totals of every indicator, with names, certificates, sources and outlines.

Breakdowns and the small territories stay in the release's tables: a page that opens at once holds the totals of
countries, regions, provinces, counties and cities.
"""

from pathlib import Path
from typing import Any

from pipelines.outputs.explorer.page import render
from pipelines.outputs.release import DATABASE, Release
from pipelines.specs.indicator import Indicator
from pipelines.warehouse import quote

SHOWN_LEVELS = ("country", "region", "province", "county", "city", "clip")
_QUARANTINE_SHOWN = 200
_ALIGNMENTS = ("exact", "proxy", "contextual")

FIRST_QUERY = """SELECT territory_name, period, value, value_low, value_high, cert_level
FROM latest
WHERE indicator_id = '{indicator_id}' AND territory_level = '{level}' AND sex = '_T' AND urbanisation = '_T'
ORDER BY value DESC
LIMIT 10;"""


def write_explorer(release: Release) -> list[Path]:
    """Write `explorer.html`, which opens from disk and asks nothing of a network."""
    file = release.folder / "explorer.html"
    file.write_text(render(payload(release)), encoding="utf-8")
    return [file]


def payload(release: Release) -> dict[str, Any]:
    """The explorer's data, see `page.render`."""
    certificates = {certificate["certificate_id"]: certificate for certificate in release.certificates}
    index = {certificate_id: number for number, certificate_id in enumerate(sorted(certificates))}
    levels = ", ".join(f"'{level}'" for level in SHOWN_LEVELS)
    specs = {declared.spec.id: declared.spec for declared in release.workspace.indicators.values()}
    specs = dict(sorted(specs.items(), key=lambda item: (_ALIGNMENTS.index(item[1].sdg.alignment), item[0])))
    values = {name: _values(release, name, levels, index) for name in specs}
    shown = [spec for name, spec in specs.items() if values[name]["rows"]]
    return {
        "title": release.title,
        "release_id": release.release_id,
        "content_sha256": release.content_sha256,
        "engine_version": release.engine_version,
        "indicators": [_indicator(spec) for spec in shown],
        "territories": _territories(release, levels),
        "values": {spec.id: values[spec.id] for spec in shown},
        "certificates": [_certificate(certificates[key]) for key in sorted(certificates)],
        "sources": _sources(release, index),
        "quarantine": _quarantine(release),
        "maps": release.maps,
        "files": _files(release.folder),
        "query": FIRST_QUERY.format(indicator_id=shown[0].id, level="city") if shown else "FROM indicator_value;",
    }


def _indicator(spec: Indicator) -> dict[str, Any]:
    return {
        "id": spec.id,
        "title": spec.title,
        "short_title": spec.short_title,
        "description": spec.description,
        "unit": spec.unit,
        "direction": spec.direction,
        "alignment": spec.sdg.alignment,
        "goal": spec.sdg.goal,
        "target": spec.sdg.target,
        "sdg_indicator": spec.sdg.indicator,
        "series": spec.series,
        "caveats": spec.caveats,
        "assumptions": [assumption.model_dump() for assumption in spec.assumptions],
        "formula": f"{spec.ratio.multiplier:g} × numerator / denominator",
        "range": spec.range,
        "target_value": spec.target.model_dump() if spec.target else None,
        "method_version": spec.method_version,
    }


def _territories(release: Release, levels: str) -> dict[str, Any]:
    rows = release.warehouse.rows(
        f"SELECT territory_id, territory_name, territory_level, country_code, parent_id FROM territory "
        f"WHERE territory_level IN ({levels}) ORDER BY territory_id"
    )
    return {"columns": ["id", "name", "level", "country", "parent"], "rows": [list(row) for row in rows]}


def _values(release: Release, indicator_id: str, levels: str, index: dict[str, int]) -> dict[str, Any]:
    totals = " AND ".join(f"{quote(name)} = '_T'" for name in ["sex", "urbanisation", *release.own_dimensions])
    rows = release.warehouse.rows(
        f"""
        SELECT
            territory_id, period, nullif(series, ''), value::DOUBLE, value_low::DOUBLE, value_high::DOUBLE,
            numerator::DOUBLE, denominator::DOUBLE, obs_status, status_reason, cert_level, method, certificate_ids
        FROM indicator_value JOIN territory USING (territory_id)
        WHERE indicator_id = $indicator AND territory_level IN ({levels}) AND {totals}
        ORDER BY series, period, territory_id, age_group
        """,
        {"indicator": indicator_id},
    )
    return {
        "columns": [
            "territory",
            "period",
            "series",
            "value",
            "low",
            "high",
            "numerator",
            "denominator",
            "status",
            "reason",
            "cert_level",
            "method",
            "certificates",
        ],
        "rows": [[*map(_short, row[:-1]), [index[key] for key in row[-1] if key in index]] for row in rows],
    }


def _short(cell: Any) -> Any:
    """A number with no more digits than are kept, and a whole one without a fraction: the page stays light."""
    if isinstance(cell, float):
        cell = round(cell, 6)
        return int(cell) if cell.is_integer() else cell
    return cell


def _certificate(content: dict[str, Any]) -> dict[str, Any]:
    keys = ("criterion", "name", "title", "dimension", "outcome", "value", "unit", "explanation")
    return {
        "id": content["certificate_id"],
        "source_id": content["source_id"],
        "level": content["level"],
        "level_name": content["level_name"],
        "quality_level": content["quality_level"],
        "assurance_cap": content.get("assurance_cap"),
        "profile_cap": content.get("profile_cap"),
        "caps": content["caps"],
        "results": [{key: result[key] for key in keys} for result in content["results"]],
    }


def _sources(release: Release, index: dict[str, int]) -> list[dict[str, Any]]:
    rows = release.warehouse.records(
        """
        SELECT
            source_id AS id, title, publisher, licence, attribution, homepage, reference_date, vintage_id,
            vintage.sha256, notes, received, accepted, quarantined, out_of_scope, certificate_id
        FROM source LEFT JOIN vintage USING (vintage_id, source_id) ORDER BY source_id
        """
    )
    return [{**row, "certificate": index.get(row.pop("certificate_id"))} for row in rows]


def _quarantine(release: Release) -> dict[str, Any]:
    total = release.warehouse.value("SELECT count(*) FROM quarantine")
    rows = release.warehouse.records(
        f"""
        SELECT source_id, table_name AS "table", source_row, column_name AS "column", value, rule, message, fix
        FROM quarantine ORDER BY source_id, table_name, source_row, rule, column_name LIMIT {_QUARANTINE_SHOWN}
        """
    )
    for row in rows:
        if row["value"] and len(row["value"]) > 80:
            row["value"] = row["value"][:77] + "…"
    return {"total": total, "rows": rows}


def _files(folder: Path) -> list[dict[str, Any]]:
    titles = {
        DATABASE: "Everything, as a DuckDB database",
        "datapackage.json": "Data Package: the CSV files, described",
        "csv/indicator_value.csv": "All values (CSV)",
        "parquet/indicator_value.parquet": "All values (Parquet)",
        "README.md": "About this release",
    }
    sdmx = {f"sdmx/{file.name}": f"SDMX: {file.name}" for file in sorted((folder / "sdmx").glob("*"))}
    return [
        # DuckDB lays its file out anew each time: its size would give the same release another page.
        {"path": path, "title": title, "bytes": None if path == DATABASE else (folder / path).stat().st_size}
        for path, title in {**titles, **sdmx}.items()
        if (folder / path).is_file()
    ]
