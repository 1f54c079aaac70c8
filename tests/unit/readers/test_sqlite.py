"""The SQLite reader: one table as it is, and nothing that the file would have SQLite do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import DataError
from pipelines.readers import Records, read_records
from pipelines.specs.source import Data


def made(folder: Path, *statements: str) -> Path:
    path = folder / "areas.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


def read(path: Path, layer: str = "county", **options: Any) -> Records:
    return read_records(path, Data(connector="file", path="areas.db", format="sqlite", layer=layer, **options))


def test_cells_are_text(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE county (id TEXT, share REAL, people INTEGER, boundary BLOB, note TEXT)",
        "INSERT INTO county VALUES ('01', 0.1, 12345678901234567, x'00ff', '')",
        "INSERT INTO county VALUES ('02', 1e300, -1, NULL, ' n.d. ')",
    )
    records = read(path, missing=["", "n.d."], trim=True)
    assert records.malformed == []
    assert records.table.to_pylist() == [
        {
            "id": "01",
            "share": "0.1",
            "people": "12345678901234567",
            "boundary": "00FF",
            "note": None,
            "source_row": 1,
        },
        {"id": "02", "share": "1e+300", "people": "-1", "boundary": None, "note": None, "source_row": 2},
    ]


def test_rows_come_in_the_order_of_the_table(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE county (rowid TEXT, name TEXT)",
        "CREATE INDEX by_name ON county (name)",
        "INSERT INTO county (_rowid_, rowid, name) VALUES (3, 'x', 'a'), (1, 'y', 'c'), (2, 'z', 'b')",
    )
    assert read(path).table["name"].to_pylist() == ["c", "b", "a"]
    path.unlink()
    path = made(
        tmp_path,
        "CREATE TABLE county (code TEXT, year INT, PRIMARY KEY (year, code)) WITHOUT ROWID",
        "INSERT INTO county VALUES ('b', 2), ('a', 2), ('c', 1)",
    )
    assert read(path).table["code"].to_pylist() == ["c", "a", "b"]


def test_rows_come_in_the_order_of_the_table_where_nothing_names_its_rowid(tmp_path: Path) -> None:
    # They get the rowids 1, 2, 3 and 4, an order that no column has; SQLite would rather go through the index, because
    # the file says that it is small.
    path = made(
        tmp_path,
        "CREATE TABLE county (RowId TEXT, oid INT, _rowid_ INT)",
        "CREATE INDEX covering ON county (oid, RowId, _rowid_)",
        "INSERT INTO county VALUES ('c', 9, 1), ('b', 7, 3), ('a', 8, 0), ('b', 7, 3)",
        "ANALYZE",
        "UPDATE sqlite_stat1 SET stat = stat || ' sz=1'",
    )
    assert read(path).table.to_pylist() == [
        {"RowId": "c", "oid": "9", "_rowid_": "1", "source_row": 1},
        {"RowId": "b", "oid": "7", "_rowid_": "3", "source_row": 2},
        {"RowId": "a", "oid": "8", "_rowid_": "0", "source_row": 3},
        {"RowId": "b", "oid": "7", "_rowid_": "3", "source_row": 4},
    ]


def test_more_rows_than_a_batch(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE county (id INTEGER)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
        "INSERT INTO county SELECT i FROM n",
    )
    table = read(path).table
    assert table["source_row"].to_pylist() == list(range(1, 10_001))
    assert table["id"].to_pylist()[-1] == "10000"


def test_names_are_only_names(tmp_path: Path) -> None:
    path = made(tmp_path, 'CREATE TABLE county ("a""); DROP TABLE county; --" TEXT, "select" TEXT)')
    assert read(path).table.schema.names == ['a"); DROP TABLE county; --', "select", "source_row"]


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE other (id)", "CREATE VIEW county AS SELECT * FROM other"),
        ("CREATE VIRTUAL TABLE county USING fts5(name)",),
        ("CREATE TABLE County2 (id)",),
    ],
)
def test_only_a_table_is_read(tmp_path: Path, statements: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="no table 'county'") as caught:
        read(made(tmp_path, *statements))
    assert "layer" in str(caught.value.fix)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE county (É TEXT, é TEXT)",
        "CREATE TABLE county (SOURCE_ROW TEXT)",
        'CREATE TABLE county (" " TEXT)',
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(tmp_path: Path, statement: str) -> None:
    with pytest.raises(DataError):
        read(made(tmp_path, statement))


def test_damage_is_told(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "CREATE TABLE county (name TEXT)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO county SELECT 'name ' || i FROM n",
    )
    sound = path.read_bytes()
    for content in (sound[:5000], sound[:100], sound[:8192] + b"\xff" * 4096 + sound[12288:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"areas\.db"):
            read(path)


def test_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE TABLE county (name TEXT)", "INSERT INTO county VALUES (CAST(x'46e873' AS TEXT))")
    with pytest.raises(DataError, match="UTF-8"):
        read(path)


def test_a_schema_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE TABLE county (name TEXT)", "INSERT INTO county VALUES ('a')")
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE county", b"CREATE TABL\xff county"))
    with pytest.raises(DataError, match=r"areas\.db: SQLite cannot read it: .*not UTF-8") as caught:
        read(path)
    assert caught.value.fix


@pytest.mark.parametrize("content", [b"", b"id,name\n1,a\n", b"SQLite format 4\0"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "areas.db"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not a SQLite file"):
        read(path)


def test_a_file_cannot_keep_the_machine_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.readers.sqlite._STEP_LIMIT", 1_000_000)
    path = made(
        tmp_path,
        "CREATE TABLE county (name TEXT)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
        "INSERT INTO county SELECT i FROM n",
    )
    with pytest.raises(DataError, match="more than 1,000,000 steps"):
        read(path)


def test_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = made(tmp_path, "PRAGMA journal_mode=WAL", "CREATE TABLE county (id)", "INSERT INTO county VALUES (1)")
    before = path.read_bytes()
    assert read(path).table.num_rows == 1
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["areas.db"]
