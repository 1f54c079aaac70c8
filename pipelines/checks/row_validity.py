"""D3.2: the rows obey the standard schema."""

from pipelines.checks.criterion import Criterion, Finding, Subject

_SMALL = 20


def assess(subject: Subject) -> Finding:
    """Accepted rows and all received rows of all tables; a malformed record counts as one that is not accepted.

    With fewer than 20 rows a share says little: then any fault makes it 0.
    """
    received = sum(table.received for table in subject.tables.values()) + subject.malformed
    accepted = sum(table.accepted for table in subject.tables.values())
    if received == 0:
        return Finding(0, "the source has no rows", n=0)
    share = accepted / received
    if received < _SMALL and accepted < received:
        share = 0.0
    words = f"{accepted:,} of {received:,} rows obey the standard schemas"
    if accepted < received:
        words += f"; {received - accepted:,} are in quarantine with their reasons"
    return Finding(share, words, n=received, numerator=accepted, denominator=received)


CRITERION = Criterion(
    "D3.2",
    "row_validity",
    "Valid rows",
    "structure and conformity",
    "share",
    "at_least",
    "Rows without an error against the standard schema, of all rows received.",
    assess,
)
