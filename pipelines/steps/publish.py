"""Publish: everything in service as one release, in every format, complete or not at all.

The release's folder is written beside, its manifest last, then renamed; the pointer `current.json` moves after that.
A reader sees the release before or the release after, never a mixture.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rfc8785

from pipelines.outputs.data_package import write_data_package
from pipelines.outputs.explorer.payload import write_explorer
from pipelines.outputs.release import DATABASE, Release
from pipelines.outputs.sdmx_csv import write_sdmx_csv
from pipelines.outputs.tabular import write_csv, write_parquet
from pipelines.steps.contents import Contents
from pipelines.steps.database import build_database
from pipelines.steps.maps import draw_maps
from pipelines.store import Store, file_digest, fingerprint, write_text
from pipelines.warehouse import Warehouse

STAGE = "publications"
POINTER = "current.json"

FORMATS: dict[str, Callable[[Release], list[Path]]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "data_package": write_data_package,
    "sdmx_csv": write_sdmx_csv,
    "explorer": write_explorer,
}
"""In the order in which they are written: the data package describes the CSV files."""


@dataclass(frozen=True)
class Publication:
    """A release on disk."""

    release_id: str
    content_sha256: str
    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.folder / DATABASE


def release_mark(contents: Contents) -> str:
    """The release's identifier: the fingerprint of everything that goes in."""
    return fingerprint(
        STAGE,
        contents.workspace.title,
        sorted([c.source_id, c.certificate_id] for c in contents.certificates),
        sorted([u.source_id, u.certificate_id, u.stale_because] for u in contents.uses),
        sorted([name, standard.folder.name] for name, standard in contents.standards.items()),
        sorted([c.indicator_id, c.folder.name] for c in contents.computed),
        sorted([i, d.digest, d.text("method.md")] for i, d in contents.workspace.indicators.items()),
        sorted([i, d.digest] for i, d in contents.workspace.sources.items()),
    )[:12]


def current_publication(store: Store) -> Publication | None:
    """The release that the pointer names, or None before the first one."""
    try:
        pointer = json.loads((store.root / STAGE / POINTER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    folder = store.root / STAGE / pointer["release_id"]
    return Publication(pointer["release_id"], pointer["content_sha256"], folder) if folder.is_dir() else None


def find_publication(store: Store, mark: str) -> Publication | None:
    """The release with that identifier, if it is complete and current."""
    current = current_publication(store)
    return current if current and current.release_id == mark and (current.folder / "manifest.json").is_file() else None


def publish(store: Store, contents: Contents, wrote: Callable[[str, list[Path]], None] | None = None) -> Publication:
    """Write a release in every format and make it the current one.

    Args:
        store: Where releases are kept.
        contents: What goes in.
        wrote: Told after each format, for progress.
    """
    mark = release_mark(contents)
    if found := find_publication(store, mark):
        return found
    digests = sorted([c.indicator_id, c.content_sha256] for c in contents.computed)
    content_sha256 = _sha256(digests)
    with store.writing(STAGE, "", mark) as (folder, manifest), ThreadPoolExecutor(1) as beside:
        maps = beside.submit(draw_maps, contents)
        build_database(folder / DATABASE, contents, mark, content_sha256)
        with Warehouse([folder], file=folder / DATABASE, read_only=True, threads=1) as warehouse:
            release = Release(
                mark,
                content_sha256,
                version("groma"),
                folder,
                warehouse,
                contents.workspace,
                [{"certificate_id": c.certificate_id, **c.content} for c in contents.certificates],
                maps.result(),
            )
            for name, write in FORMATS.items():
                files = write(release)
                if wrote:
                    wrote(name, files)
        manifest |= {
            "release_id": mark,
            "content_sha256": content_sha256,
            "engine_version": version("groma"),
            "files": [
                {"path": file.relative_to(folder).as_posix(), "bytes": file.stat().st_size, "sha256": file_digest(file)}
                for file in sorted(folder.rglob("*"))
                if file.is_file()
            ],
        }
    pointer = {"release_id": mark, "content_sha256": content_sha256}
    write_text(store.root / STAGE / POINTER, json.dumps(pointer, indent=1, sort_keys=True) + "\n")
    publication = find_publication(store, mark)
    assert publication is not None
    return publication


def _sha256(value: Any) -> str:
    import hashlib

    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
