"""One operation for each indicator: its prepared tables and its values."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.components.runs import Runs
from pipelines.errors import GromaError
from pipelines.specs.workspace import TERRITORY, TERRITORY_MEMBER, Workspace


def indicator_assets(workspace: Workspace, indicator_id: str) -> dg.AssetsDefinition:
    """The assets of one indicator."""
    declared = workspace.indicators[indicator_id]
    spec = declared.spec
    inputs = [
        dg.AssetKey(["standard", name])
        for name in sorted({*spec.inputs, TERRITORY, TERRITORY_MEMBER})
        if name in workspace.schemas
    ]
    prepared = [dg.AssetKey(["prepared", indicator_id, name]) for name in spec.prepare]
    specs = [
        dg.AssetSpec(
            key,
            group_name="prepare",
            kinds={"parquet", "shapely"},
            owners=["team:indicators"],
            deps=inputs,
            description=f"{spec.prepare[key.path[-1]].measure} of {spec.prepare[key.path[-1]].of}",
        )
        for key in prepared
    ]
    specs.append(
        dg.AssetSpec(
            dg.AssetKey(["indicator", indicator_id]),
            group_name="compute",
            kinds={"duckdb", "sql"},
            owners=["team:indicators"],
            deps=[*inputs, *prepared],
            description=f"{spec.title}. {spec.description}",
            metadata={
                "sdg": spec.sdg.indicator or f"target {spec.sdg.target}",
                "alignment": spec.sdg.alignment,
                "unit": spec.unit,
                "query": dg.MetadataValue.md(f"```sql\n{declared.text('query.sql')}\n```"),
                "declaration": dg.MetadataValue.path(str(declared.file)),
            },
        )
    )

    @dg.multi_asset(name=f"indicator_{indicator_id}", specs=specs, can_subset=True, required_resource_keys={"runs"})
    def operation(context: dg.AssetExecutionContext) -> Iterator[Any]:
        runs: Runs = context.resources.runs
        run = runs.of(context.run.run_id)
        try:
            for key in prepared:
                table = run.prepared(indicator_id, key.path[-1])
                runs.done("/".join(key.path))
                if key in context.selected_asset_keys:
                    yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": table.rows})
            computed = run.computed(indicator_id)
        except GromaError as error:
            raise dg.Failure(str(error)) from error
        runs.done(f"indicator/{indicator_id}")
        if specs[-1].key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=specs[-1].key,
                metadata={
                    "dagster/row_count": computed.rows,
                    "without_value": computed.missing,
                    "content_sha256": computed.content_sha256,
                },
                data_version=dg.DataVersion(computed.content_sha256[:16]),
            )

    return operation
