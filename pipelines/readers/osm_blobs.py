"""The frame of an OpenStreetMap file in Protocolbuffer Binary Format: is it whole, what box does it cover?

The format: https://wiki.openstreetmap.org/wiki/PBF_Format. A file is a sequence of blobs, each after four
bytes of length and a `BlobHeader`; the first is of the type `OSMHeader`, the others hold the elements. GDAL
reads a file that is cut short or damaged as if it ended there, without a word; hence every blob is unpacked
here first.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipelines.errors import DataError

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

# The limits of the format itself.
_HEADER_LIMIT = 64 * 1024
_BLOB_LIMIT = 32 * 1024**2


def read_bounds(path: Path) -> Bounds | None:
    """The bounding box that the file states, to the billionth of a degree; None where it states none.

    Raises:
        DataError: The file is not in this format, is cut short or damaged, or the box is none on the earth.
    """
    try:
        with path.open("rb") as file:
            edges = _edges(_blob(file, b"OSMHeader"))
            while file.peek(1):
                _blob(file, None)
    except (ValueError, IndexError, zlib.error) as error:
        raise DataError(
            f"{path.name}: not a sound OpenStreetMap file in PBF format: {error}",
            fix="fetch the file again, or check 'format' and 'path' under 'data'",
        ) from error
    if edges is None:
        return None
    west, south, east, north = edges
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise DataError(
            f"{path.name}: states impossible bounds: west {west}, south {south}, east {east}, north {north}",
            fix="ask the owner for a sound file",
        )
    return edges


def _edges(header_block: bytes) -> Bounds | None:
    box = dict(_fields(header_block)).get(1)
    if not isinstance(box, bytes):
        return None
    edges = dict(_fields(box))
    west, east, north, south = (_degrees(edges.get(number, 0)) for number in (1, 2, 3, 4))
    return west, south, east, north


def _blob(file: BinaryIO, kind: bytes | None) -> bytes:
    """The content of the next blob, which must be of this kind if one is given."""
    length = int.from_bytes(_exactly(file, 4), "big")
    if not 0 < length <= _HEADER_LIMIT:
        raise ValueError(f"no blob begins at byte {file.tell() - 4:,}")
    header = dict(_fields(_exactly(file, length)))
    size = header.get(3)
    if kind is not None and header.get(1) != kind:
        raise ValueError(f"the first blob is no {kind.decode()}")
    if not isinstance(size, int) or size > _BLOB_LIMIT:
        raise ValueError(f"the blob before byte {file.tell():,} has no size that is allowed")
    blob = dict(_fields(_exactly(file, size)))
    content, packed = blob.get(1), blob.get(3)
    if isinstance(packed, bytes):
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, _BLOB_LIMIT)
        if not unpacking.eof:
            raise ValueError(f"a blob is cut short, or unpacks to more than {_BLOB_LIMIT:,} bytes")
    if not isinstance(content, bytes):
        raise ValueError("a blob is packed otherwise than by zlib")
    return content


def _exactly(file: BinaryIO, size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise ValueError("it is cut short")
    return content


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a Protocol Buffers message as number and value; a repeated field comes repeatedly."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        match key & 7:
            case 0:
                number, position = _varint(message, position)
                yield key >> 3, number
                continue
            case 1:
                size = 8
            case 2:
                size, position = _varint(message, position)
            case 5:
                size = 4
            case kind:
                raise ValueError(f"a field is of the unknown type {kind}")
        if position + size > len(message):
            raise ValueError("a field is cut short")
        yield key >> 3, message[position : position + size]
        position += size


def _varint(message: bytes, position: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        byte = message[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
    raise ValueError("a number has more than ten bytes")


def _degrees(zigzag: int | bytes) -> float:
    if isinstance(zigzag, bytes):
        raise ValueError("the bounds are no numbers")
    return ((zigzag >> 1) ^ -(zigzag & 1)) / 1_000_000_000
