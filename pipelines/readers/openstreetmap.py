"""OpenStreetMap extracts (`.osm.pbf`): the tagged points, the areas, and the box that the extract covers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from pipelines.errors import DataError
from pipelines.geometry.polygons import read_polygons
from pipelines.readers.gdal import read_layer
from pipelines.readers.osm_blobs import Bounds, read_bounds
from pipelines.readers.records import Malformed, Records, table_schema
from pipelines.specs.source import Data

TAGS = (
    "name", "highway", "public_transport", "railway", "amenity", "leisure", "landuse", "natural", "place",
    "access", "fee", "other_tags",
)  # fmt: skip
COLUMNS = ("element_layer", "osm_id", "osm_way_id", *TAGS, "longitude", "latitude", "geometry")

# The format counts in billionths of a degree; GDAL's arithmetic leaves a rounding error behind them.
_DECIMALS = 9
# GDAL's own index loses, without a word, the ways of a file whose nodes are not in the order of their ids.
_OPTIONS = {"CONFIG_FILE": str(Path(__file__).with_name("osmconf.ini")), "USE_CUSTOM_INDEXING": "NO"}


def read_openstreetmap(path: Path, data: Data) -> Records:
    """Read an OpenStreetMap extract.

    `element_layer` says what a row is: a `point` (a node with tags; `osm_id`, `longitude`, `latitude` in
    degrees), a `multipolygon` (a closed way with its `osm_way_id`, or a relation with its `osm_id`;
    `geometry`), or the `extent` (one row: the box that the file states, else that of its points;
    `geometry`). `geometry` is upper-case hexadecimal well-known binary, longitude before latitude. The tags
    that have no column are in `other_tags`, as hstore text.

    An extract cuts ways at its edge: what is left of them may be a valid area, and yet not the one that was
    mapped.

    Args:
        path: The raw file.
        data: The declaration; the options of text files do not apply.

    Returns:
        The records: points by id, ways by id, relations by id, the extent. Areas without a usable shape are
        malformed.

    Raises:
        DataError: The file is no such extract, or has nothing in it.
        Blocked: GDAL has drivers that are not allowed.
    """
    if data.compression:
        raise DataError(f"{path.name}: is compressed by its own format", fix="remove 'compression' under 'data'")
    bounds = read_bounds(path)
    points = _layer(path, "points", ["osm_id"])
    areas = _layer(path, "multipolygons", ["osm_way_id", "osm_id"])
    if not points.num_rows and not areas.num_rows:
        raise DataError(f"{path.name}: has neither points nor areas", fix="fetch the file again")
    place = shapely.get_coordinates(shapely.from_wkb(points["wkb_geometry"].to_numpy())).round(_DECIMALS)
    geometries, reasons = read_polygons(areas["wkb_geometry"].to_pylist(), _DECIMALS)
    if bounds is None:
        bounds = _bounds(place, geometries)
    table = pa.concat_tables(
        [
            _rows("point", points, longitude=_shortest(place[:, 0]), latitude=_shortest(place[:, 1])),
            _rows("multipolygon", areas, geometry=_hexadecimal(geometries)),
            _rows("extent", None, geometry=_hexadecimal(np.array([shapely.box(*bounds)]))),
        ]
    )
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
    table = table.append_column("source_row", numbers).cast(table_schema(COLUMNS))
    is_sound = np.ones(table.num_rows, dtype=bool)
    is_sound[[points.num_rows + index for index in reasons]] = False
    return Records(
        table.filter(pa.array(is_sound)),
        [_malformed(areas, index, points.num_rows, reason) for index, reason in sorted(reasons.items())],
    )


def _layer(path: Path, layer: str, ids: list[str]) -> pa.Table:
    """One layer in the order of its ids as numbers; rows without an id come after those that have it."""
    table = read_layer(path, "OSM", layer, **_OPTIONS)
    keys = pa.table({name: table[name].cast(pa.int64()) for name in ids})
    return table.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in ids]))


def _rows(layer: str, features: pa.Table | None, **computed: pa.Array) -> pa.Table:
    count = features.num_rows if features is not None else 1
    known = {"element_layer": pa.repeat(layer, count), **computed}
    if features is not None:
        known |= {name: features[name] for name in features.column_names if name != "wkb_geometry"}
    return pa.table({name: known[name] if name in known else pa.nulls(count, pa.string()) for name in COLUMNS})


def _malformed(areas: pa.Table, index: int, before: int, reason: str) -> Malformed:
    record = areas.slice(index, 1).to_pylist()[0]
    wkb = record.pop("wkb_geometry")
    geometry = wkb.hex().upper() if wkb else None
    element = f"way {record['osm_way_id']}" if record["osm_way_id"] else f"relation {record['osm_id']}"
    known = {name: cell for name, cell in record.items() if cell is not None}
    raw = json.dumps({"element_layer": "multipolygon", **known, "geometry": geometry}, ensure_ascii=False)
    return Malformed(before + index + 1, "geometry", geometry, "geometry-invalid", f"{element}: {reason}", raw)


def _bounds(points: Any, areas: Any) -> Bounds:
    corners = np.concatenate([points, shapely.get_coordinates(areas)])
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return west, south, east, north


def _shortest(numbers: Any) -> pa.Array:
    """Each number as the shortest text that reads back as the same number."""
    return pa.array(numbers, pa.float64()).cast(pa.string())


def _hexadecimal(geometries: Any) -> pa.Array:
    return pa.array(shapely.to_wkb(geometries, hex=True, byte_order=1), pa.string())
