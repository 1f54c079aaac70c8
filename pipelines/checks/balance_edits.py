"""D5.2: the figures of one row agree with each other."""

from pipelines.checks.criterion import Criterion, Finding, Subject, not_applicable
from pipelines.warehouse import quote


def assess(subject: Subject) -> Finding:
    """Satisfied of applicable relations (`edits` of the schemas); a relation with an empty cell does not apply."""
    applicable = satisfied = 0
    broken = []
    for table in subject.tables.values():
        for edit in table.schema.edits:
            judged, held, first = subject.warehouse.rows(
                f"SELECT count(held), count(*) FILTER (WHERE held), min(source_row) FILTER (WHERE NOT held) "
                f"FROM (SELECT ({edit.rule}) AS held, source_row FROM {quote(table.name)})"
            )[0]
            applicable += judged
            satisfied += held
            if held < judged:
                broken.append(
                    {"table": table.name, "edit": edit.name, "broken": judged - held, "first_source_row": first}
                )
    if applicable == 0:
        return not_applicable("no row has all the figures that a relation needs")
    words = f"{satisfied:,} of {applicable:,} relations between figures of a row hold"
    if broken:
        worst = broken[0]
        words += f"; {worst['edit']} is broken first in row {worst['first_source_row']} ({worst['table']})"
    return Finding(
        satisfied / applicable,
        words,
        n=applicable,
        numerator=satisfied,
        denominator=applicable,
        details=tuple(broken),
    )


CRITERION = Criterion(
    "D5.2",
    "balance_edits",
    "Relations between figures",
    "accuracy and plausibility",
    "share",
    "at_least",
    "Relations of the standard schema that hold, of those whose figures are all present.",
    assess,
)
