"""D2.6: there is someone to tell."""

import pytest

from pipelines.checks.feedback_contact import assess
from tests.unit.checks.subjects import subject


@pytest.mark.parametrize(("contact", "value"), [("office@zz.invalid", 1), (None, 0)])
def test_a_contact(contact: str | None, value: float) -> None:
    with subject(contact=contact) as vintage:
        finding = assess(vintage)
    assert finding.value == value
    assert (contact or "no contact is declared") in finding.explanation
