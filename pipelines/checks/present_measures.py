"""D4.3: the cells that carry the observation are filled."""

from pipelines.checks.criterion import Criterion, Finding, Subject, not_applicable
from pipelines.warehouse import quote


def assess(subject: Subject) -> Finding:
    """Empty measure cells of all measure cells of accepted rows.

    Measures that the source does not publish at all are not counted.
    """
    empty = cells = 0
    for table in subject.tables.values():
        measures = [name for name in table.schema.measures if name in table.table.targets()]
        if not measures or table.accepted == 0:
            continue
        missing = " + ".join(f"count(*) FILTER (WHERE {quote(name)} IS NULL)" for name in measures)
        empty += subject.warehouse.value(f"SELECT {missing} FROM {quote(table.name)}")
        cells += table.accepted * len(measures)
    if cells == 0:
        return not_applicable("the source carries no measures")
    return Finding(
        empty / cells,
        f"{empty:,} of {cells:,} cells that carry an observation are empty",
        n=cells,
        numerator=empty,
        denominator=cells,
    )


CRITERION = Criterion(
    "D4.3",
    "present_measures",
    "Item non-response",
    "coverage and completeness",
    "share",
    "at_most",
    "Empty cells among the measures of accepted rows (item non-response A5).",
    assess,
)
