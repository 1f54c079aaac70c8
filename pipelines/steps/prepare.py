"""Prepare: compute the spatial measures that an indicator declares, as tables its query can read.

Grain: as the measure says; see `measures`.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.measures import MEASURES
from pipelines.specs.declaration import Declared
from pipelines.specs.indicator import Indicator
from pipelines.steps.standardise import Standard
from pipelines.store import Store, fingerprint

STAGE = "prepared"


@dataclass(frozen=True)
class Prepared:
    """One prepared table of an indicator."""

    name: str
    folder: Path
    rows: int

    @property
    def file(self) -> Path:
        """The rows, as Parquet."""
        return self.folder / "rows.parquet"


def prepare_mark(indicator: Declared[Indicator], name: str, standards: dict[str, Standard]) -> str:
    """The fingerprint of what `prepare` would make."""
    measure = indicator.spec.prepare[name]
    return fingerprint(
        STAGE,
        measure.model_dump_json(),
        standards[measure.of].folder.name,
        standards[measure.within].folder.name,
    )


def find_prepared(store: Store, indicator: Declared[Indicator], name: str, mark: str) -> Prepared | None:
    """The result of an earlier `prepare` with the same fingerprint, or None."""
    key = f"{indicator.spec.id}.{name}"
    manifest = store.manifest(STAGE, key, mark)
    return None if manifest is None else Prepared(name, store.folder(STAGE, key, mark), manifest["rows"])


def prepare(store: Store, indicator: Declared[Indicator], name: str, standards: dict[str, Standard]) -> Prepared:
    """Compute one measure of an indicator."""
    mark = prepare_mark(indicator, name, standards)
    if found := find_prepared(store, indicator, name, mark):
        return found
    declared = indicator.spec.prepare[name]
    of, within = (pq.read_table(standards[table].file) for table in (declared.of, declared.within))
    result = MEASURES[declared.measure](of, within)
    with store.writing(STAGE, f"{indicator.spec.id}.{name}", mark) as (folder, manifest):
        pq.write_table(result, folder / "rows.parquet", compression="zstd")
        manifest |= {"rows": result.num_rows}
    prepared = find_prepared(store, indicator, name, mark)
    assert prepared is not None
    return prepared
