"""Bad input: what is said of it, where its rows go, and that nobody else suffers from it.

Two made-up countries, each with a source of its own. Alfa's is broken in one way at a time; Beta's is sound, and its
values must not change. Alfa's city is made of two districts.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
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
    *([str(number), f"Village {number}", "city", "", "2024", "1000", str(number)] for number in range(100, 140)),
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


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceFolder:
    folder = WorkspaceFolder(tmp_path, extends=[])
    folder.take("schemas", *LABOUR)
    folder.take("indicators", INDICATOR)
    folder.declare(*countries("AA", "BB"))
    folder.declare(labour("beta_labour", "BB"), {"labour.csv": csv_text([HEADER, *BETA])})
    return folder


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


@pytest.mark.parametrize(
    ("broken", "parts"),
    [
        (renamed, ["labour.csv", "row 1", "'jobless' is gone", "'joblos'", "map 'joblos' instead of 'jobless'"]),
        (with_a_new_column, ["labour.csv", "row 1", "'remarks' is new", "ignore"]),
        (in_latin_1, ["labour.csv", "line 5", "utf-8", "windows-1252"]),
        (as_a_web_page, ["labour.csv", "web page", "log-in"]),
        (with_an_open_quote, ["labour.csv", "quote", "ask the owner"]),
        (in_utf_16, ["labour.csv", "utf-8", "utf-16"]),
        (of_no_bytes, ["labour.csv", "empty", "fetch it again"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_file_that_is_not_what_was_declared_is_withheld(
    workspace: WorkspaceFolder, broken: Callable[[Rows], bytes], parts: list[str]
) -> None:
    alfa(workspace, broken(ALFA))
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 3
    told = source_told(outcome)
    assert told["level"] == 0
    assert told["in_service"] is None
    assert "Fix:" in told["error"]
    for part in parts:
        assert part in told["error"]
    assert not [key for key in values(workspace) if key[0].startswith("AA")]
    [(in_service, level)] = workspace.query(
        "SELECT is_in_service, cert_level FROM source WHERE source_id = 'alfa_labour'"
    )
    assert (in_service, level) == (False, 0)
    beta_is_unharmed(workspace)


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


def test_a_truncated_gzip_is_withheld(workspace: WorkspaceFolder) -> None:
    data = {"connector": "file", "path": "labour.csv.gz", "format": "csv", "compression": "gzip"}
    whole = gzip.compress(csv_text([HEADER, *ALFA]).encode())
    workspace.declare(labour("alfa_labour", "AA", data=data), {"labour.csv.gz": whole[: len(whole) // 2]})
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 3
    assert "labour.csv.gz: the gzip file is cut short" in source_told(outcome)["error"]
    assert "Fix: fetch it again" in source_told(outcome)["error"]
    beta_is_unharmed(workspace)


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


@pytest.mark.parametrize(("cell", "rule", "expected"), BAD_CELLS, ids=[cell[:12] for cell, _, _ in BAD_CELLS])
def test_a_bad_cell_goes_to_quarantine_with_its_row(
    workspace: WorkspaceFolder, cell: str, rule: str, expected: str
) -> None:
    alfa(workspace, csv_text([HEADER, *replaced(7, "jobless", cell)]))
    outcome = without_traceback(workspace.groma_here("run", "--json"))
    assert outcome.code == 3
    [row] = quarantine(workspace)
    assert (row["source_id"], row["table_name"], row["source_row"]) == ("alfa_labour", "labour_force", 7)
    assert (row["column_name"], row["value"], row["rule"]) == ("jobless", cell, rule)
    for part in ("labour.csv", "row 7", "'jobless'", repr(cell), expected):
        assert part in row["message"]
    assert "correct the cell" in row["fix"]
    raw = json.loads(row["raw_record"])
    assert {name: raw[name] for name in ("code", "name", "active", "jobless")} == {
        "code": "4",
        "name": "Elsewhere",
        "active": "1000",
        "jobless": cell,
    }
    value, status, reason = values(workspace)[ELSEWHERE, "2024"]
    assert (value, status) == (None, "O")
    assert reason
    assert values(workspace)[CITY, "2024"][0] == 10.6
    assert outcome.data["quarantine"][0]["rows"] == 1
    nothing_is_lost(workspace, quarantined=1)
    beta_is_unharmed(workspace)


def nothing_is_lost(folder: WorkspaceFolder, quarantined: int, malformed: int = 0) -> None:
    """Received rows are accepted or in quarantine, and every record is a row or malformed."""
    [(records, received, accepted, waiting)] = folder.query(
        "SELECT records, received, accepted, quarantined FROM source WHERE source_id = 'alfa_labour'"
    )
    assert waiting == quarantined + malformed
    assert received == accepted + quarantined
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
    assert [(row["source_row"], row["rule"]) for row in of_labour] == [(8, "primary-key"), (47, "primary-key")]
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
        assert f"row {row['source_row']} has" in row["message"]
        assert row["fix"]
    assert ("AA-102", "2024") not in values(workspace)
    nothing_is_lost(workspace, quarantined=0, malformed=2)
    beta_is_unharmed(workspace)


def test_a_ragged_record_is_told_with_its_file(workspace: WorkspaceFolder) -> None:
    alfa(workspace, csv_text([HEADER, *ALFA]) + "200,Village\n")
    workspace.groma_here("run", "--json")
    [row] = quarantine(workspace)
    assert "labour.csv" in row["message"]


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


class TestMissingMember:
    """South has no row in 2024: Alfa City has no value of 2024, and keeps that of 2014."""

    ROWS = tuple(row for row in ALFA if (row[0], row[4]) != ("3", "2024"))

    @pytest.fixture
    def folder(self, workspace: WorkspaceFolder) -> WorkspaceFolder:
        """The districts are known from a source of their own, so that their absence is seen."""
        declared = labour("alfa_labour", "AA")
        territory, member, people = declared["tables"]
        # By the rows of 2014, which both districts have, beside those of the undivided territories.
        territory["scope"]["where"] = "year = '2014' OR level = 'city'"
        member["scope"]["where"] = "city IS NOT NULL AND year = '2014'"
        content = csv_text([HEADER, *self.ROWS])
        workspace.declare({**declared, "tables": [territory, member, people]}, {"labour.csv": content})
        return workspace

    def test_the_city_has_no_value_and_says_why(self, folder: WorkspaceFolder) -> None:
        outcome = without_traceback(folder.groma_here("run", "--json"))
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

    def test_neither_numerator_nor_denominator_are_those_of_the_rest(self, folder: WorkspaceFolder) -> None:
        folder.groma_here("run", "--json")
        parts = folder.query(
            "SELECT numerator, denominator, value_low, value_high FROM indicator_value "
            f"WHERE territory_id = '{CITY}' AND period = '2024'"
        )
        assert parts == [(None, None, None, None)]

    def test_the_summary_says_so_to_a_person(self, folder: WorkspaceFolder) -> None:
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


class TestLastCertifiedVintage:
    """A vintage that broke does not take away what the one before it said."""

    def broken_after_a_good_run(self, workspace: WorkspaceFolder) -> Outcome:
        alfa(workspace, csv_text([HEADER, *ALFA]))
        assert workspace.groma_here("run", "--json").code == 0
        self.before = values(workspace)
        self.vintage = source_told(workspace.groma_here("run", "--json"))["vintage_id"]
        workspace.write("sources/alfa_labour/labour.csv", renamed(ALFA))
        return without_traceback(workspace.groma_here("run", "--json"))

    def test_it_stays_in_service_and_says_that_it_is_stale(self, workspace: WorkspaceFolder) -> None:
        outcome = self.broken_after_a_good_run(workspace)
        assert outcome.code == 3
        assert values(workspace) == self.before
        told = source_told(outcome)
        assert told["in_service"] == self.vintage != told["vintage_id"]
        assert "'jobless' is gone" in told["stale_because"]
        [published] = workspace.query(
            "SELECT is_in_service, vintage_id, stale_because FROM source WHERE source_id = 'alfa_labour'"
        )
        assert published[:2] == (True, self.vintage)
        assert "'jobless' is gone" in published[2]
        assert workspace.groma_here("run", "--json").data["made"] >= 0
        assert source_told(outcome, "beta_labour")["stale_because"] is None

    def test_require_fresh_refuses_it(self, workspace: WorkspaceFolder) -> None:
        alfa(workspace, csv_text([HEADER, *ALFA]))
        assert workspace.groma_here("run", "--json", "--require-fresh").code == 0
        (workspace.root / "sources/alfa_labour/labour.csv").unlink()
        outcome = without_traceback(workspace.groma_here("run", "--json", "--require-fresh"))
        assert outcome.code == 4
        assert values(workspace)[CITY, "2024"][0] == 10.6

    def test_require_fresh_tells_a_broken_vintage_by_its_own_code(self, workspace: WorkspaceFolder) -> None:
        self.broken_after_a_good_run(workspace)
        outcome = without_traceback(workspace.groma_here("run", "--json", "--require-fresh"))
        assert outcome.code == 4

    def test_explain_still_ends_at_the_rows_of_its_file(self, workspace: WorkspaceFolder) -> None:
        self.broken_after_a_good_run(workspace)
        outcome = workspace.groma_here("explain", INDICATOR, "--territory", CITY, "--period", "2024", "--json")
        assert outcome.code == 0
        [value] = outcome.data["values"]
        [source] = value["sources"]
        assert source["vintage_id"] == self.vintage
        assert source["level"] == 1
        # 1 the header, 2 the city, 5 and 6 its districts in 2024
        assert [record["source_row"] for record in source["records"]] == [5, 6]

    def test_a_corrected_file_is_taken_up_again(self, workspace: WorkspaceFolder) -> None:
        self.broken_after_a_good_run(workspace)
        workspace.write("sources/alfa_labour/labour.csv", csv_text([HEADER, *replaced(7, "jobless", "60")]))
        outcome = workspace.groma_here("run", "--json")
        assert outcome.code == 0
        assert source_told(outcome)["stale_because"] is None
        assert values(workspace)[ELSEWHERE, "2024"][0] == 6.0


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


def test_releases_can_be_read_while_a_source_is_broken(workspace: WorkspaceFolder) -> None:
    """A reader of the release before sees it whole while the next one is written."""
    alfa(workspace, csv_text([HEADER, *ALFA]))
    workspace.groma_here("run", "--json")
    earlier = workspace.release
    with duckdb.connect(str(earlier / "groma.duckdb"), read_only=True) as reader:
        workspace.write("sources/alfa_labour/labour.csv", csv_text([HEADER, *replaced(7, "jobless", "60")]))
        assert workspace.groma_here("run", "--json").code == 0
        [rate] = reader.execute(
            f"SELECT value::DOUBLE FROM indicator_value WHERE territory_id = '{ELSEWHERE}'"
        ).fetchall()
    assert rate == (5.0,)
    assert workspace.release != earlier
    assert values(workspace)[ELSEWHERE, "2024"][0] == 6.0
