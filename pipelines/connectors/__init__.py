"""Where bytes come from: one module per kind of origin. A connector finds the bytes; parsing is a later step."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.connectors.file import locate_in_folder
from pipelines.connectors.package import locate_in_package
from pipelines.specs.source import Data


@dataclass(frozen=True)
class Origin:
    """A file that a connector found.

    `path` is where it lies on this machine, `address` how it is cited (never a path of this machine).
    """

    path: Path
    address: str


Connector = Callable[[Data, Path], tuple[Path, str]]

CONNECTORS: dict[str, Connector] = {"package": locate_in_package, "file": locate_in_folder}


def locate(data: Data, folder: Path) -> Origin:
    """Find the bytes of a source.

    Args:
        data: The source's declaration of where they are.
        folder: The source's own folder.

    Raises:
        SourceUnavailable: They are not there.
        Blocked: The place is outside what the connector may read.
    """
    return Origin(*CONNECTORS[data.connector](data, folder))
