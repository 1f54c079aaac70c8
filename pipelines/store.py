"""Where results are kept: immutable folders, named by a fingerprint of everything they were made from.

A folder appears under its name only when it is complete (written beside, synced, renamed). The same inputs,
declarations and engine give the same fingerprint: nothing is made twice, nothing that changed is taken for the same.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import rfc8785

from pipelines.errors import Busy

PACKAGE = Path(__file__).resolve().parent
_READABLE = 0o644
_NOT_COMPUTING = frozenset({"components", "cli", "cli.py", "definitions.py"})


@cache
def engine_digest() -> str:
    """SHA-256 over the engine's own files that take part in a result, and over the version of DuckDB."""
    from importlib.metadata import version

    digest = hashlib.sha256(version("duckdb").encode())
    for file in sorted(PACKAGE.rglob("*")):
        name = file.relative_to(PACKAGE)
        if file.is_file() and "__pycache__" not in name.parts and name.parts[0] not in _NOT_COMPUTING:
            digest.update(name.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def fingerprint(*parts: Any) -> str:
    """Sixteen hexadecimal digits that stand for `parts` (texts, numbers, lists, mappings) and the engine."""
    return hashlib.sha256(rfc8785.dumps([engine_digest(), *parts])).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_text(path: Path, text: str) -> None:
    """Replace a file in one step: a reader sees the old text or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, _READABLE)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


class Store:
    """The data folder of a workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, stage: str, name: str, mark: str) -> Path:
        """Where the result of a stage lies, whether or not it is there."""
        return self.root / stage / name / mark

    def manifest(self, stage: str, name: str, mark: str) -> dict[str, Any] | None:
        """The manifest of a complete result, or None where there is none."""
        try:
            found: dict[str, Any] = json.loads((self.folder(stage, name, mark) / "manifest.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found

    @contextmanager
    def writing(self, stage: str, name: str, mark: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        """A folder to write a result into, and its manifest to fill; both appear under their name at the end."""
        final = self.folder(stage, name, mark)
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=final.parent, prefix=f".{mark}."))
        manifest: dict[str, Any] = {}
        try:
            yield draft, manifest
            text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
            write_text(draft / "manifest.json", text + "\n")
            _make_readable(draft)
            _sync(draft)
            if final.exists():
                shutil.rmtree(final)
            draft.rename(final)
            _sync(final.parent)
        finally:
            if draft.exists():
                shutil.rmtree(draft)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the data folder for one run; a second run is refused with the process that holds it."""
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / ".lock"
        with path.open("a+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                stream.seek(0)
                raise Busy(
                    f"another run holds {self.root} (process {stream.read().strip() or 'unknown'})",
                    fix="wait for it to end; reading with `groma query` works meanwhile",
                ) from None
            stream.truncate(0)
            stream.write(str(os.getpid()))
            stream.flush()
            self._clear_drafts()
            yield

    def _clear_drafts(self) -> None:
        """Remove what a killed run left half written; whoever holds the lock knows that nobody writes it still."""
        for draft in [*self.root.glob("*/.*"), *self.root.glob("*/*/.*")]:
            if draft.is_dir():
                shutil.rmtree(draft)
            else:
                draft.unlink()


def _make_readable(folder: Path) -> None:
    """Temporary files are private to their maker; what is published is for everyone on the machine to read."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(_READABLE | 0o111 if path.is_dir() else _READABLE)


def _sync(folder: Path) -> None:
    for path in [*folder.glob("*"), folder] if folder.is_dir() else [folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
