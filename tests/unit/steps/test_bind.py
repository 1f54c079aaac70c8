"""What a query reads and returns is proven before there are data."""

from decimal import Decimal
from typing import Any

import pytest

from pipelines.steps.bind import check_expressions, check_queries, parameters_of, query_of
from tests.unit.synthetic import RATE_SQL, READING_SCHEMA, Country

SHORT = "SELECT territory_id, period, unemployed AS numerator, labour_force AS denominator, [row_id] AS input_rows"
FROM = "FROM standard.labour_force"


def messages(country: Country, query: str, **changes: Any) -> list[str]:
    country.indicator(query=query, **{"disaggregate_by": [], **changes})
    faults = check_queries(country.workspace())
    assert {(fault.file, fault.line, fault.field) for fault in faults} <= {("indicators/zz_rate/query.sql", 1, "sql")}
    return [fault.message for fault in faults]


@pytest.fixture(autouse=True)
def _sources(zz: Country) -> None:
    zz.write("sources/.keep", "")


def test_a_query_that_keeps_its_promise(zz: Country) -> None:
    assert messages(zz, RATE_SQL, disaggregate_by=["sex", "age_group", "urbanisation"]) == []


@pytest.mark.parametrize(
    "query",
    [
        f"{SHORT} {FROM} SEMI JOIN standard.territory USING (territory_id)",
        f"{SHORT} {FROM} WHERE territory_id IN (SELECT territory_id FROM standard.territory_member)",
        f"WITH people AS ({SHORT} {FROM}) SELECT * FROM people;",
        f"{SHORT}, 'm' AS method, 1 AS numerator_low, 2 AS numerator_high {FROM}",
    ],
)
def test_what_it_may_read_and_return_besides(zz: Country, query: str) -> None:
    assert messages(zz, query) == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            f"{SHORT} {FROM} JOIN standard.literacy USING (territory_id)",
            "reads standard.literacy, which indicator.yaml",
        ),
        (f"{SHORT} FROM main.labour_force", "reads main.labour_force, which indicator.yaml does not name"),
        (f"{SHORT} FROM prepared.gone", "reads prepared.gone, which indicator.yaml"),
        (f"{SHORT} FROM '/etc/passwd'", "reads main./etc/passwd, which"),
        (f"{SHORT} FROM information_schema.tables", "reads information_schema.tables, which"),
        (f"{SHORT} FROM read_text('/etc/passwd')", "calls the table function 'read_text'; it may read only its inputs"),
        (f"{SHORT} {FROM}; DROP TABLE standard.labour_force", "the SQL cannot be parsed"),
        (f"{SHORT} {FROM}; SELECT 1", "a query must be exactly one SELECT statement"),
        ("CREATE TABLE t AS SELECT 1", "Only SELECT statements"),
        ("", "a query must be exactly one SELECT statement"),
        (f"{SHORT.replace('unemployed', 'jobless')} {FROM}", 'Referenced column "jobless" not found'),
        (f"{SHORT.replace('unemployed', '$limit')} {FROM}", "limit"),
        (f"SELECT territory_id, unemployed AS numerator {FROM}", "does not return denominator, input_rows, period"),
        (f"{SHORT}, 1 AS value, 2 AS note {FROM}", "returns note, value, which nothing declares"),
        (f"{SHORT}, sex {FROM}", "returns sex, which nothing declares"),
    ],
)
def test_a_query_that_breaks_its_promise(zz: Country, query: str, message: str) -> None:
    [found] = messages(zz, query)
    assert message in found


def test_what_is_declared_is_read_and_returned(zz: Country) -> None:
    assert messages(zz, f"{SHORT} {FROM}", inputs=["labour_force", "literacy"]) == [
        "never reads the declared input standard.literacy"
    ]
    assert messages(zz, f"{SHORT} {FROM}", disaggregate_by=["sex"]) == ["does not return sex"]
    assert messages(zz, f"{SHORT} {FROM}", series={"a": "A series"}) == ["does not return series"]


def test_parameters_are_bound(zz: Country) -> None:
    query = f"{SHORT} {FROM} WHERE labour_force >= $least AND sex = $sex AND unemployment_rate_pct <= $most"
    sources = {name: {"value": value, "source": "x"} for name, value in [("least", 3), ("sex", "_T"), ("most", 0.1)]}
    assert messages(zz, query, parameters=sources) == []
    spec = zz.workspace().indicators["zz_rate"].spec
    assert parameters_of(spec) == {"least": 3, "sex": "_T", "most": Decimal("0.1")}


def test_prepared_tables_can_be_read(zz: Country) -> None:
    prepare = {"near": {"measure": "share_of_area", "of": "open_space", "within": "territory_boundary"}}
    inputs = ["open_space", "territory_boundary"]
    query = "SELECT territory_id, period, numerator, denominator, method, input_rows FROM prepared.near"
    # What only goes into the prepared table need not be read again.
    assert messages(zz, query, prepare=prepare, inputs=inputs) == []
    assert messages(zz, query, inputs=inputs) == [
        "reads prepared.near, which indicator.yaml does not name among its inputs"
    ]


def test_faults_of_all_queries_at_once(zz: Country) -> None:
    for name in ("zz_a", "zz_b"):
        zz.indicator(name, "SELECT 1; SELECT 2")
    assert [fault.file for fault in check_queries(zz.workspace())] == [
        "indicators/zz_a/query.sql", "indicators/zz_b/query.sql",
    ]  # fmt: skip


def test_the_last_semicolon_is_no_part_of_the_query(zz: Country) -> None:
    zz.indicator(query="SELECT 1 ;\n\n")
    assert query_of(zz.workspace().indicators["zz_rate"]) == "SELECT 1"


# ------------------------------------------------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    "expression",
    ["true", "active > '1'", "active IN ('1', '2') AND NOT (code = 'x')", "code = 'a;b'", "code = '--' -- a comment"],
)
def test_an_expression(zz: Country, expression: str) -> None:
    zz.labour(table={"scope": {"where": expression, "why": "x"}})
    assert check_expressions(zz.workspace()) == []


@pytest.mark.parametrize(
    "expression",
    [
        "true); DROP TABLE records; --",
        "true; SELECT 1",
        "true) OR (true",
        "true UNION SELECT 1",
        "(",
        "'",
        "DROP TABLE records",
        "code IN (SELECT content FROM read_text('/etc/hostname'))",
    ],
)
def test_what_is_no_expression_is_a_fault_of_its_line(zz: Country, expression: str) -> None:
    zz.labour(table={"scope": {"where": expression, "why": "x"}})
    [fault] = check_expressions(zz.workspace())
    assert (fault.file, fault.field) == ("sources/zz_labour/source.yaml", "tables.0.scope.where")
    lines = (zz.root / fault.file).read_text().splitlines()
    assert lines[fault.line - 1].strip().startswith('"where":')


def test_the_rules_of_a_schema_are_expressions_too(readings: Country) -> None:
    edit = {"name": "few", "description": "Few.", "rule": "count < 3); SELECT (1"}
    readings.schema("reading", READING_SCHEMA | {"edits": [edit]})
    readings.write("sources/.keep", "")
    [fault] = check_expressions(readings.workspace())
    assert (fault.file, fault.field) == ("schemas/reading/schema.yaml", "edits.0.rule")
