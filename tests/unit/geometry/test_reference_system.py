"""Areas are true: against the closed formula of the ellipsoid and against geodesics."""

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.geometry.reference_system import bounds_of, equal_area, is_swapped


def area_of_box(west: float, south: float, east: float, north: float) -> float:
    """Between two parallels and two meridians of WGS 84, in square metres (Snyder 1987, equations 3-11, 3-12)."""
    a, f = 6_378_137.0, 1 / 298.257223563
    e = math.sqrt(f * (2 - f))

    def q(latitude: float) -> float:
        s = math.sin(math.radians(latitude))
        return (1 - e * e) * (s / (1 - e * e * s * s) + math.atanh(e * s) / e)

    return a * a / 2 * math.radians(east - west) * (q(north) - q(south))


@settings(deadline=None, max_examples=60)
@given(west=st.floats(-180, 179), south=st.floats(-89, 88), width=st.floats(0.01, 1), height=st.floats(0.01, 1))
def test_the_area_of_a_box_is_that_of_the_ellipsoid(west: float, south: float, width: float, height: float) -> None:
    box = (west, south, west + width, south + height)
    polygon = shapely.segmentize(shapely.box(*box), 0.02)
    area = equal_area(box).project([polygon])[0].area
    assert area == pytest.approx(area_of_box(*box), rel=1e-5)


def test_the_area_of_a_polygon_is_that_of_its_geodesics() -> None:
    random = np.random.default_rng(11)
    for centre in ((-7.6, 33.6), (24.94, 60.17), (179.99, -17.7), (-86.6, 32.5)):
        angles = np.sort(random.uniform(0, 2 * math.pi, 12))
        reach = random.uniform(0.02, 0.1, 12)
        ring = shapely.Polygon(
            np.column_stack((centre[0] + reach * np.cos(angles), centre[1] + reach * np.sin(angles)))
        )
        expected, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(ring)
        area = equal_area((centre[0], centre[1], centre[0], centre[1])).project([ring])[0].area
        assert area == pytest.approx(abs(expected), rel=1e-4)


def test_the_name_says_what_the_definition_does() -> None:
    system = equal_area((24.0, 60.0, 25.0, 60.5))
    assert system.name == "Lambert azimuthal equal-area, centre 60.25° N 24.50° E, WGS 84"
    assert pyproj.CRS(system.definition).coordinate_operation.method_name == "Lambert Azimuthal Equal Area"
    assert equal_area((-60.0, -35.0, -59.0, -34.0)).name.endswith("34.50° S 59.50° W, WGS 84")


def test_the_centre_and_the_way_back() -> None:
    system = equal_area((24.0, 60.0, 25.0, 60.5))
    point = shapely.get_coordinates(system.project([shapely.Point(24.5, 60.25)]))[0]
    assert np.allclose(point, 0, atol=1e-6)
    assert system.to_degrees(0, 0) == pytest.approx((24.5, 60.25))


def test_bounds_cross_the_antimeridian_where_that_is_narrower() -> None:
    assert bounds_of([shapely.box(24, 60, 25, 61)]) == (24, 60, 25, 61)
    fiji = [shapely.box(177, -19, 180, -16), shapely.box(-180, -19, -178, -16)]
    assert bounds_of(fiji) == (177, -19, 182, -16)
    assert bounds_of([shapely.Point(5, 6)]) == (5, 6, 5, 6)
    assert bounds_of([shapely.Point(longitude, 0) for longitude in (-170, 10, 100)]) == (10, 0, 190, 0)
    assert equal_area(bounds_of(fiji)).name.endswith("17.50° S 179.50° E, WGS 84")


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (6.2, 146.0, "look swapped"),
        (386_000.0, 6_672_000.0, "not on the earth"),
        (math.inf, 0.0, "not on the earth"),
        (math.nan, 0.0, "not on the earth"),
    ],
)
def test_coordinates_off_the_earth_are_refused(x: float, y: float, said: str) -> None:
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(x, y), (1, 1)])
    with pytest.raises(DataError, match=said):
        bounds_of([shapely.Point(1, 1), line])


def test_nothing_has_no_bounds() -> None:
    with pytest.raises(DataError, match="no coordinates"):
        bounds_of([shapely.Polygon()])


@pytest.mark.parametrize("box", [(1, 2, 0, 3), (0, 3, 1, 2), (0, -91, 1, 0), (190, 0, 191, 1), (math.nan, 0, 1, 1)])
def test_a_box_off_the_earth_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(DataError, match="no box on the earth"):
        equal_area(box)


def test_swapped_axes_are_seen() -> None:
    finland = (19.0, 59.0, 32.0, 71.0)
    assert is_swapped([shapely.Point(60.17, 24.94)], finland)
    assert not is_swapped([shapely.Point(24.94, 60.17)], finland)
    assert not is_swapped([shapely.Point(100.0, 10.0)], finland)
    assert not is_swapped([], finland)
    # Where a country reads the same either way, nobody can tell.
    assert not is_swapped([shapely.Point(10.0, 12.0)], (5.0, 5.0, 15.0, 15.0))
