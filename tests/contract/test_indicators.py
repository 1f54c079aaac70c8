"""What every indicator folder promises. The test's id is the folder, so the report reads like a catalogue."""

import csv
import json
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.specs.indicator import Indicator
from pipelines.specs.workspace import ENGINE_ROOT, TERRITORY, TERRITORY_MEMBER, load_workspace

FOLDERS = sorted(path.parent for path in (ENGINE_ROOT / "indicators").glob("*/indicator.yaml"))
CASES = sorted(path for folder in FOLDERS for path in folder.glob("cases/*") if path.is_dir())
SECTIONS = [
    "Definition",
    "Formula",
    "Inputs",
    "What it is not",
    "Uncertainty",
    "Aggregation",
    "Sources of the method",
]

ENGINE_COLUMNS = dict.fromkeys(("row_id", "source_id", "vintage_id", "certificate_id"), "VARCHAR")
PREPARED_COLUMNS = {
    "share_of_area": {
        "territory_id": "VARCHAR",
        "period": "VARCHAR",
        "numerator": "DECIMAL(18, 4)",
        "denominator": "DECIMAL(18, 4)",
        "crs": "VARCHAR",
        "method": "VARCHAR",
        "input_rows": "VARCHAR[]",
    }
}
MEASURES = ("numerator", "denominator", "value", "numerator_low", "numerator_high")
# Their result depends on the order of the rows, on chance or on the clock.
UNSTABLE = {
    "any_value", "arbitrary", "arg_max", "arg_max_null", "arg_min", "arg_min_null", "current_timestamp",
    "first", "last", "max_by", "min_by", "mode", "now", "random", "today", "uuid",
}  # fmt: skip

WORKSPACE = load_workspace(ENGINE_ROOT)

each_indicator = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parents[1].name}-{path.name}")


def declared(folder: Path) -> Indicator:
    assert folder.name in WORKSPACE.indicators, [str(fault) for fault in WORKSPACE.faults]
    return WORKSPACE.indicators[folder.name].spec


def query_of(folder: Path) -> str:
    return (folder / "query.sql").read_text(encoding="utf-8")


def parameters(indicator: Indicator) -> dict[str, int | str | Decimal]:
    """The values of the parameters; fractions are decimals, as a float would make the result a DOUBLE."""
    values = {name: parameter.value for name, parameter in indicator.parameters.items()}
    return {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in values.items()}


def tables(indicator: Indicator) -> dict[str, dict[str, str]]:
    """What the indicator may read: the columns of each table and their types."""
    found = {}
    for name in {*indicator.inputs, TERRITORY, TERRITORY_MEMBER}:
        columns = {}
        for field in WORKSPACE.schemas[name].spec.fields:
            number = "DOUBLE" if field.is_float else "DECIMAL(18, 6)"
            columns[field.name] = {
                "string": "VARCHAR", "integer": "BIGINT", "number": number,
                "boolean": "BOOLEAN", "date": "DATE", "year": "BIGINT",
            }[field.type]  # fmt: skip
        found[f"standard.{name}"] = columns | ENGINE_COLUMNS
    for name, measure in indicator.prepare.items():
        found[f"prepared.{name}"] = PREPARED_COLUMNS[measure.measure]
    return found


