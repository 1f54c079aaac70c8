"""DuckDB reaches only its folders, and a query only the tables it names."""

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError, UsageError
from pipelines.store import file_digest
from pipelines.warehouse import QueryError, Warehouse, content_digest, literal, quote

HOSTILE = ['a"); DROP TABLE t; --', "x' OR 1=1 --", "__import__('os')", "a\nb", "ä", "$p", "%s", '"', '""', "select"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The only folder that SQL may reach, beside a secret."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path, target_is_directory=True)
    return folder


# -------------------------------------------------------------------------------------------------- the sandbox


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('{outside}/secret.txt')",
        "FROM read_blob('{outside}/secret.txt')",
        "FROM read_csv('{outside}/secret.txt')",
        "FROM '{outside}/secret.txt'",
        "FROM sniff_csv('{outside}/secret.txt')",
        "FROM glob('{outside}/*')",
        "FROM read_text('{box}/../secret.txt')",
        "FROM read_text('{box}/link.txt')",
        "FROM read_text('{box}/out/secret.txt')",
        "FROM read_text('{box}x/secret.txt')",
        "FROM read_text('/proc/self/environ')",
        "COPY (SELECT 1) TO '{outside}/stolen.csv'",
        "COPY (SELECT 1) TO '{box}/../stolen.csv'",
        "COPY (SELECT 1) TO '{box}/out/stolen.csv'",
        "EXPORT DATABASE '{outside}/stolen'",
        "ATTACH '{outside}/stolen.duckdb'",
        "ATTACH ':memory:' AS other; ATTACH '{outside}/stolen.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "FROM read_csv('http://127.0.0.1:9/a.csv')",
        "FROM read_csv('s3://bucket/a.csv')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET python_enable_replacements = true",
        "SET lock_configuration = false",
        "RESET lock_configuration",
        "SET threads = 1",
        "SET log_query_path = '{outside}/stolen.log'",
        "PRAGMA enable_profiling; PRAGMA profiling_output = '{outside}/stolen.json'",
        "FROM a_table_of_python",
        "FROM a_file_of_python",
        "SELECT getenv('HOME')",
    ],
)
def test_sql_cannot_leave_its_folders(box: Path, sql: str) -> None:
    a_table_of_python = pa.table({"a": [1]})
    a_file_of_python = duckdb.connect().sql("SELECT 1 AS a")
    before = sorted(box.parent.rglob("*"))
    with Warehouse([box]) as warehouse:
        with pytest.raises(QueryError):
            warehouse.rows(sql.format(box=box, outside=box.parent))
        assert warehouse.value("SELECT 1") == 1
    assert sorted(box.parent.rglob("*")) == before
    del a_table_of_python, a_file_of_python


