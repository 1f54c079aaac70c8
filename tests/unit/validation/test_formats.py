"""Every format beside Frictionless: its own report where it reads the format, else its report on the same cells."""

import datetime
import io
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from frictionless import Resource as FrictionlessResource
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.validation import validate
from tests.unit.validation.oracle import V2_RESOURCE, Case, Verdict, difference, disagreement, our_verdict

ENGINES = ["auto", "duckdb"]
SCHEMA = {
    "fields": [
        {"name": "code", "type": "string", "constraints": {"required": True, "unique": True, "maxLength": 4}},
        {"name": "people", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "share", "type": "number", "constraints": {"maximum": 1}},
        {"name": "urban", "type": "boolean"},
        {"name": "day", "type": "date", "constraints": {"minimum": "2000-01-01"}},
        {"name": "other", "type": "any"},
    ],
    "missingValues": ["", "n.d."],
    "primaryKey": ["code"],
}
LABELS = [field["name"] for field in SCHEMA["fields"]]
OTHER_TYPES = ["array", "object", "datetime", "time", "year", "duration"]
OTHER_SCHEMA = {
    "fields": [{"name": name, "type": kind} for name, kind in zip(LABELS, OTHER_TYPES, strict=True)],
    "missingValues": ["", "None"],
}
SCHEMAS = st.sampled_from([SCHEMA, OTHER_SCHEMA])
TEXTS = ["", "n.d.", "A", "B", "ABCDE", "1", "-1", "0.5", "1.5", "true", "false", "2020-02-29", "1999-12-31", "x", " 1"]
TEXTS += ["[1]", '{"a": 1}', "2020-02-29T12:00:00", "12:00:00", "2020", "P1D", "None"]
JSON_CELLS = [None, *TEXTS, True, False, 0, 1, -1, 0.5, 1.5, 1.0, 2020, 10**20, [], ["a"], {}, {"a": [1, None]}]


def agrees(case: Case, folder: Path, engine: str = "auto") -> None:
    assert disagreement(case, folder, engine) is None


def rows_of(cells: Sequence[Any], widths: Sequence[int] = (6, 6, 6, 5, 7, 0)) -> st.SearchStrategy[list[list[Any]]]:
    """Rows of such cells, most of them as long as the header."""
    row = st.sampled_from(widths).flatmap(
        lambda width: st.lists(st.sampled_from(cells), min_size=width, max_size=width)
    )
    return st.lists(row, max_size=6)


SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)


# ---------------------------------------------------------------------------------------------------------------- JSON


def json_case(value: Any, schema: Mapping[str, Any] | None = SCHEMA, **resource: Any) -> Case:
    return Case(json.dumps(value).encode(), schema, {"path": "table.json", "encoding": "utf-8", **resource})


def ndjson_case(values: Sequence[Any], schema: Mapping[str, Any] | None = SCHEMA, **resource: Any) -> Case:
    content = "".join(json.dumps(value) + "\n" for value in values)
    return Case(content.encode(), schema, {"path": "table.ndjson", "encoding": "utf-8", **resource})


CASES = pytest.mark.parametrize("made", [json_case, ndjson_case])


@CASES
@pytest.mark.parametrize("engine", ENGINES)
def test_json_rows(tmp_path: Path, made: Callable[..., Case], engine: str) -> None:
    rows = [
        ["A", 1, 0.5, True, "2020-02-29", None],
        ["A", -1, 1.5, "x", "1999-12-31", {"a": 1}],
        [None, 1.5, "x", 0, "29/02/2020", [1]],
        ["ABCDE", True, False, None, None],
        ["B", 1.0, 1, False, 20200229, "x", "y"],
        [None] * 6,
        ["n.d.", "n.d.", "", "", "", ""],
        [],
    ]
    agrees(made([LABELS, *rows]), tmp_path, engine)


@CASES
def test_keyed_json(tmp_path: Path, made: Callable[..., Case]) -> None:
    rows = [
        {"code": "A", "people": 1, "share": 0.5, "urban": True, "day": "2020-02-29", "other": 1},
        {"other": {"a": 1}, "code": "A", "more": 1},
        {"people": -1, "share": 1e400, "urban": "true"},
        {},
        {"code": ["x"], "people": {"a": 1}},
    ]
    agrees(made(rows), tmp_path)


