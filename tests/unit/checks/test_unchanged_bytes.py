"""D9.1: what is certified is what was fetched."""

from pipelines.checks.unchanged_bytes import assess
from tests.unit.checks.subjects import subject


def test_the_same_bytes() -> None:
    with subject() as vintage:
        assert assess(vintage).value == 1


def test_other_bytes() -> None:
    with subject(hashes=("a" * 64, "b" * 64)) as vintage:
        finding = assess(vintage)
    assert finding.value == 0
    assert "bbbb…, recorded aaaa" in finding.explanation
