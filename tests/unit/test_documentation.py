"""The documentation is true: its commands exist, its queries run, its example works, its lists are complete.

Fenced blocks say in their first line what they are. `sh run`, `sql run` and `python run` are held against the real
command, a release and the interpreter; a block with a path (`yaml workspace.yaml`) is a file of the example.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from pipelines import errors
from pipelines.checks import CRITERIA
from pipelines.checks.level import LEVEL_NAMES, thresholds
from pipelines.cli import cli
from pipelines.errors import ExitCode, GromaError
from pipelines.outputs.tables import INDICATOR_VALUE, RELEASE_TABLES
from pipelines.specs.declaration import read_declaration
from pipelines.specs.indicator import Indicator
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import AssuranceForm, Source
from pipelines.specs.workspace import ENGINE_ROOT, Workspace, WorkspaceFile, load_workspace
from pipelines.steps.publish import FORMATS, Publication
from pipelines.steps.run import Run
from pipelines.warehouse import Warehouse

DOCS = ENGINE_ROOT / "docs"
STATISTICIAN, ENGINEER, ANALYST = (
    DOCS / "guides" / f"{name}.md" for name in ("statistician", "data-engineer", "analyst")
)
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PAGES = sorted([*ENGINE_ROOT.glob("*.md"), *DOCS.rglob("*.md")])

FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)(?: (?P<mark>\S+))?\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S)
ANY_FENCE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)
INLINE_CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its mark (`run` or the path of a file), where it stands, what is in it."""

    kind: str
    mark: str
    place: str
    body: str


def blocks(kind: str | None = None, mark: str | None = None, pages: list[Path] | None = None) -> list[Block]:
    """The marked blocks of the pages, in order; of one kind and mark where those are given."""
    found = []
    for page in pages or PAGES:
        text = page.read_text("utf-8")
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            place = f"{page.relative_to(ENGINE_ROOT).as_posix()}:{line}"
            found.append(Block(match["kind"], match["mark"] or "", place, dedent(match["body"])))
    return [b for b in found if b.mark and kind in (None, b.kind) and mark in (None, b.mark)]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of the `sh run` blocks, as words; comments and redirections are left out."""
    for block in blocks("sh", "run"):
        text = ""
        for line in block.body.splitlines():
            text += line + "\n"
            try:
                words = shlex.split(text, comments=True)
            except ValueError:  # a quote is still open
                continue
            text = ""
            if words:
                yield block.place, words[: words.index(">")] if ">" in words else words
        assert not text.strip(), f"{block.place}: a quote is never closed"


COMMANDS = list(commands())


def code_words(page: Path) -> set[str]:
    """What stands in code type in the text of a page, and each word of it."""
    spans = INLINE_CODE.findall(ANY_FENCE.sub("", page.read_text("utf-8")))
    return {word for span in spans for word in [span, *re.findall(r"\w+", span)]}


def rows_of_tables(page: Path) -> list[list[str]]:
    """The rows of every table of a page, cell by cell."""
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The data engineer's example, written to disk as the guide shows it."""
    root = tmp_path_factory.mktemp("example")
    for block in blocks(pages=[ENGINEER]):
        if block.mark != "run":
            file = root / block.mark
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.body, encoding="utf-8")
    workspace = load_workspace(root)
    assert list(map(str, workspace.faults)) == []
    return workspace


@pytest.fixture(scope="module")
def publication(example: Workspace) -> Publication:
    """A release of the example."""
    run = Run(example)
    publication = run.publication()
    assert run.exit_code(has_published=True) == ExitCode.OK
    return publication


# ------------------------------------------------------------------------------------------- what is shown, works


def test_there_is_something_to_hold_the_documentation_to() -> None:
    assert len(COMMANDS) > 10
    assert len(blocks("sql", "run", [ANALYST])) > 10
    assert len(blocks("python", "run", [ANALYST])) > 2


