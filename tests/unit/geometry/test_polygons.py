"""Polygons from outside are read, repaired where that changes next to nothing, or refused with a reason."""

import numpy as np
import pytest
import shapely

from pipelines.geometry import polygons
from pipelines.geometry.polygons import read_polygons

HOLES_THAT_SHARE_AN_EDGE = "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 3 1, 3 5, 1 5, 1 1), (3 1, 5 1, 5 5, 3 5, 3 1))"


def wkb(text: str) -> bytes:
    return bytes(shapely.to_wkb(shapely.from_wkt(text)))


def test_sound_polygons_are_left_as_they_are() -> None:
    texts = ["POLYGON ((0 0, 1 0, 1 1, 0 0))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"]
    read, reasons = read_polygons([wkb(texts[0]), wkb(texts[1]).hex()])
    assert reasons == {}
    assert shapely.equals_identical(read, shapely.from_wkt(texts)).all()


def test_a_repair_keeps_the_area() -> None:
    """Two holes of 2 by 4 in a square of 9 by 9 leave 65, whether they touch or not."""
    read, reasons = read_polygons([wkb(HOLES_THAT_SHARE_AN_EDGE)])
    assert reasons == {}
    assert read[0].is_valid
    assert read[0].area == pytest.approx(81 - 8 - 8)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (None, "no geometry"),
        (b"", "Unexpected EOF"),
        (wkb("POLYGON ((0 0, 1 0, 1 1, 0 0))")[:-3], "Input buffer is smaller"),
        ("01ZZ", ""),
        (wkb("POINT (1 2)"), "a Point has no area"),
        (wkb("LINESTRING (0 0, 1 1)"), "a LineString has no area"),
        (wkb("GEOMETRYCOLLECTION (POLYGON ((0 0, 1 0, 1 1, 0 0)))"), "a GeometryCollection has no area"),
        (wkb("POLYGON EMPTY"), "is empty"),
        # A bow-tie: 0 as the shoelace counts, a half once repaired.
        (wkb("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"), "Self-intersection"),
        (wkb("POLYGON ((0 0, 1 0, 0 0, 0 0))"), "Too few points"),
        (wkb("POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0), (5 5, 6 5, 6 6, 5 6, 5 5))"), "Hole lies outside shell"),
    ],
)
def test_what_is_no_polygon_has_a_reason(cell: bytes | str | None, said: str) -> None:
    sound = wkb("POLYGON ((0 0, 1 0, 1 1, 0 0))")
    read, reasons = read_polygons([sound, cell, sound])
    assert list(reasons) == [1]
    assert said in reasons[1]
    assert reasons[1]
    assert read[0].area == read[2].area == 0.5


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_no_place_have_a_reason(number: float) -> None:
    cell = bytearray(wkb("POLYGON ((0 0, 1 0, 1 1, 0 0))"))
    cell[-32:-24] = np.float64(number).tobytes()
    _, reasons = read_polygons([bytes(cell)])
    assert reasons[0]


def test_too_many_vertices_have_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polygons, "VERTEX_LIMIT", 100)
    circle = shapely.Point(0, 0).buffer(1, quad_segs=50)
    _, reasons = read_polygons([shapely.to_wkb(circle)])
    assert "more than 100 vertices" in reasons[0]


def test_coordinates_are_rounded_before_they_are_judged() -> None:
    read, _ = read_polygons([wkb("POLYGON ((0.10000000000000003 0, 1 0, 1 1, 0.10000000000000003 0))")], decimals=9)
    assert shapely.get_coordinates(read)[0].tolist() == [0.1, 0.0]


def test_none_gives_none() -> None:
    read, reasons = read_polygons([])
    assert len(read) == 0
    assert reasons == {}