@CASES
@pytest.mark.parametrize(
    "labels",
    [
        ["code"],
        [*LABELS, "more"],
        LABELS[::-1],
        ["", *LABELS[1:]],
        ["code", "code", *LABELS[2:]],
        [1, *LABELS[1:]],
        [None, *LABELS[1:]],
        [{"a": 1}, *LABELS[1:]],
        [],
    ],
)
def test_headers_in_json(tmp_path: Path, made: Callable[..., Case], labels: list[Any]) -> None:
    agrees(made([labels, ["A", 1, 0.5, True, "2020-02-29", None]]), tmp_path)


@CASES
@pytest.mark.parametrize("kind", ["equal", "subset", "superset", "partial"])
def test_labels_of_json_may_match_by_name(tmp_path: Path, made: Callable[..., Case], kind: str) -> None:
    agrees(made([["day", "code", "more"], ["x", "A", 1]], {**SCHEMA, "fieldsMatch": kind}), tmp_path)


@CASES
@pytest.mark.parametrize("keys", [["code", "day"], ["day"], ["x"]])
def test_some_keys_of_json(tmp_path: Path, made: Callable[..., Case], keys: list[str]) -> None:
    rows = [{"code": "A", "day": "x"}, {"code": "A", "people": -1}]
    agrees(made(rows, dialect={"json": {"keys": keys}}), tmp_path)
    agrees(made(rows, None, dialect={"json": {"keys": keys}}), tmp_path)


def test_a_part_of_a_json_file(tmp_path: Path) -> None:
    value = {"meta": [1], "data": {"rows": [LABELS, ["A", "x"]]}}
    agrees(json_case(value, dialect={"json": {"property": "data.rows"}}), tmp_path)
    agrees(json_case(value, dialect={"json": {"property": "data.none"}}), tmp_path)


@CASES
def test_json_without_a_schema(tmp_path: Path, made: Callable[..., Case]) -> None:
    agrees(made([LABELS, ["A", 1, None, True], ["B", "x", 0.5, False, "y", "z", 1]], None), tmp_path)


@CASES
@pytest.mark.parametrize(
    "dialect", [{"header": False}, {"headerRows": [1, 2]}, {"commentRows": [2]}, {"skipBlankRows": True}]
)
def test_dialects_of_json(tmp_path: Path, made: Callable[..., Case], dialect: dict[str, Any]) -> None:
    rows = [LABELS, ["A", 1, 0.5, True, "2020-02-29", None], [None] * 6, ["B", -1, None, None, None, 1]]
    agrees(made(rows, dialect=dialect), tmp_path)


@pytest.mark.parametrize(
    "value", [{}, {"a": 1}, [], [[]], "a", 1, None, [1], [LABELS, 1], [LABELS, {"a": 1}], [{"code": 1}, []]]
)
def test_json_that_is_no_table(tmp_path: Path, value: Any) -> None:
    agrees(json_case(value), tmp_path)
    if isinstance(value, list):
        agrees(ndjson_case(value), tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b'["code"]\n\n["A"]\n',
        b'["code"]\n["A"]\n["B"\n["C"]\n',
        b'["code"]\n["A"]\nnull\n["C"]\n',
        b'["code"]\n["A"]\n["\xff"]\n',
        b'\xef\xbb\xbf["code"]\n["A"]\n["A"]',
        b'["code"]\r\n["ABCDE"]\r\n',
        b'["code"]\n[NaN]\n[' + b"9" * 5_000 + b"]\n",
    ],
)
def test_broken_ndjson(tmp_path: Path, content: bytes) -> None:
    schema = {"fields": SCHEMA["fields"][:1]}
    agrees(Case(content, schema, {"path": "table.ndjson", "encoding": "utf-8"}), tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'[["code"], ["A"], ["B"',
        b'[["code"], ["A"], ["B"]] []',
        b'[["code"], ["A"], [NaN]]',
        b'[["code"], ["A"], ["\xff"]]',
        b'\xef\xbb\xbf[["code"], ["A"]]',
        b'[["code"], ["A"], ["\\ud800"], [1e400], [12345678901234567890123]]',
    ],
)
def test_broken_json(tmp_path: Path, content: bytes) -> None:
    schema = {"fields": SCHEMA["fields"][:1]}
    agrees(Case(content, schema, {"path": "table.json", "encoding": "utf-8"}), tmp_path)


