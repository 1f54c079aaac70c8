"""The command as a shell sees it: what it prints where, and the exit code that says what happened."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from pipelines.cli import main
from tests.unit.synthetic import Country

COMMANDS = ["run", "plan", "validate", "validate-file", "source", "indicator", "query", "explain", "ui"]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Groma = Callable[..., Outcome]


@pytest.fixture
def groma(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Groma:
    """The command, in this process."""
    monkeypatch.delenv("GROMA_WORKSPACE", raising=False)

    def call(*arguments: str) -> Outcome:
        with pytest.raises(SystemExit) as raised:
            main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(raised.value.code, int)
        return Outcome(int(raised.value.code), captured.out, captured.err)

    return call


# ------------------------------------------------------------------------------------------------------------- help


def test_help_imports_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys\n"
        "from pipelines.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        "slow = set('dagster duckdb frictionless geopandas numpy pandas pyarrow pydantic rich yaml'.split())\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = [line.split()[0] for line in done.stdout.split("Commands:")[1].splitlines() if line[:3].strip()]
    assert listed == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(groma: Groma, command: str) -> None:
    outcome = groma(command, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: groma {command}")


def test_the_version(groma: Groma) -> None:
    assert groma("--version").out.startswith("groma, version ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "No such command 'rnu'. Did you mean 'run'?"),
        (["indicators"], "Did you mean 'indicator'?"),
        (["xyz"], "Commands: run, plan, validate, validate-file, source"),
        (["--colour"], "No such option"),
        (["run", "--threads", "0"], "0 is not in the range"),
        (["run", "--workspace", "/nowhere"], "does not exist"),
        (["query"], "Missing argument 'SQL'"),
        (["query", "SELECT 1", "--format", "xlsx"], "'xlsx' is not one of"),
        (["explain", "zz_rate"], "Missing option '--territory'"),
    ],
)
def test_a_wrong_command_is_told_on_stderr(groma: Groma, arguments: list[str], message: str) -> None:
    outcome = groma(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_the_web_interface_is_for_this_machine(groma: Groma) -> None:
    outcome = groma("ui", "--host", "0.0.0.0")
    assert outcome.code == 5
    assert "Dagster's web interface has no log-in" in outcome.err


# ---------------------------------------------------------------------------------------------------- declarations


def test_a_sound_workspace_is_said_to_be_so(groma: Groma, released: Country) -> None:
    outcome = groma("validate", "--workspace", str(released.root))
    assert outcome.code == 0
    assert outcome.err.startswith("3 sources, ")
    assert groma("validate", "--workspace", str(released.root), "--json").json["faults"] == []


@pytest.mark.parametrize("command", [["validate"], ["run"], ["plan"], ["source", "list"], ["indicator", "list"]])
def test_a_faulty_workspace_starts_nothing(groma: Groma, zz: Country, command: list[str]) -> None:
    zz.places(("ZZ", "Zedland", "country", None), colour="red")
    zz.indicator(range=[1, 0])
    outcome = groma(*command, "--workspace", str(zz.root))
    assert (outcome.code, outcome.out) == (2, "")
    assert "sources/zz_places/source.yaml:" in outcome.err
    assert "indicators/zz_rate/indicator.yaml:" in outcome.err
    assert "2 fault(s) in the declarations; nothing was run" in outcome.err
    assert not (zz.root / "data").exists()
    as_json = groma(*command, "--workspace", str(zz.root), "--json")
    assert (as_json.code, len(as_json.json["faults"])) == (2, 2)
    assert set(as_json.json["faults"][0]) == {"file", "line", "field", "message"}


def test_the_workspace_of_the_environment(groma: Groma, released: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROMA_WORKSPACE", str(released.root))
    assert [row["source_id"] for row in groma("source", "list", "--json").json] == [
        "zz_labour",
        "zz_members",
        "zz_places",
    ]
    assert [row["indicator_id"] for row in groma("indicator", "list", "--json").json] == ["zz_rate"]


def test_what_is_declared_can_be_shown(groma: Groma, released: Country) -> None:
    at = ("--workspace", str(released.root))
    shown = groma("source", "show", "zz_labour", *at)
    assert shown.code == 0
    assert "level 1 (experimental)" in shown.out
    assert groma("source", "show", "zz_labour", *at, "--json").json["certificate"]["level"] == 1
    assert "zz_labour" in groma("source", "list", *at).out
    assert "Unemployment in ZZ" in groma("indicator", "list", *at).out
    assert "FROM standard.labour_force" in groma("indicator", "show", "zz_rate", *at).out
    assert groma("indicator", "show", "zz_rate", *at, "--json").json["unit"] == "%"


@pytest.mark.parametrize("command", [("source", "show"), ("source", "check"), ("indicator", "show")])
def test_a_misspelt_id_is_told_with_the_nearest(groma: Groma, released: Country, command: tuple[str, ...]) -> None:
    misspelt, meant = ("zz_labuor", "zz_labour") if command[0] == "source" else ("zz_rat", "zz_rate")
    outcome = groma(*command, misspelt, "--workspace", str(released.root))
    assert outcome.code == 2
    assert f"did you mean '{meant}'?" in outcome.err
    unlike = groma(*command, "qqqq", "--workspace", str(released.root), "--json")
    assert unlike.json["error"]["fix"].startswith("known: ")


def test_a_sound_source_is_checked(groma: Groma, released: Country) -> None:
    outcome = groma("source", "check", "zz_labour", "--workspace", str(released.root))
    assert outcome.code == 0
    assert "3 rows received, 3 accepted, 0 quarantined" in outcome.out


def test_a_source_with_bad_rows_is_checked(groma: Groma, zz: Country) -> None:
    zz.labour(*(("ZZ-1", str(1900 + year), 10, 1) for year in range(30)), ("ZZ-1", "2024", "many", 1))
    outcome = groma("source", "check", "zz_labour", "--workspace", str(zz.root))
    assert outcome.code == 3
    assert "figures.csv, row 32, column 'active' = 'many': expected a whole number" in outcome.out
    found = groma("source", "check", "zz_labour", "--workspace", str(zz.root), "--json")
    assert (found.code, len(found.json["quarantine"]), found.json["certificate"]["level"]) == (3, 1, 1)


def test_known_faults_are_no_news(groma: Groma, zz: Country) -> None:
    rows = [("ZZ-1", str(1900 + year), 10, 1) for year in range(30)]
    zz.labour(*rows, ("ZZ-1", "2024", "many", 1), known_faults={"rows": 1, "why": "known since 2024"})
    assert groma("source", "check", "zz_labour", "--workspace", str(zz.root)).code == 0


def test_a_source_that_is_not_there(groma: Groma, zz: Country) -> None:
    zz.labour(("ZZ-1", "2024", 10, 1))
    (zz.root / "sources/zz_labour/figures.csv").unlink()
    outcome = groma("source", "check", "zz_labour", "--workspace", str(zz.root), "--json")
    assert outcome.code == 4
    assert outcome.json["error"]["code"] == "E-SOURCE"


# --------------------------------------------------------------------------------------------------------- releases


@pytest.mark.parametrize(
    "command", [["query", "SELECT 1"], ["explain", "zz_rate", "--territory", "ZZ", "--period", "2024"]]
)
def test_before_the_first_release(groma: Groma, zz: Country, command: list[str]) -> None:
    outcome = groma(*command, "--workspace", str(zz.root))
    assert outcome.code == 2
    assert "nothing has been published in this workspace yet" in outcome.err
    assert "`groma run`" in outcome.err


SQL = (
    "SELECT territory_id, value FROM indicator_value WHERE period = '2024' AND value IS NOT NULL ORDER BY territory_id"
)


def test_a_query_in_three_forms(groma: Groma, released: Country) -> None:
    at = ("--workspace", str(released.root))
    # C1 = 30 / 300, C2 = 20 / 100, C = 50 / 400
    assert groma("query", SQL, *at, "--json").json == [
        {"territory_id": "ZZ-C", "value": 12.5},
        {"territory_id": "ZZ-C1", "value": 10},
        {"territory_id": "ZZ-C2", "value": 20},
    ]
    assert groma("query", SQL, *at, "--format", "json").out == groma("query", SQL, *at, "--json").out
    assert groma("query", SQL, *at, "--format", "csv").out.splitlines() == [
        "territory_id,value", "ZZ-C,12.500000", "ZZ-C1,10.000000", "ZZ-C2,20.000000",
    ]  # fmt: skip
    table = groma("query", SQL, *at)
    assert table.out.split()[-6:] == ["ZZ-C", "12.5", "ZZ-C1", "10", "ZZ-C2", "20"]
    assert table.err == ""


def test_a_long_table_says_that_it_is_cut(groma: Groma, released: Country) -> None:
    at = ("--workspace", str(released.root))
    table = groma("query", "FROM range(250)", *at)
    assert "the first 100 of 250 rows; --format csv prints all" in table.err
    assert len(groma("query", "FROM range(250)", *at, "--format", "csv").out.splitlines()) == 251


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT gone FROM indicator_value",
        "DROP TABLE indicator_value",
        "DELETE FROM indicator_value",
        "FROM read_text('/etc/hostname')",
        "COPY indicator_value TO '/tmp/stolen.csv'",
        "ATTACH '/tmp/stolen.duckdb'",
        "SELECT FROM",
    ],
)
def test_a_query_that_is_refused(groma: Groma, released: Country, sql: str) -> None:
    outcome = groma("query", sql, "--workspace", str(released.root), "--json")
    assert outcome.code == 2
    assert outcome.json["error"]["code"] == "E-USAGE"
    assert "Traceback" not in outcome.err


def test_a_query_without_end_is_stopped(groma: Groma, released: Country) -> None:
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b"
    outcome = groma("query", endless, "--workspace", str(released.root), "--time-limit", "0.2")
    assert outcome.code == 3
    assert "the query was stopped after 0.2 s" in outcome.err


def test_debug_shows_where_an_error_comes_from(released: Country) -> None:
    command = [sys.executable, "-c", "from pipelines.cli import main; main()"]
    arguments = ["--debug", "query", "SELECT FROM", "--workspace", str(released.root)]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert "Traceback" in done.stderr
    assert done.returncode == 1


def test_a_reader_that_stops_early_is_no_error(released: Country) -> None:
    command = [sys.executable, "-c", "from pipelines.cli import main; main()"]
    arguments = ["query", "FROM range(300000)", "--format", "csv", "--workspace", str(released.root)]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "range\n"
        process.stdout.close()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        assert process.wait() == 0


def test_explain_for_people_and_for_machines(groma: Groma, released: Country) -> None:
    asked = ("explain", "zz_rate", "--territory", "ZZ-C", "--period", "2024", "--workspace", str(released.root))
    told = groma(*asked)
    assert told.code == 0
    assert "= 100 × numerator / denominator = 100 × 50" in told.out
    assert "row 3 of the file: code='ZZ-C2', year='2024', active='100', jobless='20'" in told.out
    assert groma(*asked, "--json").json["values"][0]["value"] == 12.5
    missing = groma(*asked[:5], "2014", *asked[6:])
    assert "no value: 1 of 2 members have no value: ZZ-C2 (status O)" in missing.out


@pytest.mark.parametrize("breakdown", ["sex", ""])
def test_a_breakdown_has_a_name_and_a_code(groma: Groma, released: Country, breakdown: str) -> None:
    asked = ("explain", "zz_rate", "--territory", "ZZ-C", "--period", "2024", "--workspace", str(released.root))
    outcome = groma(*asked, "--breakdown", breakdown)
    assert outcome.code == 2
    assert "is not of the form NAME=CODE" in outcome.err


def test_a_plan_of_nothing(groma: Groma, released: Country) -> None:
    at = ("--workspace", str(released.root))
    outcome = groma("plan", *at)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "everything is up to date\n")
    everything = groma("plan", *at, "--all", "--json").json
    assert everything["would_run"] == 0
    assert {entry["why"] for entry in everything["assets"]} == {"up to date"}


def test_a_plan_of_everything_runs_nothing(groma: Groma, zz: Country) -> None:
    zz.places(("ZZ", "Zedland", "country", None))
    zz.indicator()
    outcome = groma("plan", "--workspace", str(zz.root), "--json")
    assert outcome.json["would_run"] == len(outcome.json["assets"]) > 0
    assert not (zz.root / "data").exists()
