"""The source's columns become the standard's: nothing is renamed, dropped or changed in silence."""

from typing import Any

import pytest

from pipelines.errors import DataError, ExitCode
from tests.unit.synthetic import READING_FIELDS, Country, Row, csv_text, read_rows

STATION = {"station_id": "id"}


def conformed(country: Country, content: str, **table: Any) -> list[Row]:
    data = table.pop("data", {})
    country.readings(content, table={"columns": STATION, **table}, data=data)
    return read_rows(country.conformed("zz_readings").table("reading"))


def error_of(country: Country, content: str, **table: Any) -> DataError:
    with pytest.raises(DataError) as raised:
        conformed(country, content, **table)
    assert raised.value.exit_code == ExitCode.DATA_INVALID == 3
    assert not list((country.root / "data").glob("conformed/*/*/*.parquet"))
    return raised.value


# -------------------------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("header", "what", "fix"),
    [
        ("id,count,extra", "the column 'extra' is new", "map 'extra' or list it under 'ignore'"),
        ("id", "the column 'count' is gone", "find out what became of 'count'"),
        ("id,counts", "the column 'count' is gone (is it 'counts' now?)", "map 'counts' instead of 'count'"),
        ("id,Count", "the column 'count' is gone (is it 'Count' now?)", "map 'Count' instead of 'count'"),
        ("id,zzz", "the column 'count' is gone; the column 'zzz' is new", "find out what became of 'count'; map 'zzz'"),
        (
            "ids,count,extra",
            "the column 'id' is gone (is it 'ids' now?); the column 'extra' is new",
            "map 'ids' instead of 'id'; map 'extra' or list it under 'ignore'",
        ),
    ],
)
def test_a_changed_header_is_no_silence(readings: Country, header: str, what: str, fix: str) -> None:
    error = error_of(readings, f"{header}\n" + ",".join("1" * len(header.split(","))) + "\n",
                     columns={"station_id": "id", "count": "count"})  # fmt: skip
    assert error.what.startswith(f"figures.csv, row 1: {what}")
    assert error.fix is not None
    assert fix in error.fix


def test_columns_may_change_their_order(readings: Country) -> None:
    columns = {"station_id": "id", "count": "n"}
    assert conformed(readings, "n,id\n1,A\n", columns=columns)[0]["station_id"] == "A"


def test_a_column_in_use_is_not_proposed_as_the_missing_one(readings: Country) -> None:
    error = error_of(
        readings, "id,pop_2014\nA,1\n", columns={"station_id": "id", "count": "pop_2014", "share": "pop_2024"}
    )
    assert "pop_2014" not in (error.fix or "")


def test_names_that_need_quoting(readings: Country) -> None:
    hostile = ['a"); DROP TABLE t; --', "x' OR 1=1 --", "__import__('os')"]
    columns = {"station_id": hostile[0], "mode": hostile[1], "count": hostile[2]}
    [row] = conformed(readings, csv_text(hostile, ["A", "b'us", "1"]), columns=columns)
    assert (row["station_id"], row["mode"], row["count"]) == ("A", "b'us", "1")


