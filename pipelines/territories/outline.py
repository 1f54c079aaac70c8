"""The outlines of territories as a drawing: what a map needs, small enough to lie inside a page."""

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
import shapely

from pipelines.errors import DataError
from pipelines.geometry.polygons import read_polygons
from pipelines.geometry.reference_system import ReferenceSystem, bounds_of, equal_area

SIZE_LIMIT = 450_000
"""Characters of all paths together."""

_VIEW_WIDTH = 10_000
_MAIN_SHARE = 0.95
_SMALLEST_TOLERANCE = 1.0
_FEWEST_CHARACTERS = 4
_CENTRINGS = 2


class Outline(TypedDict):
    """A drawing of territories in whole units; y grows downwards.

    Attributes:
        width: Of the whole drawing, whose upper left corner is 0, 0.
        height: Of the whole drawing.
        view: Left, top, width and height of the part that is shown first.
        shapes: Grain: one territory; its id and its path (SVG `d`, fill rule evenodd), ordered by id.
        crs: The projection.
        attribution: Whom the outlines come from.
    """

    width: int
    height: int
    view: list[int]
    shapes: list[list[str]]
    crs: str
    attribution: str


def draw_outline(territory_ids: Sequence[str], boundaries: Sequence[bytes | str], attribution: str) -> Outline:
    """Draw territories in an equal-area projection, simplified so that neighbours still share their borders.

    The view is the box around the largest groups of neighbouring territories that together have at least 95 %
    of them: far islands do not shrink the rest, and are reached by zooming out. No territory disappears: one
    that is too small to be drawn becomes a square of one unit.

    Args:
        territory_ids: One for each boundary, without repetition.
        boundaries: Polygons in degrees (longitude, latitude) as well-known binary, raw or hexadecimal.
        attribution: Whom the boundaries come from, as their owner asks.

    Raises:
        DataError: A boundary is no polygon on the earth.
    """
    order = sorted(range(len(territory_ids)), key=lambda index: territory_ids[index])
    names = [territory_ids[index] for index in order]
    polygons = _polygons(names, [boundaries[index] for index in order])
    system, projected, main = _projected(polygons)
    west, south, east, north = shapely.total_bounds(projected)
    unit = (main[2] - main[0]) / _VIEW_WIDTH

    def in_units(coordinates: Any) -> Any:
        return np.column_stack((coordinates[:, 0] - west, north - coordinates[:, 1])) / unit

    drawn = shapely.transform(projected, in_units)
    left, bottom, right, top = main
    corners = in_units(np.array([[left, top], [right, bottom]])).round().astype(int)
    width, height = in_units(np.array([[east, south]]))[0].round().astype(int) + 1
    return Outline(
        width=int(width),
        height=int(height),
        view=[*corners[0].tolist(), *(corners[1] - corners[0] + 1).tolist()],
        shapes=[[name, path] for name, path in zip(names, _paths(drawn), strict=True)],
        crs=system.name,
        attribution=attribution,
    )


def _polygons(names: list[str], boundaries: list[bytes | str]) -> Any:
    polygons, reasons = read_polygons(boundaries)
    for index, reason in reasons.items():
        raise DataError(f"the boundary of {names[index]}: {reason}", fix="correct it at its source, or leave it out")
    return polygons


def _projected(polygons: Any) -> tuple[ReferenceSystem, Any, Any]:
    """The projection, the polygons in it, and the box around the main ones.

    The main ones can be told only in a projection, and should be at its centre: hence several in turn.
    """
    system = equal_area(bounds_of(polygons))
    for _ in range(_CENTRINGS):
        main = _main_box(system.project(polygons))
        longitude, latitude = system.to_degrees((main[0] + main[2]) / 2, (main[1] + main[3]) / 2)
        system = equal_area((longitude, latitude, longitude, latitude))
    projected = system.project(polygons)
    return system, projected, _main_box(projected)


def _main_box(projected: Any) -> Any:
    """The box around the largest groups of neighbours that together have `_MAIN_SHARE` of the polygons."""
    boxes = shapely.box(*shapely.bounds(projected).T)
    groups = shapely.get_parts(shapely.union_all(boxes))
    # A box touches no group but its own.
    _, group = shapely.STRtree(groups).query(shapely.centroid(boxes), predicate="within")
    counts = np.bincount(group, minlength=len(groups))
    by_size = np.argsort(-counts, kind="stable")
    needed = int(np.searchsorted(np.cumsum(counts[by_size]), _MAIN_SHARE * len(boxes))) + 1
    return shapely.total_bounds(boxes[np.isin(group, by_size[:needed])])


def _paths(drawn: Any) -> list[str]:
    """The finest paths that stay within `SIZE_LIMIT` together."""
    tolerance = _SMALLEST_TOLERANCE
    while True:
        drawn = shapely.coverage_simplify(drawn, tolerance)
        if shapely.get_num_coordinates(drawn).sum() * _FEWEST_CHARACTERS <= SIZE_LIMIT:
            paths = [_path(shape) for shape in drawn]
            if sum(map(len, paths)) <= SIZE_LIMIT or tolerance > _VIEW_WIDTH:
                return paths
        tolerance *= 1.6


def _path(shape: Any) -> str:
    rings = (ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors))
    path = "".join(map(_ring, rings))
    if path:
        return path
    x, y = shapely.get_coordinates(shape)[0].round().astype(int)
    return f"M{x} {y}l1 0 0 1-1 0z"


def _ring(ring: Any) -> str:
    """The ring in whole units by relative steps; nothing where it has no area left."""
    corners = shapely.get_coordinates(ring).round().astype(np.int64)
    steps = np.diff(corners, axis=0)
    steps = steps[steps.any(axis=1)]
    x, y = corners.T
    if not np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]):
        return ""
    # The last step leads back to the first corner; `z` draws it.
    numbers = "".join(f" {step}" if step >= 0 else str(step) for step in steps[:-1].ravel().tolist())
    return f"M{corners[0][0]} {corners[0][1]}l{numbers.lstrip()}z"
