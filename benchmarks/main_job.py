"""The main job on the embedded data: the first run, the run after it, and the commands people wait for."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Measurement, measure_command

GROMA = str(Path(sys.executable).with_name("groma"))


def measurements() -> Iterator[Measurement]:
    """First run, rerun, plan, query and help, in a workspace of their own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "workspace.yaml").write_text("extends: default\n", encoding="utf-8")
        here = ["--workspace", folder]
        first = measure_command("main job, first run", [GROMA, "run", "--quiet", *here], "goal: at most 60 s")
        yield first
        again = measure_command("main job, rerun without change", [GROMA, "run", "--quiet", *here])
        share = again.seconds / first.seconds
        yield Measurement(
            again.name,
            again.seconds,
            again.processor_seconds,
            again.peak_mib,
            f"{share:.1%} of the first run; goal: at most 5 % or 3 s",
        )
        yield measure_command("groma plan", [GROMA, "plan", *here])
        yield measure_command("groma query", [GROMA, "query", "SELECT count(*) FROM indicator_value", *here])
    yield measure_command("groma --help", [GROMA, "--help"], "goal: under 0.5 s")