def test_what_is_not_filled_is_null_and_everything_is_text(readings: Country) -> None:
    columns = {"station_id": "id", "count": "n"}
    [row] = conformed(
        readings, "id,n\nA,007\n", columns=columns, constants={"mode": "bus"}, derive={"share": "2 * n::INT"}
    )
    given = {"station_id": "A", "count": "007", "mode": "bus", "share": "14"}
    assert row == dict.fromkeys(READING_FIELDS) | given | {
        "source_row": 2, "source_column": None, "row_id": "zz_readings:reading:2",
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------ scope and account


def test_records_out_of_scope_are_counted(readings: Country) -> None:
    content = "id,kind\nA,x\nB,y\nC,\nD,x\n"
    readings.readings(
        content, table={"columns": STATION, "scope": {"where": "kind = 'x'", "why": "others are not meant"}}
    )
    conformed_ = readings.conformed("zz_readings")
    assert [row["station_id"] for row in read_rows(conformed_.table("reading"))] == ["A", "D"]
    # A cell that is empty is not 'x' either: two records are out of scope.
    assert (conformed_.received, conformed_.rows, conformed_.out_of_scope) == (4, {"reading": 2}, {"reading": 2})


def test_records_that_are_no_rows_are_kept(readings: Country) -> None:
    readings.readings("id,n\nA,1\nB\nC,1,2\n\nD,4\n", table={"columns": {"station_id": "id", "count": "n"}})
    conformed_ = readings.conformed("zz_readings")
    assert (conformed_.received, conformed_.malformed, conformed_.rows) == (5, 3, {"reading": 2})
    broken = read_rows(conformed_.folder / "malformed.parquet")
    assert [(row["source_row"], row["rule"], row["raw"]) for row in broken] == [
        (3, "missing-cell", "B"), (4, "extra-cell", "C,1,2"), (5, "blank-row", ""),
    ]  # fmt: skip
    assert [row["source_row"] for row in read_rows(conformed_.table("reading"))] == [2, 6]


def test_one_file_may_feed_two_tables(readings: Country) -> None:
    reading = {"conforms_to": "reading@1"}
    first = reading | {"columns": STATION}
    second = reading | {
        "name": "others",
        "columns": {"station_id": "other"},
        "scope": {"where": "other > 'M'", "why": "x"},
    }
    readings.source("zz_both", "id,other\nA,Z\nB,C\n", first, second)
    both = readings.conformed("zz_both")
    assert both.rows == {"reading": 2, "others": 1}
    assert [row["row_id"] for row in read_rows(both.table("others"))] == ["zz_both:others:2"]


# --------------------------------------------------------------------------------------------------------- values


def test_recoding(readings: Country) -> None:
    columns = {"station_id": "id", "mode": "m"}
    content = "id,m\nA,B\nB,T\nC,it's\nD,\nE,b\n"
    rows = conformed(readings, content, columns=columns, values={"mode": {"B": "bus", "T": "tram", "it's": "'bus'"}})
    # What the recoding does not list is left as it is, for validation to judge; a missing cell stays missing.
    assert [row["mode"] for row in rows] == ["bus", "tram", "'bus'", None, "b"]


def test_recodings_do_not_follow_each_other(readings: Country) -> None:
    rows = conformed(readings, "id,m\nA,x\nB,y\n", columns={"station_id": "id", "mode": "m"},
                     values={"mode": {"x": "y", "y": "x"}})  # fmt: skip
    assert [row["mode"] for row in rows] == ["y", "x"]


@pytest.mark.parametrize(
    ("marks", "written", "meant"),
    [
        ({}, "1.5", "1.5"),
        ({}, "1,5", "1,5"),  # not a number, and not ours to guess
        ({"group_char": ","}, "1,234", "1234"),
        ({"group_char": ","}, "1,234,567.5", "1234567.5"),
        ({"group_char": ","}, "-1,234", "-1234"),
        ({"group_char": ","}, "1234", "1234"),
        ({"group_char": ","}, "1,5", "1,5"),  # a decimal comma that nobody declared: not 15
        ({"group_char": ","}, "1,23", "1,23"),
        ({"group_char": ","}, "12,34,567", "12,34,567"),
        ({"group_char": ","}, "1234,567", "1234,567"),
        ({"group_char": ","}, ",123", ",123"),
        ({"group_char": ","}, "1,,234", "1,,234"),
        ({"group_char": ","}, "1,234,", "1,234,"),
        ({"group_char": ","}, "1,2345", "1,2345"),
        ({"group_char": ","}, "", None),
        ({"group_char": "'"}, "1'234", "1234"),
        ({"group_char": " "}, "1 234", "1234"),
        ({"group_char": "\u202f"}, "1\u202f234", "1234"),
        ({"group_char": ".", "decimal_char": ","}, "1.234,5", "1234.5"),
        ({"decimal_char": ","}, "1,5", "1.5"),
        ({"decimal_char": ","}, "-0,25", "-0.25"),
        ({"decimal_char": ","}, "1,5,0", "1,5,0"),
        ({"group_char": ","}, "n/a", "n/a"),
        ({"group_char": ","}, "=1,234", "=1,234"),
        ({"group_char": "-"}, "1-234", "1234"),
        ({"group_char": "]"}, "1]234", "1234"),
    ],
)
def test_marks_of_numbers(readings: Country, marks: Row, written: str, meant: str | None) -> None:
    [row] = conformed(
        readings, csv_text(["id", "n"], ["A", written], delimiter=";"), columns={"station_id": "id", "share": "n"},
        data={"delimiter": ";", **marks},
    )  # fmt: skip
    assert row["share"] == meant


@pytest.mark.parametrize(
    ("marks", "written"),
    [({"decimal_char": ","}, "1.500"), ({"group_char": ".", "decimal_char": ","}, "1.5")],
)
def test_a_point_is_no_decimal_mark_where_the_comma_is(readings: Country, marks: Row, written: str) -> None:
    content = csv_text(["id", "n"], ["A", written], delimiter=";")
    readings.readings(content, table={"columns": {"station_id": "id", "share": "n"}}, data={"delimiter": ";", **marks})
    assert read_rows(readings.validated("zz_readings").table("reading")) == []


@pytest.mark.parametrize("mark", ["^", "\\"])
def test_marks_that_mean_something_in_a_pattern(readings: Country, mark: str) -> None:
    [row] = conformed(readings, csv_text(["id", "n"], ["A", f"1{mark}234"]), columns={"station_id": "id", "share": "n"},
                      data={"group_char": mark})  # fmt: skip
    assert row["share"] == "1234"


def test_texts_keep_their_marks(readings: Country) -> None:
    [row] = conformed(
        readings, 'id,n\nA,"1,234"\n', columns={"station_id": "id", "mode": "n"}, data={"group_char": ","}
    )
    assert row["mode"] == "1,234"


# --------------------------------------------------------------------------------------------------------- unpivot


def test_columns_become_rows(readings: Country) -> None:
    table = {"unpivot": {"into": "mode", "value": "count", "columns": {"bus": "By bus", "tram": "t:r"}}}
    readings.readings("id,By bus,t:r\nA,1,2\nB,,4\n", table={"columns": STATION, **table})
    wide = readings.conformed("zz_readings")
    assert (wide.received, wide.rows, wide.out_of_scope) == (2, {"reading": 4}, {"reading": 0})
    rows = [
        (r["station_id"], r["mode"], r["count"], r["source_column"], r["row_id"])
        for r in read_rows(wide.table("reading"))
    ]
    assert rows == [
        ("A", "bus", "1", "By bus", "zz_readings:reading:2:By bus"),
        ("A", "tram", "2", "t:r", "zz_readings:reading:2:t:r"),
        ("B", "bus", None, "By bus", "zz_readings:reading:3:By bus"),  # an empty cell is a row without a figure
        ("B", "tram", "4", "t:r", "zz_readings:reading:3:t:r"),
    ]


# ----------------------------------------------------------------------------------------------------------- fixes


FIX = {"where": "station_id = 'B'", "set": {"count": "70"}, "expect": {"count": "-70"}, "rows": 1, "why": "sign lost"}
NUMBERED = {"columns": {"station_id": "id", "count": "n"}}


def test_a_fix_changes_what_it_names(readings: Country) -> None:
    rows = conformed(readings, "id,n\nA,-70\nB,-70\n", **NUMBERED, fixes=[FIX])
    assert [row["count"] for row in rows] == ["-70", "70"]


@pytest.mark.parametrize(
    ("content", "changes", "met"),
    [
        ("id,n\nA,1\nB,70\n", {}, "expects 1 row(s) and meets 1, 0 of them as expected"),  # corrected by the owner
        ("id,n\nA,1\n", {}, "expects 1 row(s) and meets 0, 0 of them as expected"),
        ("id,n\nB,-70\nB,-70\n", {}, "expects 1 row(s) and meets 2, 2 of them as expected"),
        ("id,n\nB,-70\nB,7\n", {}, "expects 1 row(s) and meets 2, 1 of them as expected"),
        ("id,n\nA,1\nB,-70\n", {"where": "station_id = 'A' OR true"}, "expects 1 row(s) and meets 2, 1 of them"),
    ],
)
def test_a_fix_that_no_longer_applies_is_told(readings: Country, content: str, changes: Row, met: str) -> None:
    error = error_of(readings, content, **NUMBERED, fixes=[FIX | changes])
    assert met in error.what
    assert "fixes.0" in error.what
    assert error.why == "the fix was made because: sign lost"


def test_fixes_follow_each_other(readings: Country) -> None:
    again = FIX | {"set": {"count": "71"}, "expect": {"count": "70"}}
    rows = conformed(readings, "id,n\nB,-70\n", **NUMBERED, fixes=[FIX, again])
    assert rows[0]["count"] == "71"


# ----------------------------------------------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    "table",
    [
        {"derive": {"mode": "nowhere"}},
        {"derive": {"mode": "("}},
        {"derive": {"count": "'x'::INTEGER"}},
        {"scope": {"where": "id > 1", "why": "x"}, "derive": {"count": "CAST(id AS INTEGER)"}},
        {"derive": {"mode": "(SELECT content FROM read_text('/etc/hostname'))"}},
        {"derive": {"mode": "(SELECT string_agg(file, ',') FROM glob('/*'))"}},
        {"scope": {"where": "id IN (SELECT content FROM read_text('/etc/hostname'))", "why": "x"}},
        {"fixes": [FIX | {"where": "nowhere = 1"}]},
        {"fixes": [FIX | {"where": "station_id = (SELECT content FROM read_text('/etc/hostname'))"}]},
    ],
)
def test_expressions_that_cannot_be_evaluated_or_reach_out(readings: Country, table: Row) -> None:
    error = error_of(readings, "id\nA\n", **table)
    assert error.what.startswith("sources/zz_readings/source.yaml: reading: an expression cannot be evaluated:")


