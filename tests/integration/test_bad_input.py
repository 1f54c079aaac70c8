"""Bad input: what is said of it, where its rows go, and that nobody else suffers from it.

Two made-up countries, each with a source of its own. Alfa's is broken in one way at a time; Beta's is sound, and its
values must not change. Alfa's city is made of two districts.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workspaces import LABOUR, Outcome, WorkspaceFolder, countries, csv_text, declaration, digests

INDICATOR = "sdg_8_5_2"
HEADER = ["code", "name", "level", "city", "year", "active", "jobless"]
# The active people of the city are the sums of those of its districts; 40 of 400 and 66 of 600 are out of work.
ALFA = [
    ["1", "Alfa City", "city", "", "2024", "", ""],
    ["2", "North", "district", "1", "2014", "300", "30"],
    ["3", "South", "district", "1", "2014", "500", "50"],
    ["2", "North", "district", "1", "2024", "400", "40"],
    ["3", "South", "district", "1", "2024", "600", "66"],
    ["4", "Elsewhere", "city", "", "2024", "1000", "50"],
    *([str(number), f"Village {number}", "city", "", "2024", "1000", str(number)] for number in range(100, 500)),
]
BETA = [["9", "Beta City", "city", "", "2024", "800", "100"]]
NORTH, SOUTH, CITY, ELSEWHERE = "AA-2", "AA-3", "AA-1", "AA-4"

Rows = list[list[str]]


def labour(source_id: str, country: str, **changes: Any) -> dict[str, Any]:
    """A source whose file says at once which territories there are, what they consist of, and who is out of work."""
    territory = {
        "conforms_to": "territory@1",
        "scope": {"where": "year = '2024'", "why": "each territory once"},
        "columns": {"territory_name": "name", "territory_level": "level"},
        "derive": {
            "territory_id": f"'{country}-' || code",
            "parent_id": f"'{country}' || CASE WHEN city IS NULL THEN '' ELSE '-' || city END",
        },
        "constants": {"country_code": country},
    }
    member = {
        "conforms_to": "territory_member@1",
        "scope": {"where": "city IS NOT NULL AND year = '2024'", "why": "only districts are members"},
        "derive": {"territory_id": f"'{country}-' || city", "member_id": f"'{country}-' || code"},
    }
    people = {
        "conforms_to": "labour_force@1",
        "scope": {
            "where": "active IS NOT NULL OR level <> 'city'",
            "why": "the divided city has no figures of its own",
        },
        "columns": {"period": "year", "labour_force": "active", "unemployed": "jobless"},
        "derive": {"territory_id": f"'{country}-' || code"},
        "constants": {"sex": "_T", "age_group": "Y_GE15", "urbanisation": "_T"},
        **changes.pop("labour_force", {}),
    }
    return declaration(source_id, "labour.csv", [territory, member, people], **changes)


def sound_workspace(root: Path) -> WorkspaceFolder:
    """The countries and Beta; the one indicator and its schemas, so that a run takes a second or two."""
    folder = WorkspaceFolder(root, extends=[])
    folder.take("schemas", *LABOUR)
    folder.take("indicators", INDICATOR)
    folder.declare(*countries("AA", "BB"))
    folder.declare(labour("beta_labour", "BB"), {"labour.csv": csv_text([HEADER, *BETA])})
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceFolder:
    return sound_workspace(tmp_path)


def alfa(folder: WorkspaceFolder, content: str | bytes, **changes: Any) -> None:
    folder.declare(labour("alfa_labour", "AA", **changes), {"labour.csv": content})


def values(folder: WorkspaceFolder) -> dict[tuple[str, str], tuple[float | None, str, str | None]]:
    """Value, status and reason by territory and period."""
    rows = folder.query("SELECT territory_id, period, value::DOUBLE, obs_status, status_reason FROM indicator_value")
    return {(territory, period): (value, status, reason) for territory, period, value, status, reason in rows}


def beta_is_unharmed(folder: WorkspaceFolder) -> None:
    assert values(folder)["BB-9", "2024"] == (12.5, "G", None)


def source_told(outcome: Outcome, source_id: str = "alfa_labour") -> dict[str, Any]:
    [told] = [source for source in outcome.data["sources"] if source["source_id"] == source_id]
    return dict(told)


def quarantine(folder: WorkspaceFolder) -> list[dict[str, Any]]:
    columns = ["source_id", "table_name", "source_row", "column_name", "value", "rule", "message", "fix", "raw_record"]
    rows = folder.query(f"SELECT {', '.join(columns)} FROM quarantine ORDER BY ALL")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def without_traceback(outcome: Outcome) -> Outcome:
    assert "Traceback" not in outcome.stdout + outcome.stderr
    return outcome


def test_sound_input_gives_values_and_no_fault(workspace: WorkspaceFolder) -> None:
    alfa(workspace, csv_text([HEADER, *ALFA]))
    outcome = workspace.groma_here("run", "--json")
    assert outcome.code == 0, outcome.stderr
    found = values(workspace)
    assert found[CITY, "2014"] == (10.0, "G", None)  # (30 + 50) / (300 + 500)
    assert found[CITY, "2024"] == (10.6, "G", None)  # (40 + 66) / (400 + 600)
    assert found[ELSEWHERE, "2024"] == (5.0, "G", None)
    assert quarantine(workspace) == []
    assert outcome.data["absent"] == []
    beta_is_unharmed(workspace)


def renamed(rows: Rows) -> bytes:
    return csv_text([["code", "name", "level", "city", "year", "active", "joblos"], *rows]).encode()


def with_a_new_column(rows: Rows) -> bytes:
    return csv_text([[*HEADER, "remarks"], *([*row, "none"] for row in rows)]).encode()


def in_latin_1(rows: Rows) -> bytes:
    return csv_text([HEADER, *rows[:3], ["5", "Évreux", *rows[3][2:]], *rows[3:]]).encode("latin-1")


def as_a_web_page(rows: Rows) -> bytes:
    return b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"


def with_an_open_quote(rows: Rows) -> bytes:
    return csv_text([HEADER, *rows]).replace("Elsewhere", '"Elsewhere').encode()


def in_utf_16(rows: Rows) -> bytes:
    return csv_text([HEADER, *rows]).encode("utf-16")


def of_no_bytes(rows: Rows) -> bytes:
    return b""


def with_half_a_gzip(rows: Rows) -> bytes:
    whole = gzip.compress(csv_text([HEADER, *rows]).encode())
    return whole[: len(whole) // 2]


BROKEN: dict[Callable[[Rows], bytes], list[str]] = {
    renamed: ["row 1", "'jobless' is gone", "'joblos'", "map 'joblos' instead of 'jobless'"],
    with_a_new_column: ["row 1", "'remarks' is new", "ignore"],
    in_latin_1: ["line 5", "utf-8", "windows-1252"],
    as_a_web_page: ["web page", "log-in"],
    with_an_open_quote: ["quote", "ask the owner"],
    in_utf_16: ["utf-8", "utf-16"],
    of_no_bytes: ["empty", "fetch it again"],
    with_half_a_gzip: ["the gzip file is cut short", "fetch it again"],
}
"""What makes a file unreadable as declared, and what must be said of it beside its name."""


@pytest.fixture(scope="module")
def broken_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[WorkspaceFolder, Outcome]:
    """One workspace with a source for each way to be broken, run once; Beta stands among them."""
    folder = sound_workspace(tmp_path_factory.mktemp("broken"))
    for broken in BROKEN:
        data = {"connector": "file", "path": "labour.csv", "format": "csv"}
        if broken is with_half_a_gzip:
            data["compression"] = "gzip"
        folder.declare(labour(broken.__name__, "AA", data=data), {"labour.csv": broken(ALFA)})
    return folder, without_traceback(folder.groma_here("run", "--json"))


class TestFileThatIsNotWhatWasDeclared:
    @pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
    def test_it_is_withheld_with_its_reason(
        self, broken_files: tuple[WorkspaceFolder, Outcome], broken: Callable[[Rows], bytes]
    ) -> None:
        folder, outcome = broken_files
        told = source_told(outcome, broken.__name__)
        assert (told["level"], told["in_service"]) == (0, None)
        for part in ("E-DATA", "labour.csv", "Fix:", *BROKEN[broken]):
            assert part in told["error"]
        published = folder.query(
            f"SELECT is_in_service, cert_level, caps FROM source JOIN certificate USING (certificate_id) "
            f"WHERE source.source_id = '{broken.__name__}'"
        )
        assert published == [(False, 0, [told["error"]])]

    def test_the_others_are_unaffected(self, broken_files: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, outcome = broken_files
        assert outcome.code == 3
        assert set(values(folder)) == {("BB-9", "2024")}
        beta_is_unharmed(folder)
        assert source_told(outcome, "beta_labour")["level"] == 1


def test_people_are_told_the_same(workspace: WorkspaceFolder) -> None:
    alfa(workspace, renamed(ALFA))
    outcome = without_traceback(workspace.groma("run"))
    assert outcome.code == 3
    assert "alfa_labour: withheld" in outcome.stderr
    assert "E-DATA  labour.csv, row 1: the column 'jobless' is gone" in outcome.stderr
    assert "Fix: map 'joblos' instead of 'jobless'" in outcome.stderr
    checked = without_traceback(workspace.groma("source", "check", "alfa_labour"))
    assert checked.code == 3
    assert "the column 'jobless' is gone" in checked.stderr


def test_a_missing_file_is_another_kind_of_failure(workspace: WorkspaceFolder) -> None:
    alfa(workspace, "")
    (workspace.root / "sources/alfa_labour/labour.csv").unlink()
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 4
    told = source_told(outcome)
    assert "E-SOURCE" in told["error"]
    assert "alfa_labour" in told["error"]
    assert "labour.csv" in told["error"]
    assert "Fix:" in told["error"]
    beta_is_unharmed(workspace)


def replaced(row: int, column: str, cell: str) -> Rows:
    """Alfa's rows with one cell changed; the header is row 1."""
    rows = [list(each) for each in ALFA]
    rows[row - 2][HEADER.index(column)] = cell
    return rows


