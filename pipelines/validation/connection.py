"""DuckDB for validation: in memory, sandboxed, and in the order of the file."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.specs.threads import threads_wanted

_BITS = 1 << 20
MEMORY_LIMIT = "384MB"
"""What DuckDB keeps in memory before it writes to a temporary folder."""


@contextmanager
def connected(*files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can reach the given files and the folder for what does not fit into memory, nothing else.

    `GROMA_THREADS` sets the number of threads; results do not depend on it.

    Raises:
        UsageError: The variable makes no sense.
    """
    with TemporaryDirectory(prefix="groma-") as folder, duckdb.connect(":memory:") as connection:
        allowed = ", ".join(literal(os.path.realpath(file)) for file in files)
        threads = threads_wanted()
        for setting in (
            f"SET temp_directory = {literal(os.path.realpath(folder))}",
            f"SET allowed_paths = [{allowed}]",
            f"SET allowed_directories = [{literal(os.path.realpath(folder) + '/')}]",
            "SET enable_external_access = false",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET allow_community_extensions = false",
            "SET python_enable_replacements = false",
            f"SET memory_limit = '{MEMORY_LIMIT}'",
            "SET max_temp_directory_size = '64GB'",
            *([f"SET threads = {threads}"] if threads else []),
            "SET TimeZone = 'UTC'",
            "SET preserve_insertion_order = true",
            # Planning many lists grows with the cube of their number.
            "SET disabled_optimizers = 'in_clause'",
            "SET lock_configuration = true",
        ):
            connection.execute(setting)
        yield connection


def numbers(connection: duckdb.DuckDBPyConnection, sql: str) -> npt.NDArray[Any]:
    """The one column of a query, whole numbers without nulls, in its order.

    By way of DLPack: DuckDB's and pyarrow's own conversions load pandas, which takes longer than a small file.
    """
    found = connection.sql(sql).to_arrow_table().column(0)
    parts = [np.from_dlpack(chunk) for chunk in found.chunks]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def set_of_hashes(connection: duckdb.DuckDBPyConnection, name: str, hashes: Iterable[int]) -> str:
    """Keep a set of hashes under a name; SQL that holds for all of them, and for few others, with `{}` for the hash.

    The set is a string of bits: looking one up needs no join, so the rows stay in order. Null is in no set.
    """
    bits = np.zeros(_BITS, np.uint8)
    bits[np.fromiter(hashes, np.uint64) % _BITS] = 1
    connection.execute(f"SET VARIABLE {name} = $1::BIT", [(bits + ord("0")).tobytes().decode()])
    return f"coalesce(get_bit(getvariable('{name}'), ({{}} % {_BITS})::INTEGER), 0) = 1"


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
