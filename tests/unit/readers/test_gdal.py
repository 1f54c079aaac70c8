"""GDAL reads the file it is given and nothing else, whatever the file says."""

import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipelines.errors import Blocked, DataError
from pipelines.readers import gdal, read_records
from pipelines.specs.source import Data

POINT = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "a"},
            "geometry": {"type": "Point", "coordinates": [24.9, 60.1]},
        }
    ],
}
CANARY = "canary-7f3a"


@pytest.fixture
def requests() -> Iterator[list[str]]:
    """The paths asked of a real server on this machine; its port is the first entry."""

    class Recorder(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(POINT).encode())

        do_HEAD = do_POST = do_GET

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        seen = [str(server.server_port)]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


def hostile_bodies(folder: Path, port: str) -> dict[str, str]:
    secret = folder / "secret.csv"
    secret.write_text(f"id,name\n1,{CANARY}\n")
    (folder / "secret.geojson").write_text(json.dumps(POINT).replace('"a"', f'"{CANARY}"'))
    address = f"http://127.0.0.1:{port}/data.geojson"

    def virtual(source: str) -> str:
        return (
            f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
            "<GeometryType>wkbNone</GeometryType></OGRVRTLayer></OGRVRTDataSource>"
        )

    def streamed(source: str) -> str:
        command = f"gdal vector pipeline ! read {source} ! write --output-format=stream streamed"
        return json.dumps(
            {
                "type": "gdal_streamed_alg",
                "command_line": command,
                "relative_paths_relative_to_this_file": False,
            }
        )

    return {
        "virtual layer of a file": virtual(str(secret)),
        "virtual layer of an address": virtual(f"/vsicurl/{address}"),
        "virtual layer of an address without prefix": virtual(address),
        "streamed algorithm of a file": streamed(str(folder / "secret.geojson")),
        "streamed algorithm of an address": streamed(f"/vsicurl/{address}"),
        "capabilities of a feature service": (
            f"<OGRWFSDataSource><URL>http://127.0.0.1:{port}/wfs</URL></OGRWFSDataSource>"
        ),
        "GML with a remote schema": (
            '<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
            'xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="http://x http://127.0.0.1:{port}/wfs?SERVICE=WFS&amp;REQUEST=DescribeFeatureType">'
            "<gml:featureMember><a><b>1</b></a></gml:featureMember></wfs:FeatureCollection>"
        ),
        "external entity": (
            f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file://{secret}">]>'
            '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&e;</name>'
            "<Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>"
        ),
    }


KINDS = [
    "virtual layer of a file",
    "virtual layer of an address",
    "virtual layer of an address without prefix",
    "streamed algorithm of a file",
    "streamed algorithm of an address",
    "capabilities of a feature service",
    "GML with a remote schema",
    "external entity",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("driver", ["GeoJSON", "GML", "KML", "OSM"])
def test_a_file_cannot_name_another(tmp_path: Path, requests: list[str], kind: str, driver: str) -> None:
    path = tmp_path / "parks.geojson"
    path.write_text(hostile_bodies(tmp_path, requests[0])[kind])
    try:
        table = gdal.read_layer(path, driver)
    except DataError as error:
        assert CANARY not in str(error)  # noqa: PT017  either outcome is right
    else:
        assert CANARY not in str(table.to_pydict())
    assert requests[1:] == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_extract_cannot_name_another_file(tmp_path: Path, requests: list[str], kind: str) -> None:
    path = tmp_path / "city.osm.pbf"
    path.write_text(hostile_bodies(tmp_path, requests[0])[kind])
    with pytest.raises(DataError, match="not a sound OpenStreetMap file"):
        read_records(path, Data(connector="file", path="city.osm.pbf", format="osm"))
    assert requests[1:] == []


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:{port}/a.geojson",
        "http://127.0.0.1:{port}/a.geojson",
        "/vsizip//tmp/a.zip",
        "zip:///tmp/a.zip!b.geojson",
        "PG:host=127.0.0.1 port={port}",
        "",
    ],
)
def test_a_name_that_is_no_file_is_refused(requests: list[str], name: str) -> None:
    with pytest.raises(DataError, match="no such file"):
        gdal.read_layer(Path(name.format(port=requests[0])), "GeoJSON")
    assert requests[1:] == []


@pytest.mark.parametrize("name", ["parks.zip", "a.zip!parks.geojson"])
def test_a_name_that_means_an_archive_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("parks.geojson", json.dumps(POINT))
    with pytest.raises(Blocked, match="archive or an address"):
        gdal.read_layer(tmp_path / name, "GeoJSON")


def test_an_archive_by_another_name_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "parks.geojson"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("parks.geojson", json.dumps(POINT))
    with pytest.raises(DataError):
        gdal.read_layer(path, "GeoJSON")


def test_a_sound_file_is_read_by_its_driver_only(tmp_path: Path) -> None:
    path = tmp_path / "parks.geojson"
    path.write_text(json.dumps(POINT))
    assert gdal.read_layer(path, "GeoJSON")["id"].to_pylist() == ["a"]
    with pytest.raises(DataError, match="is of the format GeoJSON, not GML"):
        gdal.read_layer(path, "GML")


@pytest.mark.parametrize("kind", KINDS[:6])
def test_the_bodies_work_where_gdal_is_not_restricted(tmp_path: Path, requests: list[str], kind: str) -> None:
    """What the tests above refuse is real: the same file does its harm when pyogrio is used directly."""
    path = tmp_path / "parks.geojson"
    path.write_text(hostile_bodies(tmp_path, requests[0])[kind])
    code = f"import pyogrio\nprint(pyogrio.read_arrow({str(path)!r}, read_geometry=False)[1].to_pydict())"
    result = unrestricted(code)
    assert CANARY in result.stdout or requests[1:]


def test_gdal_with_other_drivers_is_refused() -> None:
    """In a process of its own: GDAL takes its drivers once."""
    result = unrestricted(
        "import pyogrio\nfrom pipelines.errors import Blocked\nfrom pipelines.readers import gdal\n"
        "try:\n    gdal.load()\nexcept Blocked as error:\n    print(error)"
    )
    assert "drivers that may read more than a file" in result.stdout


def unrestricted(code: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in gdal.SETTINGS}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)


def test_loading_is_silent_and_leaves_the_allowed_drivers() -> None:
    code = "from pipelines.readers import gdal\nprint(*sorted(gdal.load().list_drivers()), sep=',')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stderr == ""
    assert result.stdout.strip().split(",") == [
        "ESRI Shapefile", "FlatGeobuf", "GML", "GPKG", "GeoJSON", "KML", "MEM", "OSM",
    ]  # fmt: skip
