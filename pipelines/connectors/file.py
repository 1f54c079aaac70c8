"""A file inside the source's own folder."""

from pathlib import Path

from pipelines.errors import Blocked, SourceUnavailable
from pipelines.specs.source import Data


def locate_in_folder(data: Data, folder: Path) -> tuple[Path, str]:
    """The path of the file and how it is cited (relative to the source's folder).

    Raises:
        SourceUnavailable: There is no such file.
        Blocked: The path, followed through links, leaves the folder.
    """
    path = (folder / data.path).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Blocked(
            f"{folder.name}: {data.path!r} leads outside the source's folder",
            fix="put the file itself into the folder; links that lead out of it are not followed",
        )
    if not path.is_file():
        raise SourceUnavailable(
            f"{folder.name}: there is no file {data.path!r} beside source.yaml", fix="put it there or correct 'path'"
        )
    return path, f"file:{data.path}"
