"""A release as the writers of publication formats see it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.specs.workspace import Workspace
from pipelines.warehouse import Warehouse

DATABASE = "groma.duckdb"


@dataclass(frozen=True)
class Release:
    """Everything that is published together.

    `warehouse` reads the release's DuckDB file, whose tables `outputs.tables` describes. `folder` is where the formats
    are written. `content_sha256` stands for the figures alone: the same figures give the same digest whatever the
    order of the rows they were made from. `maps` holds, by country, the outlines of territories for drawing.
    """

    release_id: str
    content_sha256: str
    engine_version: str
    folder: Path
    warehouse: Warehouse
    workspace: Workspace
    certificates: list[dict[str, Any]]
    maps: dict[str, dict[str, Any]]

    @property
    def title(self) -> str:
        """The workspace's own title."""
        return self.workspace.title
