"""Attribute tables: what GeoJSON, GeoPackage and Parquet hold, and files made to exhaust whoever reads them."""

import datetime
import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import Point

from pipelines.errors import DataError
from pipelines.readers import gdal
from pipelines.validation.archives import check_archive
from pipelines.validation.attribute_tables import open_attribute_table


def read(path: Path, kind: str, **options: Any) -> tuple[list[str], list[list[Any]]]:
    table = open_attribute_table(path, kind, **options)
    return table.labels, list(table.rows)


def refused(path: Path, kind: str, match: str, **options: Any) -> None:
    """The whole table cannot be read, and the reason tells what to do."""
    with pytest.raises(DataError, match=match) as caught:
        read(path, kind, **options)
    assert path.name in caught.value.what
    assert caught.value.fix


# ------------------------------------------------------------------------------------------------------------- GeoJSON


def geojson(folder: Path, features: Any, **members: Any) -> Path:
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}), "utf-8")
    return path


def feature(properties: Any, **members: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [1.5, 2]}
    return {"type": "Feature", "geometry": geometry, "properties": properties, **members}


def test_geojson_properties(tmp_path: Path) -> None:
    first = {"code": "A", "people": 12, "share": 0.1, "urban": True, "note": None}
    second = {"tags": ["a", {"b": 1}], "code": "B", "name": {"fr": "Fès"}}
    path = geojson(tmp_path, [feature(first, id=7), feature(second), feature(None), {"type": "Feature"}, feature({})])
    labels, rows = read(path, "geojson")
    assert labels == ["code", "people", "share", "urban", "note", "tags", "name"]
    assert rows == [
        ["A", 12, Decimal("0.1"), True, None, None, None],
        ["B", None, None, None, None, ["a", {"b": 1}], {"fr": "Fès"}],
        *[[None] * 7] * 3,
    ]
    assert [type(cell) for cell in rows[0][:4]] == [str, int, Decimal, bool]


def test_geojson_members_may_come_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson"
    path.write_bytes(
        b'\xef\xbb\xbf{"features": [{"properties": {"a": 1}, "geometry": null}], "type": "FeatureCollection"}'
    )
    assert read(path, "geojson") == (["a"], [[1]])


def test_geojson_that_is_packed(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson.gz"
    path.write_bytes(gzip.compress(geojson(tmp_path, [feature({"a": 1})]).read_bytes()))
    assert read(path, "geojson", compression="gz") == (["a"], [[1]])


def test_geojson_without_features(tmp_path: Path) -> None:
    assert read(geojson(tmp_path, []), "geojson") == ([], [])


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", '{"type": "Point", "coordinates": [1, 2]}', '{"features": {}}', '{"features": "a"}', '"features"'],
)
def test_something_else_than_a_collection_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text(content)
    refused(path, "geojson", "not a GeoJSON FeatureCollection")


@pytest.mark.parametrize("wrong", [1, "a", [], feature([]), feature("a")])
def test_features_without_properties_are_refused(tmp_path: Path, wrong: Any) -> None:
    refused(geojson(tmp_path, [feature({"a": 1}), wrong]), "geojson", "feature 2 has no properties")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b'{"features": [{"properties": {"a": 1}}',
        b'{"features": [{"properties": {"a": 1}}]} {}',
        b'{"features": [{"properties": {"a": NaN}}]}',
        b'{"features": [{"properties": {"a": "\xff"}}]}',
    ],
)
def test_broken_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    refused(path, "geojson", r"not valid JSON: (lexical|parse) error: [a-z]+ .*\n  Fix: ")


def test_too_many_properties_are_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path, [feature({f"a{number}": 1}) for number in range(2_001)])
    refused(path, "geojson", "more than 2,000 columns")


