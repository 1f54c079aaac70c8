"""The columns of a Parquet file, as rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.errors import DataError
from pipelines.validation.table_limits import BATCH, check_width

CELL_LIMIT = 10**9
"""Cells a table may have; beyond the first `CELLS_FREE`, no more than `CELLS_PER_BYTE` for each byte of the file."""
CELLS_FREE = 10**8
CELLS_PER_BYTE = 200

_FOOTER_LIMIT = 64 * 1024**2
_GROUP_LIMIT = 4 * 1024**3
"""Bytes that a row group may hold once unpacked, by its own account."""
_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path) -> tuple[list[str], Iterator[list[Any]]]:
    """Read which columns there are; the rows wait.

    Args:
        path: The file; nothing in it is trusted.

    Returns:
        The names of the columns, in the order of the data frame that Frictionless would make of it; the rows. Null: no
        value.

    Raises:
        DataError: It is no Parquet file, is damaged, or is made to exhaust whoever reads it.
    """
    import pyarrow.parquet as pq

    _check_footer(path)
    with _readable_parquet(path.name), pq.ParquetFile(path) as file:
        _check_size(path, file.metadata)
        columns = _parquet_columns(file.schema_arrow)

    def rows() -> Iterator[list[Any]]:
        with _readable_parquet(path.name), pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH):
                cells = [_python_values(batch.column(position)) for _, position in columns]
                yield from map(list, zip(*cells, strict=True))

    return [label for label, _ in columns], rows()


@contextmanager
def _readable_parquet(name: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError, LookupError) as error:
        reason = str(error).splitlines()
        raise DataError(
            f"{name}: not a sound Parquet file: {reason[0] if reason else type(error).__name__}",
            fix="fetch it again, or ask the owner",
        ) from error


def _check_footer(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 8))
        end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != b"PAR1" or length + 12 > size:
        raise DataError(
            f"{path.name}: not a Parquet file, or one that is cut short", fix="fetch it again, or check 'format'"
        )
    if length > _FOOTER_LIMIT:
        raise DataError(f"{path.name}: its footer is larger than {_FOOTER_LIMIT:,} bytes", fix="ask the owner")


def _check_size(path: Path, metadata: Any) -> None:
    """Refuse what its own footer says to be too much; a page that repeats one value needs hardly a byte for it."""
    check_width(path.name, metadata.num_columns)
    cells = metadata.num_rows * metadata.num_columns
    limit = min(CELL_LIMIT, max(CELLS_FREE, CELLS_PER_BYTE * path.stat().st_size))
    if cells > limit:
        raise DataError(
            f"{path.name}: has {cells:,} cells, at most {limit:,} are read",
            why=f"the limit is {CELL_LIMIT:,}, and {CELLS_PER_BYTE} for each byte beyond the first {CELLS_FREE:,}",
            fix="ask the owner for the file in parts; a file like this is usually made to exhaust a machine",
        )
    for number in range(metadata.num_row_groups):
        if metadata.row_group(number).total_byte_size > _GROUP_LIMIT:
            raise DataError(
                f"{path.name}: row group {number + 1} is larger than {_GROUP_LIMIT:,} bytes",
                fix="ask the owner for smaller row groups",
            )


def _parquet_columns(schema: Any) -> list[tuple[str, int]]:
    """The label and position of each column, in the order of the data frame that Frictionless would make of it.

    There, a named index of pandas comes first, and one without a name is no column.
    """
    index = [label for label in _pandas_index(schema) if isinstance(label, str)]
    columns = [(label, position) for position, label in enumerate(schema.names)]
    named = [column for label in index for column in columns if column[0] == label]
    others = [column for column in columns if column not in named]
    return [column for column in named + others if column in others or not _UNNAMED_INDEX.fullmatch(column[0])]


def _pandas_index(schema: Any) -> list[Any]:
    try:
        return list((schema.pandas_metadata or {})["index_columns"])
    except (ValueError, LookupError, TypeError):
        return []


def _python_values(column: Any) -> list[Any]:
    """The cells as Python values; of a time, what is finer than a microsecond is cut off."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    elif pa.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pa.duration("us"), safe=False)
    elif pa.types.is_float16(kind):
        column = column.cast(pa.float32())
    values: list[Any] = column.to_pylist()
    return values
