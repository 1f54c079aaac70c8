"""Packed and nested files made to exhaust whoever reads them.

Frictionless unpacks without a limit, so the bytes are counted, and what they hold is looked at, before it does.
"""

from pathlib import Path

from pipelines.errors import DataError
from pipelines.validation.attribute_tables import FORMATS
from pipelines.validation.json_limits import check_json
from pipelines.validation.raw_records import open_bytes
from pipelines.validation.table_limits import CHUNK
from pipelines.validation.workbook_limits import check_workbook

_JSON = frozenset({"json", "jsonl", "ndjson"})


def check_archive(path: Path, kind: str, compression: str = "", innerpath: str | None = None) -> None:
    """Refuse a file that grows, or nests, beyond what a table needs.

    What is read without Frictionless (`attribute_tables`) is checked when it is opened.

    Args:
        path: The file.
        kind: Its format; JSON and spreadsheets are looked into.
        compression: As for `open_bytes`.
        innerpath: The member of a zip file; null for the first one.

    Raises:
        DataError: A limit is exceeded, or the file is no such archive.
    """
    if kind in FORMATS or not path.is_file():
        # Who reads the file will say that it is missing.
        return
    if kind == "xlsx" and not compression:
        check_workbook(path)
    elif kind in _JSON:
        with open_bytes(path, compression, innerpath) as source:
            check_json(path.name, source, kind)
    elif kind == "xlsx":
        raise DataError(f"{path.name}: a packed spreadsheet is not read", fix="unpack it, and remove 'compression'")
    elif compression:
        with open_bytes(path, compression, innerpath) as source:
            while source.read(CHUNK):
                pass