@pytest.mark.parametrize("path", ["table.json", "table.ndjson", "table.jsonl"])
def test_json_that_exhausts_its_reader_is_refused(tmp_path: Path, path: str) -> None:
    content = b'["code"]\n[' + b"[" * 100_000 + b"]" * 100_000 + b"]\n"
    (tmp_path / path).write_bytes(
        b"[" + content.replace(b"]\n[", b"],\n[", 1) + b"]" if path == "table.json" else content
    )
    with pytest.raises(DataError, match="nested deeper"):
        validate({"name": "table", "path": path, "schema": {"fields": SCHEMA["fields"][:1]}}, basepath=tmp_path)


@SETTINGS
@given(rows_of(JSON_CELLS), SCHEMAS, st.sampled_from([json_case, ndjson_case]), st.sampled_from(ENGINES))
def test_any_json_rows(
    tmp_path: Path, rows: list[list[Any]], schema: Any, made: Callable[..., Case], engine: str
) -> None:
    agrees(made([LABELS, *rows], schema), tmp_path, engine)


@SETTINGS
@given(
    st.lists(st.dictionaries(st.sampled_from([*LABELS, "more"]), st.sampled_from(JSON_CELLS)), max_size=6),
    SCHEMAS,
    st.sampled_from([json_case, ndjson_case]),
)
def test_any_keyed_json(tmp_path: Path, rows: list[dict[str, Any]], schema: Any, made: Callable[..., Case]) -> None:
    agrees(made(rows, schema), tmp_path)


# --------------------------------------------------------------------------------------------------------- spreadsheet


def xlsx_case(
    *sheets: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None, schema: Any = SCHEMA, **resource: Any
) -> Case:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return Case(content.getvalue(), schema, {"path": "table.xlsx", "encoding": "utf-8", **resource})


DAY = datetime.date(2020, 2, 29)
NOON = datetime.datetime.fromisoformat("2020-02-29T12:00:00")
XLSX_CELLS = [*TEXTS, None, True, False, 0, 1, -1, 0.5, 1.5, 10**15, DAY, NOON, datetime.time(12), "=1+1", "#N/A"]
SHEET = [
    LABELS,
    ["A", 1, 0.5, True, DAY, None],
    ["A", -1, 1.5, 1, NOON, "x"],
    [1, 1.5, "0.5", "true", "2020-02-29", 1],
    [None, "1", "x", "yes", 43890, True],
    [],
    [None, None, None, None, None, None],
    ["ABCDE", 2.0, DAY, False, datetime.date(1999, 12, 31), datetime.time(12)],
    ["B", None, None, None, None, None, "extra"],
]


@pytest.mark.parametrize("engine", ENGINES)
def test_typed_cells_of_a_sheet(tmp_path: Path, engine: str) -> None:
    agrees(xlsx_case(SHEET), tmp_path, engine)
    agrees(xlsx_case(SHEET, schema=None), tmp_path, engine)


@pytest.mark.parametrize("sheet", [1, 2, 3, "Sheet 1", "Sheet 2", "None"])
def test_one_of_several_sheets(tmp_path: Path, sheet: Any) -> None:
    agrees(xlsx_case(SHEET, [*SHEET[:2], ["C", "x"]], dialect={"excel": {"sheet": sheet}}), tmp_path)


@pytest.mark.parametrize("fill", [True, False])
def test_a_header_of_merged_cells(tmp_path: Path, fill: bool) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A1:B1")
        book.active.merge_cells("C3:D4")

    rows = [["place", None, "share"], LABELS, *SHEET[1:]]
    for dialect in ({}, {"headerRows": [1, 2]}, {"headerRows": [2]}):
        case = xlsx_case(rows, change=merge, dialect={**dialect, "excel": {"fillMergedCells": fill}})
        agrees(case, tmp_path)


