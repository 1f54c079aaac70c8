"""D3.4: rows that repeat a key, of all rows."""

import pytest

from pipelines.checks.unique_keys import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ([], 0),
        ([("8", "type-error")], 0),
        ([("8", "primary-key"), ("9", "primary-key")], 2 / 6),
        ([("8", "duplicate-row")], 1 / 5),
        ([("8", "primary-key"), ("8", "type-error"), ("9", "type-error")], 1 / 6),
    ],
)
def test_repeated_keys(rules: list[tuple[str, str]], value: float) -> None:
    quarantine = [
        {"table_name": "labour_force", "row_id": f"zz_a:labour_force:{row}", "source_row": row, "rule": rule}
        for row, rule in rules
    ]
    rows = [labour(f"ZZ-{n}", 1, 0) for n in range(4)]
    with subject((LABOUR_TABLE, rows), quarantine=quarantine) as vintage:
        finding = assess(vintage)
    assert finding.value == pytest.approx(value)


def test_no_rows_repeat_nothing() -> None:
    with subject() as vintage:
        assert assess(vintage).value == 0
