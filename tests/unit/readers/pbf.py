"""OpenStreetMap's PBF written and read by hand, independently of GDAL, after the format's own definition.

https://wiki.openstreetmap.org/wiki/PBF_Format: only what the tests need.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

Tags = dict[str, str]
Fields = dict[int, list[int | bytes]]


@dataclass
class Extract:
    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[int, Tags] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], Tags]] = field(default_factory=dict)
    relations: dict[int, Tags] = field(default_factory=dict)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def message(*pairs: tuple[int, int | bytes]) -> bytes:
    return b"".join(
        varint(number << 3) + varint(value)
        if isinstance(value, int)
        else varint(number << 3 | 2) + varint(len(value)) + value
        for number, value in pairs
    )


def packed(numbers: list[int]) -> bytes:
    return b"".join(map(varint, numbers))


def deltas(numbers: list[int]) -> bytes:
    return packed([zigzag(b - a) for a, b in zip([0, *numbers], numbers, strict=False)])


def framed(kind: bytes, content: bytes) -> bytes:
    blob = message((2, len(content)), (3, zlib.compress(content)))
    header = message((1, kind), (3, len(blob)))
    return len(header).to_bytes(4, "big") + header + blob


def header(bounds: tuple[float, float, float, float] | None) -> bytes:
    """`bounds`: west, south, east, north."""
    box: list[tuple[int, int | bytes]] = []
    if bounds:
        west, south, east, north = (zigzag(round(edge * 1e9)) for edge in bounds)
        box = [(1, message((1, west), (2, east), (3, north), (4, south)))]
    return framed(b"OSMHeader", message(*box, (4, b"OsmSchema-V0.6"), (4, b"DenseNodes")))


def written(extract: Extract, bounds: tuple[float, float, float, float] | None = None) -> bytes:
    strings = [b""]

    def text(value: str) -> int:
        if value.encode() not in strings:
            strings.append(value.encode())
        return strings.index(value.encode())

    keys_values = [
        number
        for node in extract.nodes
        for number in (
            *(text(word) for pair in extract.node_tags.get(node, {}).items() for word in pair),
            0,
        )
    ]
    dense = message(
        (1, deltas(list(extract.nodes))),
        (8, deltas([round(latitude * 1e7) for _, latitude in extract.nodes.values()])),
        (9, deltas([round(longitude * 1e7) for longitude, _ in extract.nodes.values()])),
        (10, packed(keys_values)),
    )
    ways = [
        message(
            (1, way),
            (2, packed(list(map(text, tags)))),
            (3, packed(list(map(text, tags.values())))),
            (8, deltas(refs)),
        )
        for way, (refs, tags) in extract.ways.items()
    ]
    groups = [(2, message((2, dense)))] + ([(2, message(*((3, way) for way in ways)))] if ways else [])
    table = message(*((1, string) for string in strings))
    return header(bounds) + framed(b"OSMData", message((1, table), *groups))


def fields(content: bytes) -> Fields:
    found: Fields = {}
    position = 0

    def number() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = content[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(content):
        key = number()
        if key & 7 == 0:
            found.setdefault(key >> 3, []).append(number())
        else:
            size = number()
            found.setdefault(key >> 3, []).append(content[position : position + size])
            position += size
    return found


def numbers(content: bytes, signed: bool = False) -> list[int]:
    out = []
    value = shift = 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            out.append((value >> 1) ^ -(value & 1) if signed else value)
            value = shift = 0
    return out


def summed(content: bytes) -> Iterator[int]:
    total = 0
    for step in numbers(content, signed=True):
        total += step
        yield total


def read(content: bytes) -> Extract:
    """Every node, way and relation of a file with dense nodes in steps of 100 nanodegrees."""
    extract = Extract()
    position = 0
    while position < len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        head = fields(content[position + 4 : position + 4 + length])
        position += 4 + length
        blob = fields(content[position : position + head[3][0]])
        position += head[3][0]
        if head[1] == [b"OSMData"]:
            _read_block(fields(zlib.decompress(blob[3][0])), extract)
    return extract


def _read_block(block: Fields, extract: Extract) -> None:
    assert block.get(17, [100]) == [100]
    strings = [string.decode() for string in fields(block[1][0])[1]]
    for group in map(fields, block.get(2, [])):
        for dense in map(fields, group.get(2, [])):
            ids = list(summed(dense[1][0]))
            latitudes, longitudes = summed(dense[8][0]), summed(dense[9][0])
            words = iter(numbers(dense.get(10, [b""])[0]))
            for node, latitude, longitude in zip(ids, latitudes, longitudes, strict=True):
                extract.nodes[node] = (longitude / 1e7, latitude / 1e7)
                while key := next(words, 0):
                    extract.node_tags.setdefault(node, {})[strings[key]] = strings[next(words)]
        for way in map(fields, group.get(3, [])):
            extract.ways[way[1][0]] = (list(summed(way.get(8, [b""])[0])), _tags(way, strings))
        for relation in map(fields, group.get(4, [])):
            extract.relations[relation[1][0]] = _tags(relation, strings)


def _tags(element: Fields, strings: list[str]) -> Tags:
    keys, values = (numbers(element.get(number, [b""])[0]) for number in (2, 3))
    return {strings[key]: strings[value] for key, value in zip(keys, values, strict=True)}
