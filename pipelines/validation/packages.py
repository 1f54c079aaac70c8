"""Every table of a data package, with the keys that refer from one to another."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.validation.report import Error, Report
from pipelines.validation.resource import FORMATS
from pipelines.validation.validating import validate

_SIZE_LIMIT = 64 << 20


def validate_package(descriptor: Path, **options: Any) -> list[Report]:
    """Judge every table of a data package.

    Args:
        descriptor: Its `datapackage.json`; the files are read from its folder.
        options: As `validate` takes them.

    Returns:
        A report for each table, in the order of the package. Resources that are no tables are left out. A descriptor
        that cannot be read gives one report with a `package-error`.
    """
    try:
        resources = _tables(descriptor)
    except (OSError, ValueError, RecursionError) as error:
        return [Report("package", descriptor.name, errors=[Error("package-error", f"{descriptor.name}: {error}")])]
    return [
        validate(resource, basepath=descriptor.parent, references=_others(resource, resources), **options)
        for resource in resources
    ]


def package_schemas(descriptor: Path) -> dict[str, Mapping[str, Any]]:
    """The Table Schemas of a package's tables by the names of the tables, for those that have it written in place."""
    try:
        resources = _tables(descriptor)
    except (OSError, ValueError, RecursionError):
        return {}
    return {resource["name"]: resource["schema"] for resource in resources if isinstance(resource.get("schema"), dict)}


def package_descriptor(reports: Sequence[Report]) -> dict[str, Any]:
    """The reports of a package as one report, as Frictionless writes it."""
    parts = [report.to_descriptor() for report in reports]
    stats = {name: sum(part["stats"][name] for part in parts) for name in ("errors", "warnings", "seconds")}
    return {
        "valid": all(part["valid"] for part in parts),
        "stats": {"tasks": len(parts), **stats},
        "warnings": [],
        "errors": [],
        "tasks": [task for part in parts for task in part["tasks"]],
    }


def _tables(descriptor: Path) -> list[dict[str, Any]]:
    if descriptor.stat().st_size > _SIZE_LIMIT:
        raise ValueError(f"larger than {_SIZE_LIMIT:,} bytes")
    package = json.loads(descriptor.read_bytes())
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise ValueError('a data package is an object with a list of "resources"')
    tables = []
    for number, resource in enumerate(package["resources"], start=1):
        if not isinstance(resource, dict) or not isinstance(resource.get("name"), str):
            raise ValueError(f"resource {number} is no object with a name")
        if _is_table(resource):
            # The version of the standard is the package's, whatever a resource says.
            own = {key: value for key, value in resource.items() if key != "$schema"}
            if isinstance(own.get("format"), str):
                # `CSV` is no format to Frictionless: it calls the file valid without looking.
                own["format"] = own["format"].lower()
            tables.append({**own, **({"$schema": package["$schema"]} if "$schema" in package else {})})
    return tables


def _is_table(resource: Mapping[str, Any]) -> bool:
    if "schema" in resource or resource.get("type") == "table" or "data" in resource:
        return True
    path = resource.get("path")
    suffix = Path(path).suffix.lstrip(".") if isinstance(path, str) else ""
    return str(resource.get("format", suffix)).lower() in FORMATS - {"json", "geojson", "gpkg"}


def _others(resource: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {other["name"]: other for other in resources if other["name"] != resource["name"]}
