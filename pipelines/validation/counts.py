"""What a descriptor says of a file as a whole: its digest, its bytes, its fields and rows."""

import hashlib
from pathlib import Path
from typing import Any

from pipelines.validation.report import Error

_CHUNK = 1 << 20


def hash_warnings(resource: Any) -> list[str]:
    """Whether the declared digest is of a kind that Frictionless knows."""
    from frictionless import helpers

    if resource.hash and helpers.parse_resource_hash_v1(resource.hash)[0] not in ("md5", "sha256"):
        return ["hash is ignored; supported algorithms: md5/sha256"]
    return []


def count_errors(resource: Any, rows: int) -> list[Error]:
    """Compare what is declared with what is there; for a file of which every row was judged.

    Args:
        resource: Frictionless' resource.
        rows: How many rows were read.
    """
    from frictionless.checks import baseline

    if not (resource.hash or resource.bytes or resource.fields or resource.rows):
        return []
    resource.stats.rows = rows
    if (resource.hash or resource.bytes) and resource.path:
        _measure(resource)
    check = baseline()
    check.connect(resource)
    return [Error.of(error) for error in check.validate_end()]


def _measure(resource: Any) -> None:
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with Path(resource.normpath).open("rb") as file:
        while chunk := file.read(_CHUNK):
            md5.update(chunk)
            sha256.update(chunk)
            size += len(chunk)
    resource.stats.md5, resource.stats.sha256, resource.stats.bytes = md5.hexdigest(), sha256.hexdigest(), size