BAD_CELLS = [
    ("12 camas", "type-error", "a whole number"),
    ("NaN", "type-error", "a whole number"),
    ("INF", "type-error", "a whole number"),
    ("1e3", "type-error", "a whole number"),
    ("5_0", "type-error", "a whole number"),
    ("\u0665\u0660", "type-error", "a whole number"),  # fifty in Arabic-Indic digits
    ("50.5", "type-error", "a whole number"),
    ("-50", "constraint-error", "0 to 2000000000"),
    ("3000000000", "constraint-error", "0 to 2000000000"),
    ("9" * 40, "constraint-error", "0 to 2000000000"),
]


FIRST_BAD_ROW = 8
"""Villages begin there: the header is row 1, and seven rows that other tests are about come first."""


@pytest.fixture(scope="module")
def bad_cells(tmp_path_factory: pytest.TempPathFactory) -> tuple[WorkspaceFolder, Outcome]:
    """A file with every bad cell in a row of its own, run once."""
    rows = [list(each) for each in ALFA]
    for number, (cell, _, _) in enumerate(BAD_CELLS, start=FIRST_BAD_ROW):
        rows[number - 2][HEADER.index("jobless")] = cell
    folder = sound_workspace(tmp_path_factory.mktemp("cells"))
    alfa(folder, csv_text([HEADER, *rows]))
    return folder, without_traceback(folder.groma_here("run", "--json"))


