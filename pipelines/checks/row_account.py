"""D9.2: every row received is accepted, quarantined or declared out of scope."""

from pipelines.checks.criterion import Criterion, Finding, Subject
from pipelines.warehouse import quote


def assess(subject: Subject) -> Finding:
    """Rows whose whereabouts are unknown, counted anew from the files that the steps left."""
    lost = 0
    for table in subject.tables.values():
        accepted = subject.warehouse.value(f"SELECT count(*) FROM {quote(table.name)}")
        quarantined = subject.warehouse.value(
            "SELECT count(DISTINCT row_id) FROM quarantine WHERE table_name = $name", {"name": table.name}
        )
        lost += abs(table.received - accepted - quarantined)
    records = subject.warehouse.value("SELECT count(*) FROM records")
    malformed = subject.warehouse.value("SELECT count(DISTINCT source_row) FROM quarantine WHERE table_name = '(file)'")
    lost += abs(subject.received - records - malformed)
    received = sum(table.received for table in subject.tables.values())
    return Finding(
        lost,
        f"{subject.received:,} records became {received:,} rows; "
        + ("each is accepted or in quarantine" if lost == 0 else f"{lost:,} are unaccounted for"),
        n=received,
    )


CRITERION = Criterion(
    "D9.2",
    "row_account",
    "Row account",
    "provenance, integrity, process",
    "rows",
    "at_most",
    "received - accepted - quarantined, over all tables and the records of the file.",
    assess,
)
