"""`make bench`: run the measurements and print them; `make bench ARGS="graph"` runs one group."""

import datetime as dt
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import graph, main_job, validation
from benchmarks.measure import machine

GROUPS = {"main_job": main_job.measurements, "graph": graph.measurements, "validation": validation.measurements}


def main(chosen: list[str]) -> None:
    """Run the chosen groups (all by default), print a table, and keep the figures under `benchmarks/results/`."""
    unknown = sorted(set(chosen) - GROUPS.keys())
    if unknown:
        sys.exit(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    table = Table(title=f"groma on {machine()}", title_justify="left")
    for column in ("group", "what", "seconds", "processor s", "peak MiB", "note"):
        table.add_column(column, justify="right" if column in ("seconds", "processor s", "peak MiB") else "left")
    results = []
    for group in chosen or GROUPS:
        for measured in GROUPS[group]():
            print(f"{group}: {measured.name}: {measured.seconds:.2f} s", file=sys.stderr, flush=True)
            results.append({"group": group, **asdict(replace(measured, output=""))})
            table.add_row(
                group,
                measured.name,
                f"{measured.seconds:.2f}",
                f"{measured.processor_seconds:.2f}",
                f"{measured.peak_mib:.0f}",
                measured.note,
            )
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    folder = Path(__file__).with_name("results")
    folder.mkdir(exist_ok=True)
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    (folder / f"{stamp}.json").write_text(json.dumps({"machine": machine(), "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
