"""`groma run`."""

import os
from pathlib import Path

import click

from pipelines.cli.output import JSON_OPTION, finish, note, print_json
from pipelines.cli.progress import Progress
from pipelines.cli.summary import print_summary, summary
from pipelines.cli.workspace import checked_workspace, known, workspace_option
from pipelines.errors import ExitCode
from pipelines.specs.workspace import ENGINE_ROOT, Workspace
from pipelines.steps.plan import Planned, plan
from pipelines.steps.run import Run


@click.command()
@workspace_option
@click.option("--source", "source_ids", multiple=True, help="Only this source (repeatable), up to its certificate.")
@click.option("--indicator", "indicator_ids", multiple=True, help="Only this indicator (repeatable) and what it needs.")
@click.option("--threads", type=click.IntRange(1, 256), help="Worker threads of DuckDB; results do not depend on it.")
@click.option("--require-fresh", is_flag=True, help="Exit with 4 where a source's newest vintage is not in service.")
@click.option("--quiet", is_flag=True, help="No progress.")
@JSON_OPTION
def run(
    folder: Path,
    source_ids: tuple[str, ...],
    indicator_ids: tuple[str, ...],
    threads: int | None,
    require_fresh: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run the main job: fetch, conform, validate, certify, standardise, compute, publish.

    Only what changed is made again. With --source or --indicator the release is not published.
    """
    if threads:
        os.environ["GROMA_THREADS"] = str(threads)
    workspace = checked_workspace(folder, as_json)
    for source_id in source_ids:
        known("source", source_id, workspace.sources)
    for indicator_id in indicator_ids:
        known("indicator", indicator_id, workspace.indicators)
    chosen = Run(workspace)
    with chosen.store.lock():
        due = [entry for entry in plan(chosen) if entry.would_run and _is_chosen(entry, source_ids, indicator_ids)]
        if due:
            _execute(workspace, due, quiet or as_json)
        elif not as_json:
            note("everything is up to date; nothing was made")
        finished = Run(workspace) if due else chosen
        result = summary(finished, len(due))
    code = finished.exit_code(has_published=not source_ids and not indicator_ids)
    if require_fresh and any(s["stale_because"] for s in result["sources"]):
        code = max(code, ExitCode.SOURCE_UNAVAILABLE)
    result["exit_code"] = int(code)
    if as_json:
        print_json(result)
    else:
        print_summary(result)
    finish(code)


def _is_chosen(entry: Planned, source_ids: tuple[str, ...], indicator_ids: tuple[str, ...]) -> bool:
    if not source_ids and not indicator_ids:
        return True
    stage, _, name = entry.asset.partition("/")
    if stage in ("raw", "conformed", "validated", "certificate"):
        return bool(indicator_ids) or name.split("/")[0] in source_ids
    if stage == "standard":
        return bool(indicator_ids)
    return stage in ("prepared", "indicator") and name.split("/")[0] in indicator_ids


def _execute(workspace: Workspace, due: list[Planned], quiet: bool) -> None:
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    os.environ["DAGSTER_HOME"] = str(ENGINE_ROOT)
    with Progress(len(due), quiet) as progress:
        from pipelines.components.execution import execute

        execute(workspace, {entry.asset for entry in due}, progress.done)