@pytest.mark.parametrize(("place", "words"), COMMANDS, ids=[f"{p} {' '.join(w[:3])}" for p, w in COMMANDS])
def test_command_exists_with_its_options(place: str, words: list[str], example: Workspace) -> None:
    program, *arguments = words
    if program == "make":
        makefile = (ENGINE_ROOT / "Makefile").read_text("utf-8")
        targets = [word for word in arguments if "=" not in word]
        assert [t for t in targets if not re.search(rf"^{re.escape(t)}:.*##", makefile, re.M)] == [], place
        return
    assert program == "groma", place
    command: click.Command = cli
    root = click.Context(cli)
    while isinstance(command, click.Group):
        name = arguments.pop(0)
        found = command.get_command(root, name)
        assert found is not None, f"{place}: no command {name!r}"
        command = found
    workspace = example if "DIR" in arguments else load_workspace(ENGINE_ROOT)
    arguments = [str(example.root) if word == "DIR" else word for word in arguments]
    given = command.make_context(command.name, arguments).params
    assert given.get("source_id", "") in {"", *workspace.sources}, place
    assert given.get("indicator_id", "") in {"", *workspace.indicators}, place


def queries() -> list[tuple[str, str]]:
    """Every query of the documentation: blocks of SQL, and what `groma query` is given."""
    found = [(block.place, block.body) for block in blocks("sql", "run")]
    return found + [(p, next(w for w in words[2:] if " " in w)) for p, words in COMMANDS if words[1:2] == ["query"]]


@pytest.mark.parametrize(("place", "sql"), queries(), ids=[place for place, _ in queries()])
def test_query_runs_on_a_release(place: str, sql: str, publication: Publication) -> None:
    with Warehouse(file=publication.database, read_only=True) as warehouse:
        warehouse.rows(sql)


@pytest.mark.parametrize("block", blocks("python", "run"), ids=lambda block: block.place)
def test_python_runs_on_a_release(
    block: Block, example: Workspace, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert publication.folder.is_dir()
    monkeypatch.chdir(example.root)
    exec(compile(block.body, block.place, "exec"), {})


def test_example_gives_the_figures_of_its_file(example: Workspace, publication: Publication) -> None:
    """By hand: 106,250 of 1,250,000; 50,000 of 500,000; 56,250 of 750,000; 33,000 of 300,000; one town is unknown."""
    rates = {
        "XA": Decimal("8.5"),
        "XA-01": Decimal("10"),
        "XA-0101": Decimal("11"),
        "XA-0102": None,
        "XA-02": Decimal("7.5"),
    }
    with Warehouse(file=publication.database, read_only=True) as warehouse:
        for indicator_id, times in (("sdg_8_5_2", 1), ("unemployed_per_thousand", 10)):
            found = warehouse.rows(
                "SELECT territory_id, value FROM indicator_value WHERE indicator_id = $id", {"id": indicator_id}
            )
            assert dict(found) == {name: None if rate is None else times * rate for name, rate in rates.items()}
        statuses = warehouse.rows(
            "SELECT obs_status, status_reason FROM indicator_value WHERE territory_id = 'XA-0102'"
        )
    assert set(statuses) == {("O", "the source leaves the figure empty")}


def test_example_reconciles_and_has_no_row_in_quarantine(example: Workspace) -> None:
    run = Run(example)
    (source_id,) = example.sources
    certificate = run.certificate(source_id)
    assert certificate.level == 1
    assert certificate.unreconciled == []
    assert certificate.validated is not None
    assert run.quarantined(certificate.validated) == 0


def test_assurance_form_of_the_guide_is_accepted(tmp_path: Path) -> None:
    (block,) = [block for block in blocks("yaml", pages=[STATISTICIAN]) if block.mark == "assurance.yaml"]
    file = tmp_path / block.mark
    file.write_text(block.body, encoding="utf-8")
    declared, faults = read_declaration(AssuranceForm, file, tmp_path)
    assert faults == []
    assert declared is not None


# ------------------------------------------------------------------------------------------ what is linked, exists


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ENGINE_ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    anchors = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.M)
    }
    for target in LINK.findall(ANY_FENCE.sub("", text)):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_pages_that_the_code_names_exist() -> None:
    files = [
        file
        for folder in ("pipelines", "sources", "schemas", "indicators")
        for file in (ENGINE_ROOT / folder).rglob("*")
        if file.suffix in {".py", ".yaml", ".md", ".sql", ".js"}
    ]
    named = {name for file in files for name in re.findall(r"docs/[\w/.-]+\.md", file.read_text("utf-8"))}
    assert named
    assert [name for name in sorted(named) if not (ENGINE_ROOT / name).is_file()] == []


