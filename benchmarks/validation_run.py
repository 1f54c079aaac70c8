"""One validation in this process: `python -m benchmarks.validation_run TASK FILE SCHEMA` prints seconds and errors."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(task: str, file: str, schema: str) -> None:
    """Validate a small table first, so that nothing is loaded while the clock runs."""
    descriptor = json.loads(Path(schema).read_text(encoding="utf-8"))
    run = _TASKS[task]
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "first.csv")
        with open(file, encoding="utf-8") as lines:
            first.write_text("".join(line for _, line in zip(range(3), lines, strict=False)), encoding="utf-8")
        run(first, descriptor, Path(folder))
        start = time.perf_counter()
        found = run(Path(file), descriptor, Path(folder))
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "found": found}))


def _frictionless(file: Path, schema: dict[str, Any], folder: Path) -> str:
    from frictionless import Schema
    from frictionless.resources import TableResource

    resource = TableResource(path=file.name, basepath=str(file.parent), schema=Schema.from_descriptor(schema))
    # The file in which every row is bad ends at the usual limit, for both.
    limit = 1_000 if file.name.startswith("bad") else 10**9
    report = resource.validate(limit_errors=limit)
    return f"{report.stats['errors']:,} errors"


def _groma(**options: Any) -> Callable[[Path, dict[str, Any], Path], str]:
    def run(file: Path, schema: dict[str, Any], folder: Path) -> str:
        from pipelines.validation import validate

        targets = {name: folder / f"{name}.parquet" for name in options.get("targets", [])}
        report = validate(file, schema, limit_errors=options.get("limit_errors", 1_000), **targets)
        return f"{len(report.errors):,} errors by {report.engine}"

    return run


def _scan(file: Path, schema: dict[str, Any], folder: Path) -> str:
    import duckdb

    columns = {field["name"]: "VARCHAR" for field in schema["fields"]}
    with duckdb.connect() as connection:
        read = f"read_csv('{file}', auto_detect = false, header = true, delim = ',', columns = {columns})"
        sql = f"SELECT count(*) FROM {read}"
        return f"{connection.execute(sql).fetchall()[0][0]:,} rows"


_TASKS: dict[str, Callable[[Path, dict[str, Any], Path], str]] = {
    "frictionless": _frictionless,
    "check": _groma(),
    "report": _groma(),
    "all": _groma(limit_errors=0),
    "accepted": _groma(targets=["accepted"]),
    "both": _groma(limit_errors=0, targets=["accepted", "quarantine"]),
    "scan": _scan,
}


if __name__ == "__main__":
    main(*sys.argv[1:])
