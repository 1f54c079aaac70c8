"""`groma plan`."""

from pathlib import Path

import click

from pipelines.cli.output import JSON_OPTION, note, print_json, print_table
from pipelines.cli.workspace import checked_workspace, workspace_option
from pipelines.steps.plan import plan as plan_run
from pipelines.steps.run import Run


@click.command()
@workspace_option
@click.option("--all", "show_all", is_flag=True, help="Show what is up to date too.")
@JSON_OPTION
def plan(folder: Path, show_all: bool, as_json: bool) -> None:
    """Show what a run would make and why, without running anything."""
    planned = plan_run(Run(checked_workspace(folder, as_json)))
    due = [entry for entry in planned if entry.would_run]
    if as_json:
        print_json({"would_run": len(due), "assets": [vars(entry) for entry in planned]})
    else:
        rows = [(e.asset, "make" if e.would_run else "keep", e.why) for e in (planned if show_all else due)]
        if rows:
            print_table(("asset", "would", "why"), rows)
    note(f"{len(due)} of {len(planned)} assets would be made" if due else "everything is up to date")
