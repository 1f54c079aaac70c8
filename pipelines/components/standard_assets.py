"""One asset for each standard schema: the union of the certified tables that conform to it."""

from typing import Any

import dagster as dg

from pipelines.components.runs import Runs
from pipelines.specs.workspace import TERRITORY, Workspace


def standard_assets(workspace: Workspace, name: str) -> dg.AssetsDefinition:
    """The standard table of one schema."""
    schema = workspace.schemas[name].spec
    feeding = sorted({source.spec.id for source, _ in workspace.feeding(name)})
    deps = [dg.AssetKey(["certificate", source_id]) for source_id in feeding]
    if name != TERRITORY and TERRITORY in workspace.schemas:
        deps.append(dg.AssetKey(["standard", TERRITORY]))

    @dg.asset(
        key=["standard", name],
        group_name="standardise",
        kinds={"parquet"},
        owners=["team:standards"],
        deps=deps,
        description=f"{schema.title}. {schema.description}",
        metadata={
            "schema": schema.reference,
            "standard": schema.standard,
            "declaration": dg.MetadataValue.path(str(workspace.schemas[name].file)),
        },
        required_resource_keys={"runs"},
    )
    def operation(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        runs: Runs = context.resources.runs
        standard = runs.of(context.run.run_id).standard(name)
        runs.done(f"standard/{name}")
        return dg.MaterializeResult(
            metadata={"dagster/row_count": standard.rows, "quarantined": standard.quarantined},
            data_version=dg.DataVersion(standard.folder.name),
        )

    return operation
