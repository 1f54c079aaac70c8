"""The same bytes are one vintage, kept once and never changed."""

import datetime as dt
import hashlib

import pytest

from pipelines.errors import SourceUnavailable
from pipelines.steps.fetch import current_vintage, fetch, is_fetched
from pipelines.store import Store
from tests.unit.synthetic import Country


def test_a_vintage_is_named_by_its_bytes(readings: Country) -> None:
    readings.readings("station_id\nA\n")
    workspace = readings.workspace()
    store, source = Store(workspace.data), workspace.sources["zz_readings"]
    sha256 = hashlib.sha256(b"station_id\nA\n").hexdigest()
    planned, found = current_vintage(store, source)
    assert not is_fetched(store, planned)
    assert found.read_bytes() == b"station_id\nA\n"
    vintage = fetch(store, source)
    assert vintage == planned
    assert is_fetched(store, vintage)
    assert (vintage.vintage_id, vintage.sha256, vintage.bytes) == (f"zz_readings@{sha256[:12]}", sha256, 13)
    assert vintage.path.read_bytes() == b"station_id\nA\n"
    manifest = store.manifest("raw", "zz_readings", sha256[:16])
    assert manifest is not None
    assert manifest["sha256"] == sha256
    assert manifest["address"] == "file:figures.csv"
    assert dt.datetime.fromisoformat(manifest["fetched_at"]).tzinfo == dt.UTC


def test_the_same_bytes_are_kept_once_other_bytes_beside_them(readings: Country) -> None:
    readings.readings("station_id\nA\n")
    workspace = readings.workspace()
    store, source = Store(workspace.data), workspace.sources["zz_readings"]
    first = fetch(store, source)
    kept = first.path.stat()
    assert fetch(store, source) == first
    assert first.path.stat() == kept
    readings.write("sources/zz_readings/figures.csv", "station_id\nB\n")
    second = fetch(store, source)
    assert first.path.read_bytes() == b"station_id\nA\n"
    assert second.path.read_bytes() == b"station_id\nB\n"
    assert len(list((workspace.data / "raw" / "zz_readings").iterdir())) == 2


def test_bytes_that_cannot_be_had(readings: Country) -> None:
    readings.readings("station_id\n")
    workspace = readings.workspace()
    (workspace.root / "sources/zz_readings/figures.csv").unlink()
    with pytest.raises(SourceUnavailable):
        fetch(Store(workspace.data), workspace.sources["zz_readings"])
    assert not (workspace.data / "raw").exists()
