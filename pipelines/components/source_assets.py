"""One operation for each source: raw, conformed, validated and certified, as assets with checks.

A source that cannot be fetched or read still gets its certificate, of level 0 with the reason, and a failed check; the
assets it did not reach are not materialised. Nothing downstream of other sources waits for it
(`docs/decisions/0008-a-failing-source-is-data.md`).
"""

import re
from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines.checks import CRITERIA
from pipelines.components.runs import Runs
from pipelines.errors import GromaError
from pipelines.specs.declaration import Declared
from pipelines.specs.source import Source
from pipelines.steps.certify import Certificate
from pipelines.steps.run import Run

_IS_IN_FORCE = "is_in_force"


def source_assets(source: Declared[Source]) -> dg.AssetsDefinition:
    """The assets of one source."""
    spec = source.spec
    specs = _specs(source)
    certificate_key = dg.AssetKey(["certificate", spec.id])
    checks = [
        dg.AssetCheckSpec(criterion.name, asset=certificate_key, description=f"{criterion.id} {criterion.definition}")
        for criterion in CRITERIA
    ]
    checks.append(
        dg.AssetCheckSpec(
            _IS_IN_FORCE, asset=certificate_key, description="The vintage passed every gate of level 1 and may be used."
        )
    )

    @dg.multi_asset(
        name=f"source_{spec.id}",
        specs=specs,
        check_specs=checks,
        can_subset=True,
        required_resource_keys={"runs"},
    )
    def operation(context: dg.AssetExecutionContext) -> Iterator[Any]:
        runs: Runs = context.resources.runs
        run = runs.of(context.run.run_id)
        wanted = {"/".join(key.path) for key in context.selected_asset_keys}
        for result in _materialise(run, spec):
            assert result.asset_key is not None
            key = "/".join(result.asset_key.path)
            runs.done(key)
            if key in wanted:
                yield result
        selected = {key.name for key in context.selected_asset_check_keys}
        certificate = run.certificate(spec.id)
        for check in _check_results(certificate, certificate_key):
            if check.check_name in selected:
                yield check

    return operation


def _specs(source: Declared[Source]) -> list[dg.AssetSpec]:
    spec = source.spec
    owners = [f"team:{re.sub('[^a-z0-9]+', '_', spec.publisher.name.lower()).strip('_')[:60] or 'publisher'}"]
    common: dict[str, Any] = {
        "owners": owners,
        "metadata": {
            "licence": spec.licence,
            "attribution": spec.attribution,
            "declaration": dg.MetadataValue.path(str(source.file)),
        },
        "tags": {"profile": spec.profile, "frequency": spec.frequency},
    }

    def asset(
        path: list[str], group: str, kinds: set[str], deps: list[list[str]], description: str, skippable: bool
    ) -> dg.AssetSpec:
        return dg.AssetSpec(
            dg.AssetKey(path),
            group_name=group,
            kinds=kinds,
            deps=[dg.AssetKey(dep) for dep in deps],
            description=description,
            skippable=skippable,
            **common,
        )

    raw = ["raw", spec.id]
    specs = [
        asset(raw, "fetch", {spec.data.format, spec.data.connector}, [], f"{spec.title}. {spec.description}", True)
    ]
    validated = []
    for table in spec.tables:
        name = table.table_name
        conformed = ["conformed", spec.id, name]
        validated.append(["validated", spec.id, name])
        words = f"{spec.title}, as {table.conforms_to}"
        specs.append(asset(conformed, "conform", {"parquet"}, [raw], f"{words}: its columns, as text", True))
        specs.append(
            asset(validated[-1], "validate", {"parquet", "frictionless"}, [conformed], f"{words}: accepted rows", True)
        )
    specs.append(
        asset(["certificate", spec.id], "certify", {"json"}, validated, f"What may be said of: {spec.title}", False)
    )
    return specs


def _materialise(run: Run, source: Source) -> Iterator[dg.MaterializeResult[Any]]:
    vintage = run.vintage(source.id)
    if not isinstance(vintage, GromaError):
        yield dg.MaterializeResult(
            asset_key=["raw", source.id],
            metadata={"sha256": vintage.sha256, "bytes": vintage.bytes, "address": vintage.address},
            data_version=dg.DataVersion(vintage.sha256[:16]),
        )
    conformed = run.conformed(source.id)
    if not isinstance(conformed, GromaError):
        for name, rows in conformed.rows.items():
            metadata = {"dagster/row_count": rows, "out_of_scope": conformed.out_of_scope[name]}
            yield dg.MaterializeResult(asset_key=["conformed", source.id, name], metadata=metadata)
    validated = run.validated(source.id)
    if not isinstance(validated, GromaError):
        for name, account in validated.accounts.items():
            yield dg.MaterializeResult(
                asset_key=["validated", source.id, name],
                metadata={
                    "dagster/row_count": account.accepted,
                    "received": account.received,
                    "quarantined": account.quarantined,
                },
            )
    certificate = run.certificate(source.id)
    yield dg.MaterializeResult(
        asset_key=["certificate", source.id],
        metadata={
            "certificate_id": certificate.certificate_id,
            "level": certificate.level,
            "level_name": certificate.content["level_name"],
            "what_keeps_it_there": dg.MetadataValue.md("\n".join(f"- {cap}" for cap in certificate.content["caps"])),
        },
    )


def _check_results(certificate: Certificate, key: dg.AssetKey) -> Iterator[dg.AssetCheckResult]:
    for result in certificate.content["results"]:
        failed_at_gate = result["gates"].get("1") in ("fail", "not_assessable")
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=result["name"],
            passed=result["outcome"] in ("pass", "not_applicable"),
            severity=dg.AssetCheckSeverity.ERROR if failed_at_gate else dg.AssetCheckSeverity.WARN,
            description=result["explanation"],
            metadata={"outcome": result["outcome"], "n": result["n"]}
            | ({"value": result["value"]} if result["value"] is not None else {}),
        )
    if not certificate.content["results"]:
        for criterion in CRITERIA:
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=criterion.name,
                passed=False,
                severity=dg.AssetCheckSeverity.WARN,
                description="not assessed: the source could not be read",
            )
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=_IS_IN_FORCE,
        passed=certificate.is_in_force,
        severity=dg.AssetCheckSeverity.ERROR,
        description="in force" if certificate.is_in_force else "; ".join(certificate.content["caps"]),
    )
