"""D1.1: the licence must be open by the Open Definition, or a supply agreement named."""

import pytest

from pipelines.checks.open_licence import assess
from tests.unit.checks.subjects import subject


@pytest.mark.parametrize(
    ("licence", "value"),
    [
        ("CC-BY-4.0", 1),
        ("CC0-1.0", 1),
        ("ODbL-1.0", 1),
        ("LicenseRef-US-PD", 1),
        ("agreement:2024-17", 1),
        ("CC-BY-NC-4.0", 0),  # no commercial use: not open
        ("CC-BY-ND-4.0", 0),  # no changes: not open
        ("cc-by-4.0", 0),  # no SPDX identifier as it is written
        ("free to use", 0),
        ("javascript:alert(1)", 0),
    ],
)
def test_open_licences(licence: str, value: float) -> None:
    with subject(licence=licence) as vintage:
        finding = assess(vintage)
    assert finding.value == value
    assert licence.removeprefix("agreement:") in finding.explanation


def test_an_agreement_has_an_id() -> None:
    with subject(licence="agreement:") as vintage:
        assert assess(vintage).value == 0