class TestBadCells:
    @pytest.mark.parametrize(
        ("number", "cell", "rule", "expected"),
        [(number, *bad) for number, bad in enumerate(BAD_CELLS, start=FIRST_BAD_ROW)],
        ids=[cell[:12] for cell, _, _ in BAD_CELLS],
    )
    def test_its_row_waits_whole_with_the_reason(
        self, bad_cells: tuple[WorkspaceFolder, Outcome], number: int, cell: str, rule: str, expected: str
    ) -> None:
        folder, _ = bad_cells
        [row] = [row for row in quarantine(folder) if row["source_row"] == number]
        assert (row["source_id"], row["table_name"]) == ("alfa_labour", "labour_force")
        assert (row["column_name"], row["value"], row["rule"]) == ("jobless", cell, rule)
        for part in ("labour.csv", f"row {number}", "'jobless'", repr(cell), expected):
            assert part in row["message"]
        assert "correct the cell" in row["fix"]
        code, name, level, _, year, active, _ = ALFA[number - 2]
        raw = json.loads(row["raw_record"])
        raw.pop("source_row", None)  # our number of the record; the rest is as received
        assert list(raw) == HEADER
        assert list(raw.values()) == [code, name, level, None, year, active, cell]
        value, status, reason = values(folder)[f"AA-{code}", "2024"]
        assert (value, status) == (None, "O")
        assert reason

    def test_nothing_is_lost_and_nothing_else_is_touched(self, bad_cells: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, outcome = bad_cells
        assert outcome.code == 3
        assert sum(row["rows"] for row in outcome.data["quarantine"]) == len(BAD_CELLS)
        nothing_is_lost(folder, quarantined=len(BAD_CELLS))
        found = values(folder)
        assert found[CITY, "2024"][0] == 10.6
        assert found["AA-499", "2024"][0] == 49.9
        beta_is_unharmed(folder)


def nothing_is_lost(folder: WorkspaceFolder, quarantined: int, malformed: int = 0) -> None:
    """Received rows are accepted or in quarantine, and every record is a row or malformed."""
    [(records, received, accepted, waiting)] = folder.query(
        "SELECT records, received, accepted, quarantined FROM source WHERE source_id = 'alfa_labour'"
    )
    assert waiting == quarantined + malformed
    assert received == accepted + waiting
    assert records == len(ALFA)
    [certificate] = folder.query(
        "SELECT content FROM certificate JOIN source USING (certificate_id) WHERE source.source_id = 'alfa_labour'"
    )
    subject = json.loads(certificate[0])["subject"]
    assert subject["malformed"] == malformed
    for account in subject["accounts"].values():
        assert account["received"] == account["accepted"] + account["quarantined"]
        assert records == account["received"] + account["out_of_scope"] + malformed


def test_rows_with_one_key_that_differ_are_all_in_quarantine(workspace: WorkspaceFolder) -> None:
    rows = [list(each) for each in ALFA]
    rows[-1] = ["100", "Village 100", "city", "", "2024", "1000", "999"]
    alfa(workspace, csv_text([HEADER, *rows]))
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 3
    found = quarantine(workspace)
    of_labour = [row for row in found if row["table_name"] == "labour_force"]
    assert [(row["source_row"], row["rule"]) for row in of_labour] == [(8, "primary-key"), (407, "primary-key")]
    for row in of_labour:
        assert "labour.csv" in row["message"]
        assert f"row {row['source_row']}" in row["message"]
        assert "territory_id=AA-100" in row["message"]
        assert "keep one of the rows" in row["fix"]
        assert json.loads(row["raw_record"])["code"] == "100"
    # The two rows agree on what the territory is: one of the copies is enough.
    assert [row["rule"] for row in found if row["table_name"] == "territory"] == ["duplicate-row"]
    assert values(workspace)["AA-100", "2024"][0:2] == (None, "O")
    nothing_is_lost(workspace, quarantined=3)
    beta_is_unharmed(workspace)


def test_ragged_records_are_kept_as_they_are(workspace: WorkspaceFolder) -> None:
    lines = csv_text([HEADER, *ALFA]).splitlines()
    lines[9] = "102,Village 102,city,,2024,1000"
    lines[10] += ",one,two"
    alfa(workspace, "\n".join(lines) + "\n")
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 3
    short, long = quarantine(workspace)
    assert (short["source_row"], short["rule"], short["column_name"]) == (10, "missing-cell", "jobless")
    assert (long["source_row"], long["rule"], long["value"]) == (11, "extra-cell", "one")
    assert (short["raw_record"], long["raw_record"]) == (lines[9], lines[10])
    for row in (short, long):
        assert f"labour.csv, row {row['source_row']}" in row["message"]
        assert row["fix"]
    assert ("AA-102", "2024") not in values(workspace)
    nothing_is_lost(workspace, quarantined=0, malformed=2)
    beta_is_unharmed(workspace)


def test_a_total_that_does_not_reconcile_is_said_with_both_figures(workspace: WorkspaceFolder) -> None:
    check = {
        "name": "districts_sum_to_city",
        "measure": "labour_force",
        "parts": "level = 'district' AND year = '2024'",
        "equals": 1100.0,
        "tolerance": 0.0,
        "published_in": "Labour force of Alfa City: 1,100",
    }
    alfa(workspace, csv_text([HEADER, *ALFA]), labour_force={"expect": {"reconcile": [check]}})
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 3
    [words] = source_told(outcome)["unreconciled"]
    for part in (
        "districts_sum_to_city",
        "2 parts sum to 1,000",
        "published 1,100",
        "Labour force of Alfa City: 1,100",
    ):
        assert part in words
    assert "does not reconcile" in workspace.groma_here("run").stderr
    beta_is_unharmed(workspace)


@pytest.fixture(scope="module")
def without_south(tmp_path_factory: pytest.TempPathFactory) -> tuple[WorkspaceFolder, Outcome]:
    """Run once: the territories are those of 2014, and of 2024 the figures of one district are not there."""
    folder = sound_workspace(tmp_path_factory.mktemp("member"))
    declared = labour("alfa_labour", "AA")
    territory, member, people = declared["tables"]
    # By the rows of 2014, which both districts have, beside those of the undivided territories.
    territory["scope"]["where"] = "year = '2014' OR level = 'city'"
    member["scope"]["where"] = "city IS NOT NULL AND year = '2014'"
    content = csv_text([HEADER, *(row for row in ALFA if (row[0], row[4]) != ("3", "2024"))])
    folder.declare({**declared, "tables": [territory, member, people]}, {"labour.csv": content})
    return folder, without_traceback(folder.groma_here("run", "--json"))


class TestMissingMember:
    """South has no row in 2024: Alfa City has no value of 2024, and keeps that of 2014."""

    def test_the_city_has_no_value_and_says_why(self, without_south: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, outcome = without_south
        assert outcome.code == 0, outcome.stderr
        found = values(folder)
        value, status, reason = found[CITY, "2024"]
        assert (value, status) == (None, "O")
        assert reason is not None
        assert "1 of 2 members" in reason
        assert SOUTH in reason
        assert NORTH not in reason
        assert found[CITY, "2014"] == (10.0, "G", None)
        assert found[ELSEWHERE, "2024"] == (5.0, "G", None)
        assert found[SOUTH, "2024"][0:2] == (None, "O")
        beta_is_unharmed(folder)
        [absent] = [row for row in outcome.data["absent"] if row["territory_name"] == "Alfa City"]
        assert (absent["indicator_id"], absent["period"]) == (INDICATOR, "2024")
        assert SOUTH in absent["status_reason"]

    def test_neither_numerator_nor_denominator_are_those_of_the_rest(
        self, without_south: tuple[WorkspaceFolder, Outcome]
    ) -> None:
        folder, _ = without_south
        parts = folder.query(
            "SELECT numerator, denominator, value_low, value_high FROM indicator_value "
            f"WHERE territory_id = '{CITY}' AND period = '2024'"
        )
        assert parts == [(None, None, None, None)]

    def test_the_summary_says_so_to_a_person(self, without_south: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, _ = without_south
        outcome = folder.groma_here("run")
        assert "Cities without a value (1)" in outcome.stdout
        assert "Alfa City" in outcome.stdout
        assert SOUTH in outcome.stdout

    def test_a_member_in_quarantine_is_a_missing_one(self, workspace: WorkspaceFolder) -> None:
        alfa(workspace, csv_text([HEADER, *replaced(6, "jobless", "many")]))
        outcome = without_traceback(workspace.groma_here("run", "--json"))
        assert outcome.code == 3
        value, status, reason = values(workspace)[CITY, "2024"]
        assert (value, status) == (None, "O")
        assert SOUTH in str(reason)
        assert values(workspace)[CITY, "2014"][0] == 10.0


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[WorkspaceFolder, Outcome]:
    folder = sound_workspace(tmp_path_factory.mktemp("vintage"))
    alfa(folder, csv_text([HEADER, *ALFA]))
    outcome = folder.groma_here("run", "--json", "--require-fresh")
    assert outcome.code == 0, outcome.stderr
    return folder, outcome


@pytest.fixture(scope="module")
def before(good: tuple[WorkspaceFolder, Outcome]) -> dict[tuple[str, str], Any]:
    return values(good[0])


@pytest.fixture(scope="module")
def vintage(good: tuple[WorkspaceFolder, Outcome]) -> str:
    return str(source_told(good[1])["vintage_id"])


@pytest.fixture(scope="module")
def stale(good: tuple[WorkspaceFolder, Outcome], before: dict[tuple[str, str], Any]) -> tuple[WorkspaceFolder, Outcome]:
    """The same workspace after the file was replaced by one with another header."""
    folder, _ = good
    folder.write("sources/alfa_labour/labour.csv", renamed(ALFA))
    return folder, without_traceback(folder.groma_here("run", "--json"))


class TestLastCertifiedVintage:
    """A vintage that broke does not take away what the one before it said."""

    def test_it_stays_in_service_and_says_that_it_is_stale(
        self, stale: tuple[WorkspaceFolder, Outcome], before: dict[tuple[str, str], Any], vintage: str
    ) -> None:
        folder, outcome = stale
        assert outcome.code == 3
        assert values(folder) == before
        told = source_told(outcome)
        assert told["in_service"] == vintage != told["vintage_id"]
        assert "'jobless' is gone" in told["stale_because"]
        [published] = folder.query(
            "SELECT is_in_service, vintage_id, stale_because FROM source WHERE source_id = 'alfa_labour'"
        )
        assert published[:2] == (True, vintage)
        assert "'jobless' is gone" in published[2]
        assert source_told(outcome, "beta_labour")["stale_because"] is None

    def test_require_fresh_is_a_failure_of_its_own(self, stale: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, _ = stale
        assert without_traceback(folder.groma_here("run", "--json", "--require-fresh")).code == 4

    def test_explain_still_ends_at_the_rows_of_its_file(
        self, stale: tuple[WorkspaceFolder, Outcome], vintage: str
    ) -> None:
        folder, _ = stale
        outcome = folder.groma_here("explain", INDICATOR, "--territory", CITY, "--period", "2024", "--json")
        assert outcome.code == 0
        [value] = outcome.data["values"]
        [source] = value["sources"]
        assert (source["vintage_id"], source["level"]) == (vintage, 1)
        # 1 the header, 2 the city, 5 and 6 its districts in 2024
        assert [record["source_row"] for record in source["records"]] == [5, 6]

    def test_a_file_that_is_gone_leaves_the_vintage_too(
        self, stale: tuple[WorkspaceFolder, Outcome], before: dict[tuple[str, str], Any]
    ) -> None:
        folder, _ = stale
        (folder.root / "sources/alfa_labour/labour.csv").unlink()
        outcome = without_traceback(folder.groma_here("run", "--json", "--require-fresh"))
        assert outcome.code == 4
        assert "labour.csv" in source_told(outcome)["stale_because"]
        assert values(folder) == before

    def test_a_corrected_file_is_taken_up_again(self, stale: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, _ = stale
        folder.write("sources/alfa_labour/labour.csv", csv_text([HEADER, *replaced(7, "jobless", "60")]))
        outcome = folder.groma_here("run", "--json")
        assert outcome.code == 0, outcome.stderr
        assert source_told(outcome)["stale_because"] is None
        assert values(folder)[ELSEWHERE, "2024"][0] == 6.0


class TestDeclarations:
    """Faults of declarations: all of them at once, and nothing is run."""

    def faulty(self, workspace: WorkspaceFolder) -> None:
        alfa(workspace, csv_text([HEADER, *ALFA]), labour_force={"conforms_to": "labour_farce@1"})
        beta = workspace.root / "sources/beta_labour/source.yaml"
        beta.write_text(beta.read_text("utf-8") + "licens: CC0-1.0\n", "utf-8")
        workspace.write("sources/gamma/source.yaml", "id: gamma\ntitle: [unclosed\n")
        workspace.write(f"indicators/{INDICATOR}/query.sql", "SELECT territory_id, period FROM standard.labour_force\n")
        indicator = workspace.root / "indicators" / INDICATOR / "indicator.yaml"
        indicator.write_text(indicator.read_text("utf-8").replace("range: [0, 100]", "range: [100, 0]"), "utf-8")

    @pytest.mark.parametrize("command", ["validate", "run", "plan"])
    def test_all_are_reported_at_once_and_nothing_is_written(self, workspace: WorkspaceFolder, command: str) -> None:
        self.faulty(workspace)
        before = digests(workspace.root)
        outcome = without_traceback(workspace.groma_here(command, "--json"))
        assert outcome.code == 2
        faults = {(fault["file"], fault["field"]): fault for fault in outcome.data["faults"]}
        assert set(faults) >= {
            ("sources/alfa_labour/source.yaml", "tables.2.conforms_to"),
            ("sources/beta_labour/source.yaml", "licens"),
            ("sources/gamma/source.yaml", "yaml"),
        }
        assert [fault for fault in faults.values() if fault["file"] == f"indicators/{INDICATOR}/indicator.yaml"]
        for (file, field), fault in faults.items():
            assert f"{file}:{fault['line']}: {field}: {fault['message']}" in outcome.stderr
        misspelt = faults["sources/beta_labour/source.yaml", "licens"]
        lines = (workspace.root / "sources/beta_labour/source.yaml").read_text("utf-8").splitlines()
        assert lines[misspelt["line"] - 1] == "licens: CC0-1.0"
        assert digests(workspace.root) == before

    def test_a_query_that_lacks_its_parts_is_a_fault(self, workspace: WorkspaceFolder) -> None:
        workspace.write(f"indicators/{INDICATOR}/query.sql", "SELECT territory_id, period FROM standard.labour_force\n")
        outcome = without_traceback(workspace.groma_here("run", "--json"))
        assert outcome.code == 2
        assert any("numerator" in fault["message"] for fault in outcome.data["faults"])
        assert not (workspace.root / "data" / "publications").exists()
