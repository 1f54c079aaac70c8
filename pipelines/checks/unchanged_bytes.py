"""D9.1: what is certified is what was fetched."""

from pipelines.checks.criterion import Criterion, Finding, Subject


def assess(subject: Subject) -> Finding:
    """1 where the bytes, read again, have the SHA-256 that was recorded when they were fetched, else 0."""
    if subject.sha256 == subject.recorded_sha256:
        return Finding(1, f"read again, SHA-256 {subject.sha256[:16]}… as recorded", n=1)
    return Finding(0, f"SHA-256 is {subject.sha256[:16]}…, recorded {subject.recorded_sha256[:16]}…", n=1)


CRITERION = Criterion(
    "D9.1",
    "unchanged_bytes",
    "Unchanged bytes",
    "provenance, integrity, process",
    "yes = 1",
    "at_least",
    "The SHA-256 of the stored bytes equals the one recorded when they were fetched.",
    assess,
)
