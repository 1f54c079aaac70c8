"""Readers: the bytes of a fetched file become a table of text, one module for each format.

A reader interprets nothing: it finds the records and the cells. What they mean is declared in `source.yaml`
and applied by the step `conform`. Files come from outside and are taken as hostile: every reader has limits,
opens no other file and reaches no network.
"""

from pathlib import Path

from pipelines.errors import DataError
from pipelines.readers.records import SOURCE_ROW, Malformed, Records
from pipelines.specs.source import Data

__all__ = ["SOURCE_ROW", "Malformed", "Records", "read_records"]


def read_records(path: Path, data: Data) -> Records:
    """Read one raw file as its source declares it.

    Args:
        path: A regular file on this machine.
        data: The format, and how the file is written.

    Returns:
        The records, in the order of the file.

    Raises:
        DataError: The file is not what the declaration says; the message names the place and the fix.
        Blocked: The machine would read more than the file itself.
    """
    if not path.is_file():
        raise DataError(f"{path.name}: no such file", fix="fetch the source again")
    match data.format:
        case "csv":
            from pipelines.readers.delimited import read_delimited

            return read_delimited(path, data)
        case "sqlite":
            from pipelines.readers.sqlite import read_sqlite

            return read_sqlite(path, data)
        case "osm":
            from pipelines.readers.openstreetmap import read_openstreetmap

            return read_openstreetmap(path, data)
