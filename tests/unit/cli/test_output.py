"""Data on stdout for machines and people, messages on stderr, and nothing that a terminal would obey."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from pipelines.cli.output import note, print_csv, print_error, print_json, print_table
from pipelines.errors import DataError, ExitCode, GromaError, UsageError

Capture = pytest.CaptureFixture[str]


def test_json_is_for_machines(capsys: Capture) -> None:
    value = {"d": Decimal("12.500000"), "n": Decimal("3"), "b": b"\x01\xff", "t": dt.date(2024, 1, 5), "é": None}
    print_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == {"d": 12.5, "n": 3, "b": "01ff", "t": "2024-01-05", "é": None}
    assert '"é"' in out
    assert out.endswith("}\n")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_has_no_number_that_is_none(capsys: Capture, number: float) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    print_json([number])
    json.loads(capsys.readouterr().out, parse_constant=refuse)


def test_csv_is_read_back(capsys: Capture) -> None:
    rows: list[list[Any]] = [[1, None, 'a "b", c'], [Decimal("1.50"), ["x", "y"], "two\nlines"], [-1, [], "=1+1"]]
    print_csv(["n", "list", "text"], rows)
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [
        ["n", "list", "text"],
        ["1", "", 'a "b", c'],
        ["1.50", '["x", "y"]', "two\nlines"],
        ["-1", "[]", "=1+1"],  # lossless: this is for machines
    ]


@pytest.mark.parametrize("cell", [[Decimal("1.5")], [dt.date(2024, 1, 5)]])
def test_csv_of_lists_of_anything(capsys: Capture, cell: list[Any]) -> None:
    print_csv(["list"], [[cell]])
    assert "1" in capsys.readouterr().out


def test_a_table_is_for_people(capsys: Capture) -> None:
    rows = [("a", 1, Decimal("12.500000"), True, None), ("b", 100, Decimal("1E+2"), False, ["x", "y"])]
    print_table(("name", "count", "share", "open", "list"), rows, title="Title")
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == "Title"
    assert lines[-2].split() == ["a", "1", "12.5", "yes"]
    assert lines[-1].split() == ["b", "100", "100", "no", "x,", "y"]
    assert lines[-2].index("12.5") > lines[-2].index("1") > 0  # numbers stand to the right
    header, last = next(line for line in lines if "count" in line), lines[-1]
    assert header.index("count") + len("count") == last.index("100") + len("100")


@pytest.mark.parametrize("hostile", ["\x1b[2J\x1b]0;title\x07", "\u202eabc", "a\rb", "\x9b31m"])
def test_a_terminal_obeys_no_cell(capsys: Capture, hostile: str) -> None:
    print_table(("name",), [(hostile,)])
    note(hostile)
    print_error(DataError(hostile))
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert "�" in text
        assert all(character.isprintable() or character == "\n" for character in text)


def test_brackets_are_text(capsys: Capture) -> None:
    print_table(("name",), [("[red]x[/red] [link=http://zz.invalid]y[/link]",)])
    assert "[red]x[/red] [link=http://zz.invalid]y[/link]" in capsys.readouterr().out


def test_an_error_says_what_why_and_how_to_fix_it(capsys: Capture) -> None:
    error = DataError("row 2 is wrong", why="the rule", fix="correct it")
    print_error(error)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "E-DATA  row 2 is wrong\n  Why: the rule\n  Fix: correct it\n")
    print_error(UsageError("no"), as_json=True)
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "error": {"code": "E-USAGE", "exit_code": 2, "what": "no", "why": None, "fix": None}
    }
    assert captured.err == "E-USAGE  no\n"


def test_every_kind_of_error_has_a_code_of_its_own() -> None:
    kinds = GromaError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len({kind.exit_code for kind in kinds}) == len(kinds)
    assert {kind.__name__: int(kind.exit_code) for kind in kinds} == {
        "UsageError": 2, "DataError": 3, "SourceUnavailable": 4, "Blocked": 5, "Busy": 7,
    }  # fmt: skip
    assert [int(code) for code in ExitCode] == list(range(9))
