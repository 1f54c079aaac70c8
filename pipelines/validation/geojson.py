"""The properties of the features in a GeoJSON file, as rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pipelines.errors import DataError
from pipelines.validation.json_limits import check_json
from pipelines.validation.raw_records import open_bytes
from pipelines.validation.table_limits import check_width


def read_geojson(path: Path, compression: str, innerpath: str | None) -> tuple[list[str], Iterator[list[Any]]]:
    """Read which properties there are; the rows wait.

    Args:
        path: The file; nothing in it is trusted.
        compression: As for `open_bytes`.
        innerpath: The member of a zip file; null for the first one.

    Returns:
        The names of all properties, by their first feature; a row for each feature. Null: it has no such property.

    Raises:
        DataError: It is no collection of features, is damaged, or is made to exhaust whoever reads it.
    """

    def properties() -> Iterator[Mapping[str, Any]]:
        with open_bytes(path, compression, innerpath) as source, _readable_json(path.name):
            yield from _properties(path.name, source)

    with open_bytes(path, compression, innerpath) as source:
        check_json(path.name, source, "geojson")
    # Twice from the beginning: any feature may have a property that no other one has.
    labels: dict[str, None] = {}
    features = 0
    for feature in properties():
        features += 1
        labels.update(dict.fromkeys(feature))
        check_width(path.name, len(labels))
    if not features:
        with open_bytes(path, compression, innerpath) as source, _readable_json(path.name):
            _check_collection(path.name, source)
    return list(labels), ([feature.get(label) for label in labels] for feature in properties())


def _properties(name: str, source: IO[bytes]) -> Iterator[Mapping[str, Any]]:
    import ijson

    for number, feature in enumerate(ijson.items(_without_mark(source), "features.item"), start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else feature
        if properties is not None and not isinstance(properties, dict):
            raise DataError(
                f"{name}: feature {number:,} has no properties that are an object",
                why="RFC 7946: a feature is an object, its 'properties' an object or null",
                fix="ask the owner for a valid GeoJSON file",
            )
        yield properties or {}


def _check_collection(name: str, source: IO[bytes]) -> None:
    """Tell a collection without features from something else."""
    import ijson

    if next(ijson.items(_without_mark(source), "features"), None) != []:
        raise DataError(
            f"{name}: not a GeoJSON FeatureCollection",
            why="there is no list of 'features' in it",
            fix="check 'path' and 'format'",
        )


@contextmanager
def _readable_json(name: str) -> Iterator[None]:
    import ijson

    try:
        yield
    except (ijson.JSONError, ValueError) as error:
        reason = error.args[0] if error.args else ""
        lines = (reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(error)).strip().splitlines()
        raise DataError(
            f"{name}: not valid JSON: {lines[0] if lines else 'it ends too early'}",
            fix="fetch it again, or ask the owner",
        ) from error


def _without_mark(source: IO[bytes]) -> "_Rest":
    """The stream without a byte order mark, which is not JSON but is common."""
    begin = source.read(3)
    return _Rest(b"" if begin == b"\xef\xbb\xbf" else begin, source)


class _Rest:
    """A stream whose first bytes were read already."""

    def __init__(self, begin: bytes, source: IO[bytes]) -> None:
        self._begin = begin
        self._source = source

    def read(self, size: int = -1) -> bytes:
        # Nothing is asked for to learn the type of what comes, and an empty answer otherwise means the end.
        if size == 0 or not self._begin:
            return self._source.read(size)
        begin, self._begin = self._begin, b""
        return begin
