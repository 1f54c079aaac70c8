"""`groma indicator`."""

from pathlib import Path

import click

from pipelines.cli.output import JSON_OPTION, print_json, print_table, say
from pipelines.cli.workspace import checked_workspace, known, workspace_option


@click.group()
def indicator() -> None:
    """List and show indicators."""


@indicator.command("list")
@workspace_option
@JSON_OPTION
def list_indicators(folder: Path, as_json: bool) -> None:
    """One line for each indicator."""
    workspace = checked_workspace(folder, as_json)
    rows = [
        {
            "indicator_id": indicator_id,
            "title": declared.spec.title,
            "sdg_indicator": declared.spec.sdg.indicator or f"target {declared.spec.sdg.target}",
            "alignment": declared.spec.sdg.alignment,
            "unit": declared.spec.unit,
            "inputs": declared.spec.inputs,
        }
        for indicator_id, declared in sorted(workspace.indicators.items())
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(("indicator", "title", "SDG", "alignment", "unit", "inputs"), [tuple(r.values()) for r in rows])


@indicator.command("show")
@click.argument("indicator_id", metavar="INDICATOR")
@workspace_option
@JSON_OPTION
def show_indicator(indicator_id: str, folder: Path, as_json: bool) -> None:
    """The declaration, the query and the method of an indicator."""
    workspace = checked_workspace(folder, as_json)
    declared = workspace.indicators[known("indicator", indicator_id, workspace.indicators)]
    query, method = declared.text("query.sql") or "", declared.text("method.md") or ""
    if as_json:
        print_json({**declared.spec.model_dump(mode="json"), "query": query, "method": method})
        return
    spec = declared.spec
    say(f"{spec.title}\n  {spec.description}")
    say(f"  {spec.sdg.alignment}; unit {spec.unit}; value = {spec.ratio.multiplier:g} × numerator / denominator")
    for caveat in spec.caveats:
        say(f"  note: {caveat}")
    say(f"\n{method.strip()}\n\n{query.strip()}")