# ---------------------------------------------------------------------------------------------------------------- JSON


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def nesting_at(folder: Path, kind: str, depth: int) -> Path:
    """A file whose one cell makes it so deep, after texts that hold brackets, quotes and backslashes."""
    path = folder / f"areas.{kind}"
    outer = {"geojson": 4, "json": 2, "jsonl": 1, "ndjson": 1}[kind]
    row = b'{"a": "\\\\\\"[[[", "]]]": "\\\\", "b": %s}' % nested(depth - outer)
    content = {"geojson": b'{"features": [{"properties": %s}]}', "json": b"[%s]"}.get(kind, b'{"a": "[[[\n%s\n') % row
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", ["geojson", "json", "jsonl", "ndjson"])
@pytest.mark.parametrize("chunk", [1, 7, 4 << 20])
def test_deep_nesting_is_refused(tmp_path: Path, kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.validation.json_limits.CHUNK", chunk)
    check: Callable[[Path, str], Any] = open_attribute_table if kind == "geojson" else check_archive
    check(nesting_at(tmp_path, kind, 64), kind)
    with pytest.raises(DataError, match="nested deeper than 64 levels"):
        check(nesting_at(tmp_path, kind, 65), kind)


@pytest.mark.parametrize("kind", ["geojson", "json"])
@pytest.mark.parametrize("chunk", [1_000, 4 << 20])
def test_a_number_that_no_reader_survives_is_refused(
    tmp_path: Path, kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.validation.json_limits.CHUNK", chunk)
    path = tmp_path / "table"
    check: Callable[[Path, str], Any] = open_attribute_table if kind == "geojson" else check_archive
    path.write_text('{"features": [{"properties": {"a": -%s}}]}' % ("12345678" * 500))
    check(path, kind)
    path.write_text('{"features": [{"properties": {"a": -%s}}]}' % ("12345678" * 500 + "9"))
    with pytest.raises(DataError, match="more than 4,000 digits"):
        check(path, kind)


def test_very_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_bytes(b"[" * 200_000)
    with pytest.raises(DataError, match="nested deeper"):
        check_archive(path, "json")


@pytest.mark.parametrize("chunk", [3, 4 << 20])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("json", '[["a"], ["{}"]]'),
        ("json", "[[1], [{}, 1]]"),
        ("jsonl", '["a"]\n["{}"]\n'),
        ("geojson", '{{"features": [{{"properties": {{"a": "{}"}}}}, {{"properties": null}}]}}'),
        ("geojson", '{{"features": [{{"geometry": [[1, {}]]}}]}}'),
    ],
)
def test_a_long_row_is_refused(
    tmp_path: Path, kind: str, content: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.validation.json_limits.CHUNK", chunk)
    monkeypatch.setattr("pipelines.validation.json_limits.ITEM_LIMIT", 100)
    check: Callable[[Path, str], Any] = open_attribute_table if kind == "geojson" else check_archive
    path = tmp_path / "table"
    path.write_text(content.format("1" * 40))
    check(path, kind)
    path.write_text(content.format("1" * 100))
    with pytest.raises(DataError, match="one row of it is longer than 100 bytes"):
        check(path, kind)


def test_only_rows_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.validation.json_limits.ITEM_LIMIT", 100)
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"data": [[number] for number in range(100)]}))
    check_archive(path, "json")


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_a_large_file_is_refused(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.validation.json_limits.UNPACKED_LIMIT", 1_000)
    path = tmp_path / "table.gz"
    path.write_bytes(gzip.compress(b"[1]\n" * 1_000))
    with pytest.raises(DataError, match="larger than 1,000 bytes"):
        check_archive(path, kind, "gz")


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_a_bomb_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "table.gz"
    path.write_bytes(gzip.compress(b"[1]\n" * 10_000_000))
    with pytest.raises(DataError, match="unpacks to more than"):
        check_archive(path, kind, "gz")


@pytest.mark.parametrize("kind", ["csv", "json", "ndjson", "xlsx"])
def test_a_missing_file_is_left_to_its_reader(tmp_path: Path, kind: str) -> None:
    check_archive(tmp_path / f"missing.{kind}", kind)
    check_archive(tmp_path / f"missing.{kind}", kind, "gz")


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "parquet"])
def test_a_missing_file_is_told(tmp_path: Path, kind: str) -> None:
    refused(tmp_path / f"missing.{kind}", kind, "no such file")


def test_what_is_not_packed_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(bytes(100))
    path.chmod(0)
    check_archive(path, "csv")


# --------------------------------------------------------------------------------------------------------- spreadsheet


def workbook(folder: Path, replaced: Mapping[str, bytes | None] = {}) -> Path:
    """A sound workbook, some members of it replaced or, where the new content is null, made empty."""
    path = folder / "table.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append([1, "a"])
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, **replaced}.items():
            archive.writestr(name, content or b"")
    return path


SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(data: str, before: str = "", after: str = "", head: str = "") -> bytes:
    return f'{head}<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'.encode()


def test_a_sound_workbook_passes(tmp_path: Path) -> None:
    check_archive(workbook(tmp_path), "xlsx")


