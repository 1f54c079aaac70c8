"""D2.6: there is someone to tell about an error."""

from pipelines.checks.criterion import Criterion, Finding, Subject


def assess(subject: Subject) -> Finding:
    """1 where a contact is declared, else 0."""
    contact = subject.source.contact
    if contact:
        return Finding(1, f"errors can be reported to {contact}", n=1)
    return Finding(0, "no contact is declared; add 'contact' (an address that the publisher names)", n=1)


CRITERION = Criterion(
    "D2.6",
    "feedback_contact",
    "Contact for feedback",
    "metadata and documentation",
    "yes = 1",
    "at_least",
    "The source names an address to which errors can be reported.",
    assess,
)
