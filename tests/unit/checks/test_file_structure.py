"""D3.1: what gets as far as being assessed was read as declared."""

from pipelines.checks.file_structure import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE


def test_no_structural_errors() -> None:
    with subject((LABOUR_TABLE, [labour("ZZ", 1, 0)]), malformed=2) as vintage:
        finding = assess(vintage)
    assert (finding.value, finding.n) == (0, 3)
    assert "csv, utf-8" in finding.explanation