@pytest.mark.parametrize(
    "content",
    [
        sheet("", '<dimension ref="A1:XFD1048576"/>'),
        sheet('<row r="2000000000"><c r="A2000000000"/></row>'),
        sheet('<row r="1e15"/>'),
        sheet('<row r="x"/>'),
        sheet('<row r="&#49;00000000000"/>'),
        sheet(f'<row r="{"9" * 5_000}"/>'),
        sheet('<row r="1000000"><c r="A1000000"/></row><row><c r="ZZZ1000001"/></row>'),
        sheet("", after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        sheet("", after='<mergeCells><mergeCell ref="$A$1:K1000000"/></mergeCells>'),
        sheet('<row r="1000000"/>', '<dimension ref="A1:BZZ9"/>')
        .replace(b"<", b"<x:")
        .replace(b"<x:/", b"</x:")
        .replace(b"xmlns", b"xmlns:x"),
        sheet('<row r="1000000"><c r="ZZZ1"/></row>').decode().encode("utf-16"),
    ],
)
def test_a_sheet_that_spans_too_much_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match="a sheet of it spans") as caught:
        check_archive(workbook(tmp_path, {SHEET: content}), "xlsx")
    assert "200,000,000" in str(caught.value.why)


def test_a_full_sheet_passes(tmp_path: Path) -> None:
    content = sheet('<row r="1048576"><c r="CV1048576"/></row>', '<dimension ref="A1:CV1048576"/>')
    check_archive(workbook(tmp_path, {SHEET: content}), "xlsx")


@pytest.mark.parametrize("member", [SHEET, "xl/sharedStrings.xml", "xl/other.bin"])
def test_a_document_type_is_refused(tmp_path: Path, member: str) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with pytest.raises(DataError, match="document type"):
        check_archive(workbook(tmp_path, {member: sheet("&b;", head=entities)}), "xlsx")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unpacks to more than 10,000,000 bytes"):
        check_archive(workbook(tmp_path, {SHEET: sheet(" " * 20_000_000)}), "xlsx")
    with pytest.raises(DataError, match="unpacks to more than"):
        check_archive(workbook(tmp_path, {f"xl/media/{number}.bin": bytes(1_500_000) for number in range(8)}), "xlsx")


def test_a_zip_file_that_lies_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, {SHEET: sheet(" " * 20_000_000)})
    content = path.read_bytes()
    size = len(sheet(" " * 20_000_000)).to_bytes(4, "little")
    path.write_bytes(content.replace(size, (1_000).to_bytes(4, "little")))
    with pytest.raises(DataError):
        check_archive(path, "xlsx")


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than 1,000 members"):
        check_archive(workbook(tmp_path, {f"xl/{number}.xml": b"" for number in range(1_001)}), "xlsx")


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_something_else_than_a_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"table\.xlsx: not a sound xlsx file"):
        check_archive(path, "xlsx")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    sound = path.read_bytes()
    for content in (sound[:500], sound[: len(sound) // 2], sound[:60] + b"\xff" * 20 + sound[80:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="not a sound xlsx file"):
            check_archive(path, "xlsx")


def test_a_packed_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="packed"):
        check_archive(workbook(tmp_path), "xlsx", "gz")


# ---------------------------------------------------------------------------------------------------------- GeoPackage


def geopackage(folder: Path, *statements: str) -> Path:
    """A file with the tables of the standard that matter here, and whatever the statements add."""
    path = folder / "areas.gpkg"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT)")
        for statement in statements:
            connection.execute(statement)
    return path


LISTED = "INSERT INTO gpkg_contents VALUES ('area', 'attributes')"


def test_a_layer_as_gdal_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "areas.gpkg"
    # GDAL takes its drivers when it is loaded, and tests of the readers may run in the same process.
    pyogrio = gdal.load()
    frame = gpd.GeoDataFrame(
        {
            "code": ["A", None],
            "people": [12, -1],
            "share": [0.1, 1e300],
            "urban": [True, False],
            "seen": pd.to_datetime(["2020-02-29T12:30:15.250Z", None]),
        },
        geometry=[Point(1, 2), Point(3, 4)],
        crs=4326,
    )
    frame.to_file(path, driver="GPKG", layer="area")
    frame[["code", "geometry"]].to_file(path, driver="GPKG", layer="other")
    labels, rows = read(path, "gpkg")
    assert labels == ["code", "people", "share", "urban", "seen"] == list(pyogrio.read_info(path, "area")["fields"])
    seen = datetime.datetime(2020, 2, 29, 12, 30, 15, 250_000, datetime.UTC)
    assert rows == [
        ["A", 12, 0.1, True, seen],
        [None, -1, 1e300, False, None],
    ]
    assert [type(cell) for cell in rows[0]] == [str, int, float, bool, datetime.datetime]
    assert read(path, "gpkg", layer="other") == (["code"], [["A"], [None]])


