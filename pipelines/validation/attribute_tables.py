"""Tables that Frictionless does not read as tables.

Frictionless takes a GeoJSON file for a map and calls anything valid; it does not know GeoPackage; and it reads Parquet
through a data frame, which turns whole numbers into fractions. Their attributes are given here as labels and rows of
Python values, which its cell readers judge like any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import DataError
from pipelines.validation.geojson import read_geojson
from pipelines.validation.geopackage import read_geopackage
from pipelines.validation.parquet import read_parquet

FORMATS = frozenset({"geojson", "gpkg", "parquet", "parq"})
"""The formats that are read here."""


@dataclass(frozen=True)
class AttributeTable:
    """A table as labels and rows of Python values.

    Attributes:
        labels: The names of the columns, as the file has them.
        rows: A list of cells for each row, one for each label, read as they are asked for. Null: no value. A cell is
            text, a number, a truth value, a date or time, bytes, or for nested ones a list or mapping. Reading may
            raise `DataError`.
    """

    labels: list[str]
    rows: Iterator[list[Any]]


def open_attribute_table(
    path: Path, kind: str, *, layer: str | None = None, compression: str = "", innerpath: str | None = None
) -> AttributeTable:
    """Read the labels of a table; its rows wait.

    Args:
        path: The file; nothing in it is trusted.
        kind: One of `FORMATS`.
        layer: The table of a GeoPackage; null for the first one.
        compression: As for `open_bytes`; only GeoJSON may have one.
        innerpath: The member of a zip file; null for the first one.

    Raises:
        DataError: The file is not what it should be, is damaged, or is made to exhaust whoever reads it.
    """
    if not path.is_file():
        raise DataError(f"{path.name}: there is no such file", fix="correct 'path'")
    if kind == "geojson":
        return AttributeTable(*read_geojson(path, compression, innerpath))
    if compression:
        raise DataError(
            f"{path.name}: a {kind} file is not read while it is packed",
            why="it is read here and there, not from its beginning to its end",
            fix="unpack it, and remove 'compression'",
        )
    return AttributeTable(*(read_geopackage(path, layer) if kind == "gpkg" else read_parquet(path)))
