"""DuckDB, sandboxed: the one place that opens it (validation has its own).

Every connection may read and write only the folders it is given, loads no extension, sees no Python variable and
cannot be reconfigured; see `docs/decisions/0004-sandboxed-duckdb.md`.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.errors import DataError, UsageError
from pipelines.specs.threads import threads_wanted

QueryError = duckdb.Error
"""Raised by a statement that DuckDB refuses."""

Parameters = Mapping[str, Any] | Sequence[Any] | None

# With a locked configuration this call ends the whole process instead of raising.
_LOGGING = re.compile(r"\benable_logging\b", re.IGNORECASE)

PARQUET = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"


def quote(identifier: str) -> str:
    """An identifier as SQL text, whatever it contains."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal, for the few places where DuckDB takes no parameter."""
    return "'" + text.replace("'", "''") + "'"


def scan(*files: Path) -> str:
    """SQL that reads Parquet files together, by column name; nothing in their names is taken for a pattern."""
    names = ", ".join(literal(re.sub(r"([\[*?])", r"[\1]", str(file))) for file in files)
    return f"read_parquet([{names}], union_by_name = true)"


class Warehouse:
    """A DuckDB connection that can reach only the given folders.

    Args:
        folders: What SQL may read and write; nothing else on the machine or the network.
        file: The database file, or None for a database in memory.
        read_only: Open the file for reading only.
        threads: Worker threads; None takes `GROMA_THREADS` or DuckDB's default. Results do not depend on it.
    """

    def __init__(
        self,
        folders: Iterable[Path] = (),
        *,
        file: Path | None = None,
        read_only: bool = False,
        threads: int | None = None,
    ) -> None:
        try:
            self._connection = duckdb.connect(str(file) if file else ":memory:", read_only=read_only)
        except duckdb.Error as error:
            raise UsageError(f"{file} cannot be opened as a DuckDB database: {error}") from None
        allowed = ", ".join(literal(f"{folder.resolve()}/") for folder in folders)
        threads = threads or threads_wanted()
        settings = [
            f"SET allowed_directories=[{allowed}]",
            "SET enable_external_access=false",
            "SET autoinstall_known_extensions=false",
            "SET autoload_known_extensions=false",
            "SET allow_community_extensions=false",
            "SET python_enable_replacements=false",
            "SET memory_limit='4GB'",
            "SET max_temp_directory_size='8GB'",
            *([f"SET threads={threads}"] if threads else []),
            "SET TimeZone='UTC'",
            "SET preserve_insertion_order=true",
            "SET disabled_optimizers='in_clause'",
            "SET lock_configuration=true",
        ]
        for setting in settings:
            self._connection.execute(setting)

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; uncommitted work is rolled back."""
        self._connection.close()

    def execute(self, sql: str, parameters: Parameters = None) -> None:
        """Run a statement whose result is not wanted."""
        self._run(sql, parameters)

    def _run(self, sql: str, parameters: Parameters) -> duckdb.DuckDBPyConnection:
        if _LOGGING.search(sql):
            raise duckdb.PermissionException("logging is not allowed")
        return self._connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """Run a query; all rows as tuples."""
        return self._run(sql, parameters).fetchall()

    def records(self, sql: str, parameters: Parameters = None) -> list[dict[str, Any]]:
        """Run a query; all rows as dictionaries by column name."""
        cursor = self._run(sql, parameters)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, sql: str, parameters: Parameters = None) -> Any:
        """Run a query that gives one cell."""
        row = self._run(sql, parameters).fetchone()
        return row[0] if row else None

    def arrow(self, sql: str, parameters: Parameters = None) -> pa.Table:
        """Run a query; the result as an Arrow table."""
        result = self._run(sql, parameters)
        reader = getattr(result, "to_arrow_table", None) or result.fetch_arrow_table
        table: pa.Table = reader()
        return table

    def columns(self, sql: str, parameters: Parameters = None) -> dict[str, str]:
        """The columns a query returns and their types, found by binding it, without running it."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {sql}", parameters)}

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under `name`."""
        self._connection.register(name, table)

    def unregister(self, name: str) -> None:
        """Forget an Arrow table that was registered."""
        self._connection.unregister(name)

    def view(self, name: str, file: Path, schema: str = "main") -> None:
        """Make a Parquet file readable as the view `schema.name`."""
        self.execute(f"CREATE VIEW {quote(schema)}.{quote(name)} AS SELECT * FROM {scan(file)}")

    def write_parquet(self, sql: str, file: Path, parameters: Parameters = None) -> None:
        """Write the result of an ordered query as Parquet; the same rows give the same bytes."""
        self.execute(f"COPY ({sql}) TO {literal(str(file))} {PARQUET}", parameters)

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Stop whatever runs inside the block after `seconds`; DuckDB has no time-out of its own."""
        watchdog = threading.Timer(seconds, self._connection.interrupt)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        except duckdb.InterruptException:
            raise DataError(
                f"the query was stopped after {seconds:g} s", fix="make it read less, or raise --time-limit"
            ) from None
        finally:
            watchdog.cancel()

    def relations_read(self, sql: str) -> set[str]:
        """The tables a query reads, as `schema.table` in lower case, proven from the parsed SQL.

        Raises:
            UsageError: The text is not exactly one SELECT, or calls a table function.
        """
        read: set[str] = set()
        _walk(self._parsed(sql), read, frozenset())
        return read

    def check_expression(self, sql: str, relation: str) -> None:
        """Prove that an SQL text is one expression over `relation`: no statement of its own, no subquery.

        Raises:
            UsageError: It is something else.
        """
        self._parsed(f"SELECT (\n{sql}\n) FROM {relation}")
        # Also without the brackets: a text that closes them and opens others would pass with them.
        tree = self._parsed(f"SELECT\n{sql}\nFROM {relation}")
        read: set[str] = set()
        _walk(tree, read, frozenset())
        if len(tree["node"].get("select_list", [])) != 1 or read != {f"main.{relation}"}:
            raise UsageError(f"{sql!r} is not one expression over the columns at hand")

    def _parsed(self, sql: str) -> dict[str, Any]:
        try:
            tree = json.loads(self.value("SELECT json_serialize_sql($sql::VARCHAR)", {"sql": sql}))
        except duckdb.Error as error:
            raise UsageError(f"the SQL cannot be parsed: {error}") from None
        if tree.get("error"):
            raise UsageError(f"the SQL cannot be parsed: {tree.get('error_message')}")
        if len(tree["statements"]) != 1:
            raise UsageError("a query must be exactly one SELECT statement")
        statement: dict[str, Any] = tree["statements"][0]
        return statement


