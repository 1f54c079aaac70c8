"""D3.2: the share of rows that obey the schema; shares of a handful of rows say little."""

import pytest

from pipelines.checks.row_validity import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE, Row


def reasons(*rows: int, table: str = "labour_force") -> list[Row]:
    return [{"table_name": table, "row_id": f"zz_a:{table}:{row}", "source_row": row, "rule": "r"} for row in rows]


@pytest.mark.parametrize(
    ("accepted", "bad", "malformed", "value"),
    [
        (10, [], 0, 1),
        (0, [], 0, 0),  # no rows at all is no validity
        (18, [90], 0, 0),  # 19 rows: any fault counts in full
        (19, [90], 0, 19 / 20),
        (98, [90, 91], 0, 98 / 100),
        (98, [90, 91, 91], 0, 98 / 100),  # two reasons, one row
        (38, [], 2, 1 - 2 / 40),  # 2 of 40 records are no rows
        (38, [90, 90], 1, 38 / 39),  # 1 of 39 rows, 1 of 40 records: the lower share
        (10, [], 1, 0),  # 10 rows and a record that is none
    ],
)
def test_share_of_valid_rows(accepted: int, bad: list[int], malformed: int, value: float) -> None:
    rows = [labour("ZZ", 1, 0) for _ in range(accepted)]
    # A quarantined row has its record too.
    records: list[Row] = [{"code": "ZZ"} for _ in range(accepted + len(set(bad)))]
    with subject((LABOUR_TABLE, rows), records=records, quarantine=reasons(*bad), malformed=malformed) as vintage:
        finding = assess(vintage)
    assert finding.value == pytest.approx(value, abs=1e-12)


def test_rows_of_all_tables_count_together() -> None:
    women = LABOUR_TABLE | {"name": "women"}
    rows = [labour("ZZ", 1, 0) for _ in range(15)]
    with subject((LABOUR_TABLE, rows), (women, rows), quarantine=reasons(90, table="women")) as vintage:
        finding = assess(vintage)
    # 30 accepted of 15 + 16
    assert (finding.value, finding.numerator, finding.denominator) == (30 / 31, 30, 31)
    assert "what does not is in quarantine" in finding.explanation
