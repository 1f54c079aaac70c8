"""A release as the writers of publication formats see it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.outputs.tables import DIMENSION_DESCRIPTION, INDICATOR_VALUE, Column, ReleaseTable
from pipelines.specs.workspace import Workspace
from pipelines.warehouse import Warehouse

DATABASE = "groma.duckdb"


def own_dimensions(workspace: Workspace) -> list[str]:
    """Breakdowns that indicators of the workspace have beside the standard ones, in alphabetical order."""
    return sorted({name for declared in workspace.indicators.values() for name in declared.spec.dimensions})


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
    def own_dimensions(self) -> list[str]:
        """Breakdown columns of `indicator_value` that only some indicators have, in order."""
        present = self.warehouse.columns(f"FROM {INDICATOR_VALUE.name}")
        return [name for name in present if name not in INDICATOR_VALUE.column_names()]

    def columns(self, table: ReleaseTable) -> tuple[Column, ...]:
        """The columns of a release table, with the breakdowns of this release's indicators."""
        if table.name != INDICATOR_VALUE.name:
            return table.columns
        return (*table.columns, *(Column(name, "VARCHAR", DIMENSION_DESCRIPTION) for name in self.own_dimensions))

    def key(self, table: ReleaseTable) -> tuple[str, ...]:
        """The key of a release table, with the breakdowns of this release's indicators."""
        return (*table.key, *self.own_dimensions) if table.name == INDICATOR_VALUE.name else table.key

    @property
    def title(self) -> str:
        """The workspace's own title."""
        return self.workspace.title