def test_decisions_are_numbered_listed_and_whole() -> None:
    assert [int(file.name[:4]) for file in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for file in DECISIONS:
        text = file.read_text("utf-8")
        title = text.splitlines()[0].removeprefix("# ")
        assert title.startswith(file.name[:4])
        assert f"[{title}]({file.name})" in index
        assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.M)
        assert re.search(r"^- Status: (accepted|replaced by)", text, re.M)
        assert set(re.findall(r"^## (.*)$", text, re.M)) >= {"Context", "Decision", "Consequences", "Alternatives"}


def test_readme_names_the_data_packages_as_they_are_locked() -> None:
    locked = re.findall(r"^([\w-]+)==(\S+)", (ENGINE_ROOT / "data-packages.lock").read_text("utf-8"), re.M)
    readme = (ENGINE_ROOT / "README.md").read_text("utf-8")
    assert [f"{name} {version}" for name, version in locked if f"{name} {version}" not in readme] == []


# ---------------------------------------------------------------------------------------- what is listed, is complete


def test_every_error_and_exit_code_is_documented() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GromaError)]
    decision = {row[0]: row for row in rows_of_tables(DECISIONS[4])}
    guide = {row[0]: row for row in rows_of_tables(STATISTICIAN)}
    for code in ExitCode:
        assert decision[str(int(code))][1] == code.name
        assert str(int(code)) in guide
    for kind in kinds:
        assert kind.code in " ".join(decision[str(int(kind.exit_code))])
        assert re.search(rf"`{kind.code}` {int(kind.exit_code)}\b", ENGINEER.read_text("utf-8")), kind.code


def test_every_criterion_is_in_the_statisticians_guide_with_its_thresholds() -> None:
    guide = {row[0]: row for row in rows_of_tables(STATISTICIAN)}
    for criterion in CRITERIA:
        sign = {"at_least": "≥", "at_most": "≤"}[criterion.bound]
        limits = thresholds()[criterion.id]
        wanted = [f"{sign} {limits[level]:g}" if level in limits else "" for level in ("1", "2", "3")]
        row = guide[criterion.id]
        assert row[1] == f"`{criterion.name}`"
        assert row[3:] == wanted, criterion.id


def test_every_level_has_its_name() -> None:
    for page in (ENGINE_ROOT / "README.md", STATISTICIAN):
        rows = rows_of_tables(page)
        assert [name for level, name in LEVEL_NAMES.items() if not any(r[:2] == [str(level), name] for r in rows)] == []


def test_every_table_column_and_format_is_in_the_analysts_guide() -> None:
    words = code_words(ANALYST)
    assert set(INDICATOR_VALUE.column_names()) - words == set()
    assert {table.name for table in RELEASE_TABLES} | {"latest"} <= words
    files = {"parquet": "parquet", "csv": "csv", "data_package": "datapackage", "sdmx_csv": "sdmx"}
    assert {files.get(name, name) for name in FORMATS} <= words


def keys_of(model: type[BaseModel]) -> set[str]:
    """Every key of a declaration, those of its parts included, as it is written in YAML."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(field.alias or name)
        found |= {key for part in _models_in(field.annotation) for key in keys_of(part)}
    return found


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


@pytest.mark.parametrize("model", [Source, StandardSchema, Indicator, WorkspaceFile])
def test_every_key_of_a_declaration_is_in_the_data_engineers_guide(model: type[BaseModel]) -> None:
    assert keys_of(model) - code_words(ENGINEER) == set()
