"""Loading Dagster's graph of a workspace with 300 sources."""

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Measurement, measure_command

SIZES = (10, 100, 300)

_LOAD = """
import time
import dagster
start = time.perf_counter()
from pipelines.definitions import defs
defs().get_repository_def()
print(f"{time.perf_counter() - start:.2f}")
"""

_SOURCE = """
id: zz_synthetic_{number}
title: Synthetic stops {number}
description: Made for a measurement; says nothing about any place.
publisher: {{name: groma benchmarks, kind: agency}}
licence: CC0-1.0
attribution: none
profile: administrative
frequency: annual
data: {{connector: file, path: stops.csv, format: csv}}
tables:
  - conforms_to: transit_stop@1
    columns: {{stop_id: id, stop_name: name, transit_mode: mode, longitude: lon, latitude: lat}}
    constants: {{territory_id: ZZ}}
"""


def measurements() -> Iterator[Measurement]:
    """The graph of 10, 100 and 300 sources; an empty Python that imports Dagster beside it."""
    yield measure_command("import dagster alone", [sys.executable, "-c", "import dagster"])
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(size):
                place = Path(folder, "sources", f"zz_synthetic_{number}")
                place.mkdir(parents=True)
                (place / "source.yaml").write_text(_SOURCE.format(number=number), encoding="utf-8")
            measured = measure_command(
                f"graph of {size} sources",
                [sys.executable, "-c", _LOAD],
                env={**os.environ, "GROMA_WORKSPACE": folder},
            )
            goal = "; goal: under 2 s" if size == SIZES[-1] else ""
            yield replace(measured, note=f"{measured.output.strip()} s once Dagster is imported{goal}")
