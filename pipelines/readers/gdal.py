"""The one door to GDAL: few drivers, local files only.

GDAL chooses its driver by the content of a file, so a file called `stops.geojson` may be a virtual layer
that names any other file or address. Only drivers that read the file itself are left. GDAL takes the list
when it is loaded and
at no other time: whoever needs pyogrio imports it through this module.
"""

import functools
import os
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.errors import Blocked, DataError

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GML", "GPKG", "GeoJSON", "KML", "MEM", "Memory", "OSM"})

# The other vector drivers of the pyogrio wheels. One that is missing here is found by `load` and refused.
_SKIPPED_DRIVERS = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO",
    "EEDA", "ESRIJSON", "Elasticsearch", "GDALG", "GPSBabel", "GPX", "GTFS", "GeoJSONSeq", "GeoRSS",
    "HTTP", "Idrisi", "JML", "JSONFG", "LIBKML", "LVBAG", "MBTiles", "MVT", "MapInfo File", "MapML",
    "MiraMonVector", "NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OpenFileGDB",
    "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SQLite", "SXF", "Selafin",
    "TopoJSON", "VDV", "VFK", "VICAR", "WAsP", "WFS", "XLSX",
)  # fmt: skip
SETTINGS = {
    "GDAL_SKIP": ",".join(_SKIPPED_DRIVERS),
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/nonexistent",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GML_DOWNLOAD_SCHEMA": "NO",
}


@functools.cache
def load() -> Any:
    """The module pyogrio, with the allowed drivers only.

    Raises:
        Blocked: GDAL has other drivers: it was loaded before, or the installed pyogrio has more than this
            one knows.
    """
    os.environ.update(SETTINGS)
    import pyogrio

    others = sorted(set(pyogrio.list_drivers()) - ALLOWED_DRIVERS)
    if others:
        raise Blocked(
            f"GDAL was loaded with drivers that may read more than a file: {', '.join(others[:5])}",
            why="a file from outside could make them read other files or call addresses",
            fix="import pyogrio only through pipelines.readers.gdal, and before anything else imports it",
        )
    return pyogrio


def read_layer(path: Path, driver: str, layer: str | None = None, **options: str) -> pa.Table:
    """Read one layer of a geographical file.

    Args:
        path: A regular file on this machine.
        driver: The GDAL driver that must be the one that recognises the file.
        layer: The layer's name; None for the first.
        options: Open options of the driver.

    Returns:
        Grain: one feature. The geometry is the last column, as well-known binary.

    Raises:
        DataError: The file cannot be read by this driver.
        Blocked: The path means something else than a file to GDAL, or GDAL has drivers that are not allowed.
    """
    if not path.is_file():
        raise DataError(f"{path.name}: no such file", fix="fetch the source again")
    pyogrio = load()
    name = str(path.resolve())
    # pyogrio reads `http:`, `!` and `.zip` in a name as the address of something else.
    if name.startswith("/vsi") or pyogrio.util.vsi_path(name) != name:
        raise Blocked(
            f"{path.name}: GDAL would take this name for an archive or an address",
            fix="give the file and its folders names without '!', ':' and '.zip'",
        )
    try:
        with warnings.catch_warnings():
            # GDAL warns of single geometries; the readers judge each of them.
            warnings.simplefilter("ignore", RuntimeWarning)
            recognised = pyogrio.read_info(name, layer=layer, **options)["driver"]
            if recognised != driver:
                raise DataError(f"{path.name}: is of the format {recognised}, not {driver}", fix="correct 'format'")
            _, table = pyogrio.read_arrow(name, layer=layer, **options)
    except (RuntimeError, ValueError, OSError, pa.ArrowException) as error:
        raise DataError(
            f"{path.name}: GDAL cannot read it as {driver}: {error}",
            fix="check 'format' and 'path' under 'data', or fetch the file again",
        ) from error
    return table
