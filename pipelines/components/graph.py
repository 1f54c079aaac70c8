"""The whole graph of a workspace."""

import dagster as dg

from pipelines.components.indicator_assets import indicator_assets
from pipelines.components.publication_assets import publication_assets
from pipelines.components.refreshing import new_vintage_sensor, refresh_schedules
from pipelines.components.runs import Runs
from pipelines.components.source_assets import source_assets
from pipelines.components.standard_assets import standard_assets

MAIN = "main"


def build_graph(runs: Runs) -> dg.Definitions:
    """Assets, checks, the one job, schedules and the sensor of a workspace.

    Args:
        runs: The workspace and who is told of progress. The workspace must be free of faults.
    """
    workspace = runs.workspace
    main = dg.define_asset_job(
        MAIN,
        selection=dg.AssetSelection.all(),
        description="The way of the data, from every source to the release.",
        executor_def=dg.in_process_executor,
    )
    return dg.Definitions(
        assets=[
            *(source_assets(source) for _, source in sorted(workspace.sources.items())),
            *(standard_assets(workspace, name) for name in sorted(workspace.schemas)),
            *(indicator_assets(workspace, name) for name in sorted(workspace.indicators)),
            publication_assets(workspace),
        ],
        jobs=[main],
        schedules=refresh_schedules(workspace),
        sensors=[new_vintage_sensor(workspace, MAIN)],
        # DuckDB uses every core already; a spawned step would cost more than it brings.
        executor=dg.in_process_executor,
        resources={"runs": dg.ResourceDefinition.hardcoded_resource(runs)},
    )
