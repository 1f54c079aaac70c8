"""The share of a territory that features cover: by hand on boxes, whose area on the ellipsoid has a formula."""

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.measures import MEASURES
from pipelines.measures.share_of_area import SCHEMA

share_of_area = MEASURES["share_of_area"]

CITY = shapely.box(24.93, 60.16, 24.95, 60.18)
QUARTER = shapely.box(24.93, 60.16, 24.94, 60.18)


def features(*rows: tuple[str, str | None, Any]) -> pa.Table:
    names = ["row_id", "territory_id", "boundary"]
    columns = zip(*((row, territory, shapely.to_wkb(shape, hex=True)) for row, territory, shape in rows), strict=True)
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in zip(names, columns, strict=True)})


def boundaries(*rows: tuple[str, str, Any, str]) -> pa.Table:
    table = features(*((row, territory, shape) for row, territory, shape, _ in rows))
    return table.append_column("boundary_year", pa.array([year for *_, year in rows]))


def geodesic(polygon: Any) -> float:
    area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(polygon)
    return abs(float(area))


def test_areas_are_those_of_geodesics() -> None:
    table = share_of_area(features(("f:1", "FI-clip", QUARTER)), boundaries(("b:1", "FI-clip", CITY, "2021")))
    assert table.schema.equals(SCHEMA)
    (row,) = table.to_pylist()
    assert (row["territory_id"], row["period"], row["input_rows"]) == ("FI-clip", "2021", ["b:1", "f:1"])
    assert float(row["numerator"]) == pytest.approx(geodesic(QUARTER), rel=1e-4)
    assert float(row["denominator"]) == pytest.approx(geodesic(CITY), rel=1e-4)
    assert float(row["numerator"] / row["denominator"]) == pytest.approx(0.5, rel=5e-6)
    assert row["crs"] == "Lambert azimuthal equal-area, centre 60.17° N 24.94° E, WGS 84"
    assert row["method"]


def test_overlaps_count_once_and_outside_does_not_count() -> None:
    """Two boxes over the western half and the western three quarters, one of them far beyond the boundary."""
    of = features(
        ("f:1", None, shapely.box(24.90, 60.10, 24.94, 60.20)),
        ("f:2", None, shapely.box(24.93, 60.16, 24.945, 60.18)),
        ("f:3", None, shapely.box(24.95, 60.16, 24.96, 60.18)),
        ("f:4", None, shapely.box(10.0, 50.0, 11.0, 51.0)),
    )
    (row,) = share_of_area(of, boundaries(("b:1", "FI-clip", CITY, "2021"))).to_pylist()
    assert float(row["numerator"] / row["denominator"]) == pytest.approx(0.75, rel=5e-6)
    # The third only touches the boundary, the fourth is elsewhere: neither went in.
    assert row["input_rows"] == ["b:1", "f:1", "f:2"]


def test_a_feature_that_names_a_territory_and_lies_elsewhere_covers_nothing_of_it() -> None:
    of = features(("f:1", "FI-a", shapely.box(10.0, 50.0, 11.0, 51.0)))
    within = boundaries(("b:1", "FI-a", CITY, "2021"), ("b:2", "FI-b", CITY, "2021"))
    (row,) = share_of_area(of, within).to_pylist()
    assert (row["territory_id"], row["numerator"], row["input_rows"]) == ("FI-a", Decimal(0), ["b:1", "f:1"])


def test_a_feature_on_a_border_counts_on_both_sides() -> None:
    east, west = shapely.box(0, 0, 1, 1), shapely.box(-1, 0, 0, 1)
    of = features(("f:1", "XX-e", shapely.box(-0.25, 0, 0.5, 1)))
    rows = share_of_area(of, boundaries(("b:2", "XX-w", west, "2020"), ("b:1", "XX-e", east, "2020"))).to_pylist()
    assert [row["territory_id"] for row in rows] == ["XX-e", "XX-w"]
    shares = [float(row["numerator"] / row["denominator"]) for row in rows]
    assert shares == pytest.approx([0.5, 0.25], rel=1e-4)


def test_a_territory_without_features_has_no_row() -> None:
    within = boundaries(("b:1", "FI-clip", CITY, "2021"))
    of = features(("f:1", None, shapely.box(10.0, 50.0, 11.0, 51.0)))
    assert share_of_area(of, within).num_rows == 0
    empty = share_of_area(of.slice(0, 0), within)
    assert empty.num_rows == 0
    assert empty.schema.equals(SCHEMA)
    assert share_of_area(of, within.slice(0, 0)).num_rows == 0


def test_each_boundary_of_a_territory_has_its_period() -> None:
    within = boundaries(("b:2", "FI-clip", CITY, "2021"), ("b:1", "FI-clip", QUARTER, "2011"))
    rows = share_of_area(features(("f:1", None, QUARTER)), within).to_pylist()
    assert [row["period"] for row in rows] == ["2011", "2021"]
    assert float(rows[0]["numerator"] / rows[0]["denominator"]) == pytest.approx(1)


@pytest.mark.parametrize("kind", [pa.string(), pa.int16(), pa.int64(), pa.decimal128(18, 6), pa.float64()])
def test_the_year_may_be_any_number(kind: pa.DataType) -> None:
    within = boundaries(("b:1", "FI-clip", CITY, "2021"))
    year = pa.array(["2021"]).cast(kind)
    within = within.set_column(within.schema.get_field_index("boundary_year"), "boundary_year", year)
    assert share_of_area(features(("f:1", None, QUARTER)), within)["period"].to_pylist() == ["2021"]


def test_a_territory_across_the_antimeridian() -> None:
    fiji = shapely.MultiPolygon([shapely.box(177, -19, 180, -16), shapely.box(-180, -19, -178, -16)])
    of = features(("f:1", None, shapely.box(-180, -19, -178, -16)))
    (row,) = share_of_area(of, boundaries(("b:1", "FJ", fiji, "2020"))).to_pylist()
    assert float(row["numerator"] / row["denominator"]) == pytest.approx(2 / 5, rel=1e-5)


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(8)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    random = np.random.default_rng(5)
    circles = [
        shapely.Point(24.93 + x / 50, 60.16 + y / 50).buffer(0.004) for x, y in random.uniform(0, 1, (8, 2)).tolist()
    ]
    of = features(*((f"f:{index}", None, circle) for index, circle in enumerate(circles)))
    within = boundaries(("b:1", "FI-a", CITY, "2021"), ("b:2", "FI-b", QUARTER, "2021"))
    expected = share_of_area(of, within)
    assert share_of_area(of.take(order), within.take([1, 0])).equals(expected)


@pytest.mark.parametrize(
    "shape", [shapely.Point(24.94, 60.17), shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")]
)
def test_what_cannot_be_measured_is_told(shape: Any) -> None:
    with pytest.raises(DataError, match="f:9"):
        share_of_area(features(("f:9", None, shape)), boundaries(("b:1", "FI-clip", CITY, "2021")))


def test_metres_are_refused() -> None:
    metres = shapely.box(385_000, 6_671_000, 386_000, 6_672_000)
    with pytest.raises(DataError, match="not on the earth"):
        share_of_area(features(("f:1", None, metres)), boundaries(("b:1", "FI-clip", metres, "2021")))
