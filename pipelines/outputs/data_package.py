"""The release as a Data Package v2: what the CSV files hold, where it comes from and on which terms it may be used.

See https://datapackage.org/standard/data-package/.
"""

import json
import re
import uuid
from pathlib import Path
from typing import Any, get_args

from pipelines.outputs.code_lists import ALIGNMENT, CERTIFICATE_LEVEL, CONF_STATUS, OBS_STATUS, Meaning
from pipelines.outputs.readme import readme
from pipelines.outputs.release import Release
from pipelines.outputs.tables import NOT_IN_CSV, RELEASE_TABLES, Column, ReleaseTable
from pipelines.outputs.terms import Licence, SourceInService, compilation_terms, licences, sources_in_service
from pipelines.specs.indicator import Indicator
from pipelines.specs.source import Frequency, Profile, PublisherKind
from pipelines.specs.workspace import TERRITORY
from pipelines.store import file_digest

_PROFILES = "https://datapackage.org/profiles/2.0"

# The member `type` of a v2 dialect is left out: frictionless 5.21 fails on it, and `format` says csv already.
_DIALECT = {
    "$schema": f"{_PROFILES}/tabledialect.json",
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
}

_TYPES = {"VARCHAR": "string", "INTEGER": "integer", "BIGINT": "integer", "BOOLEAN": "boolean", "DATE": "date"}

_CODED: dict[str, dict[str, Meaning]] = {
    "obs_status": OBS_STATUS,
    "conf_status": CONF_STATUS,
    "alignment": ALIGNMENT,
}
"""Columns whose every cell is one of these codes."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "level_name": tuple(meaning.name for meaning in CERTIFICATE_LEVEL.values()),
    "direction": get_args(Indicator.model_fields["direction"].annotation),
    "aggregation": get_args(Indicator.model_fields["aggregation"].annotation),
    "publisher_kind": get_args(PublisherKind),
    "profile": get_args(Profile),
    "frequency": get_args(Frequency),
    "outcome": ("pass", "fail", "not_assessable", "not_applicable"),
}
"""Columns that hold one of these words or nothing."""


def write_data_package(release: Release) -> list[Path]:
    """Write `datapackage.json`, which describes the files below `csv/`, and `README.md`, which says it to people."""
    package, page = release.folder / "datapackage.json", release.folder / "README.md"
    text = json.dumps(data_package(release), ensure_ascii=False, indent=1)
    package.write_text(text + "\n", encoding="utf-8")
    page.write_text(readme(release), encoding="utf-8")
    return [package, page]


def data_package(release: Release) -> dict[str, Any]:
    """The descriptor. It has no `created`: the clock would give the same release other bytes every time."""
    sources = sources_in_service(release)
    found = licences(sources)
    measured = release.warehouse.rows(
        "SELECT DISTINCT sdg_indicator FROM indicator WHERE sdg_indicator <> '' ORDER BY 1"
    )
    package = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": re.sub(r"[^a-z0-9]+", "-", release.title.lower()).strip("-") or "groma",
        "id": uuid.uuid5(uuid.UUID(release.content_sha256[:32]), release.release_id).urn,
        "title": release.title,
        "description": (
            "Indicators of cities and other territories, made from open data of their publishers. Every value has its "
            "numerator and denominator, its certificate level and the rows it was made from; every missing value has a "
            f"reason. {compilation_terms(found)}"
        ),
        "version": release.release_id,
        "keywords": [
            "official statistics",
            "cities",
            "Sustainable Development Goals",
            *(f"SDG {name}" for (name,) in measured),
        ],
        "licenses": [_licence(licence) for licence in found],
        "sources": [_source(source) for source in sources],
        "contributors": _contributors(sources),
        "resources": [_resource(release, table) for table in RELEASE_TABLES],
    }
    return {key: value for key, value in package.items() if value != []}


def _licence(licence: Licence) -> dict[str, Any]:
    sources = ", ".join(source.source_id for source in licence.sources)
    indicators = ", ".join(licence.indicators) or "no indicator"
    path = {"path": licence.address} if licence.address else {}
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", licence.name)
    return {
        "name": name,
        **path,
        "title": f"{licence.name}, for the sources {sources} and what is made from them: {indicators}",
    }


def _source(source: SourceInService) -> dict[str, str]:
    path = {"path": source.homepage} if source.homepage else {}
    return {"title": source.title, **path, "version": source.vintage_id, "attribution": source.attribution}


def _contributors(sources: list[SourceInService]) -> list[dict[str, Any]]:
    """The publishers of the sources, with the roles that DataCite's vocabulary gives them; none made the release."""
    publishers: dict[str, set[str]] = {}
    for source in sources:
        roles = publishers.setdefault(source.publisher, {"DataCollector"})
        if not source.is_free_of_rights:
            roles.add("RightsHolder")
    return [{"title": name, "roles": sorted(roles)} for name, roles in sorted(publishers.items())]


def _resource(release: Release, table: ReleaseTable) -> dict[str, Any]:
    file = release.folder / "csv" / f"{table.name}.csv"
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": table.name,
        "type": "table",
        "path": file.relative_to(release.folder).as_posix(),
        "title": table.name.replace("_", " ").capitalize(),
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.stat().st_size,
        "hash": f"sha256:{file_digest(file)}",
        "dialect": _DIALECT,
        "schema": _schema(release, table),
    }


def _schema(release: Release, table: ReleaseTable) -> dict[str, Any]:
    columns = [column for column in release.columns(table) if column.name not in NOT_IN_CSV]
    key = release.key(table)
    choices = _CHOICES | _territory_levels(release)
    return {
        "$schema": f"{_PROFILES}/tableschema.json",
        "fields": [_field(column, key, choices) for column in columns],
        "primaryKey": list(key),
        "missingValues": [""],
    }


def _territory_levels(release: Release) -> dict[str, tuple[str, ...]]:
    declared = release.workspace.schemas.get(TERRITORY)
    levels = declared.spec.field("territory_level").constraints.enum if declared else None
    return {"territory_level": tuple(levels)} if levels else {}


def _field(column: Column, key: tuple[str, ...], choices: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    kind = "array" if column.type.endswith("[]") else _TYPES.get(column.type, "number")
    field: dict[str, Any] = {"name": column.name, "type": kind, "description": column.description}
    constraints: dict[str, Any] = {"required": True} if column.name in key or column.name in _CODED else {}
    if column.name in _CODED:
        meanings = _CODED[column.name]
        constraints["enum"] = list(meanings)
        field["categories"] = [{"value": code, "label": meaning.name} for code, meaning in meanings.items()]
    elif column.name in choices:
        constraints["enum"] = list(choices[column.name])
    if len(key) > 1 and column.name in key and kind == "string":
        # No part of a key may be missing: an empty cell is the empty text there, such as that of an only series.
        field["missingValues"] = []
    return field | ({"constraints": constraints} if constraints else {})
