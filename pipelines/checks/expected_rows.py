"""D4.1: as many rows are there as the source should have."""

from pipelines.checks.criterion import Criterion, Finding, Subject, not_applicable


def assess(subject: Subject) -> Finding:
    """The smallest ratio of accepted to expected rows over the tables that declare `expect.rows`; at most 1."""
    ratios = []
    for table in subject.tables.values():
        rows = table.table.expect.rows
        if rows is None or rows.min == 0:
            continue
        ratio = min(table.accepted / rows.min, 1.0)
        if rows.max is not None and table.accepted > rows.max:
            ratio = rows.max / table.accepted
        ratios.append((ratio, table.name, table.accepted, rows))
    if not ratios:
        return not_applicable("no table declares how many rows it should have ('expect: {rows: …}')")
    ratio, name, accepted, rows = min(ratios, key=lambda item: (item[0], item[1]))
    limits = f"at least {rows.min:,}" + (f" and at most {rows.max:,}" if rows.max is not None else "")
    return Finding(ratio, f"{name} has {accepted:,} rows; expected {limits}", n=len(ratios), numerator=accepted)


CRITERION = Criterion(
    "D4.1",
    "expected_rows",
    "Rows present of rows required",
    "coverage and completeness",
    "share",
    "at_least",
    "Accepted rows of the rows the source should have (data completeness rate R1); the worst table counts.",
    assess,
)
