"""A YAML file means what it shows (YAML 1.2 core schema), and what it could hide is refused."""

from typing import Any

import pytest

from pipelines.specs.strict_yaml import YamlFault, parse


def fault_of(text: str) -> YamlFault:
    with pytest.raises(YamlFault) as raised:
        parse(text)
    return raised.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("010", "010"),
        ("01.5", "01.5"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("12:30:00", "12:30:00"),
        ("2024-01-05", "2024-01-05"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        (".5", ".5"),
        ("1.", "1."),
        ('"1"', "1"),
        ("'true'", "true"),
        ("|\n  1\n", "1\n"),
        ("1", 1),
        ("-7", -7),
        ("0", 0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("[1, NO]", [1, "NO"]),
        ("{b: {c: 010}}", {"b": {"c": "010"}}),
    ],
)
def test_scalars_are_those_of_the_core_schema(written: str, meant: Any) -> None:
    value = parse(f"a: {written}").value["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_an_empty_text_is_no_value() -> None:
    document = parse("")
    assert document.value is None
    assert document.line(("anything", 0)) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert parse("\ufeffa: 1").value == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        # An alias is told where its anchor stands.
        ("a: &x 1\nb: *x", 1, "aliases"),
        ("a: &x [1]\nb:\n  - *x", 1, "aliases"),
        ("a: &x [*x]", 1, "aliases"),
        ("base: &b {k: 1}\nmore:\n  <<: *b", 1, "aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [id]", 2, "tags"),
        ("a: !!binary aGk=", 1, "tags"),
        ("a: !local 1", 1, "tags"),
        ("a: 1\nb: 2\na: 3", 3, "'a' stands twice"),
        ("a: 1\n'a': 2", 2, "'a' stands twice"),
        ("c:\n  a: 1\n  a: 2", 3, "'a' stands twice"),
        ("? [x]\n: 1", 1, "a key must be a word"),
        ("? {x: 1}\n: 1", 1, "a key must be a word"),
        ("a: 1\n---\nb: 2", 2, "another document"),
        ("a:\n\t- 1", 2, "found character"),
        ("a: [1", 2, "did not find expected"),
        ("a: b: c", 1, "mapping values"),
        ("a: \x00", 1, "not well-formed"),
        ("a: \x07", 1, "not well-formed"),
    ],
)
def test_what_a_file_could_hide_is_a_fault_with_its_line(text: str, line: int, message: str) -> None:
    fault = fault_of(text)
    assert message in fault.message
    assert fault.line == line


def test_an_anchor_that_nothing_repeats_is_harmless() -> None:
    assert parse("a: &x 1").value == {"a": 1}


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ['a0: &a0 ["x","x","x","x","x","x","x","x","x"]']
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "aliases" in fault_of("\n".join(lines)).message


def test_depth_is_limited() -> None:
    assert parse("[" * 32 + "]" * 32).value is not None
    assert "levels deep" in fault_of("[" * 40 + "]" * 40).message
    assert "nesting" in fault_of("[" * 100_000).message


def test_lines_are_those_of_the_deepest_part_that_is_there() -> None:
    document = parse("a: 1\nb:\n  - x\n  - y: 2\n    z: 3\n")
    assert [document.line(p) for p in [(), ("a",), ("b",), ("b", 0), ("b", 1, "z"), ("b", 1, "gone"), ("no",)]] == [
        1,
        1,
        2,
        3,
        5,
        4,
        1,
    ]


def test_a_number_without_end_is_a_fault() -> None:
    fault_of("a: " + "9" * 5000)


def test_no_number_is_infinite() -> None:
    fault_of("a: 1e999")


@pytest.mark.parametrize("text", ["!!python/name:os.system a: 1", "a: &x b\n? *x\n: 1"])
def test_keys_have_no_tag_and_no_alias(text: str) -> None:
    fault_of(text)
