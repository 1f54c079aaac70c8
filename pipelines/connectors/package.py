"""A file inside a Python package that was installed for its data.

Data packages are installed without dependencies into a folder of their own (`.data-packages`), which is not on Python's
path: their files are read, their code is never run.
"""

import base64
import hashlib
import os
from importlib.metadata import Distribution, distributions
from pathlib import Path

from pipelines.errors import Blocked, SourceUnavailable
from pipelines.specs.source import Data

DATA_PACKAGES = Path(__file__).resolve().parents[2] / ".data-packages"


def locate_in_package(data: Data, folder: Path) -> tuple[Path, str]:
    """The path of the file and how it is cited (package, version, path inside it).

    Raises:
        SourceUnavailable: The package or the file is not installed.
        Blocked: The file is not what the package's own record says (its hash differs), or lies outside it.
    """
    assert data.package is not None
    root = Path(os.environ.get("GROMA_DATA_PACKAGES", DATA_PACKAGES)).resolve()
    found = next(iter(distributions(name=data.package, path=[str(root)])), None)
    if found is None:
        raise SourceUnavailable(
            f"{folder.name}: the data package {data.package!r} is not installed in {root.name}",
            fix="run `make setup`, or name a package of data-packages.lock",
        )
    path = (root / data.path).resolve()
    if not path.is_relative_to(root):
        raise Blocked(f"{folder.name}: {data.path!r} leads outside the data packages")
    expected = _recorded_hash(found, data.path)
    if expected is None or not path.is_file():
        raise SourceUnavailable(
            f"{folder.name}: {data.package} {found.version} has no file {data.path!r}",
            fix="correct 'path'; it starts with the package's own folder",
        )
    if _hash(path) != expected:
        raise Blocked(
            f"{folder.name}: {data.path} differs from what {data.package} {found.version} installed",
            why="the file's SHA-256 is not the one in the package's RECORD",
            fix="install the data packages again: `rm -r .data-packages`, then `make setup`",
        )
    return path, f"pypi:{data.package}=={found.version}#{data.path}"


def _recorded_hash(found: Distribution, name: str) -> str | None:
    for file in found.files or []:
        if file.as_posix() == name and file.hash is not None and file.hash.mode == "sha256":
            return file.hash.value
    return None


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
