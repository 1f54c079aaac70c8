"""D3.2: the rows obey the standard schema."""

from pipelines.checks.criterion import Criterion, Finding, Subject

_SMALL = 20


def assess(subject: Subject) -> Finding:
    """The share of accepted rows, or of well-formed records where that is lower.

    With fewer than 20 rows a share says little: then any fault makes it 0.
    """
    received = sum(table.received for table in subject.tables.values())
    accepted = sum(table.accepted for table in subject.tables.values())
    if received == 0:
        return Finding(0, "the source has no rows", n=0)
    share = min(accepted / received, 1 - subject.malformed / subject.received)
    has_faults = accepted < received or subject.malformed > 0
    if received < _SMALL and has_faults:
        share = 0.0
    words = f"{accepted:,} of {received:,} rows obey the standard schemas"
    if subject.malformed:
        words += f"; {subject.malformed:,} of {subject.received:,} records are no rows"
    if has_faults:
        words += "; what does not is in quarantine with its reasons"
    return Finding(share, words, n=received, numerator=accepted, denominator=received)


CRITERION = Criterion(
    "D3.2",
    "row_validity",
    "Valid rows",
    "structure and conformity",
    "share",
    "at_least",
    "Rows without an error against the standard schema, of all rows received; or well-formed records, if fewer.",
    assess,
)
