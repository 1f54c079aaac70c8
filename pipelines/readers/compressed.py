"""A file's bytes, unpacked within limits."""

import gzip
import zlib
from pathlib import Path
from typing import Literal

from pipelines.errors import DataError

SIZE_LIMIT = 4 * 1024**3
"""Bytes a file may hold once unpacked."""
RATIO_LIMIT = 200
"""Bytes that one packed byte may become, counted beyond the first `RATIO_FREE` bytes."""
RATIO_FREE = 10_000_000

_CHUNK = 1 << 20


def read_bytes(path: Path, compression: Literal["gzip"] | None) -> bytes:
    """The content of `path`, unpacked.

    What is counted is what unpacking really produces, not what the file claims.

    Raises:
        DataError: The file is no gzip, is cut short or damaged, or grows beyond a limit.
    """
    packed = path.stat().st_size
    if compression is None:
        _refuse_if_larger(path, packed, SIZE_LIMIT)
        return path.read_bytes()
    limit = min(SIZE_LIMIT, max(RATIO_FREE, RATIO_LIMIT * packed))
    chunks: list[bytes] = []
    produced = 0
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                produced += len(chunk)
                _refuse_if_larger(path, produced, limit)
                chunks.append(chunk)
    except EOFError as error:
        raise DataError(f"{path.name}: the gzip file is cut short", fix="fetch it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{path.name}: not a sound gzip file ({error})",
            fix="fetch it again, or remove 'compression: gzip' if the file is not packed",
        ) from error
    return b"".join(chunks)


def _refuse_if_larger(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise DataError(
            f"{path.name}: unpacks to more than {limit:,} bytes",
            why=f"the limit is {SIZE_LIMIT:,}, and {RATIO_LIMIT} for each packed byte beyond {RATIO_FREE:,}",
            fix="ask the owner for the file in parts; a file like this is usually made to exhaust a machine",
        )