@pytest.mark.parametrize(
    "control",
    [
        {"stringified": True},
        {"preserveFormatting": True},
        {"preserveFormatting": True, "adjustFloatingPointError": True},
    ],
)
def test_cells_as_they_are_shown(tmp_path: Path, control: dict[str, Any]) -> None:
    def formatted(book: Any) -> None:
        book.active["B2"].number_format = "0.00"
        book.active["C2"].number_format = "0%"
        book.active["E2"].number_format = "dd/mm/yyyy"

    agrees(xlsx_case(SHEET, change=formatted, dialect={"excel": control}), tmp_path)


@pytest.mark.parametrize(
    "rows", [[], [[]], [LABELS], [[None, None]], [["code", None, "share"]], [LABELS[:2], ["A", 1, 2, 3]]]
)
def test_small_sheets(tmp_path: Path, rows: list[list[Any]]) -> None:
    agrees(xlsx_case(rows), tmp_path)


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n"])
def test_something_else_than_a_workbook_is_told_as_frictionless_tells_it(tmp_path: Path, content: bytes) -> None:
    agrees(Case(content, SCHEMA, {"path": "table.xlsx"}), tmp_path)


@SETTINGS
@given(rows_of(XLSX_CELLS), SCHEMAS)
def test_any_sheet(tmp_path: Path, rows: list[list[Any]], schema: Any) -> None:
    agrees(xlsx_case([LABELS, *rows], schema=schema), tmp_path)


# -------------------------------------------------------------------------------------------------------------- tables


def tsv_case(rows: Sequence[Sequence[str]], end: str = "\n", schema: Any = SCHEMA, **resource: Any) -> Case:
    content = "".join("\t".join(row) + end for row in rows)
    return Case(content.encode(), schema, {"path": "table.tsv", "encoding": "utf-8", **resource})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tsv(tmp_path: Path, engine: str, end: str) -> None:
    rows = [
        ["A", "1", "0.5", "true", "2020-02-29", ""],
        ["A", "-1", "1,5", "yes", "1999-12-31", "a, b"],
        ["", "x"],
        [],
        ['"B"', '"1\n"', "", "", "", "x", "extra"],
        ["n.d."] * 6,
    ]
    agrees(tsv_case([LABELS, *rows], end), tmp_path, engine)


@SETTINGS
@given(rows_of(TEXTS), SCHEMAS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(ENGINES))
def test_any_tsv(tmp_path: Path, rows: list[list[str]], schema: Any, end: str, engine: str) -> None:
    agrees(tsv_case([LABELS, *rows], end, schema), tmp_path, engine)


# ------------------------------------------------------------------------------- formats that Frictionless cannot judge


def on_the_same_cells(labels: Sequence[str], rows: Sequence[Sequence[Any]], schema: Any) -> Verdict:
    """Frictionless' report on the cells given as they are."""
    descriptor = {"$schema": V2_RESOURCE, "name": "table", "type": "table", "data": [list(labels)]}
    resource = FrictionlessResource.from_descriptor({**descriptor, **({"schema": schema} if schema else {})})
    resource.data = [list(labels), *map(list, rows)]
    (task,) = resource.validate().tasks
    errors = [error.to_descriptor() for error in task.errors]
    read = task.stats.get("rows")
    return Verdict(errors, task.labels, task.warnings, read, task.stats.get("fields") if read or labels else None)


def agrees_on_cells(case: Case, folder: Path, labels: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    for engine in ENGINES:
        assert difference(case, on_the_same_cells(labels, rows, case.schema), our_verdict(case, folder, engine)) is None


def parquet_case(columns: Mapping[str, Any], schema: Any = SCHEMA, **resource: Any) -> Case:
    content = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), content)
    return Case(content.getvalue(), schema, {"path": "table.parquet", **resource})


