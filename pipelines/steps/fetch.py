"""Fetch: keep the bytes of a source as they were received, under their own hash."""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.connectors import locate
from pipelines.specs.declaration import Declared
from pipelines.specs.source import Source
from pipelines.store import Store, file_digest

STAGE = "raw"


@dataclass(frozen=True)
class Vintage:
    """The bytes of a source at one time.

    `vintage_id` is the source's id and the first digits of the hash: the same bytes are the same vintage, whenever and
    wherever they are fetched. `address` cites where they came from. `path` is the immutable copy.
    """

    source_id: str
    vintage_id: str
    sha256: str
    bytes: int
    address: str
    path: Path


def current_vintage(store: Store, source: Declared[Source]) -> tuple[Vintage, Path]:
    """What fetching would give now, and where the bytes lie; nothing is written.

    Raises:
        SourceUnavailable: The bytes cannot be had.
        Blocked: Their place is outside what the connector may read.
    """
    origin = locate(source.spec.data, source.folder)
    sha256 = file_digest(origin.path)
    path = store.folder(STAGE, source.spec.id, sha256[:16]) / Path(source.spec.data.path).name
    vintage = Vintage(
        source.spec.id,
        f"{source.spec.id}@{sha256[:12]}",
        sha256,
        origin.path.stat().st_size,
        origin.address,
        path,
    )
    return vintage, origin.path


def is_fetched(store: Store, vintage: Vintage) -> bool:
    """Whether these bytes are kept already."""
    return store.manifest(STAGE, vintage.source_id, vintage.sha256[:16]) is not None


def fetch(store: Store, source: Declared[Source]) -> Vintage:
    """Keep the source's bytes and a manifest of where they came from; the same bytes are kept once."""
    vintage, found = current_vintage(store, source)
    if not is_fetched(store, vintage):
        with store.writing(STAGE, source.spec.id, vintage.sha256[:16]) as (folder, manifest):
            copy = folder / vintage.path.name
            shutil.copyfile(found, copy)
            manifest |= {
                "source_id": source.spec.id,
                "vintage_id": vintage.vintage_id,
                "sha256": file_digest(copy),
                "bytes": vintage.bytes,
                "address": vintage.address,
                "licence": source.spec.licence,
                "attribution": source.spec.attribution,
                # The time is kept here alone; nothing that is computed depends on it.
                "fetched_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            }
    return vintage