@pytest.mark.parametrize("sql", ["FROM read_text('secret.txt')", "COPY (SELECT 1) TO 'stolen.csv'", "FROM glob('*')"])
def test_without_folders_nothing_is_reached(box: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    monkeypatch.chdir(box.parent)
    with Warehouse() as warehouse, pytest.raises(QueryError):
        warehouse.rows(sql)
    assert not (box.parent / "stolen.csv").exists()


def test_inside_its_folders_sql_reads_and_writes(box: Path) -> None:
    with Warehouse([box]) as warehouse:
        warehouse.write_parquet("SELECT 1 AS a", box / "a.parquet")
        warehouse.view("a", box / "a.parquet")
        assert warehouse.records("FROM a") == [{"a": 1}]


def test_a_folder_whose_name_needs_quoting(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "my" folder; --'
    folder.mkdir()
    with Warehouse([folder]) as warehouse:
        warehouse.write_parquet("SELECT 1 AS a", folder / "a.parquet")
        warehouse.view("a", folder / "a.parquet")
        assert warehouse.value("FROM a") == 1


def test_a_file_name_is_no_pattern(tmp_path: Path) -> None:
    for name in ("data[1]", "data1"):
        (tmp_path / name).mkdir()
    with Warehouse([tmp_path]) as warehouse:
        for name in ("data[1]", "data1"):
            warehouse.write_parquet(f"SELECT {literal(name)} AS name", tmp_path / name / "a.parquet")
        warehouse.view("a", tmp_path / "data[1]" / "a.parquet")
        assert warehouse.value("FROM a") == "data[1]"


def test_logging_to_a_file_does_not_end_the_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pipelines.warehouse import QueryError, Warehouse\n"
        "try:\n"
        "    with Warehouse() as warehouse:\n"
        f"        warehouse.rows(\"CALL enable_logging(storage = 'file', storage_path = '{tmp_path}')\")\n"
        "        warehouse.rows('SELECT 1')\n"
        "except QueryError:\n"
        "    pass\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.duckdb").write_text("no database, but long enough to be looked at as if it were one" * 100)
    with pytest.raises(UsageError, match="cannot be opened as a DuckDB database"):
        Warehouse(file=tmp_path / "a.duckdb", read_only=True)
    with pytest.raises(UsageError, match="cannot be opened as a DuckDB database"):
        Warehouse(file=tmp_path / "gone.duckdb", read_only=True)


def test_read_only_is_read_only(tmp_path: Path) -> None:
    file = tmp_path / "a.duckdb"
    with Warehouse(file=file) as warehouse:
        warehouse.execute("CREATE TABLE t AS SELECT 1 AS a")
    before = file_digest(file)
    with Warehouse(file=file, read_only=True) as warehouse:
        for sql in ("DROP TABLE t", "INSERT INTO t VALUES (2)", "CREATE TABLE u (a INT)", f"COPY t TO '{tmp_path}/x'"):
            with pytest.raises(QueryError):
                warehouse.execute(sql)
        assert warehouse.rows("FROM t") == [(1,)]
    assert file_digest(file) == before


def test_a_wrong_number_of_threads_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROMA_THREADS", "many")
    with pytest.raises(UsageError):
        Warehouse()


def test_threads_by_argument_and_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROMA_THREADS", "3")
    with Warehouse() as by_environment, Warehouse(threads=5) as by_argument:
        assert by_environment.value("SELECT current_setting('threads')") == 3
        assert by_argument.value("SELECT current_setting('threads')") == 5


def test_times_are_utc_whatever_the_machine_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    with Warehouse() as warehouse:
        assert warehouse.value("SELECT current_setting('TimeZone')") == "UTC"


def test_a_query_without_end_is_stopped_and_the_connection_stays() -> None:
    with Warehouse() as warehouse:
        with (
            pytest.raises(DataError, match=r"stopped after 0\.2 s"),
            warehouse.time_limit(0.2),
        ):
            warehouse.value("SELECT sum(a.range * b.range) FROM range(1000000) AS a, range(1000000) AS b")
        assert warehouse.value("SELECT 1") == 1
        with warehouse.time_limit(60):
            assert warehouse.value("SELECT 2") == 2


# ------------------------------------------------------------------------------------------------- names and texts


@settings(max_examples=30)
@given(TEXT)
@example(HOSTILE[0])
def test_every_name_is_one_name(name: str) -> None:
    with Warehouse() as warehouse:
        warehouse.execute(f"CREATE TABLE {quote(name)} ({quote(name)} INT)")
        warehouse.execute(f"INSERT INTO {quote(name)} VALUES (1)")
        assert warehouse.records(f"SELECT {quote(name)} FROM {quote(name)}") == [{name: 1}]
        assert warehouse.rows("SELECT table_name FROM duckdb_tables()") == [(name,)]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_names(name: str) -> None:
    with Warehouse() as warehouse:
        warehouse.execute("CREATE TABLE t (a INT)")
        warehouse.register("given", pa.table({name: pa.array(["x"])}))
        assert warehouse.rows(f"SELECT {quote(name)} FROM given") == [("x",)]
        assert warehouse.columns(f"SELECT {quote(name)} FROM given") == {name: "VARCHAR"}
        assert warehouse.value("SELECT count(*) FROM t") == 0


@settings(max_examples=30)
@given(TEXT | st.just(""))
def test_every_text_is_one_literal(text: str) -> None:
    with Warehouse() as warehouse:
        assert warehouse.rows(f"SELECT {literal(text)}") == [(text,)]


# --------------------------------------------------------------------------------------------- what a query reads


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("SELECT 1", set()),
        ("SELECT 1;", set()),
        ("VALUES (1)", set()),
        ("FROM standard.a", {"standard.a"}),
        ("SELECT x FROM standard.a -- FROM standard.b", {"standard.a"}),
        ("SELECT 'FROM standard.b' FROM standard.a", {"standard.a"}),
        ('SELECT * FROM "standard"."a"', {"standard.a"}),
        ("FROM memory.standard.a", {"standard.a"}),
        ("FROM t", {"main.t"}),
        ("FROM main.t", {"main.t"}),
        ("FROM '/etc/passwd'", {"main./etc/passwd"}),
        ("FROM duckdb_settings", {"main.duckdb_settings"}),
        ("FROM information_schema.tables", {"information_schema.tables"}),
        ("WITH c AS (SELECT 1) FROM c", set()),
        ("WITH c AS (FROM standard.a) FROM c", {"standard.a"}),
        ("WITH c AS MATERIALIZED (FROM standard.a), d AS (FROM c) FROM d", {"standard.a"}),
        ("WITH RECURSIVE c AS (FROM standard.a UNION ALL SELECT x + 1 FROM c WHERE x < 3) FROM c", {"standard.a"}),
        ("SELECT (SELECT max(x) FROM standard.b) FROM standard.a", {"standard.a", "standard.b"}),
        ("FROM standard.a WHERE x IN (FROM standard.b)", {"standard.a", "standard.b"}),
        ("SELECT EXISTS (FROM standard.b)", {"standard.b"}),
        ("FROM standard.a UNION ALL FROM standard.b", {"standard.a", "standard.b"}),
        ("FROM standard.a EXCEPT FROM t", {"standard.a", "main.t"}),
        ("FROM standard.a JOIN t ON true", {"standard.a", "main.t"}),
        ("FROM standard.a POSITIONAL JOIN t", {"standard.a", "main.t"}),
        ("FROM standard.a, LATERAL (SELECT y FROM standard.b WHERE y = x)", {"standard.a", "standard.b"}),
        ("SELECT max(x) OVER (ORDER BY (SELECT 1 FROM t)) FROM standard.a", {"standard.a", "main.t"}),
        ("FROM standard.a ORDER BY (SELECT 1 FROM t)", {"standard.a", "main.t"}),
        ("FROM standard.a LIMIT (SELECT 1 FROM standard.b)", {"standard.a", "standard.b"}),
        ("SELECT list_transform([1], lambda i: i + (SELECT max(x) FROM t))", {"main.t"}),
        ("FROM standard.a PIVOT (sum(x) FOR x IN (1, 2))", {"standard.a"}),
        ("FROM (DESCRIBE standard.a)", {"standard.a"}),
        ("FROM unnest((SELECT list(x) FROM standard.a))", {"standard.a"}),
        ("FROM range(3), generate_series(1, 2)", set()),
    ],
)  # fmt: skip
def test_what_a_query_reads_is_proven(sql: str, read: set[str]) -> None:
    with Warehouse() as warehouse:
        assert warehouse.relations_read(sql) == read


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT 1; SELECT 2", "exactly one SELECT"),
        ("SELECT 1; DROP TABLE t", "cannot be parsed"),
        ("", "exactly one SELECT"),
        ("-- nothing", "exactly one SELECT"),
        ("DROP TABLE t", "Only SELECT statements"),
        ("INSERT INTO t VALUES (1)", "Only SELECT statements"),
        ("COPY t TO 'x'", "Only SELECT statements"),
        ("ATTACH 'x'", "Only SELECT statements"),
        ("EXPLAIN SELECT 1", "Only SELECT statements"),
        ("SET threads = 1", "Only SELECT statements"),
        ("SELECT FROM", "cannot be parsed"),
        ("SELECT 'a", "cannot be parsed"),
        ("FROM read_text('/etc/passwd')", "calls the table function 'read_text'"),
        ("FROM read_parquet('x')", "calls the table function 'read_parquet'"),
        ("FROM query('SELECT 1')", "calls the table function 'query'"),
        ("FROM query_table('standard.a')", "calls the table function 'query_table'"),
        ("FROM glob('*')", "calls the table function 'glob'"),
        ("SELECT (SELECT content FROM read_text('x'))", "calls the table function 'read_text'"),
        ("WITH c AS (FROM duckdb_settings()) FROM c", "calls the table function 'duckdb_settings'"),
    ],
)
def test_what_is_no_single_query_is_refused(sql: str, message: str) -> None:
    with Warehouse() as warehouse, pytest.raises(UsageError, match=message):
        warehouse.relations_read(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM (WITH t AS (SELECT 1 AS a) SELECT a FROM t) JOIN t USING (a)",
        "WITH t AS (SELECT 1) FROM main.t",
        "WITH t AS (FROM t) FROM t",
    ],
)
def test_a_name_is_hidden_only_where_it_is_defined(sql: str) -> None:
    with Warehouse() as warehouse:
        warehouse.execute("CREATE TABLE t AS SELECT 1 AS a")
        assert warehouse.rows(sql)
        assert warehouse.relations_read(sql) == {"main.t"}


