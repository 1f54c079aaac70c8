"""`groma source`."""

from pathlib import Path

import click

from pipelines.cli.output import JSON_OPTION, finish, note, print_json, print_table, say
from pipelines.cli.workspace import checked_workspace, known, workspace_option
from pipelines.errors import ExitCode
from pipelines.steps.run import Run


@click.group()
def source() -> None:
    """List, show and check sources."""


@source.command("list")
@workspace_option
@JSON_OPTION
def list_sources(folder: Path, as_json: bool) -> None:
    """One line for each source."""
    workspace = checked_workspace(folder, as_json)
    rows = [
        {
            "source_id": source_id,
            "title": declared.spec.title,
            "publisher": declared.spec.publisher.name,
            "licence": declared.spec.licence,
            "conforms_to": [table.conforms_to for table in declared.spec.tables],
        }
        for source_id, declared in sorted(workspace.sources.items())
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(("source", "title", "publisher", "licence", "conforms to"), [tuple(row.values()) for row in rows])


@source.command("show")
@click.argument("source_id", metavar="SOURCE")
@workspace_option
@JSON_OPTION
def show_source(source_id: str, folder: Path, as_json: bool) -> None:
    """The declaration of a source, and the certificate of its newest vintage."""
    run = Run(checked_workspace(folder, as_json))
    spec = run.workspace.sources[known("source", source_id, run.workspace.sources)].spec
    with run.store.lock():
        certificate = run.certificate(source_id)
    if as_json:
        print_json({"source": spec.model_dump(mode="json"), "certificate": certificate.content})
        return
    say(f"{spec.title}\n  {spec.description}\n  {spec.attribution} ({spec.licence})")
    for text in spec.notes:
        say(f"  note: {text}")
    say(f"certificate {certificate.certificate_id}: level {certificate.level} ({certificate.content['level_name']})")
    for cap in certificate.content["caps"]:
        say(f"  {cap}")
    rows = [(r["criterion"], r["title"], r["outcome"], r["explanation"]) for r in certificate.content["results"]]
    if rows:
        print_table(("criterion", "title", "outcome", "found"), rows)


@source.command("check")
@click.argument("source_id", metavar="SOURCE")
@workspace_option
@JSON_OPTION
def check_source(source_id: str, folder: Path, as_json: bool) -> None:
    """Fetch, conform, validate and certify one source; show every row that would be quarantined."""
    run = Run(checked_workspace(folder, as_json))
    declared = run.workspace.sources[known("source", source_id, run.workspace.sources)]
    with run.store.lock():
        certificate = run.certificate(source_id)
    if certificate.error:
        raise certificate.error
    assert certificate.validated is not None
    import pyarrow.parquet as pq

    quarantined = pq.read_table(certificate.validated.quarantine).to_pylist()
    if as_json:
        print_json({"certificate": certificate.content, "quarantine": quarantined})
    else:
        for name, account in certificate.validated.accounts.items():
            say(
                f"{name}: {account.received:,} rows received, {account.accepted:,} accepted, "
                f"{account.quarantined:,} quarantined, {account.out_of_scope:,} records out of scope"
            )
        for row in quarantined[:20]:
            say(f"{row['rule']}: {row['message']}\n  Fix: {row['fix']}")
        if len(quarantined) > 20:
            note(f"the first 20 of {len(quarantined):,} reasons; --json prints all")
        for text in certificate.unreconciled:
            say(f"does not reconcile: {text}")
        say(f"level {certificate.level} ({certificate.content['level_name']})")
    is_known = run.quarantined(certificate.validated) <= declared.spec.known_faults.rows
    is_sound = certificate.is_in_force and not certificate.unreconciled and is_known
    finish(ExitCode.OK if is_sound else ExitCode.DATA_INVALID)
