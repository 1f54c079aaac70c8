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
    parts, count = _figure(subject, table, check, check.parts)
    whole = check.equals
    if check.whole is not None:
        whole, _ = _figure(subject, table, check, check.whole)
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


def _figure(subject: Subject, table: CheckedTable, check: Reconcile, where: str) -> tuple[float | None, int]:
    """The sum or weighted mean over the rows that `where` selects, and their number.

    `where` may use the columns of the record that a row came from, and the row's own; of two that are called alike
    the record's is meant.
    """
    measure = quote(check.measure)
    formula = f"sum({measure})"
    if check.weight:
        weight = quote(check.weight)
        formula = f"sum({weight} * {measure}) / nullif(sum({weight}) FILTER (WHERE {measure} IS NOT NULL), 0)"
    recorded = {name.lower() for name in subject.warehouse.columns("FROM records")}
    own = [f"t.{quote(name)}" for name in table.schema.field_names if name.lower() not in recorded]
    value, rows = subject.warehouse.rows(
        f"""
        WITH chosen AS (
            SELECT row_id FROM (
                SELECT {", ".join(["r.*", *own, "t.row_id"])}
                FROM records AS r JOIN {quote(table.name)} AS t USING (source_row)
            )
            WHERE {where}
        )
        SELECT ({formula})::DOUBLE, count({measure}) FROM {quote(table.name)} SEMI JOIN chosen USING (row_id)
        """
    )[0]
    return value, rows


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
