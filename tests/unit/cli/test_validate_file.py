"""`groma validate-file` as a shell sees it; what Frictionless itself says of the same file is the measure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from frictionless import Package
from frictionless.resources import TableResource

from pipelines.cli import main
from pipelines.specs.workspace import ENGINE_ROOT, load_workspace

SCHEMA = {
    "fields": [
        {"name": "code", "type": "string", "title": "Code", "constraints": {"required": True, "pattern": "[0-9]{5}"}},
        {"name": "population", "type": "integer", "constraints": {"minimum": 0}},
    ]
}
VALID = "code,population\n10101,5\n10102,\n"
INVALID = 'code,population\n10101,"12,5"\n102,5\n10103,7\n'


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
def groma(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Groma:
    """The command in a folder with a schema and two tables."""
    monkeypatch.delenv("GROMA_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (tmp_path / "valid.csv").write_text(VALID, encoding="utf-8")
    (tmp_path / "invalid.csv").write_text(INVALID, encoding="utf-8")

    def call(*arguments: str) -> Outcome:
        with pytest.raises(SystemExit) as raised:
            main(["validate-file", *arguments])
        captured = capsys.readouterr()
        assert isinstance(raised.value.code, int)
        return Outcome(int(raised.value.code), captured.out, captured.err)

    return call


def without_counts(report: dict[str, Any]) -> list[dict[str, Any]]:
    (task,) = report["tasks"]
    return [dict(error) for error in task["errors"]]


# ---------------------------------------------------------------------------------------------------- what it prints


def test_every_table_of_a_data_package(groma: Groma, tmp_path: Path) -> None:
    resources = [{"name": name, "path": f"{name}.csv", "schema": SCHEMA} for name in ("valid", "invalid")]
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}), encoding="utf-8")
    outcome = groma("datapackage.json")
    assert (outcome.code, outcome.err) == (3, "")
    assert outcome.out.startswith(
        "valid.csv: valid. 2 rows read, 2 without errors.\ninvalid.csv: not valid. 3 rows read"
    )
    theirs = Package.from_descriptor(str(tmp_path / "datapackage.json")).validate().to_descriptor()
    ours = groma("datapackage.json", "--json").json
    assert [task["errors"] for task in ours["tasks"]] == [task["errors"] for task in theirs["tasks"]]
    resources.pop()
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}), encoding="utf-8")
    assert groma("datapackage.json").code == 0


def test_a_valid_file(groma: Groma) -> None:
    outcome = groma("valid.csv", "--schema", "schema.json")
    assert outcome == Outcome(0, "valid.csv: valid. 2 rows read, 2 without errors.\n", "")


def test_an_invalid_file(groma: Groma) -> None:
    outcome = groma("invalid.csv", "--schema", "schema.json")
    assert outcome.code == 3
    assert outcome.err == ""
    assert outcome.out.startswith("invalid.csv: not valid. 3 rows read: 1 without errors, 2 with errors")
    assert 'Row 2, column "population": "12,5" is not a whole number.' in outcome.out
    assert 'Row 3, column "code": "102" does not have the form that is asked for.' in outcome.out


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Ligne 2, colonne « population » : « 12,5 » n'est pas un nombre entier."),
        ("es", "Fila 2, columna «population»: «12,5» no es un número entero."),
    ],
)
def test_the_summary_in_another_language(groma: Groma, language: str, text: str) -> None:
    outcome = groma("invalid.csv", "--schema", "schema.json", "--language", language)
    assert outcome.code == 3
    assert text in outcome.out.replace("\u202f", " ")
    assert "�" not in outcome.out


@pytest.mark.parametrize("engine", ["auto", "duckdb", "frictionless"])
def test_json_is_the_report_of_frictionless(groma: Groma, tmp_path: Path, engine: str) -> None:
    theirs = TableResource.from_descriptor(
        {"name": "invalid", "type": "table", "path": "invalid.csv", "schema": SCHEMA}, basepath=str(tmp_path)
    ).validate()
    outcome = groma("invalid.csv", "--schema", "schema.json", "--json", "--engine", engine)
    assert outcome.code == 3
    assert outcome.json["valid"] is False
    assert without_counts(outcome.json) == without_counts(theirs.to_descriptor())


def test_limits(groma: Groma) -> None:
    outcome = groma("invalid.csv", "--schema", "schema.json", "--limit-errors", "1", "--json")
    (task,) = outcome.json["tasks"]
    assert len(task["errors"]) == 1
    assert task["warnings"] == ["reached error limit: 1"]
    outcome = groma("invalid.csv", "--schema", "schema.json", "--limit-rows", "1")
    assert outcome.out.startswith("invalid.csv: not valid. 1 row read")
    assert "Only the first row was judged" in outcome.out


def test_accepted_and_quarantined_rows_are_written(groma: Groma, tmp_path: Path) -> None:
    outcome = groma(
        "invalid.csv", "--schema", "schema.json", "--accepted", "good.parquet", "--quarantine", "bad.parquet"
    )
    assert outcome.code == 3
    assert outcome.err == "accepted: good.parquet\nquarantine: bad.parquet\n"
    good = pq.read_table(tmp_path / "good.parquet")
    assert good.select(["code", "population"]).to_pylist() == [{"code": "10103", "population": 7}]
    assert pq.read_table(tmp_path / "bad.parquet").num_rows == 2


# ---------------------------------------------------------------------------------------------------- what it is given


def test_a_schema_in_yaml_and_one_inside_a_resource(groma: Groma, tmp_path: Path) -> None:
    text = "fields:\n  - {name: code, type: string}\n  - {name: population, type: integer}\n"
    (tmp_path / "schema.yaml").write_text(text, encoding="utf-8")
    assert groma("valid.csv", "--schema", "schema.yaml").code == 0
    (tmp_path / "resource.json").write_text(json.dumps({"name": "x", "schema": SCHEMA}), encoding="utf-8")
    assert groma("valid.csv", "--schema", "resource.json").code == 0


STANDARD = sorted(load_workspace(ENGINE_ROOT).schemas)


@pytest.mark.parametrize("name", STANDARD)
def test_a_standard_schema_by_its_name(groma: Groma, name: str) -> None:
    folder = ENGINE_ROOT / "schemas" / name
    assert groma(str(folder / "valid.csv"), "--schema", name).code == 0
    assert groma(str(folder / "valid.csv"), "--schema", str(folder / "schema.yaml")).code == 0


def test_a_faulty_standard_schema_names_the_line(groma: Groma, tmp_path: Path) -> None:
    text = (ENGINE_ROOT / "schemas" / "population" / "schema.yaml").read_text("utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("kind: observation", "kind: other"), encoding="utf-8")
    outcome = groma("valid.csv", "--schema", "mine.yaml")
    assert outcome.code == 2
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith("kind:"))
    assert f"mine.yaml:{line}: kind:" in outcome.err


def test_dialect_and_encoding(groma: Groma, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("code|population\nÉ0101|5\n".encode("iso-8859-1"))
    outcome = groma("latin.csv", "--schema", "schema.json", "--delimiter", "pipe", "--encoding", "iso-8859-1")
    assert outcome.code == 3
    assert '"É0101" does not have the form' in outcome.out


def test_a_file_in_another_folder(groma: Groma, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "Données 2024.csv").write_text(VALID, encoding="utf-8")
    outcome = groma("sub/Données 2024.csv", "--schema", "schema.json")
    assert outcome.code == 0
    assert outcome.out.startswith("Données 2024.csv: valid.")


def test_what_is_wrong_with_the_schema_is_reported(groma: Groma, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text('{"fields": [{"name": "code", "type": "strange"}]}', encoding="utf-8")
    outcome = groma("valid.csv", "--schema", "odd.json", "--language", "fr")
    assert outcome.code == 3
    assert "contrôle impossible" in outcome.out
    assert "strange" in outcome.out


PATTERN_THAT_DOES_NOT_COMPILE = {"fields": [{"name": "code", "type": "string", "constraints": {"pattern": "("}}]}


@pytest.mark.parametrize("engine", ["auto", "duckdb", "frictionless"])
def test_where_frictionless_breaks_there_is_no_traceback(groma: Groma, tmp_path: Path, engine: str) -> None:
    (tmp_path / "broken.json").write_text(json.dumps(PATTERN_THAT_DOES_NOT_COMPILE), encoding="utf-8")
    (tmp_path / "one.csv").write_text("code\nx\n", encoding="utf-8")
    outcome = groma("one.csv", "--schema", "broken.json", "--engine", engine)
    assert outcome.code == 3
    assert "Schema: the table cannot be judged by this schema" in outcome.out
    assert "code" in outcome.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.csv", "--schema", "schema.json"], "the file none.csv does not exist"),
        ([".", "--schema", "schema.json"], "the file . is a folder"),
        (["https://a.example/x.csv", "--schema", "schema.json"], "nothing is fetched"),
        (["valid.csv"], "there is no schema to judge by"),
        (["valid.csv", "--schema", "none.json"], "the schema none.json does not exist"),
        (["valid.csv", "--schema", "populatoin"], "did you mean 'population'?"),
        (["valid.csv", "--schema", "valid.csv"], "valid.csv is not JSON"),
        (["valid.csv", "--schema", "list.json"], "list.json is not a Table Schema: it has no list of fields"),
        (["valid.csv", "--schema", "broken.yaml"], "broken.yaml:3: "),
        (["valid.csv", "--schema", "latin.json"], "cannot be read"),
        (["valid.csv", "--schema", "schema.json", "--engine", "spark"], "'spark' is not one of"),
        (["valid.csv", "--schema", "schema.json", "--language", "de"], "'de' is not one of"),
        (["valid.csv", "--schema", "schema.json", "--delimiter", "ab"], "a delimiter is one character"),
        (["valid.csv", "--schema", "schema.json", "--encoding", "utf-9"], "there is no encoding 'utf-9'"),
        (["valid.csv", "--schema", "schema.json", "--limit-errors", "-1"], "--limit-errors"),
        (["valid.csv", "--schema", "schema.json", "--accepted", "no/x.parquet"], "the folder no does not exist"),
        (["valid.csv", "--schema", "schema.json", "--quarantine", "./valid.csv"], "is the file to be judged"),
        (["datapackage.json", "--schema", "schema.json"], "a data package says itself what its tables are"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_mistakes_are_named_and_nothing_is_judged(
    groma: Groma, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "list.json").write_text("[1, 2]", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("fields:\n  - [\n", encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b'{"fields": "\xe9"}')
    (tmp_path / "datapackage.json").write_text('{"resources": []}', encoding="utf-8")
    outcome = groma(*arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err


def test_with_json_a_mistake_is_an_object_too(groma: Groma) -> None:
    outcome = groma("none.csv", "--schema", "schema.json", "--json")
    assert outcome.code == 2
    assert outcome.json["error"]["code"] == "E-USAGE"
    assert outcome.json["error"]["fix"]


def test_the_examples_of_the_help_are_commands(groma: Groma) -> None:
    outcome = groma("--help")
    assert outcome.code == 0
    examples = [line.split() for line in outcome.out.splitlines() if line.strip().startswith("groma validate-file")]
    assert len(examples) == 6
    options = {word for example in examples for word in example if word.startswith("--")}
    assert all(f"{option} " in outcome.out.partition("Options:")[2].partition("Examples:")[0] for option in options)
