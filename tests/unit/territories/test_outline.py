"""The drawing of territories: small, equal-area, neighbours with one border, nobody lost, nothing smeared."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from pipelines.errors import DataError
from pipelines.readers import read_records
from pipelines.specs.source import Data
from pipelines.territories.outline import SIZE_LIMIT, Outline, draw_outline

COUNTIES = Path(__file__).parents[3] / ".data-packages/bokeh_sampledata/_data/geographic_boundaries.db"


def wkb(*polygons: Any) -> list[bytes]:
    return [bytes(shapely.to_wkb(polygon)) for polygon in polygons]


def drawn(path: str) -> Any:
    """A path as a polygon, by the rules of SVG: absolute M, relative l, z; fill rule evenodd."""
    shape = shapely.Polygon()
    for start, steps in re.findall(r"M([^Mlz]*)l([^Mlz]*)z", path):
        numbers = list(map(int, re.findall(r"-?\d+", f"{start} {steps}")))
        corners = np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)
        shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(corners)))
    return shape


def shapes(outline: Outline) -> dict[str, Any]:
    return {name: drawn(path) for name, path in outline["shapes"]}


def test_neighbours_share_their_border() -> None:
    """The pieces of a grid of three by three cover the whole without gap or overlap."""
    grid = {
        f"{row}{column}": shapely.box(column, 40 + row, column + 1, 41 + row) for row in range(3) for column in range(3)
    }
    outline = draw_outline(list(grid), wkb(*grid.values()), "by hand")
    pieces = shapes(outline)
    whole = shapely.union_all(list(pieces.values()))
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert sum(piece.area for piece in pieces.values()) == pytest.approx(whole.area)
    assert outline["view"] == [0, 0, outline["width"], outline["height"]]
    assert whole.bounds == (0, 0, outline["width"] - 1, outline["height"] - 1)


def test_north_is_up_and_areas_are_true() -> None:
    north, south = shapely.box(0, 50, 1, 51), shapely.box(0, 40, 1, 41)
    bridge = shapely.box(0, 41, 1, 50)
    pieces = shapes(draw_outline(["N", "S", "bridge"], wkb(north, south, bridge), "by hand"))
    assert pieces["N"].centroid.y < pieces["S"].centroid.y
    # One degree square at 50.5° and at 40.5° north: as the cosines, within the flattening of the earth.
    ratio = np.cos(np.radians(50.5)) / np.cos(np.radians(40.5))
    assert pieces["N"].area / pieces["S"].area == pytest.approx(ratio, rel=0.005)


def test_a_hole_stays_open() -> None:
    outer = shapely.box(0, 0, 3, 3)
    inner = shapely.box(1, 1, 2, 2)
    pieces = shapes(draw_outline(["inner", "outer"], wkb(inner, outer - inner), "by hand"))
    assert pieces["outer"].area == pytest.approx(8 * pieces["inner"].area, rel=0.01)
    assert pieces["outer"].intersection(pieces["inner"]).area == 0


def test_no_territory_disappears() -> None:
    rock = shapely.box(0.5, 0.5, 0.5000001, 0.5000001)
    outline = draw_outline(["land", "rock"], wkb(shapely.box(2, 0, 60, 40), rock), "by hand")
    assert all(path for _, path in outline["shapes"])
    assert shapes(outline)["rock"].area == 1


def test_far_islands_do_not_shrink_the_view() -> None:
    mainland = [shapely.box(column / 10, 40, (column + 1) / 10, 41) for column in range(60)]
    far = shapely.box(-40, 10, -39, 11)
    names = [*(f"m{index:02}" for index in range(60)), "far"]
    outline = draw_outline(names, wkb(*mainland, far), "by hand")
    left, top, width, height = outline["view"]
    view = shapely.box(left, top, left + width, top + height)
    pieces = shapes(outline)
    assert all(view.buffer(1).contains(pieces[name]) for name in names[:-1])
    assert not view.intersects(pieces["far"])
    assert shapely.box(0, 0, outline["width"], outline["height"]).buffer(1).contains(pieces["far"])


def test_the_antimeridian_is_no_border() -> None:
    fiji = shapely.MultiPolygon([shapely.box(177, -19, 180, -16), shapely.box(-180, -19, -178, -16)])
    outline = draw_outline(["FJ"], wkb(fiji), "by hand")
    assert outline["width"] / outline["height"] == pytest.approx(5 * np.cos(np.radians(17.5)) / 3, rel=0.02)


def test_order_does_not_matter() -> None:
    grid = [shapely.box(column, 40, column + 1, 41) for column in range(5)]
    names = list("abcde")
    first = draw_outline(names, wkb(*grid), "by hand")
    assert draw_outline(names[::-1], wkb(*grid[::-1]), "by hand") == first
    assert [name for name, _ in first["shapes"]] == names


@pytest.mark.parametrize("polygon", [shapely.Point(1, 1), shapely.Polygon(), shapely.box(0, 80, 1, 100)])
def test_what_is_no_polygon_on_the_earth_is_refused(polygon: Any) -> None:
    with pytest.raises(DataError):
        draw_outline(["a", "b"], wkb(shapely.box(0, 0, 1, 1), polygon), "by hand")


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(DataError):
        draw_outline([], [], "nobody")


@pytest.fixture(scope="module")
def polygons() -> dict[str, Any]:
    if not COUNTIES.is_file():
        pytest.skip("the data packages are not installed: run `make setup`")
    data = Data(connector="file", path="areas.db", format="sqlite", layer="us_counties")
    table = read_records(COUNTIES, data).table
    return dict(zip(table["id"].to_pylist(), shapely.from_wkb(table["geometry"].to_pylist()), strict=True))


@pytest.fixture(scope="module")
def counties(polygons: dict[str, Any]) -> Outline:
    return draw_outline(list(polygons), wkb(*polygons.values()), "U.S. Census Bureau")


@pytest.fixture(scope="module")
def county_shapes(counties: Outline) -> dict[str, Any]:
    return shapes(counties)


def test_the_counties_fit_into_a_page(counties: Outline) -> None:
    assert len(counties["shapes"]) == 3233
    assert sum(len(path) for _, path in counties["shapes"]) <= SIZE_LIMIT == 450_000
    assert counties["attribution"] == "U.S. Census Bureau"


def test_the_view_shows_the_contiguous_states(counties: Outline, county_shapes: dict[str, Any]) -> None:
    left, top, width, height = counties["view"]
    view = shapely.box(left, top, left + width, top + height).buffer(2)
    outside = {name[:2] for name, shape in county_shapes.items() if not view.contains(shape)}
    # Alaska, Hawaii, American Samoa, Guam, Northern Mariana Islands, Puerto Rico, Virgin Islands.
    assert outside == {"02", "15", "60", "66", "69", "72", "78"}


def test_the_aleutians_are_not_smeared(counties: Outline, county_shapes: dict[str, Any]) -> None:
    left, _, right, _ = county_shapes["02016"].bounds
    # About 1,900 km from Attu to Unalaska; the contiguous states are about 4,600 km wide.
    assert (right - left) / counties["view"][2] < 0.45


def test_areas_on_the_map_are_those_on_the_earth(polygons: dict[str, Any], county_shapes: dict[str, Any]) -> None:
    """Against geodesics: one scale for a county in Alaska, in Puerto Rico and in the middle."""
    geod = pyproj.Geod(ellps="WGS84")
    # North Slope, San Bernardino, Aroostook, Hawaii, Cherry, Ponce.
    chosen = ["02185", "06071", "23003", "15001", "31031", "72113"]
    on_earth = np.array([abs(geod.geometry_area_perimeter(polygons[name])[0]) for name in chosen])
    on_map = np.array([county_shapes[name].area for name in chosen])
    assert on_map / on_map.sum() == pytest.approx(on_earth / on_earth.sum(), rel=0.03)