PARQUET_TEXT = {
    "code": ["A", "A", "", "ABCDE", "n.d."],
    "people": ["1", "-1", "x", "1.0", "n.d."],
    "share": ["0.5", "1.5", "1,5", "", ""],
    "urban": ["true", "yes", "", "false", ""],
    "day": ["2020-02-29", "1999-12-31", "x", "2020-02-30", ""],
    "other": ["x", "", "", "y", ""],
}


@pytest.mark.parametrize("engine", ENGINES)
def test_parquet_of_text(tmp_path: Path, engine: str) -> None:
    agrees(parquet_case(PARQUET_TEXT), tmp_path, engine)
    agrees(parquet_case(PARQUET_TEXT, None), tmp_path, engine)
    agrees(parquet_case({"code": ["A"], "more": ["x"]}), tmp_path, engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_parquet_of_types_that_a_data_frame_keeps(tmp_path: Path, engine: str) -> None:
    columns = {
        "code": ["A", "A", "ABCDE"],
        "people": [1, -1, 10**15],
        "share": ["0.5", "x", "1.5"],
        "urban": [True, False, True],
        "day": [DAY, datetime.date(1999, 12, 31), DAY],
        "other": pa.array([NOON] * 3, pa.timestamp("us")),
    }
    agrees(parquet_case(columns), tmp_path, engine)


def test_parquet_of_types_that_a_data_frame_loses(tmp_path: Path) -> None:
    rows = [
        ["A", 1, 0.5, True, DAY, [1, 2]],
        [None, None, None, None, None, None],
        ["A", -1, Decimal("1.5"), False, datetime.date(1999, 12, 31), None],
        [None, 5, Decimal("0.25"), None, DAY, []],
    ]
    columns = dict(zip(LABELS, map(list, zip(*rows, strict=True)), strict=True))
    columns["share"] = pa.array([None if cell is None else Decimal(cell) for cell in columns["share"]])
    agrees_on_cells(parquet_case(columns), tmp_path, LABELS, [[*row[:2], cell, *row[3:]] for row, cell in
                    zip(rows, columns["share"].to_pylist(), strict=True)])  # fmt: skip


def geojson_case(labels: Sequence[str], rows: Sequence[Sequence[Any]], schema: Any = SCHEMA) -> Case:
    features = [
        {"type": "Feature", "geometry": None, "properties": dict(zip(labels, row, strict=True))} for row in rows
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    return Case(content.encode(), schema, {"path": "table.geojson"})


def decimals(cell: Any) -> Any:
    return Decimal(str(cell)) if isinstance(cell, float) else cell


def test_frictionless_calls_any_geojson_valid(tmp_path: Path) -> None:
    case = geojson_case(["x"], [["not in the schema"]])
    descriptor = case.written(tmp_path)
    assert FrictionlessResource.from_descriptor(descriptor, basepath=str(tmp_path)).validate().valid
    assert not validate(descriptor, basepath=tmp_path).valid


def test_geojson(tmp_path: Path) -> None:
    rows = [
        ["A", 1, 0.5, True, "2020-02-29", {"a": [1]}],
        ["A", -1, 1.5, "x", "1999-12-31", None],
        [None, 1.0, "x", 0, 1, "y"],
        [None] * 6,
        ["ABCDE", [1], {}, None, "n.d.", ""],
    ]
    expected = [[decimals(cell) for cell in row] for row in rows]
    agrees_on_cells(geojson_case(LABELS, rows), tmp_path, LABELS, expected)
    agrees_on_cells(geojson_case(LABELS, rows, None), tmp_path, LABELS, expected)
    agrees_on_cells(
        geojson_case(LABELS[:2], [row[:2] for row in rows]), tmp_path, LABELS[:2], [row[:2] for row in expected]
    )


@SETTINGS
@given(rows_of(JSON_CELLS, [6]).filter(bool), SCHEMAS)
def test_any_geojson(tmp_path: Path, rows: list[list[Any]], schema: Any) -> None:
    expected = [[decimals(cell) for cell in row] for row in rows]
    agrees_on_cells(geojson_case(LABELS, rows, schema), tmp_path, LABELS, expected)


PARQUET_COLUMNS = {
    kind: st.sampled_from([None, *values])
    for kind, values in {
        pa.string(): TEXTS,
        pa.int64(): [0, 1, -1, 2020],
        pa.float64(): [0.5, 1.0, 1.5, float("inf")],
        pa.bool_(): [True, False],
        pa.date32(): [DAY],
        pa.timestamp("us"): [NOON],
        pa.time64("us"): [datetime.time(12)],
        pa.duration("us"): [datetime.timedelta(1)],
        pa.decimal128(5, 2): [Decimal("1.10"), Decimal("-1.00")],
        pa.list_(pa.int64()): [[], [1, None]],
        pa.struct([("a", pa.int64())]): [{"a": 1}],
    }.items()
}


@SETTINGS
@given(st.lists(st.sampled_from(list(PARQUET_COLUMNS)), min_size=6, max_size=6), SCHEMAS, st.data())
def test_any_parquet(tmp_path: Path, kinds: list[pa.DataType], schema: Any, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(*(PARQUET_COLUMNS[kind] for kind in kinds)), min_size=1, max_size=6))
    columns = [pa.array(cells, kind) for cells, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    case = parquet_case(dict(zip(LABELS, columns, strict=True)), schema)
    agrees_on_cells(case, tmp_path, LABELS, rows)


def gpkg_case(folder: Path, rows: Sequence[Sequence[Any]], schema: Any = SCHEMA, **resource: Any) -> Case:
    path = folder / "made.gpkg"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT)")
        connection.execute("CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)")
        connection.execute("INSERT INTO gpkg_contents VALUES ('area', 'features'), ('other', 'attributes')")
        connection.execute("INSERT INTO gpkg_geometry_columns VALUES ('area', 'geom')")
        connection.execute("CREATE TABLE other (code TEXT)")
        connection.execute("INSERT INTO other VALUES ('ABCDE')")
        connection.execute(
            "CREATE TABLE area (fid INTEGER PRIMARY KEY, geom POINT, "
            "code TEXT(4), people INTEGER, share REAL, urban BOOLEAN, day DATE, other)"
        )
        connection.executemany("INSERT INTO area VALUES (NULL, x'4750', ?, ?, ?, ?, ?, ?)", rows)
    return Case(path.read_bytes(), schema, {"path": "table.gpkg", **resource})


def test_geopackage(tmp_path: Path) -> None:
    rows = [
        ["A", 1, 0.5, 1, "2020-02-29", "x"],
        ["A", -1, 1.5, 0, "1999-12-31", None],
        [None, "x", "y", 2, "29/02/2020", 1.5],
        [None] * 6,
        ["ABCDE", None, 1.0, None, "2020-02-30", "n.d."],
    ]
    expected = [list(row) for row in rows]
    expected[0][3:5] = [True, DAY]
    expected[1][3:5] = [False, datetime.date(1999, 12, 31)]
    agrees_on_cells(gpkg_case(tmp_path, rows), tmp_path, LABELS, expected)
    agrees_on_cells(gpkg_case(tmp_path, rows, None), tmp_path, LABELS, expected)


def test_a_layer_of_a_geopackage(tmp_path: Path) -> None:
    agrees_on_cells(gpkg_case(tmp_path, [], layer="other"), tmp_path, ["code"], [["ABCDE"]])


@pytest.mark.parametrize("path", ["table.geojson", "table.gpkg", "table.parquet"])
@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n"])
def test_something_else_is_refused(tmp_path: Path, path: str, content: bytes) -> None:
    (tmp_path / path).write_bytes(content)
    with pytest.raises(DataError, match=path) as caught:
        validate({"name": "table", "path": path}, basepath=tmp_path)
    assert caught.value.fix


@pytest.mark.parametrize("path", ["table.json", "table.ndjson", "table.xlsx", "table.tsv"])
def test_a_missing_file(tmp_path: Path, path: str) -> None:
    report = validate({"name": "table", "path": path}, basepath=tmp_path)
    assert [error.type for error in report.errors] == ["scheme-error"]
