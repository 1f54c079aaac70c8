"""D3.1: the file is built as declared."""

from pipelines.checks.criterion import Criterion, Finding, Subject


def assess(subject: Subject) -> Finding:
    """The number of structural errors; a vintage whose structure is wrong never gets this far."""
    data = subject.source.data
    return Finding(
        0,
        f"read as declared: {data.format}, {data.encoding}, every column mapped or ignored",
        n=subject.received,
    )


CRITERION = Criterion(
    "D3.1",
    "file_structure",
    "File structure as declared",
    "structure and conformity",
    "errors",
    "at_most",
    "Encoding, delimiter and header are as declared, and every column is mapped or ignored.",
    assess,
)
