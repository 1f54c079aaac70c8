"""Validation: groma and Frictionless on the same files, each in a process of its own, the libraries loaded.

Seconds are measured inside the process and hold everything from the path to the report. Memory is the whole process'.
"""

import json
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import validation_files as files
from benchmarks.measure import Measurement, measure_command

_RUNS = 3
_SIZES = (1_000, 10_000, 100_000, files.MILLION, 10 * files.MILLION)
_MOST_FOR_FRICTIONLESS = files.MILLION
"""Frictionless needs minutes beyond; its time grows with the rows."""


@dataclass(frozen=True)
class Case:
    """A file, what is asked of it, and how many times as fast as Frictionless the answer is meant to be."""

    name: str
    make: Callable[[Path], files.File]
    rows: int
    task: str = "report"
    goal: int | None = None


CASES = [
    *(Case(f"clean, {rows:,} rows", lambda at, rows=rows: files.national(at, rows), rows) for rows in _SIZES[:3]),
    Case("clean check", lambda at: files.national(at, files.MILLION), files.MILLION, "check", 60),
    Case("clean, typed Parquet written", lambda at: files.national(at, files.MILLION), files.MILLION, "accepted", 30),
    Case("1 % bad rows", lambda at: files.national(at, files.MILLION, has_errors=True), files.MILLION, "all", 25),
    Case(
        "1 % bad rows, both written",
        lambda at: files.national(at, files.MILLION, has_errors=True),
        files.MILLION,
        "both",
    ),
    Case("every row bad", lambda at: files.all_bad(at, files.MILLION), files.MILLION),
    Case("French style, 5 columns", lambda at: files.french(at, files.MILLION // 2), files.MILLION // 2, goal=20),
    Case("30 columns", lambda at: files.wide(at, files.MILLION // 5), files.MILLION // 5, goal=20),
    Case("clean, 10 M rows", lambda at: files.national(at, _SIZES[-1]), _SIZES[-1]),
    Case("clean, 10 M rows, typed Parquet", lambda at: files.national(at, _SIZES[-1]), _SIZES[-1], "accepted"),
    Case("1 % bad, 10 M rows", lambda at: files.national(at, _SIZES[-1], has_errors=True), _SIZES[-1], "all"),
]


def measurements() -> Iterator[Measurement]:
    """Every case: the median of three runs of groma, one run of Frictionless beside it up to a million rows."""
    peers: dict[Path, Measurement] = {}
    with tempfile.TemporaryDirectory(prefix="groma-bench-") as folder:
        for case in CASES:
            file = case.make(Path(folder))
            if case.rows <= _MOST_FOR_FRICTIONLESS and file.path not in peers:
                peers[file.path] = _measured(case, file, "frictionless")
                yield replace(peers[file.path], name=f"Frictionless, {file.path.stem}")
            ours = sorted((_measured(case, file, case.task) for _ in range(_RUNS)), key=lambda run: run.seconds)
            yield replace(ours[_RUNS // 2], name=f"groma, {case.name}", note=_note(case, ours, peers.get(file.path)))
            if case.task == "check":
                raw = statistics.median(_measured(case, file, "scan").seconds for _ in range(_RUNS))
                ratio = ours[_RUNS // 2].seconds / raw
                note = f"groma takes {ratio:.1f} × as long; goal: at most 2.5"
                yield Measurement("DuckDB, reading the file alone", raw, 0, 0, note)


def _note(case: Case, ours: list[Measurement], peer: Measurement | None) -> str:
    middle = ours[_RUNS // 2]
    found = f"{middle.note}; {ours[0].seconds:.2f}–{ours[-1].seconds:.2f} s"
    if peer is None:
        return f"{found}; {case.rows / middle.seconds / 1e6:.2f} M rows/s"
    goal = f", goal {case.goal}" if case.goal else ""
    return f"{peer.seconds / middle.seconds:.1f} × as fast{goal}; {found}"


def _measured(case: Case, file: files.File, task: str) -> Measurement:
    command = [sys.executable, "-m", "benchmarks.validation_run", task, str(file.path), str(file.schema)]
    measured = measure_command(case.name, command)
    printed = re.search(r"\{.*\}", measured.output)
    assert printed is not None, measured.output
    result = json.loads(printed.group())
    return replace(measured, seconds=result["seconds"], note=result["found"])