def test_cells_of_the_types_of_the_standard(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (fid INTEGER PRIMARY KEY, day DATE, seen DATETIME, urban BOOLEAN, name TEXT(9), shape BLOB)",
        "INSERT INTO area VALUES (2, '2020-02-29', '2020-02-29T23:59:59.999Z', 0, '1', x'00ff')",
        "INSERT INTO area VALUES (1, NULL, '2020-02-29T12:30Z', 1, '2020-02-29', NULL)",
    )
    moments = [datetime.datetime.fromisoformat(f"2020-02-29T{time}+00:00") for time in ("12:30", "23:59:59.999")]
    assert read(path, "gpkg") == (
        ["day", "seen", "urban", "name", "shape"],
        [
            [None, moments[0], True, "2020-02-29", None],
            [datetime.date(2020, 2, 29), moments[1], False, "1", "00FF"],
        ],
    )


def test_cells_that_are_not_of_their_type_stay_as_they_are(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (fid INTEGER PRIMARY KEY, day DATE, seen DATETIME, urban BOOLEAN)",
        "INSERT INTO area VALUES (3, '2020-02-30', '2020-02-29', 2), (2, 20200101, 'now', 'true')",
        "INSERT INTO area VALUES (1, '29/02/2020', '2020-02-29T24:61:00Z', 1.5)",
    )
    assert read(path, "gpkg")[1] == [
        ["29/02/2020", "2020-02-29T24:61:00Z", 1.5],
        [20200101, "now", "true"],
        ["2020-02-30", "2020-02-29", 2],
    ]


def test_only_a_key_of_one_integer_is_an_identifier(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (code TEXT, year INTEGER, PRIMARY KEY (year, code)) WITHOUT ROWID",
        "INSERT INTO area VALUES ('b', 2), ('a', 2), ('c', 1)",
    )
    assert read(path, "gpkg") == (["code", "year"], [["c", 1], ["a", 2], ["b", 2]])


def test_rows_come_in_the_order_of_the_table(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (rowid TEXT, oid TEXT, name TEXT)",
        "CREATE INDEX by_name ON area (name)",
        "INSERT INTO area (_rowid_, rowid, name) VALUES (3, 'x', 'a'), (1, 'y', 'c'), (2, 'z', 'b')",
    )
    assert [row[2] for row in read(path, "gpkg")[1]] == ["c", "b", "a"]
    path.unlink()
    # Nothing names the rowid, and the index holds all attributes in fewer bytes than the table.
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)",
        "INSERT INTO gpkg_geometry_columns VALUES ('area', 'geom')",
        "CREATE TABLE area (rowid TEXT, oid INT, _rowid_ INT, geom BLOB)",
        "CREATE INDEX covering ON area (oid, rowid, _rowid_)",
        "INSERT INTO area VALUES ('c', 9, 1, x'00'), ('b', 7, 3, x'00'), ('a', 8, 0, x'00')",
    )
    assert read(path, "gpkg") == (["rowid", "oid", "_rowid_"], [["c", 9, 1], ["b", 7, 3], ["a", 8, 0]])


def test_a_layer_of_nothing_but_geometries_has_rows(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT)",
        "INSERT INTO gpkg_geometry_columns VALUES ('AREA', 'GEOM')",
        "CREATE TABLE area (fid INTEGER PRIMARY KEY, geom BLOB)",
        "INSERT INTO area VALUES (1, x'00'), (2, x'01')",
    )
    assert read(path, "gpkg") == ([], [[], []])


def test_more_rows_than_a_batch(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (id INTEGER)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO area SELECT i FROM n",
    )
    assert read(path, "gpkg") == (["id"], [[number] for number in range(1, 10_001)])


def test_names_are_only_names(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        "INSERT INTO gpkg_contents VALUES ('a\"; DROP TABLE b; --', 'features')",
        'CREATE TABLE "a""; DROP TABLE b; --" ("c""); DROP TABLE b; --" TEXT, "select" TEXT)',
    )
    assert read(path, "gpkg") == (['c"); DROP TABLE b; --', "select"], [])


