"""Coordinate reference systems in which areas are true."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from pipelines.errors import DataError

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees; east exceeds 180 where the box crosses the antimeridian."""

GEOGRAPHIC = "OGC:CRS84"
"""Longitude and latitude in degrees on WGS 84, in this order."""


@dataclass(frozen=True)
class ReferenceSystem:
    """An equal-area projection, named so that a row can record it and a person can read it.

    Attributes:
        name: For a person and for the column `crs`; it determines the projection.
        definition: The same as a PROJ string.
    """

    name: str
    definition: str

    def project(self, geometries: Any) -> Any:
        """Geometries in degrees (longitude, latitude) as geometries in metres; missing ones stay missing."""
        transformer = pyproj.Transformer.from_crs(GEOGRAPHIC, self.definition, always_xy=True)
        return shapely.transform(
            geometries,
            lambda coordinates: np.column_stack(transformer.transform(coordinates[:, 0], coordinates[:, 1])),
        )

    def to_degrees(self, x: float, y: float) -> tuple[float, float]:
        """The longitude and latitude of a point in metres."""
        transformer = pyproj.Transformer.from_crs(self.definition, GEOGRAPHIC, always_xy=True)
        longitude, latitude = transformer.transform(x, y)
        return float(longitude), float(latitude)


def equal_area(bounds: Bounds) -> ReferenceSystem:
    """Lambert's azimuthal equal-area projection of WGS 84, centred on the box to the hundredth of a degree.

    Areas are true everywhere; shapes are truest near the centre. Equal boxes give equal systems.

    Source: Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, 1987, chapter 24.

    Raises:
        DataError: The box is none on the earth.
    """
    west, south, east, north = bounds
    if not (-180 <= west <= 180 and west <= east <= west + 360 and -90 <= south <= north <= 90):
        raise DataError(
            f"no box on the earth: west {west}, south {south}, east {east}, north {north}",
            fix="give degrees, longitude from -180 to 180 and latitude from -90 to 90, in this order",
        )
    longitude = round(((west + east) / 2 + 180) % 360 - 180, 2) + 0.0
    latitude = round((south + north) / 2, 2) + 0.0
    centre = f"{_degrees(latitude, 'NS')} {_degrees(longitude, 'EW')}"
    return ReferenceSystem(
        name=f"Lambert azimuthal equal-area, centre {centre}, WGS 84",
        definition=f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m +type=crs",
    )


def bounds_of(geometries: Any) -> Bounds:
    """The narrowest box around geometries in degrees, across the antimeridian where that is narrower.

    Raises:
        DataError: There is nothing to bound, or a coordinate is none on the earth.
    """
    coordinates = shapely.get_coordinates(geometries)
    longitude, latitude = coordinates[:, 0], coordinates[:, 1]
    is_off = ~((np.abs(longitude) <= 180) & (np.abs(latitude) <= 90))
    if is_off.any():
        x, y = coordinates[is_off][0]
        hint = "; longitude and latitude look swapped" if abs(x) <= 90 and 90 < abs(y) <= 180 else ""
        raise DataError(
            f"{int(is_off.sum()):,} of {len(coordinates):,} coordinates are not on the earth, "
            f"the first: longitude {x}, latitude {y}{hint}",
            fix="give degrees on WGS 84, longitude first; transform data in metres before",
        )
    if not len(coordinates):
        raise DataError("there are no coordinates to bound", fix="give a geometry that is not empty")
    meridians = np.unique(longitude)
    gaps = np.diff(meridians, append=meridians[0] + 360)
    widest = int(np.argmax(gaps))
    # All of the meridians lie on the arc that the widest gap leaves.
    west, east = float(meridians[(widest + 1) % len(meridians)]), float(meridians[widest])
    return west, float(latitude.min()), east if east >= west else east + 360, float(latitude.max())


def is_swapped(geometries: Any, expected: Bounds) -> bool:
    """Whether the geometries lie outside the expected box as they are, and inside it with their axes swapped.

    Both are judged by where most of the coordinates lie; an empty geometry is not swapped.
    """
    west, south, east, north = expected

    def share_inside(longitude: Any, latitude: Any) -> float:
        offset = (longitude - west) % 360
        return float(np.mean((offset <= east - west) & (south <= latitude) & (latitude <= north)))

    coordinates = shapely.get_coordinates(geometries)
    if not len(coordinates):
        return False
    as_they_are = share_inside(coordinates[:, 0], coordinates[:, 1])
    return as_they_are < 0.5 < share_inside(coordinates[:, 1], coordinates[:, 0])


def _degrees(number: float, hemispheres: str) -> str:
    return f"{abs(number):.2f}° {hemispheres[number < 0]}"
