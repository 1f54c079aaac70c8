"""Every fault of a declaration is told at once, as `file:line: field: message`, and says what to do."""

import hashlib
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field, field_validator

from pipelines.specs.declaration import Fault, Identifier, Model, Text, read_declaration


class Part(Model):
    name: Text
    size: int | float = Field(1, gt=0)


class Whole(Model):
    id: Identifier
    kind: Literal["city", "region"] = "city"
    code: str | None = None
    count: int = Field(0, ge=0)
    is_open: bool = False
    parts: list[Part] = Field([])

    @field_validator("parts")
    @classmethod
    def _few(cls, parts: list[Part]) -> list[Part]:
        if len(parts) > 3:
            raise ValueError("at most three parts; split the whole")
        return parts


def read(folder: Path, text: str | bytes) -> tuple[Whole | None, list[str]]:
    file = folder / "wholes" / "one" / "whole.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    declared, faults = read_declaration(Whole, file, folder)
    return declared.spec if declared else None, [str(fault) for fault in faults]


def test_a_sound_declaration(tmp_path: Path) -> None:
    spec, faults = read(tmp_path, "id: one\nparts:\n  - {name: a, size: 1.5}\n")
    assert faults == []
    assert spec == Whole(id="one", parts=[Part(name="a", size=1.5)])


def test_all_faults_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    spec, faults = read(
        tmp_path,
        "id: One-1\n"
        "kind: town\n"
        "code: 010\n"  # text already, as it stands
        "count: -1\n"
        "is_open: NO\n"
        "colour: red\n"
        "parts:\n"
        "  - name: a\n"
        "    size: 0\n"
        "  - size: 2\n",
    )
    assert spec is None
    at = "wholes/one/whole.yaml"
    assert faults == [
        f"{at}:1: id: 'One-1' must be lower-case words joined by underscores, at most 63 characters",
        f"{at}:2: kind: Input should be 'city' or 'region' (given: 'town')",
        f"{at}:4: count: Input should be greater than or equal to 0 (given: -1)",
        f"{at}:5: is_open: Input should be a valid boolean (given: 'NO')",
        f"{at}:6: colour: unknown key; remove it or correct its spelling",
        f"{at}:9: parts.0.size: Input should be greater than 0 (given: 0)",
        f"{at}:10: parts.1.name: required, and missing",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id: one\ncode: 1\n", '2: code: must be text; put it in quotes: "1"'),
        ("id: one\ncount: true\n", "2: count: Input should be a valid integer (given: True)"),
        ("id: one\ncount: '1'\n", "2: count: Input should be a valid integer (given: '1')"),
        ("id: one\nparts: x\n", "2: parts: Input should be a valid list (given: 'x')"),
        (
            "id: one\nparts: [{name: a}, {name: b}, {name: c}, {name: d}]\n",
            "2: parts: at most three parts; split the whole",
        ),
        ("id: one\nparts: [{name: ''}]\n", "2: parts.0.name: String should have at least 1 character (given: '')"),
        ("id: one\nid: two\n", "2: yaml: the key 'id' stands twice in one mapping"),
        ("- id: one\n", "1: file: must be a mapping of keys to values"),
        ("", "1: file: must be a mapping of keys to values"),
        ("id: {a: 1}\n", "1: id: Input should be a valid string"),
        (b"id: \xe9\n", "1: file: not UTF-8 at byte 4; save it as UTF-8"),
        (b"#" * 1_000_001, "1: file: larger than 1,000,000 bytes; split it"),
    ],
)
def test_each_kind_of_fault(tmp_path: Path, text: str | bytes, fault: str) -> None:
    spec, faults = read(tmp_path, text)
    assert spec is None
    assert faults == [f"wholes/one/whole.yaml:{fault}"]


@pytest.mark.parametrize("name", ["a" * 64, "_a", "1a", "a-b", "a b", "a\n", "ä", 'a"; DROP TABLE t; --', ""])
def test_identifiers_are_safe_in_sql_and_in_paths(tmp_path: Path, name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    _, faults = read(tmp_path, f'id: "{escaped}"\n')
    assert len(faults) == 1
    assert ":1: id:" in faults[0]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    _, faults = read_declaration(Whole, tmp_path / "gone.yaml", tmp_path)
    assert [str(fault) for fault in faults] == ["gone.yaml:1: file: cannot be read: No such file or directory"]


def test_files_outside_the_workspace_are_named_in_full(tmp_path: Path) -> None:
    _, faults = read_declaration(Whole, tmp_path / "gone.yaml", tmp_path / "elsewhere")
    assert faults[0].file == (tmp_path / "gone.yaml").as_posix()


def test_the_digest_is_over_the_declaration_and_the_files_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "whole.yaml"
    file.write_text("id: one\n")

    def digest() -> str:
        declared, _ = read_declaration(Whole, file, tmp_path, ("query.sql",))
        assert declared is not None
        return declared.digest

    alone = digest()
    assert alone == hashlib.sha256(b"id: one\n").hexdigest()
    (tmp_path / "query.sql").write_text("SELECT 1")
    with_query = digest()
    (tmp_path / "query.sql").write_text("SELECT 2")
    assert len({alone, with_query, digest()}) == 3
    (tmp_path / "notes.md").write_text("not a part of it")
    assert digest() == digest()


def test_faults_found_later_have_the_line_of_their_field(tmp_path: Path) -> None:
    file = tmp_path / "whole.yaml"
    file.write_text("id: one\nparts:\n  - name: a\n")
    declared, _ = read_declaration(Whole, file, tmp_path)
    assert declared is not None
    assert declared.fault(("parts", 0, "name"), "is odd", tmp_path) == Fault("whole.yaml", 3, "parts.0.name", "is odd")
    assert str(declared.fault((), "is odd", tmp_path)) == "whole.yaml:1: file: is odd"
    assert declared.text("gone.md") is None
    assert declared.text("whole.yaml") == "id: one\nparts:\n  - name: a\n"


def test_declarations_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Whole(id="one").id = "two"