@pytest.mark.parametrize(
    ("statements", "match"),
    [
        ((LISTED, "CREATE TABLE other (id)", "CREATE VIEW area AS SELECT * FROM other"), "no layer 'area'"),
        ((LISTED, "CREATE VIRTUAL TABLE area USING fts5(name)"), "no layer 'area'"),
        ((LISTED,), "no layer 'area'"),
        (("CREATE TABLE area (id)",), "has no layer\\n"),
        (("INSERT INTO gpkg_contents VALUES ('area', 'tiles')", "CREATE TABLE area (id)"), "has no layer\\n"),
        (("DROP TABLE gpkg_contents", "CREATE TABLE area (id)"), "not a GeoPackage"),
        (
            (
                "CREATE TABLE area (id)",
                "DROP TABLE gpkg_contents",
                "CREATE VIEW gpkg_contents AS SELECT 'area' table_name, 'features' data_type",
            ),
            "not a GeoPackage",
        ),
        ((f"{LISTED}, ('b', 'attributes')", f"CREATE TABLE area ({', '.join(f'c{n}' for n in range(2_000))})"), ""),
    ],
)
def test_only_a_table_is_read(tmp_path: Path, statements: tuple[str, ...], match: str) -> None:
    path = geopackage(tmp_path, *statements)
    if match:
        refused(path, "gpkg", match)
    else:
        read(path, "gpkg")


def test_another_layer_is_told(tmp_path: Path) -> None:
    path = geopackage(tmp_path, LISTED, "CREATE TABLE area (id)", "CREATE TABLE other (id)")
    refused(path, "gpkg", "no layer 'other'", layer="other")


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n", b"SQLite format 4\0"])
def test_something_else_than_sqlite_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "areas.gpkg"
    path.write_bytes(content)
    refused(path, "gpkg", "not a GeoPackage")


def test_a_damaged_geopackage_is_refused(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (name TEXT)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO area SELECT 'name ' || i FROM n",
    )
    sound = path.read_bytes()
    for content in (sound[:5000], sound[:100], sound[:-8192] + b"\xff" * 8192):
        path.write_bytes(content)
        refused(path, "gpkg", "SQLite cannot read it")


def test_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path, LISTED, "CREATE TABLE area (name TEXT)", "INSERT INTO area VALUES (CAST(x'46e873' AS TEXT))"
    )
    refused(path, "gpkg", "UTF-8")
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE area", b"CREATE TABL\xff area"))
    refused(path, "gpkg", "SQLite cannot read it: 'utf-8' codec")


def test_a_file_cannot_keep_the_machine_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.validation.geopackage._STEP_LIMIT", 1_000_000)
    path = geopackage(
        tmp_path,
        LISTED,
        "CREATE TABLE area (name TEXT)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
        "INSERT INTO area SELECT i FROM n",
    )
    refused(path, "gpkg", "more than 1,000,000 steps")


def test_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = geopackage(tmp_path, LISTED, "CREATE TABLE area (id)", "INSERT INTO area VALUES (1), (2)")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    before = path.read_bytes()
    rows = open_attribute_table(path, "gpkg").rows
    assert next(rows) == [1]
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["areas.gpkg"]


# ------------------------------------------------------------------------------------------------------------- Parquet