def _walk(node: Any, read: set[str], defined: frozenset[str]) -> None:
    """Collect the tables that a part of a parsed query reads; `defined` are the names of WITH that it can see."""
    if isinstance(node, list):
        for item in node:
            _walk(item, read, defined)
    elif isinstance(node, dict):
        _note_reading(node, read, defined)
        if node.get("type") == "RECURSIVE_CTE_NODE":
            defined |= {node["cte_name"].lower()}
        for entry in (node.get("cte_map") or {}).get("map", []):
            _walk(entry["value"], read, defined)
            defined |= {entry["key"].lower()}
        for name, item in node.items():
            if name != "cte_map":
                _walk(item, read, defined)


def _note_reading(node: dict[str, Any], read: set[str], defined: frozenset[str]) -> None:
    if node.get("type") == "BASE_TABLE":
        schema, table = (node.get("schema_name") or "").lower(), node["table_name"].lower()
        if schema or table not in defined:
            read.add(f"{schema or 'main'}.{table}")
    if node.get("type") == "TABLE_FUNCTION":
        function = node.get("function", {}).get("function_name", "?")
        if function not in {"unnest", "generate_series", "range"}:
            raise UsageError(f"the query calls the table function {function!r}; it may read only its inputs")


def content_digest(warehouse: Warehouse, sql: str) -> str:
    """SHA-256 that stands for the rows of a query, in whatever order they come: over the sorted digests of the rows."""
    digest = warehouse.value(
        f"""
        SELECT sha256(string_agg(digest, '' ORDER BY digest))
        FROM (SELECT sha256(to_json(r)::VARCHAR) AS digest FROM ({sql}) AS r)
        """
    )
    return digest or hashlib.sha256().hexdigest()
