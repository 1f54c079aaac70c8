"""One operation that publishes: one asset for each format of the release."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.components.runs import Runs
from pipelines.errors import GromaError
from pipelines.specs.workspace import Workspace
from pipelines.steps.publish import FORMATS

DATABASE = "duckdb"
_KINDS = {"duckdb": {"duckdb"}, "parquet": {"parquet"}, "csv": {"csv"}, "data_package": {"json", "frictionless"}}


def publication_assets(workspace: Workspace) -> dg.AssetsDefinition:
    """The release, a format an asset."""
    deps = [dg.AssetKey(["indicator", name]) for name in sorted(workspace.indicators)]
    deps += [dg.AssetKey(["standard", name]) for name in sorted(workspace.schemas)]
    deps += [dg.AssetKey(["certificate", name]) for name in sorted(workspace.sources)]
    names = [DATABASE, *FORMATS]
    specs = [
        dg.AssetSpec(
            dg.AssetKey(["publication", name]),
            group_name="publish",
            kinds=_KINDS.get(name, {"file"}),
            owners=["team:dissemination"],
            deps=deps,
            description=f"The release of {workspace.title}: {name.replace('_', ' ')}",
        )
        for name in names
    ]

    @dg.multi_asset(name="publication", specs=specs, required_resource_keys={"runs"})
    def operation(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        runs: Runs = context.resources.runs
        try:
            publication = runs.of(context.run.run_id).publication()
        except GromaError as error:
            raise dg.Failure(str(error)) from error
        for name in names:
            runs.done(f"publication/{name}")
            yield dg.MaterializeResult(
                asset_key=["publication", name],
                metadata={
                    "release_id": publication.release_id,
                    "content_sha256": publication.content_sha256,
                    "folder": dg.MetadataValue.path(str(publication.folder)),
                },
                data_version=dg.DataVersion(publication.release_id),
            )

    return operation