def parquet(folder: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    path = folder / "table.parquet"
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


def test_parquet_cells(tmp_path: Path) -> None:
    moment = datetime.datetime.fromisoformat("2020-02-29T12:30:15.123456")
    columns = {
        "text": pa.array(["a", None]),
        "whole": pa.array([1, None], pa.int64()),
        "small": pa.array([1, None], pa.uint8()),
        "real": pa.array([0.1, None], pa.float64()),
        "exact": pa.array([Decimal("1.10"), None], pa.decimal128(5, 2)),
        "truth": pa.array([True, None]),
        "day": pa.array([moment.date(), None]),
        "micro": pa.array([moment, None], pa.timestamp("us")),
        "nano": pa.array([1582979415123456789, None], pa.timestamp("ns")),
        "zone": pa.array([moment, None], pa.timestamp("ns", "UTC")),
        "time": pa.array([moment.time(), None], pa.time64("ns")),
        "span": pa.array([1_000, None], pa.duration("ns")),
        "list": pa.array([[1, None], None]),
        "object": pa.array([{"a": 1}, None]),
        "bytes": pa.array([b"\0", None]),
        "word": pa.array(["a", None]).dictionary_encode(),
        "none": pa.nulls(2),
        "half": pa.array([0.5, None], pa.float16()),
        "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16), None], pa.binary(16))),
    }
    labels, rows = read(parquet(tmp_path, columns), "parquet")
    assert labels == list(columns)
    assert dict(zip(labels, rows[0], strict=True)) == {
        "text": "a",
        "whole": 1,
        "small": 1,
        "real": 0.1,
        "exact": Decimal("1.10"),
        "truth": True,
        "day": moment.date(),
        "micro": moment,
        "nano": moment,
        "zone": moment.replace(tzinfo=datetime.UTC),
        "time": moment.time(),
        "span": datetime.timedelta(microseconds=1),
        "list": [1, None],
        "object": {"a": 1},
        "bytes": b"\0",
        "word": "a",
        "none": None,
        "half": 0.5,
        "uuid": bytes(16),
    }
    assert rows[1] == [None] * len(columns)
    assert {type(cell).__module__ for cell in rows[0]} <= {"builtins", "datetime", "decimal"}


def test_an_index_of_pandas_is_where_a_data_frame_has_it(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    frame = pd.DataFrame({"a": ["x", "y"], "code": ["b", "a"]})
    frame.to_parquet(path)
    assert read(path, "parquet") == (["a", "code"], [["x", "b"], ["y", "a"]])
    frame.sort_values("code").to_parquet(path)
    assert read(path, "parquet") == (["a", "code"], [["y", "a"], ["x", "b"]])
    frame.set_index("code").to_parquet(path)
    assert read(path, "parquet") == (["code", "a"], [["b", "x"], ["a", "y"]])


@pytest.mark.parametrize(
    "metadata", [b"{", b"1", b"{}", b'{"index_columns": 3}', b"\xff", b'{"index_columns": [1, {}]}']
)
def test_metadata_of_pandas_is_not_trusted(tmp_path: Path, metadata: bytes) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({b"pandas": metadata}), path)
    assert read(path, "parquet") == (["a"], [[1]])


def test_labels_may_repeat(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    assert read(path, "parquet") == (["a", "a"], [[1, 2]])


def test_many_batches(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"a": range(20_000)}, row_group_size=7_000)
    assert read(path, "parquet") == (["a"], [[number] for number in range(20_000)])


def test_a_bomb_of_repeated_values_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"a": pa.nulls(200_000_000, pa.int8())}, row_group_size=50_000_000)
    assert path.stat().st_size < 1_000_000
    refused(path, "parquet", "has 200,000,000 cells")


def test_a_large_row_group_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.validation.parquet._GROUP_LIMIT", 1_000)
    path = parquet(tmp_path, {"a": [f"name {number}" for number in range(200)]}, row_group_size=10)
    assert len(read(path, "parquet")[1]) == 200
    path = parquet(tmp_path, {"a": [f"name {number}" for number in range(200)]})
    refused(path, "parquet", "row group 1 is larger than 1,000 bytes")


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    refused(parquet(tmp_path, {f"c{number}": [1] for number in range(2_001)}), "parquet", "more than 2,000 columns")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "not a Parquet file"),
        (b"PAR1", "not a Parquet file"),
        (b"id,name\n1,a\n", "not a Parquet file"),
        (b"PAR1" + b"\xff\xff\xff\x7fPAR1", "not a Parquet file"),
        (b"PAR1" + bytes(70 * 2**20) + (70 * 2**20).to_bytes(4, "little") + b"PAR1", "footer is larger"),
        (
            b"PAR1" + b"\x15\x04\x19\xfc\xff\xff\xff\xff\x0f" + (9).to_bytes(4, "little") + b"PAR1",
            "not a sound Parquet",
        ),
    ],
)
def test_something_else_than_parquet_is_refused(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(content)
    refused(path, "parquet", match)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"a": [f"name {number}" for number in range(5_000)]})
    sound = path.read_bytes()
    path.write_bytes(sound[:-100])
    refused(path, "parquet", "not a Parquet file")
    path.write_bytes(sound[:4] + b"\xff" * 2_000 + sound[2_004:])
    refused(path, "parquet", "not a sound Parquet file")


def test_times_beyond_python_are_told(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"a": pa.array([2**52], pa.timestamp("ms"))})
    refused(path, "parquet", "not a sound Parquet file")


@pytest.mark.parametrize("kind", ["gpkg", "parquet"])
def test_a_packed_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"table.{kind}.gz"
    path.write_bytes(gzip.compress(b""))
    refused(path, kind, "while it is packed", compression="gz")


def test_a_bomb_of_geojson_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "areas.geojson.zip"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("areas.geojson", b'{"features": [' + b" " * 20_000_000 + b"]}")
    path.write_bytes(packed.getvalue())
    refused(path, "geojson", "unpacks to more than", compression="zip")