def test_an_expression_is_one_expression(readings: Country) -> None:
    where = "true); CREATE OR REPLACE TABLE t (a INT); SELECT (1 = 1"
    error_of(readings, "id\nA\n", scope={"where": where, "why": "x"})


def test_a_comment_in_an_expression_ends_with_its_line(readings: Country) -> None:
    derive = {"mode": "upper( -- in capitals\nid)"}
    assert conformed(readings, "id\na\n", derive=derive)[0]["mode"] == "A"


def test_a_comment_may_end_an_expression(readings: Country) -> None:
    assert conformed(readings, "id\na\n", derive={"mode": "upper(id) -- in capitals"})[0]["mode"] == "A"


def test_one_select_over_the_records_comes_before_the_mapping(readings: Country) -> None:
    readings.write("sources/zz_readings/clean.sql", "SELECT id, upper(id) AS code, source_row FROM records;\n")
    assert conformed(readings, "id\na\n", derive={"station_id": "code"}, columns={"mode": "id"})[0]["station_id"] == "A"


def test_what_clean_sql_makes_can_be_mapped(readings: Country) -> None:
    readings.write("sources/zz_readings/clean.sql", "SELECT id, upper(id) AS code, source_row FROM records")
    rows = conformed(readings, "id\na\n", columns={"station_id": "code"}, derive={"mode": "id"})
    assert rows[0]["station_id"] == "A"


# -------------------------------------------------------------------------------------------------- the same again


def test_the_same_is_made_once(readings: Country) -> None:
    readings.readings("id\nA\n", table={"columns": STATION})
    first = readings.conformed("zz_readings")
    made = first.table("reading").stat()
    assert readings.conformed("zz_readings") == first
    assert first.table("reading").stat() == made
    readings.readings("id\nA\n", table={"columns": STATION, "constants": {"mode": "bus"}})
    assert readings.conformed("zz_readings").folder != first.folder
