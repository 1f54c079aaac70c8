"""The page for whoever opens a release's folder: what is in it, how to read, cite and use it."""

from collections.abc import Iterable

from pipelines.outputs.release import Release
from pipelines.outputs.tables import RELEASE_TABLES
from pipelines.outputs.terms import compilation_terms, licences, sources_in_service

_FILES = (
    ("explorer.html", "The figures to look at; opens in a browser, without a network."),
    (
        "groma.duckdb",
        "All tables, with a comment on every column; the view `latest` has names beside the newest values.",
    ),
    ("parquet/", "The same tables, and in `parquet/standard/` the standardised rows of the sources."),
    ("csv/", "The same tables as text: UTF-8, comma, lists as JSON. `datapackage.json` describes each column."),
    ("sdmx/", "The values as SDMX-CSV 2.0, with their structure in SDMX-ML 3.0 and 2.1."),
    ("manifest.json", "Size and SHA-256 of every file."),
)

_QUERY = """SELECT territory_name, period, value, value_low, value_high, cert_level
FROM latest
WHERE sex = '_T' AND urbanisation = '_T'
ORDER BY indicator_id, series, value DESC;"""


def readme(release: Release) -> str:
    """The page, in Markdown. The same release gives the same text."""
    sources = sources_in_service(release)
    found = licences(sources)
    indicators = release.warehouse.rows(
        """
        SELECT indicator_id, title, alignment, unit, count(v.value), count(v.indicator_id) - count(v.value)
        FROM indicator LEFT JOIN (SELECT indicator_id, value FROM indicator_value) AS v USING (indicator_id)
        GROUP BY ALL ORDER BY indicator_id
        """
    )
    credits = dict.fromkeys(source.attribution for source in sources)
    parts = [
        f"# {_inline(release.title)}",
        f"Release `{release.release_id}`, computed with groma {release.engine_version}. SHA-256 of all figures: "
        f"`{release.content_sha256}`.",
        "## Indicators",
        _table(("indicator", "what it measures", "alignment", "unit", "values", "missing, with a reason"), indicators),
        "## Files",
        _table(("file", "what it holds"), _FILES),
        "## Tables",
        _table(("table", "rows"), ((table.name, table.description) for table in RELEASE_TABLES)),
        f"A first query, for `duckdb groma.duckdb`:\n\n```sql\n{_QUERY}\n```",
        "## How to read it",
        "- A missing value is a row: `obs_status` and `status_reason` say why. It is never a zero.\n"
        "- Values of several territories are never averaged. Add their numerators and their denominators, and divide.\n"
        "- `value_low` and `value_high` are what rounding in the source leaves open.\n"
        "- `cert_level` says how far the sources behind a value have been proven: 1 experimental, 2 indicative, "
        "3 statistical, 4 accredited. The table `certificate_result` has the reasons.\n"
        "- A proxy is not the SDG indicator; its title says what it measures.",
        "## How to cite it",
        f"> {_inline(release.title)}, release {release.release_id}, made with groma {release.engine_version} from:\n"
        + "\n".join(f"> - {_inline(credit)}" for credit in credits),
        "## Licences",
        _inline(compilation_terms(found)),
        _table(
            ("licence", "source", "publisher", "indicators made from it"),
            (
                (licence.name, source.title, source.publisher, ", ".join(source.indicators) or "none")
                for licence in found
                for source in licence.sources
            ),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _table(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join("| " + " | ".join(_inline(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _inline(value: object) -> str:
    """A text on one line that cannot begin markup of its own."""
    text = " ".join(str(value).split())
    return text.replace("&", "&amp;").replace("<", "&lt;")
