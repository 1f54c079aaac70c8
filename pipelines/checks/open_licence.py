"""D1.1: the data may be used and passed on."""

from pipelines.checks.criterion import Criterion, Finding, Subject

OPEN_LICENCES = frozenset(
    {
        "CC0-1.0",
        "CC-BY-3.0",
        "CC-BY-3.0-AU",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "ODbL-1.0",
        "ODC-By-1.0",
        "PDDL-1.0",
        "OGL-UK-3.0",
        "etalab-2.0",
        "LicenseRef-US-PD",
    }
)
"""SPDX identifiers of licences that conform to the Open Definition, and the public domain of US federal works."""


def assess(subject: Subject) -> Finding:
    """1 for an open licence or a supply agreement (`agreement:<id>`), else 0."""
    licence = subject.source.licence
    if licence in OPEN_LICENCES:
        return Finding(1, f"{licence} is an open licence", n=1)
    if agreement := licence.removeprefix("agreement:").strip() if licence.startswith("agreement:") else "":
        return Finding(1, f"supplied under {agreement}", n=1)
    return Finding(
        0,
        f"{licence!r} is neither an open licence by its SPDX identifier nor a supply agreement ('agreement:<id>')",
        n=1,
    )


CRITERION = Criterion(
    "D1.1",
    "open_licence",
    "Open licence or supply agreement",
    "access and licence",
    "yes = 1",
    "at_least",
    "The declared licence is in the list of open licences, or a supply agreement is named.",
    assess,
)
