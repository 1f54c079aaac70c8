"""Polygons from outside: read, judged and repaired where what they mean is clear."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

VERTEX_LIMIT = 5_000_000
"""Vertices of one polygon; more are a mistake or an attack."""
REPAIR_TOLERANCE = 0.001
"""The share of its area that the repair of a polygon may change."""


def read_polygons(cells: Sequence[bytes | str | None], decimals: int | None = None) -> tuple[Any, dict[int, str]]:
    """Polygons and multipolygons from well-known binary, raw or hexadecimal.

    A polygon that breaks the rules of geometry is repaired where this keeps its area within
    `REPAIR_TOLERANCE`: the outer rings are merged and the inner ones taken out.

    Args:
        cells: One geometry each; None where there is none.
        decimals: Round the coordinates so before they are judged.

    Returns:
        The geometries in the order of the cells, and for each that is no usable polygon its index and the
        reason.
    """
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are told as reasons
        return _read(np.array(cells, dtype=object), decimals)


def _read(cells: Any, decimals: int | None) -> tuple[Any, dict[int, str]]:
    polygons = shapely.from_wkb(cells, on_invalid="ignore")
    if decimals is not None:
        polygons = shapely.transform(polygons, lambda coordinates: coordinates.round(decimals))
    reasons: dict[int, str] = {}
    for index in np.flatnonzero(~_is_usable(polygons)).tolist():
        # Holes that share an edge are invalid but clear: the method `structure` takes them out of the outer
        # ring, where the default would fill one of them.
        reason = _why_unusable(cells[index], polygons[index])
        if reason is None:
            repaired = shapely.make_valid(polygons[index], method="structure", keep_collapsed=False)
            area, change = polygons[index].area, abs(repaired.area - polygons[index].area)
            if area > 0 and change <= REPAIR_TOLERANCE * area:
                polygons[index] = repaired
                continue
            reason = shapely.is_valid_reason(polygons[index])
        reasons[index] = reason
    return polygons, reasons


def _is_usable(polygons: Any) -> Any:
    is_usable = np.isin(shapely.get_type_id(polygons), [3, 6]) & ~shapely.is_empty(polygons)
    is_usable &= shapely.get_num_coordinates(polygons) <= VERTEX_LIMIT
    is_usable &= np.isfinite(shapely.area(polygons))
    is_usable[is_usable] = shapely.is_valid(polygons[is_usable])
    return is_usable


def _why_unusable(cell: bytes | str | None, polygon: Any) -> str | None:
    """Why the geometry is none that could be repaired; None where it could."""
    if cell is None:
        return "there is no geometry"
    if polygon is None:
        try:
            shapely.from_wkb(cell)
        except shapely.errors.ShapelyError as error:
            return str(error).removeprefix("IllegalArgumentException: ").removeprefix("ParseException: ")
        return "the geometry cannot be read"
    if polygon.geom_type not in ("Polygon", "MultiPolygon"):
        return f"a {polygon.geom_type} has no area"
    if polygon.is_empty:
        return f"the {polygon.geom_type} is empty"
    if shapely.get_num_coordinates(polygon) > VERTEX_LIMIT:
        return f"it has more than {VERTEX_LIMIT:,} vertices"
    return None if np.isfinite(polygon.area) else "a coordinate is no finite number"
