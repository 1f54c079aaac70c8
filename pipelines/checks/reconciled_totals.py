"""D5.6: the parts add up to the published whole."""

from typing import Any

from pipelines.checks.criterion import CheckedTable, Criterion, Finding, Subject, not_assessable
from pipelines.specs.source import Reconcile
from pipelines.warehouse import quote


def assess(subject: Subject) -> Finding:
    """The largest relative difference between parts and whole; one beyond its declared tolerance counts as at least 1.

    The parts are summed, or for a rate averaged with their weights: sum(weight × rate) / sum(weight).
    """
    results = [
        _compare(subject, table, check) for table in subject.tables.values() for check in table.table.expect.reconcile
    ]
    if not results:
        return not_assessable("no published total to compare with is declared ('expect: {reconcile: …}')")
    worst = max(results, key=lambda item: (item["relative"], item["name"]))
    words = f"{len(results)} published figure(s) compared; the largest difference: {worst['words']}"
    return Finding(worst["relative"], words, n=len(results), details=tuple(results))


def _compare(subject: Subject, table: CheckedTable, check: Reconcile) -> dict[str, Any]:
    measure = quote(check.measure)
    formula = (
        f"sum({quote(check.weight)} * {measure}) / nullif(sum({quote(check.weight)}) FILTER (WHERE {measure} IS NOT NULL), 0)"
        if check.weight
        else f"sum({measure})"
    )
    # The accepted row's own figures, beside the columns of the record it came from; the record's names win.
    standard = ", ".join(f"t.{quote(name)} AS {quote(name)}" for name in table.schema.field_names)
    record_columns = {name.lower() for name in subject.warehouse.columns("FROM records")}
    extra = ", ".join(
        f"t.{quote(name)} AS {quote(name)}" for name in table.schema.field_names if name.lower() not in record_columns
    )
    chosen = f"SELECT r.* {', ' + extra if extra else ''} , t.row_id AS _row FROM records AS r JOIN {quote(table.name)} AS t USING (source_row)"
    figures = f"SELECT {standard}, t.row_id AS _row FROM {quote(table.name)} AS t"

    def figure(where: str) -> tuple[float | None, int]:
        value, rows = subject.warehouse.rows(
            f"SELECT ({formula})::DOUBLE, count({measure}) FROM ({figures}) "
            f"SEMI JOIN (SELECT _row FROM ({chosen}) WHERE {where}) USING (_row)"
        )[0]
        return value, rows

    parts, count = figure(check.parts)
    whole = check.equals if check.equals is not None else figure(check.whole or "false")[0]
    label = f"{check.name} ({check.published_in})"
    if parts is None or whole is None:
        absent = "the parts have no rows" if parts is None else "the published whole is not in the file"
        return {"name": check.name, "relative": 1.0, "is_reconciled": False, "words": f"{label}: {absent}"}
    difference = parts - whole
    relative = abs(difference) / abs(whole) if whole else (0.0 if not difference else 1.0)
    is_reconciled = abs(difference) <= check.tolerance + 1e-9
    words = f"{label}: {count:,} parts give {parts:,.6g}, published {whole:,.6g}"
    if check.weight is None:
        words = f"{label}: {count:,} parts sum to {parts:,.0f}, published {whole:,.0f}"
    if not is_reconciled:
        words += f", beyond the tolerance of {check.tolerance:g}"
    return {
        "name": check.name,
        "parts": parts,
        "published": whole,
        "difference": difference,
        "tolerance": check.tolerance,
        "relative": relative if is_reconciled else max(relative, 1.0),
        "is_reconciled": is_reconciled,
        "words": words,
    }


CRITERION = Criterion(
    "D5.6",
    "reconciled_totals",
    "Agreement with the published total",
    "accuracy and plausibility",
    "relative difference",
    "at_most",
    "abs(parts - published) / published; beyond the declared tolerance it counts as at least 1; the worst counts.",
    assess,
)