def warehouse(indicator: Indicator) -> duckdb.DuckDBPyConnection:
    """An empty warehouse that has nothing but what the indicator may read."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA standard; CREATE SCHEMA prepared")
    for table, columns in tables(indicator).items():
        definitions = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"CREATE TABLE {table} ({definitions})")
    return connection


def nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Every node of a parsed query."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from nodes(item)


def parsed(sql: str) -> list[dict[str, Any]]:
    (text,) = duckdb.execute("SELECT json_serialize_sql(CAST($sql AS VARCHAR))", {"sql": sql}).fetchone() or ("",)
    tree = json.loads(text)
    assert not tree["error"], tree.get("error_message")
    assert len(tree["statements"]) == 1, "one SELECT, no more"
    return list(nodes(tree))


def relations(tree: list[dict[str, Any]]) -> set[str]:
    """The tables a parsed query reads, apart from its own common table expressions."""
    own = {entry["key"] for node in tree if "cte_map" in node for entry in node["cte_map"]["map"]}
    read = {
        ".".join(filter(None, (node["catalog_name"], node["schema_name"], node["table_name"])))
        for node in tree
        if node.get("type") == "BASE_TABLE"
    }
    return read - own


def records(path: Path) -> list[dict[str, str | None]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file, strict=True)]


def rounded(number: object, places: int) -> Decimal | None:
    if number is None:
        return None
    return Decimal(str(number)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def ratio(indicator: Indicator, numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    if numerator is None or not denominator:
        return None
    return rounded(Decimal(str(indicator.ratio.multiplier)) * numerator / denominator, 6)


def computed(case: Path, *, shuffled: bool = False) -> list[dict[str, Any]]:
    """The rows that the query returns for the inputs of a case, each with its value."""
    folder = case.parents[1]
    indicator = declared(folder)
    with warehouse(indicator) as connection:
        for table, columns in tables(indicator).items():
            path = case / f"{table.partition('.')[2]}.csv"
            rows = records(path) if path.is_file() else []
            for row in reversed(rows) if shuffled else rows:
                names = ", ".join(row)
                cells = ", ".join(f"CAST(? AS {columns[name]})" for name in row)
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({cells})", list(row.values()))
        result = connection.execute(query_of(folder), parameters(indicator))
        returned = [column[0] for column in result.description or []]
        found = [dict(zip(returned, record, strict=True)) for record in result.fetchall()]
    for record in found:
        for name in set(MEASURES) & set(record):
            record[name] = rounded(record[name], 4)
        record["value"] = ratio(indicator, record["numerator"], record["denominator"])
    return sorted(found, key=lambda row: str(key(row)))


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in sorted(row) if name not in (*MEASURES, "method", "input_rows"))


def test_there_are_indicators() -> None:
    assert FOLDERS


@each_indicator
def test_declaration_has_no_faults(folder: Path) -> None:
    prefix = f"indicators/{folder.name}/"
    assert [str(fault) for fault in WORKSPACE.faults if fault.file.startswith(prefix)] == []


@each_indicator
def test_id_says_how_close_it_is_to_the_sdg_indicator(folder: Path) -> None:
    sdg = declared(folder).sdg
    if sdg.alignment == "contextual":
        assert not folder.name.startswith("sdg_")
        return
    assert sdg.indicator is not None
    assert sdg.indicator.startswith(f"{sdg.target}.")
    assert sdg.target.startswith(f"{sdg.goal}.")
    stem = f"sdg_{sdg.indicator.replace('.', '_')}"
    assert folder.name == stem if sdg.alignment == "exact" else folder.name.startswith(f"{stem}_")


@each_indicator
def test_query_returns_the_declared_columns(folder: Path) -> None:
    indicator = declared(folder)
    with warehouse(indicator) as connection:
        result = connection.execute(query_of(folder), parameters(indicator)).description or []
    types = {column[0]: str(column[1]) for column in result}
    returned = [column[0] for column in result]
    optional = [name for name in ("numerator_low", "numerator_high", "method") if name in returned]
    assert returned == [
        *indicator.grain,
        *(["series"] if indicator.series else []),
        *indicator.disaggregate_by,
        "numerator",
        "denominator",
        *optional,
        "input_rows",
    ]
    assert ("numerator_low" in returned) == ("numerator_high" in returned)
    assert types.pop("input_rows") == "VARCHAR[]"
    for name, kind in types.items():
        assert kind.startswith(("DECIMAL", "BIGINT") if name in MEASURES else "VARCHAR"), f"{name} is {kind}"


@each_indicator
def test_query_reads_only_what_is_declared(folder: Path) -> None:
    indicator = declared(folder)
    tree = parsed(query_of(folder))
    read = relations(tree)
    assert read <= set(tables(indicator))
    assert not [node for node in tree if node.get("type") == "TABLE_FUNCTION"], "a query opens no file"
    measured = {schema for measure in indicator.prepare.values() for schema in (measure.of, measure.within)}
    queried = {name.removeprefix("standard.") for name in read if name.startswith("standard.")}
    assert set(indicator.inputs) == (queried - {TERRITORY, TERRITORY_MEMBER}) | measured
    assert {f"prepared.{name}" for name in indicator.prepare} <= read


@each_indicator
def test_query_uses_every_parameter(folder: Path) -> None:
    (statement,) = duckdb.extract_statements(query_of(folder))
    assert set(statement.named_parameters) == set(declared(folder).parameters)


@each_indicator
def test_query_is_exact_and_stable(folder: Path) -> None:
    tree = parsed(query_of(folder))
    functions = {node["function_name"].lower() for node in tree if node.get("class") == "FUNCTION"}
    assert not functions & UNSTABLE
    assert "/" not in functions, "a division makes a DOUBLE; multiply by 0.01"
    assert not [node for node in tree if node.get("class") == "LAMBDA"]


@each_indicator
def test_method_has_its_sections(folder: Path) -> None:
    lines = (folder / "method.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {declared(folder).title}"
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == SECTIONS
    assert "unstats.un.org" in "\n".join(lines)


@each_indicator
def test_cases_show_a_value_a_missing_one_and_the_calculation(folder: Path) -> None:
    cases = [case for case in CASES if case.parents[1] == folder]
    assert len(cases) >= 3
    assert all((case / "case.md").read_text(encoding="utf-8").startswith("# ") for case in cases)
    values = {row["value"] is None for case in cases for row in records(case / "expected.csv")}
    assert values == {True, False}


@each_case
def test_case_gives_what_was_calculated_by_hand(case: Path) -> None:
    wanted: list[dict[str, Any]] = []
    for row in records(case / "expected.csv"):
        numbers = {name: Decimal(cell) if cell else None for name, cell in row.items() if name in MEASURES}
        wanted.append(row | numbers)
    wanted.sort(key=lambda row: str(key(row)))
    found = [row | {"input_rows": f"[{', '.join(row['input_rows'])}]"} for row in computed(case)]
    assert [{name: row[name] for name in wanted[0]} for row in found] == wanted
    assert all(set(MEASURES) & set(row) <= set(wanted[0]) for row in found), "expected.csv gives every number"


@each_case
def test_case_does_not_depend_on_the_order_of_rows(case: Path) -> None:
    assert computed(case) == computed(case, shuffled=True)


@each_case
def test_case_keeps_its_intervals_and_series(case: Path) -> None:
    series = declared(case.parents[1]).series
    for row in computed(case):
        assert row.get("series") in (series or {None})
        assert row["input_rows"], "a value names the rows it was made of"
        if row.get("numerator_low") is not None:
            assert row["numerator_low"] <= row["numerator"] <= row["numerator_high"]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if (case / "published.csv").is_file()],
    ids=lambda path: f"{path.parents[1].name}-{path.name}",
)
def test_members_give_the_published_value(case: Path) -> None:
    """Numerators and denominators of the members are added; the ratio rounds to what the office publishes."""
    indicator = declared(case.parents[1])
    for row in records(case / "published.csv"):
        published = Decimal(str(row.pop("value")))
        members = {
            member["member_id"]
            for member in records(case / "territory_member.csv")
            if member["territory_id"] == row["territory_id"]
        }
        parts = [
            part
            for part in computed(case)
            if part["territory_id"] in members
            and all(part[name] == cell for name, cell in row.items() if name != "territory_id")
        ]
        assert {part["territory_id"] for part in parts} == members
        numerator, denominator = (sum(part[name] for part in parts) for name in ("numerator", "denominator"))
        value = ratio(indicator, numerator, denominator)
        assert rounded(value, -int(published.as_tuple().exponent)) == published
