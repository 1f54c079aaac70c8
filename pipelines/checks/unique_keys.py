"""D3.4: no two rows describe the same thing."""

from pipelines.checks.criterion import Criterion, Finding, Subject


def assess(subject: Subject) -> Finding:
    """Rows that repeat a key, of all rows; copies and contradictions both count."""
    rows = sum(table.received for table in subject.tables.values())
    repeated = subject.warehouse.value(
        "SELECT count(DISTINCT row_id) FROM quarantine WHERE rule IN ('primary-key', 'duplicate-row')"
    )
    words = f"{repeated:,} of {rows:,} rows repeat a key" if repeated else f"all {rows:,} rows have a key of their own"
    return Finding(repeated / rows if rows else 0.0, words, n=rows, numerator=repeated, denominator=rows)


CRITERION = Criterion(
    "D3.4",
    "unique_keys",
    "Unique keys",
    "structure and conformity",
    "share",
    "at_most",
    "Rows whose key another row of the same table has, of all rows.",
    assess,
)
