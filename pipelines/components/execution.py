"""One Dagster run of the main job in this process, recorded so that the web interface shows it."""

import os
from collections.abc import Callable, Collection
from typing import Any

import dagster as dg

from pipelines.components.graph import MAIN, build_graph
from pipelines.components.runs import Runs
from pipelines.errors import DataError
from pipelines.specs.workspace import Workspace


def execute(workspace: Workspace, assets: Collection[str], done: Callable[[str], None]) -> None:
    """Make the given assets. The caller holds the workspace's lock, and `DAGSTER_HOME` is set.

    Args:
        workspace: Checked declarations.
        assets: Asset keys, their parts joined by slashes.
        done: Told each of those keys when it is there.

    Raises:
        DataError: A step failed; all failures are named. What was made before it is kept.
    """
    os.chdir(workspace.root)  # the instance's folders are relative to where it is started
    runs = Runs(workspace, lambda key: done(key) if key in assets else None, is_locked=True)
    with dg.DagsterInstance.get() as instance:
        _bury_dead_runs(instance)
        outcome = (
            build_graph(runs)
            .resolve_job_def(MAIN)
            .execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey(asset.split("/")) for asset in assets],
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        )
    failures = [_failure(event) for event in outcome.all_events if event.is_step_failure]
    if failures or not outcome.success:
        raise DataError(
            "the run stopped: " + "\n".join(failures or ["see the run in `groma ui`"]),
            fix="correct what is named and run again; what was made is kept",
        )


def _bury_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs that were killed as failed: whoever holds the lock knows that no other run is alive."""
    alive = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]
    for run in instance.get_runs(dg.RunsFilter(statuses=alive)):
        instance.report_run_failed(run, "its process ended without a word")


def _failure(event: Any) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return f"{event.step_key}: {data.user_failure_data.description}"
    error = data.error
    while error.cause:
        error = error.cause
    return f"{event.step_key}: {error.message.strip()}"
