"""Validation of a labour-force table: groma's and Frictionless' own, on the same rows in the same process."""

import time
from collections.abc import Iterator

import pyarrow as pa

from benchmarks.measure import Measurement, own_peak_mib
from pipelines.specs.workspace import ENGINE_ROOT, load_workspace
from pipelines.validation import validate

SIZES = (1_000, 10_000, 100_000)


def measurements() -> Iterator[Measurement]:
    """Clean tables of three sizes; one cell in a hundred rows is wrong in the last."""
    for size in SIZES:
        yield from _both(f"{size:,} clean rows", _table(size, every_bad=0))
    yield from _both(f"{SIZES[-1]:,} rows, 1 % with an error", _table(SIZES[-1], every_bad=100))


def _table(size: int, every_bad: int) -> pa.Table:
    schema = load_workspace(ENGINE_ROOT).schemas["labour_force"].spec
    numbers = range(size)
    values = {
        "territory_id": [f"ZZ-{number:07d}" for number in numbers],
        "period": ["2024"] * size,
        "sex": ["_T"] * size,
        "age_group": ["Y_GE15"] * size,
        "urbanisation": ["_T"] * size,
        "labour_force": [str(1000 + number % 9000) for number in numbers],
        "unemployment_rate_pct": [
            "n/a" if every_bad and number % every_bad == 0 else f"{number % 1000 / 10:.1f}" for number in numbers
        ],
        "rate_rounding_pct": ["0.1"] * size,
    }
    columns = {name: pa.array(values.get(name, [None] * size), pa.string()) for name in schema.field_names}
    return pa.table(columns)


def _both(name: str, table: pa.Table) -> Iterator[Measurement]:
    from frictionless import Schema
    from frictionless.resources import TableResource

    descriptor = load_workspace(ENGINE_ROOT).schemas["labour_force"].spec.table_schema()
    descriptor = {key: value for key, value in descriptor.items() if key != "primaryKey"}
    start, processor = time.perf_counter(), time.process_time()
    found = len(validate(table, descriptor).errors)
    ours = time.perf_counter() - start
    yield Measurement(f"groma, {name}", ours, time.process_time() - processor, own_peak_mib(), f"{found} errors")
    rows = [table.column_names, *([cell or "" for cell in row.values()] for row in table.to_pylist())]
    start, processor = time.perf_counter(), time.process_time()
    resource = TableResource(data=rows, schema=Schema.from_descriptor(descriptor))
    errors = sum(len(task.errors) for task in resource.validate(limit_errors=10**7).tasks)
    theirs = time.perf_counter() - start
    note = f"{errors} errors; groma is {theirs / ours:.1f} × as fast"
    yield Measurement(f"Frictionless, {name}", theirs, time.process_time() - processor, own_peak_mib(), note)
