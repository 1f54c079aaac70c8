"""Every row is accepted, typed, or quarantined with its reasons; none is lost."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.steps.validate import Validated, duckdb_type
from pipelines.warehouse import Warehouse
from tests.unit.synthetic import (
    READING_FIELDS,
    READING_SCHEMA,
    READING_TABLE,
    Country,
    Row,
    csv_text,
    read_rows,
    standard_table,
)

GOOD: Row = {
    "station_id": "A1",
    "day": "2024-02-29",
    "count": "7",
    "share": "12.5",
    "degrees": "-3.25",
    "is_open": "true",
    "founded": "1999",
    "mode": "bus",
}


def content_of(*rows: Row) -> str:
    return csv_text(READING_FIELDS, *([row.get(name) for name in READING_FIELDS] for row in rows))


def judged(country: Country, *rows: Row) -> Validated:
    country.readings(content_of(*rows))
    return country.validated("zz_readings")


def accepted(validated: Validated) -> list[Row]:
    return read_rows(validated.table("reading"))


def reasons(validated: Validated) -> list[Row]:
    return read_rows(validated.quarantine)


def test_an_accepted_row_is_typed(readings: Country) -> None:
    [row] = accepted(judged(readings, GOOD))
    assert row == {
        "station_id": "A1",
        "day": dt.date(2024, 2, 29),
        "count": 7,
        "share": Decimal("12.500000"),
        "degrees": -3.25,
        "is_open": True,
        "founded": 1999,
        "mode": "bus",
        "row_id": "zz_readings:reading:2",
        "source_row": 2,
    }


def test_what_is_not_required_may_be_missing(readings: Country) -> None:
    [row] = accepted(judged(readings, {"station_id": "A"}))
    assert {row[name] for name in READING_FIELDS if name != "station_id"} == {None}


def test_accepted_rows_stand_in_the_order_of_their_key(readings: Country) -> None:
    rows = accepted(judged(readings, *({"station_id": name} for name in ("C", "A", "B10", "B2"))))
    assert [row["station_id"] for row in rows] == ["A", "B10", "B2", "C"]


@pytest.mark.parametrize(
    ("field", "cell", "rule", "expected"),
    [
        ("station_id", None, "constraint-error", "Station is required, and missing"),
        ("station_id", "a", "constraint-error", "expected a text of the form [A-Z][0-9]*"),
        ("mode", "boat", "constraint-error", "expected one of bus, tram"),
        ("mode", "Bus", "constraint-error", "expected one of bus, tram"),
        ("count", "-1", "constraint-error", "expected 0 to 1000 people (Count)"),
        ("count", "1001", "constraint-error", "expected 0 to 1000 people (Count)"),
        ("count", "7.5", "type-error", "expected a whole number (Count)"),
        ("count", "many", "type-error", "expected a whole number (Count)"),
        ("count", "1_0", "type-error", "expected a whole number (Count)"),
        ("count", "٢٤", "type-error", "expected a whole number (Count)"),
        ("count", "99999999999999999999", "constraint-error", "expected 0 to 1000 people (Count)"),
        ("share", "1,5", "type-error", "expected a number with a decimal point (Share)"),
        ("share", "NaN", "constraint-error", "expected 0 to 100 % (Share)"),
        ("share", "nan", "constraint-error", "expected 0 to 100 % (Share)"),
        ("share", "INF", "constraint-error", "expected 0 to 100 % (Share)"),
        ("share", "-inf", "constraint-error", "expected 0 to 100 % (Share)"),
        ("share", "1e999", "constraint-error", "expected 0 to 100 % (Share)"),
        ("share", "1_0.5", "type-error", "expected a number with a decimal point (Share)"),
        ("share", "٢٤", "type-error", "expected a number with a decimal point (Share)"),
        ("share", "1e1", "type-error", "expected a number with a decimal point (Share)"),
        ("share", "12 %", "type-error", "expected a number with a decimal point (Share)"),
        ("share", "=1+1", "type-error", "expected a number with a decimal point (Share)"),
        ("degrees", "NaN", "constraint-error", "expected -180 to 180 degrees (Degrees)"),
        ("degrees", "inf", "constraint-error", "expected -180 to 180 degrees (Degrees)"),
        ("degrees", "1e999", "constraint-error", "expected -180 to 180 degrees (Degrees)"),
        ("degrees", "٢٤", "type-error", "expected a number with a decimal point (Degrees)"),
        ("is_open", "yes", "type-error", "expected true or false (Open)"),
        ("is_open", "1", "type-error", "expected true or false (Open)"),
        ("is_open", "True", "type-error", "expected true or false (Open)"),
        ("day", "2023-02-29", "type-error", "expected a date like 2024-09-30 (Day)"),
        ("day", "01/02/2024", "type-error", "expected a date like 2024-09-30 (Day)"),
        ("day", "infinity", "type-error", "expected a date like 2024-09-30 (Day)"),
        ("founded", "24", "type-error", "expected a year of four digits (Founded)"),
        ("founded", "٢٠٢٤", "type-error", "expected a year of four digits (Founded)"),
    ],
)  # fmt: skip
def test_a_cell_that_breaks_a_rule(readings: Country, field: str, cell: str | None, rule: str, expected: str) -> None:
    validated = judged(readings, GOOD | {field: cell}, GOOD | {"station_id": "B"})
    assert [row["station_id"] for row in accepted(validated)] == ["B"]
    found = reasons(validated)
    assert {(row["rule"], row["column_name"], row["value"], row["source_row"]) for row in found} == {
        (rule, field, cell, 2)
    }
    assert found[0]["message"].startswith(f"figures.csv, row 2, column '{field}' = {cell!r}: ")
    assert found[0]["message"].endswith(expected)
    assert found[0]["fix"]
    assert json.loads(found[0]["raw_record"]) == GOOD | {field: cell} | {"source_row": 2}
    account = validated.accounts["reading"]
    assert (account.received, account.accepted, account.quarantined) == (2, 1, 1)


@pytest.mark.parametrize("cell", ["2_4.9", "1_0"])
def test_a_coordinate_is_plainly_written_too(readings: Country, cell: str) -> None:
    assert accepted(judged(readings, GOOD | {"degrees": cell})) == []


@pytest.mark.parametrize(("field", "cell"), [("count", " 7 "), ("count", "+7"), ("count", "007"), ("share", "12.5 ")])
def test_plain_numbers_with_signs_zeros_and_blanks(readings: Country, field: str, cell: str) -> None:
    [row] = accepted(judged(readings, GOOD | {field: cell}))
    assert row[field] == (7 if field == "count" else Decimal("12.5"))


def test_a_row_that_breaks_three_rules_has_three_reasons_and_counts_once(readings: Country) -> None:
    validated = judged(readings, GOOD | {"count": "x", "share": "y", "mode": "boat"})
    assert [row["column_name"] for row in reasons(validated)] == ["count", "mode", "share"]
    assert validated.accounts["reading"].quarantined == 1


# ------------------------------------------------------------------------------------------------------ duplicates


def station(name: str, count: int) -> Row:
    return {"station_id": name, "count": count}


@pytest.mark.parametrize(
    ("rows", "kept", "rules"),
    [
        # Copies agree: the first is used.
        ([("A", 1), ("A", 1)], [("A", 1)], ["duplicate-row"]),
        ([("A", 1), ("B", 2), ("A", 1), ("A", 1)], [("A", 1), ("B", 2)], ["duplicate-row", "duplicate-row"]),
        # They differ: none is known to be right.
        ([("A", 1), ("A", 2), ("B", 3)], [("B", 3)], ["primary-key", "primary-key"]),
        ([("A", 1), ("A", 1), ("A", 2)], [], ["primary-key", "primary-key", "primary-key"]),
        # A row that is quarantined already contradicts nobody.
        ([("A", 1), ("A", -5)], [("A", 1)], ["constraint-error"]),
    ],
)
def test_rows_with_one_key(readings: Country, rows: list[tuple[str, int]], kept: list[Any], rules: list[str]) -> None:
    validated = judged(readings, *(station(*row) for row in rows))
    assert [(row["station_id"], row["count"]) for row in accepted(validated)] == kept
    assert [row["rule"] for row in reasons(validated)] == rules
    account = validated.accounts["reading"]
    assert (account.received, account.accepted, account.quarantined) == (len(rows), len(kept), len(rules))


def test_duplicates_are_told_with_the_row_they_repeat(readings: Country) -> None:
    validated = judged(readings, station("A", 1), station("B", 1), station("A", 1), station("B", 2))
    assert [row["message"] for row in reasons(validated)] == [
        "figures.csv, row 3 (station_id=B): 2 rows from row 3 on have this key and differ; none is known to be right",
        "figures.csv, row 4 (station_id=A): the same row stands in row 2 already",
        "figures.csv, row 5 (station_id=B): 2 rows from row 3 on have this key and differ; none is known to be right",
    ]


def test_keys_that_are_one_value_are_one_key(readings: Country) -> None:
    readings.schema("reading", READING_SCHEMA | {"primaryKey": ["count"]})
    validated = judged(readings, station("A", "1"), station("B", "01"))  # type: ignore[arg-type]
    assert len({row["count"] for row in accepted(validated)}) == len(accepted(validated))


# ------------------------------------------------------------------------------------------------------- geometry


def with_geometry(country: Country, constraints: Row, cell: str) -> Validated:
    shape = {"name": "shape", "type": "string", "format": "wkb_hex", "title": "Shape", "description": "Its shape."}
    fields = [*READING_SCHEMA["fields"], shape | {"constraints": constraints}]
    country.schema("reading", READING_SCHEMA | {"fields": fields})
    table = {"columns": {"station_id": "id", "shape": "shape"}}
    country.readings(f"id,shape\nA,{cell}\n", table=table)
    return country.validated("zz_readings")


def test_geometry_becomes_bytes(readings: Country) -> None:
    point = "0101000000000000000000F03F0000000000000040"  # ISO WKB, little endian: POINT (1 2)
    [row] = accepted(with_geometry(readings, {"pattern": "([0-9A-F]{2})+"}, point))
    assert row["shape"] == bytes.fromhex(point)


def test_what_is_no_hexadecimal_text_is_quarantined(readings: Country) -> None:
    validated = with_geometry(readings, {"pattern": "([0-9A-F]{2})+"}, "XYZ")
    assert [row["rule"] for row in reasons(validated)] == ["constraint-error"]


@pytest.mark.parametrize("cell", ["XYZ", "ABC"])
def test_a_schema_need_not_say_what_hexadecimal_is(readings: Country, cell: str) -> None:
    assert accepted(with_geometry(readings, {}, cell)) == []


# -------------------------------------------------------------------------------------------------- the whole file


def test_records_that_are_no_rows_are_quarantined_with_the_others(readings: Country) -> None:
    readings.readings(
        "station_id,count\nA,1\nB\nC,x\n", table={"columns": {"station_id": "station_id", "count": "count"}}
    )
    validated = readings.validated("zz_readings")
    assert validated.malformed == 1
    assert [(row["table_name"], row["rule"], row["source_row"], row["raw_record"]) for row in reasons(validated)] == [
        ("(file)", "missing-cell", 3, "B"),
        ("reading", "type-error", 4, '{"station_id":"C","count":"x","source_row":4}'),
    ]


def test_the_cell_of_an_unpivoted_column_is_named_as_in_the_file(readings: Country) -> None:
    wide = {"into": "mode", "value": "count", "columns": {"bus": "By bus", "tram": "By tram"}}
    readings.schema("reading", READING_SCHEMA | {"primaryKey": ["station_id", "mode"]})
    readings.readings("id,By bus,By tram\nA,1,x\n", table={"columns": {"station_id": "id"}, "unpivot": wide})
    validated = readings.validated("zz_readings")
    assert [(row["mode"], row["count"]) for row in accepted(validated)] == [("bus", 1)]
    assert [(row["column_name"], row["value"], row["row_id"]) for row in reasons(validated)] == [
        ("By tram", "x", "zz_readings:reading:2:By tram")
    ]


def test_a_record_can_be_looked_at(readings: Country) -> None:
    validated = judged(readings, GOOD | {"count": "x"})
    with Warehouse([validated.conformed.folder]) as warehouse:
        warehouse.view("records", validated.conformed.folder / "records.parquet")
        assert warehouse.records("SELECT * EXCLUDE (source_row) FROM records WHERE source_row = 2") == [
            GOOD | {"count": "x"}
        ]


def test_the_same_is_made_once(readings: Country) -> None:
    first = judged(readings, GOOD)
    made = first.table("reading").stat()
    assert judged(readings, GOOD) == first
    assert first.table("reading").stat() == made


CELLS = st.sampled_from(
    ["A", "A1", "B", "a", "", "1", "01", "-1", "x", "NaN", "1_0", "bus", "true", "2024-01-01", "2024"]
)


@settings(max_examples=10)
@given(st.lists(st.tuples(*[CELLS] * len(READING_FIELDS)), min_size=1, max_size=8))
def test_received_is_accepted_and_quarantined(rows: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        country = Country(Path(folder)).extends()
        country.schema("reading", READING_SCHEMA)
        country.readings(csv_text(READING_FIELDS, *rows))
        validated = country.validated("zz_readings")
        account = validated.accounts["reading"]
        kept, bad = accepted(validated), {row["row_id"] for row in reasons(validated)}
        assert account.received == account.accepted + account.quarantined
        assert account.received + validated.malformed == len(rows)
        assert account.accepted == len(kept)
        assert account.quarantined + validated.malformed == len(bad)
        assert {row["row_id"] for row in kept}.isdisjoint(bad)
        assert {row["source_row"] for row in kept} | {row["source_row"] for row in reasons(validated)} == {
            *range(2, len(rows) + 2)
        }
        assert len({row["station_id"] for row in kept}) == len(kept)


def test_types_of_standard_tables(readings: Country, tmp_path: Path) -> None:
    schema = readings.workspace().schemas["reading"].spec
    assert {field.name: duckdb_type(field) for field in schema.fields} == {
        "station_id": "VARCHAR", "day": "DATE", "count": "BIGINT", "share": "DECIMAL(18,6)", "degrees": "DOUBLE",
        "is_open": "BOOLEAN", "founded": "INTEGER", "mode": "VARCHAR",
    }  # fmt: skip
    judged_types = pq.read_schema(judged(readings, GOOD).table("reading"))
    by_hand = pq.read_schema(standard_table(tmp_path / "t", schema, [GOOD]).file)
    assert [judged_types.field(name).type for name in READING_FIELDS] == [by_hand.field(n).type for n in READING_FIELDS]
    assert READING_TABLE["conforms_to"] == schema.reference
