"""`groma explain`."""

from pathlib import Path
from typing import Any

import click

from pipelines.cli.output import JSON_OPTION, note, print_json, print_table, say
from pipelines.cli.workspace import published, workspace_option
from pipelines.errors import UsageError
from pipelines.steps.lineage import Question, explain_value


@click.command()
@click.argument("indicator_id", metavar="INDICATOR")
@click.option("--territory", required=True, help="Its id, or its name where only one territory has it.")
@click.option("--period", required=True)
@click.option("--series", help="Only this series.")
@click.option("--breakdown", multiple=True, metavar="NAME=CODE", help="For example sex=F (repeatable); else the total.")
@workspace_option
@JSON_OPTION
def explain(
    indicator_id: str,
    territory: str,
    period: str,
    series: str | None,
    breakdown: tuple[str, ...],
    folder: Path,
    as_json: bool,
) -> None:
    """Show where a value comes from: the formula, the input rows, their sources, hashes and certificates."""
    data = Path(folder).resolve() / "data"
    codes = dict(_name_and_code(text) for text in breakdown)
    found = explain_value(published(folder), data, Question(indicator_id, territory, period, series, codes))
    if as_json:
        print_json(found)
        return
    for value in found["values"]:
        _print_value(found["indicator"], found["territory"], value)


def _name_and_code(text: str) -> tuple[str, str]:
    name, is_given, code = text.partition("=")
    if not is_given:
        raise UsageError(f"--breakdown {text!r} is not of the form NAME=CODE", fix="for example --breakdown sex=F")
    return name, code


def _print_value(indicator: dict[str, Any], territory: dict[str, Any], value: dict[str, Any]) -> None:
    series = f", {value['series']}" if value["series"] else ""
    say(f"{indicator['title']}{series}")
    place = f"{territory['territory_name']} ({territory['territory_id']}, {territory['territory_level']})"
    say(f"{place}, {value['period']}")
    if value["value"] is None:
        say(f"  no value: {value['status_reason']} (status {value['obs_status']})")
    else:
        interval = ""
        if value["value_low"] != value["value_high"]:
            interval = f", between {value['value_low']:f} and {value['value_high']:f} by rounding in the source"
        say(f"  {value['value']:f} {value['unit']}{interval}")
        say(
            f"  = {indicator['multiplier']:g} × numerator / denominator"
            f" = {indicator['multiplier']:g} × {value['numerator']:,f} / {value['denominator']:,f}"
        )
    members = f", summed over {value['members']} members" if value["members"] else ""
    say(f"  method {value['method']}{members}; level {value['cert_level']}; status {value['obs_status']}")
    for caveat in indicator["caveats"]:
        say(f"  note: {caveat}")
    for table in value["inputs"]:
        print_table(table["columns"], table["rows"], title=f"standard.{table['name']}")
    for source in value["sources"]:
        say(f"{source['source_id']}: {source['attribution']} ({source['licence']})")
        say(f"  {source['address']}")
        say(f"  vintage {source['vintage_id']}, SHA-256 {source['sha256']}")
        say(f"  certificate {source['certificate_id']}, level {source['level']} ({source['level_name']})")
        for cap in source["caps"]:
            say(f"    {cap}")
        for record in source["records"]:
            cells = ", ".join(f"{name}={cell!r}" for name, cell in record["cells"].items())
            say(f"  row {record['source_row']} of the file: {cells}")
    note(f"query: indicators/{indicator['indicator_id']}/query.sql, method version {indicator['method_version']}")
