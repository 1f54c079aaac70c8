"""When sources are looked at again: schedules from the declared `frequency`, and a sensor for new bytes."""

import dagster as dg

from pipelines.specs.workspace import Workspace
from pipelines.steps.plan import plan
from pipelines.steps.run import Run

CRON = {
    "daily": "0 5 * * *",
    "weekly": "0 5 * * 1",
    "monthly": "0 5 2 * *",
    "quarterly": "0 5 2 1,4,7,10 *",
    "annual": "0 5 2 1 *",
}
"""When a source of that frequency is fetched again (UTC). Rarer and irregular ones are left to the sensor."""

_SENSOR_INTERVAL_SECONDS = 3600


def refresh_schedules(workspace: Workspace) -> list[dg.ScheduleDefinition]:
    """One schedule for each frequency that a source of the workspace has."""
    schedules = []
    for frequency, cron in CRON.items():
        ids = sorted(i for i, source in workspace.sources.items() if source.spec.frequency == frequency)
        if not ids:
            continue
        selection = dg.AssetSelection.assets(*(dg.AssetKey(["raw", i]) for i in ids)).downstream()
        schedules.append(
            dg.ScheduleDefinition(
                name=f"refresh_{frequency}",
                target=selection,
                cron_schedule=cron,
                execution_timezone="UTC",
                description=f"Fetch again what is published {frequency}: {', '.join(ids)}",
            )
        )
    return schedules


def new_vintage_sensor(workspace: Workspace, job_name: str) -> dg.SensorDefinition:
    """A sensor that starts the main job when a source has bytes that were not seen before."""

    @dg.sensor(
        name="new_vintages",
        job_name=job_name,
        minimum_interval_seconds=_SENSOR_INTERVAL_SECONDS,
        description="Looks hourly whether a source has new bytes, and starts the main job if one has.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        fresh = [p.why for p in plan(Run(workspace)) if p.asset.startswith("raw/") and p.would_run]
        if not fresh:
            return dg.SkipReason("no source has new bytes")
        return dg.RunRequest(run_key="; ".join(sorted(fresh)))

    return sensor
