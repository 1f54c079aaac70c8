"""Bind: prove, without data, that an indicator's query reads only what it declares and returns what it must."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.errors import UsageError
from pipelines.specs.declaration import Declared, Fault
from pipelines.specs.indicator import Indicator
from pipelines.specs.workspace import TERRITORY, TERRITORY_MEMBER, Workspace
from pipelines.steps.standardise import empty_standard
from pipelines.warehouse import QueryError, Warehouse, quote

# The semicolon that ends the statement, and whatever comments follow it.
_END = re.compile(r";\s*(--[^\n]*\s*|/\*.*?\*/\s*)*\Z", re.DOTALL)

REQUIRED = ("territory_id", "period", "numerator", "denominator", "input_rows")
OPTIONAL = ("series", "numerator_low", "numerator_high", "method")

PREPARED_SCHEMA = pa.schema(
    [
        ("territory_id", pa.string()),
        ("period", pa.string()),
        ("numerator", pa.decimal128(18, 4)),
        ("denominator", pa.decimal128(18, 4)),
        ("crs", pa.string()),
        ("method", pa.string()),
        ("input_rows", pa.list_(pa.string())),
    ]
)


def query_of(indicator: Declared[Indicator]) -> str:
    """The indicator's SELECT, without its final semicolon."""
    return _END.sub("", indicator.text("query.sql") or "").strip()


def parameters_of(indicator: Indicator) -> dict[str, int | Decimal | str]:
    """The parameters by the names the query uses; a fraction is a decimal, so that sums stay exact."""
    return {
        name: Decimal(str(parameter.value)) if isinstance(parameter.value, float) else parameter.value
        for name, parameter in indicator.parameters.items()
    }


def check_queries(workspace: Workspace) -> list[Fault]:
    """Every fault of every indicator's query, found by parsing and binding it against empty standard tables."""
    faults: list[Fault] = []
    with Warehouse() as warehouse:
        warehouse.execute("CREATE SCHEMA standard")
        warehouse.execute("CREATE SCHEMA prepared")
        for name, schema in sorted(workspace.schemas.items()):
            warehouse.execute(f"CREATE TABLE standard.{quote(name)} AS {empty_standard(schema.spec)}")
        for _, indicator in sorted(workspace.indicators.items()):
            if indicator.text("query.sql") is not None:
                faults += _check(warehouse, indicator, workspace)
    return faults


def check_expressions(workspace: Workspace) -> list[Fault]:
    """Every text in a declaration that should be one SQL expression and is something else."""
    faults: list[Fault] = []
    with Warehouse() as warehouse:
        for declared, place, text in _expressions(workspace):
            try:
                warehouse.check_expression(text, "records")
            except UsageError as error:
                faults.append(declared.fault(place, error.what, workspace.root))
    return faults


def _expressions(workspace: Workspace) -> Iterator[tuple[Declared[Any], tuple[str | int, ...], str]]:
    for _, source in sorted(workspace.sources.items()):
        for index, table in enumerate(source.spec.tables):
            for place, text in table.expressions():
                yield source, ("tables", index, *place), text
    for _, schema in sorted(workspace.schemas.items()):
        for index, edit in enumerate(schema.spec.edits):
            yield schema, ("edits", index, "rule"), edit.rule


def _check(warehouse: Warehouse, indicator: Declared[Indicator], workspace: Workspace) -> list[Fault]:
    spec, query = indicator.spec, query_of(indicator)

    def fault(message: str) -> Fault:
        return Fault(
            indicator.fault((), "", workspace.root).file.replace("indicator.yaml", "query.sql"), 1, "sql", message
        )

    try:
        read = warehouse.relations_read(query)
    except UsageError as error:
        return [fault(error.what)]
    allowed = {f"standard.{name}" for name in (*spec.inputs, TERRITORY, TERRITORY_MEMBER)}
    allowed |= {f"prepared.{name}" for name in spec.prepare}
    if foreign := sorted(read - allowed):
        return [fault(f"reads {', '.join(foreign)}, which indicator.yaml does not name among its inputs")]
    unread = sorted({f"standard.{name}" for name in spec.inputs} - read)
    prepared_from = {f"standard.{name}" for measure in spec.prepare.values() for name in (measure.of, measure.within)}
    faults = [fault(f"never reads the declared input {name}") for name in unread if name not in prepared_from]
    for name in spec.prepare:
        warehouse.register("empty", PREPARED_SCHEMA.empty_table())
        warehouse.execute(f"CREATE OR REPLACE TABLE prepared.{quote(name)} AS FROM empty")
        warehouse.unregister("empty")
    try:
        columns = warehouse.columns(query, parameters_of(spec) or None)
    except QueryError as error:
        return [*faults, fault(str(error).splitlines()[0])]
    wanted = {*REQUIRED, *spec.disaggregate_by, *(["series"] if spec.series else [])}
    if missing := sorted(wanted - columns.keys()):
        faults.append(fault(f"does not return {', '.join(missing)}"))
    if surplus := sorted(columns.keys() - wanted - set(OPTIONAL)):
        faults.append(fault(f"returns {', '.join(surplus)}, which nothing declares"))
    return faults
