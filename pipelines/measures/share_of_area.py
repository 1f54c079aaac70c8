"""How much of a territory's area is covered by features: parks in a city, forests in a province."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from pipelines.errors import DataError
from pipelines.geometry.polygons import read_polygons
from pipelines.geometry.reference_system import bounds_of, equal_area

METHOD = "union of the features, clipped to the boundary; areas in an equal-area projection"
"""What the column `method` says."""

SCHEMA = pa.schema(
    [
        ("territory_id", pa.string()),
        ("period", pa.string()),
        ("numerator", pa.decimal128(18, 4)),
        ("denominator", pa.decimal128(18, 4)),
        ("crs", pa.string()),
        ("method", pa.string()),
        ("input_rows", pa.list_(pa.string())),
    ]
)

# Edges are straight in degrees. Long ones bend in a projection, so they get points in between, this far
# apart.
_LONGEST_EDGE_DEGREES = 0.01


def share_of_area(of: pa.Table, within: pa.Table) -> pa.Table:
    """The area of the features in each territory, and the area of the territory.

    Features that overlap count once; only the part inside the boundary counts, whichever territory the
    feature names. A territory has a row if a feature names it or lies in it; one without any has none, for
    where nobody mapped features their share is unknown, not zero.

    Args:
        of: Features. Grain: one feature. Uses `row_id`, `territory_id` (may be null) and `boundary`
            (well-known binary in hexadecimal; longitude and latitude in degrees on WGS 84).
        within: Boundaries. Grain: one territory. Uses `row_id`, `territory_id`, `boundary_year`, `boundary`.

    Returns:
        Grain: one boundary, ordered by `territory_id`, `period`. `period` is the boundary's year;
        `numerator` and `denominator` are square metres in the projection that `crs` names; `input_rows` are
        the `row_id`s of the boundary and of the features that name the territory or cover some of it,
        sorted.

    Raises:
        DataError: A boundary is no usable polygon, or not in degrees.
    """
    of = of.sort_by("row_id")
    within = within.sort_by([(name, "ascending") for name in ("territory_id", "boundary_year", "row_id")])
    features, boundaries = _polygons(of), _polygons(within)
    feature_rows = np.array(of["row_id"].to_pylist(), dtype=object)
    numerators: list[float] = []
    denominators: list[float] = []
    systems: list[str] = []
    input_rows: list[list[str]] = []
    measured: list[int] = []
    for index, chosen, is_named in _candidates(of, features, within, boundaries):
        system = equal_area(bounds_of(boundaries[index]))
        boundary, *parts = system.project([boundaries[index], *features[chosen]])
        clipped = shapely.intersection(parts, boundary)
        counts = is_named | (shapely.area(clipped) > 0)
        if counts.any():
            measured.append(index)
            numerators.append(shapely.union_all(clipped).area)
            denominators.append(boundary.area)
            systems.append(system.name)
            input_rows.append(sorted([within["row_id"][index].as_py(), *feature_rows[chosen[counts]]]))
    rows = within.take(pa.array(measured, pa.int64()))
    columns = [
        rows["territory_id"],
        rows["boundary_year"].cast(pa.int64()).cast(pa.string()),
        pa.array(numerators, pa.float64()).cast(pa.decimal128(18, 4)),
        pa.array(denominators, pa.float64()).cast(pa.decimal128(18, 4)),
        pa.array(systems, pa.string()),
        pa.repeat(METHOD, len(measured)),
        pa.array(input_rows, pa.list_(pa.string())),
    ]
    return pa.table(columns, schema=SCHEMA)


def _polygons(table: pa.Table) -> Any:
    polygons, reasons = read_polygons(table["boundary"].to_pylist())
    for index, reason in reasons.items():
        raise DataError(
            f"the polygon of the row {table['row_id'][index]} cannot be measured: {reason}",
            fix="correct it at its source; validation should have quarantined it",
        )
    return shapely.segmentize(polygons, _LONGEST_EDGE_DEGREES)


def _candidates(of: pa.Table, features: Any, within: pa.Table, boundaries: Any) -> Iterator[tuple[int, Any, Any]]:
    """The index of each boundary that features touch or name, their indices, and which of them name it."""
    by_place = shapely.STRtree(features).query(boundaries, predicate="intersects").T
    territories = _numbered(within, "boundary")
    named = _numbered(of, "feature").join(territories, "territory_id", join_type="inner")
    by_name = np.column_stack((named["boundary"].to_numpy(), named["feature"].to_numpy()))
    pairs, first = np.unique(np.concatenate((by_name, by_place)), axis=0, return_index=True)
    is_named = first < len(by_name)
    for index in np.unique(pairs[:, 0]).tolist():
        of_this = slice(*np.searchsorted(pairs[:, 0], [index, index + 1]))
        yield index, pairs[of_this, 1], is_named[of_this]


def _numbered(table: pa.Table, name: str) -> pa.Table:
    numbers = pa.array(np.arange(table.num_rows))
    return pa.table({"territory_id": table["territory_id"].cast(pa.string()), name: numbers})
