"""`groma validate`."""

from pathlib import Path

import click

from pipelines.cli.output import JSON_OPTION, note, print_json
from pipelines.cli.workspace import checked_workspace, workspace_option


@click.command()
@workspace_option
@JSON_OPTION
def validate(folder: Path, as_json: bool) -> None:
    """Check every declaration of a workspace: all faults of all files, as file:line: field: message."""
    workspace = checked_workspace(folder, as_json)
    counts = {
        "sources": len(workspace.sources),
        "schemas": len(workspace.schemas),
        "indicators": len(workspace.indicators),
    }
    if as_json:
        print_json({"faults": [], **counts})
    note(", ".join(f"{number} {kind}" for kind, number in counts.items()) + ": no faults")
