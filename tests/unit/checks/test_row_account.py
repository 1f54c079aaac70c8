"""D9.2: received = accepted + quarantined, counted anew."""

import pytest

from pipelines.checks.row_account import assess
from tests.unit.checks.subjects import labour, subject
from tests.unit.synthetic import LABOUR_TABLE, Row

BAD: list[Row] = [
    {"table_name": "labour_force", "row_id": "zz_a:labour_force:4", "source_row": 4, "rule": "type-error"},
    {"table_name": "labour_force", "row_id": "zz_a:labour_force:4", "source_row": 4, "rule": "constraint-error"},
]
BROKEN: list[Row] = [{"table_name": "(file)", "row_id": "zz_a:(file):5", "source_row": 5, "rule": "blank-row"}]
ROWS = [labour("ZZ-1", 1, 0), labour("ZZ-2", 1, 0)]
RECORDS: list[Row] = [{"code": "ZZ-1"}, {"code": "ZZ-2"}, {"code": "?"}]


def test_every_row_is_somewhere() -> None:
    with subject((LABOUR_TABLE, ROWS), records=RECORDS, quarantine=BAD + BROKEN, malformed=1) as vintage:
        finding = assess(vintage)
    assert (finding.value, finding.n) == (0, 3)
    assert finding.explanation == "4 records became 3 rows; each is accepted or in quarantine"


@pytest.mark.parametrize(
    ("rows", "quarantine", "malformed", "received", "lost"),
    [
        (ROWS[:1], BAD + BROKEN, 1, 3, 1),  # an accepted row is gone
        (ROWS, BROKEN, 1, 3, 1),  # a quarantined one
        (ROWS, BAD, 1, 3, 1),  # a record that is no row
        ([*ROWS, ROWS[0]], BAD, 0, 3, 1),  # a row too many
        (ROWS[:1], BAD, 1, 3, 2),
    ],
)
def test_rows_whose_whereabouts_are_unknown(
    rows: list[Row], quarantine: list[Row], malformed: int, received: int, lost: int
) -> None:
    account = {"labour_force": received}
    with subject(
        (LABOUR_TABLE, rows), records=RECORDS, quarantine=quarantine, malformed=malformed, received=account
    ) as vintage:
        finding = assess(vintage)
    assert finding.value == lost
    assert f"{lost} are unaccounted for" in finding.explanation