def test_the_case_of_a_name_does_not_matter() -> None:
    with Warehouse() as warehouse:
        assert warehouse.relations_read("WITH C AS (FROM Standard.A) FROM c") == {"standard.a"}


# --------------------------------------------------------------------------------------------------------- results


def test_results_by_row_by_name_and_as_a_table() -> None:
    sql = "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS t(n, c) ORDER BY n"
    with Warehouse() as warehouse:
        assert warehouse.rows(sql) == [(1, "a"), (2, None)]
        assert warehouse.records(sql) == [{"n": 1, "c": "a"}, {"n": 2, "c": None}]
        assert warehouse.arrow(sql).to_pydict() == {"n": [1, 2], "c": ["a", None]}
        assert warehouse.value("SELECT 1 WHERE false") is None
        assert warehouse.rows("SELECT $a + $b", {"a": 1, "b": 2}) == [(3,)]
        assert warehouse.columns("SELECT 1::DECIMAL(18, 6) AS d, [$p] AS l", {"p": "x"}) == {
            "d": "DECIMAL(18,6)",
            "l": "VARCHAR[]",
        }


def test_registered_tables_are_forgotten() -> None:
    with Warehouse() as warehouse:
        warehouse.register("given", pa.table({"a": [1]}))
        assert warehouse.value("FROM given") == 1
        warehouse.unregister("given")
        with pytest.raises(QueryError):
            warehouse.rows("FROM given")


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, threads: int) -> None:
    sql = "SELECT range AS n, md5(range::VARCHAR) AS h FROM range(300000) ORDER BY n"
    for name, count in (("one", 1), ("other", threads)):
        with Warehouse([tmp_path], threads=count) as warehouse:
            warehouse.write_parquet(sql, tmp_path / name)
    assert file_digest(tmp_path / "one") == file_digest(tmp_path / "other")


def test_a_content_digest_is_over_the_rows_whatever_their_order() -> None:
    with Warehouse() as warehouse:
        up, down = (content_digest(warehouse, f"SELECT range AS a FROM range(2) ORDER BY a {d}") for d in ("", "DESC"))
        other = content_digest(warehouse, "SELECT 2 * range AS a FROM range(2)")
    rows = sorted(hashlib.sha256(text.encode()).hexdigest() for text in ('{"a":0}', '{"a":1}'))
    assert up == down == hashlib.sha256("".join(rows).encode()).hexdigest()
    assert other != up
