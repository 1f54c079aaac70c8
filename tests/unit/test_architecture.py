"""What keeps the house in order: the engine knows no city, no dataset and no indicator, and says what it does."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.specs.workspace import ENGINE_ROOT, TERRITORY, TERRITORY_MEMBER

PACKAGE = ENGINE_ROOT / "pipelines"
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {module: ast.parse(module.read_text(encoding="utf-8")) for module in MODULES}
LINES_AT_MOST = 400

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())


def declared(kind: str, file: str) -> set[str]:
    return {path.parent.name for path in (ENGINE_ROOT / kind).glob(f"*/{file}")}


SOURCES = declared("sources", "source.yaml")
INDICATORS = declared("indicators", "indicator.yaml")
SCHEMAS = declared("schemas", "schema.yaml") - {TERRITORY, TERRITORY_MEMBER}


def docstrings(tree: ast.Module) -> set[int]:
    """The nodes that are documentation: a text that stands alone, and so says nothing to the program."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    documentation = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Public functions and classes, and the public methods of those classes."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from definitions(node.body, f"{node.name}.")


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) >= 10
    assert len(INDICATORS) >= 9
    assert len(SCHEMAS) >= 9
    assert len(MODULES) >= 60


@each_module
def test_no_text_is_the_id_of_a_source_or_an_indicator(module: Path) -> None:
    found = [(line, text) for line, text in literals(TREES[module]) if text in SOURCES | INDICATORS]
    assert found == []


@each_module
def test_of_the_schemas_only_the_territories_and_their_members_are_named(module: Path) -> None:
    named = [(line, text) for line, text in literals(TREES[module]) if text in SCHEMAS]
    read = [
        (line, schema) for line, text in literals(TREES[module]) for schema in SCHEMAS if f"standard.{schema}" in text
    ]
    assert named + read == []


@each_module
def test_a_module_is_short(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LINES_AT_MOST


@each_module
def test_everything_public_says_what_it_is(module: Path) -> None:
    tree = TREES[module]
    silent = [name for name, node in definitions(tree.body) if not ast.get_docstring(node)]
    assert silent == []
    assert ast.get_docstring(tree), "the module"


@pytest.mark.parametrize("module", [m for m in MODULES if m.parent.name == "specs" or m.name == "errors.py"], ids=str)
def test_specs_are_pure(module: Path) -> None:
    allowed = {"pydantic", "yaml", *sys.stdlib_module_names}
    for node in ast.walk(TREES[module]):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            is_own = name == "pipelines.errors" or name.split(".")[:2] == ["pipelines", "specs"]
            assert is_own or name.split(".")[0] in allowed, f"line {node.lineno} imports {name}"


@each_module
def test_nothing_runs_text_as_code(module: Path) -> None:
    calls = [node for node in ast.walk(TREES[module]) if isinstance(node, ast.Call)]
    named = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    methods = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)}
    assert named.isdisjoint({"eval", "exec", "compile", "__import__"})
    # pandas' own `eval` and `query` run what they are given; PyYAML's `load` can.
    assert methods.isdisjoint({"eval", "load_all", "unsafe_load", "full_load", "read_pickle", "extractall", "system"})
