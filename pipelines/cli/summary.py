"""What a run came to: for each indicator and each source, and what to do next."""

from pathlib import Path
from typing import Any

from pipelines.cli.output import note, print_table
from pipelines.specs.workspace import ENGINE_ROOT
from pipelines.steps.publish import current_publication
from pipelines.steps.run import Run
from pipelines.warehouse import Warehouse

_BY_INDICATOR = """
    SELECT
        indicator_id,
        short_title AS title,
        alignment,
        count(DISTINCT territory_id) FILTER (WHERE value IS NOT NULL) AS territories,
        string_agg(DISTINCT period, ', ' ORDER BY period) AS periods,
        list_sort(list(DISTINCT cert_level) FILTER (WHERE value IS NOT NULL)) AS levels,
        count(*) FILTER (WHERE value IS NOT NULL) AS "values",
        count(period) FILTER (WHERE value IS NULL) AS without_value,
        coalesce(mode(status_reason), CASE WHEN count(period) = 0 THEN 'no source in force feeds it' END)
            AS most_frequent_reason
    FROM (
        SELECT
            indicator.indicator_id, short_title, indicator.alignment, territory_id, period, cert_level, value,
            status_reason
        FROM indicator LEFT JOIN indicator_value ON indicator_value.indicator_id = indicator.indicator_id
    )
    GROUP BY indicator_id, short_title, alignment
    ORDER BY indicator_id
"""

_QUARANTINE = """
    SELECT source_id, table_name, rule, count(DISTINCT row_id) AS rows, min(message) AS first_message, min(fix) AS fix
    FROM quarantine GROUP BY ALL ORDER BY ALL
"""

_ABSENT_CITIES = """
    SELECT indicator_id, territory_name, period, status_reason
    FROM indicator_value JOIN territory USING (territory_id)
    WHERE value IS NULL AND members > 0 AND status_reason LIKE '%members%'
    GROUP BY ALL ORDER BY ALL
"""


def summary(run: Run, made: int) -> dict[str, Any]:
    """The outcome as data; `indicators` and `quarantine` are empty where nothing has been published yet."""
    publication = current_publication(run.store)
    result: dict[str, Any] = {
        "made": made,
        "workspace": str(run.workspace.root),
        "release_id": publication.release_id if publication else None,
        "content_sha256": publication.content_sha256 if publication else None,
        "folder": str(publication.folder) if publication else None,
        "indicators": [],
        "quarantine": [],
        "absent": [],
        "sources": [_source(run, source_id) for source_id in sorted(run.workspace.sources)],
    }
    if publication:
        with Warehouse(file=publication.database, read_only=True) as warehouse:
            result["indicators"] = warehouse.records(_BY_INDICATOR)
            result["quarantine"] = warehouse.records(_QUARANTINE)
            result["absent"] = warehouse.records(_ABSENT_CITIES)
    return result


def _source(run: Run, source_id: str) -> dict[str, Any]:
    certificate, use = run.certificate(source_id), run.use(source_id)
    return {
        "source_id": source_id,
        "vintage_id": certificate.vintage_id,
        "level": certificate.level,
        "level_name": certificate.content["level_name"],
        "quality_level": certificate.content["quality_level"],
        "quarantined": run.quarantined(certificate.validated) if certificate.validated else None,
        "caps": certificate.content["caps"],
        "unreconciled": certificate.unreconciled,
        "in_service": use.vintage_id if use else None,
        "stale_because": use.stale_because if use else None,
        "error": str(certificate.error) if certificate.error else None,
    }


def print_summary(result: dict[str, Any]) -> None:
    """The same for people: tables on stdout, advice on stderr."""
    if result["indicators"]:
        print_table(
            ("indicator", "title", "territories", "periods", "level", "values", "without value", "mostly because"),
            [
                (
                    row["indicator_id"],
                    row["title"],
                    row["territories"],
                    row["periods"],
                    "–".join(map(str, sorted({row["levels"][0], row["levels"][-1]}))) if row["levels"] else "",
                    row["values"],
                    row["without_value"],
                    row["most_frequent_reason"] or "",
                )
                for row in result["indicators"]
            ],
            title="Indicators",
        )
    if result["quarantine"]:
        print_table(
            ("source", "table", "rule", "rows", "for example", "fix"),
            [tuple(row.values()) for row in result["quarantine"]],
            title="In quarantine",
        )
    if result["absent"]:
        print_table(
            ("indicator", "city", "period", "no value because"),
            [tuple(row.values()) for row in result["absent"][:20]],
            title=f"Cities without a value ({len(result['absent'])})",
        )
    for source in result["sources"]:
        for words in _troubles(source):
            note(words)
    _print_next_steps(result)


def _troubles(source: dict[str, Any]) -> list[str]:
    name, words = source["source_id"], []
    if source["error"]:
        words.append(f"{name}: withheld\n{source['error']}")
    elif source["level"] == 0:
        words += [f"{name}: quarantined: {cap}" for cap in source["caps"]]
    if source["stale_because"]:
        words.append(f"{name}: the vintage {source['in_service']} stays in service")
    words += [f"{name}: does not reconcile: {text}" for text in source["unreconciled"]]
    return words


def _print_next_steps(result: dict[str, Any]) -> None:
    if not result["folder"]:
        note("nothing has been published yet; run `groma run` without --source or --indicator")
        return
    folder = Path(result["folder"])
    folder = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    workspace = "" if Path(result["workspace"]) == ENGINE_ROOT else f" --workspace {result['workspace']}"
    at = sum(1 for source in result["sources"] if source["level"] >= 1)
    note(f"{at} of {len(result['sources'])} sources are in force. Release {result['release_id']} is in {folder}")
    note(f"  look    open {folder / 'explorer.html'} in a browser")
    shown = max(result["indicators"], key=lambda row: row["territories"], default={"indicator_id": "INDICATOR"})
    note(f"  ask     groma query{workspace} \"FROM latest WHERE indicator_id = '{shown['indicator_id']}' LIMIT 10\"")
    note(f"  trace   groma explain{workspace} {shown['indicator_id']} --territory TERRITORY --period PERIOD")
    note("  add     a folder under sources/: docs/guides/data-engineer.md")
