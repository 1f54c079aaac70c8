"""Each compiled predicate beside Frictionless' own cell reader, on thousands of texts."""

import datetime
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from frictionless import Schema

from pipelines.validation.predicates import compile_field, missing_values, with_values
from tests.unit.validation.oracle import V2_RESOURCE, V2_SCHEMA, Case, disagreement
from tests.unit.validation.strategies import KINDS, LITERALS, PATTERNS, Writing

RANDOM_TEXTS = 3_000

COMPILED: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "string", "constraints": {"required": True, "minLength": 2, "maxLength": 4}},
    {"type": "string", "constraints": {"enum": ["a", "ab", "é", "it's"]}},
    {"type": "string", "constraints": {"enum": [f"v{n}" for n in range(30)] + ["a"]}},
    {"type": "string", "constraints": {"pattern": "[A-Z]{2}[0-9]{7}"}},
    {"type": "string", "constraints": {"pattern": "[a-z]+|[0-9]+"}},
    {"type": "string", "constraints": {"pattern": "(a|b)+c?", "maxLength": 5}},
    {"type": "any"},
    {"type": "any", "constraints": {"enum": ["a", "1", 1]}},
    {"type": "boolean"},
    {"type": "boolean", "trueValues": ["oui", "1"], "falseValues": ["non", "1"]},
    {"type": "boolean", "constraints": {"enum": [True]}},
    {"type": "integer"},
    {"type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
    {"type": "integer", "constraints": {"exclusiveMinimum": -3, "exclusiveMaximum": 2**63}},
    {"type": "integer", "constraints": {"minimum": -(10**30), "maximum": 10**30}},
    {"type": "integer", "constraints": {"enum": [0, 1, "7", "x"]}},
    {"type": "integer", "bareNumber": False},
    {"type": "integer", "bareNumber": False, "constraints": {"minimum": 5}},
    {"type": "number"},
    {"type": "number", "constraints": {"minimum": 0.1, "maximum": "1.5"}},
    {"type": "number", "constraints": {"exclusiveMinimum": 0, "exclusiveMaximum": 9007199254740993}},
    {"type": "number", "constraints": {"minimum": "0.1000000000000000055511151231257827"}},
    {"type": "number", "constraints": {"enum": [1, 1.5, "2.50"]}},
    {"type": "number", "floatNumber": True, "constraints": {"maximum": 1.5}},
    {"type": "number", "groupChar": ","},
    {"type": "number", "groupChar": " ", "decimalChar": ","},
    {"type": "number", "groupChar": ".", "decimalChar": ",", "constraints": {"minimum": 0}},
    {"type": "number", "groupChar": "\xa0", "decimalChar": ","},
    {"type": "number", "decimalChar": ",", "constraints": {"maximum": 1.5}},
    {"type": "number", "decimalChar": ",", "groupChar": ","},
    {"type": "number", "groupChar": "1"},
    {"type": "number", "groupChar": "-"},
    {"type": "number", "groupChar": "e"},
    {"type": "number", "decimalChar": "e"},
    {"type": "number", "bareNumber": False},
    {"type": "number", "bareNumber": False, "decimalChar": ",", "groupChar": " "},
    {"type": "date"},
    {"type": "date", "constraints": {"minimum": "2024-01-01", "exclusiveMaximum": "2024-02-29"}},
    {"type": "date", "constraints": {"enum": ["2024-02-29", "2023-12-31", "x"]}},
    {"type": "date", "format": "%Y-%m-%d"},
    {"type": "date", "format": "%d/%m/%Y"},
    {"type": "date", "format": "%d/%m/%Y", "constraints": {"minimum": "01/02/2024"}},
    {"type": "date", "format": "%d.%m.%Y"},
    {"type": "date", "format": "%d %m %Y"},
    {"type": "date", "format": "%Y%m%d"},
    {"type": "date", "format": "%m/%d/%Y"},
    {"type": "datetime"},
    {"type": "time"},
    {"type": "year"},
    {"type": "year", "constraints": {"minimum": "1999", "maximum": 2020}},
    {"type": "year", "constraints": {"enum": ["2024", "0000"]}},
    {"type": "yearmonth"},
    {"type": "yearmonth", "constraints": {"minimum": "2020-06", "exclusiveMaximum": "2024-1"}},
    {"type": "yearmonth", "constraints": {"enum": ["2024-1", "1999-12"]}},
]
MISSING: list[list[str]] = [[""], ["", "NA", "1", "2024"], []]


def field_of(descriptor: dict[str, Any], missing: Sequence[str] = ("",)) -> Any:
    schema = {"$schema": V2_SCHEMA, "fields": [{"name": "a", **descriptor}], "missingValues": list(missing)}
    return Schema.from_descriptor(schema).fields[0]


def texts_for(descriptor: dict[str, Any], seed: str) -> list[str]:
    """Right and nasty texts of the type, and what becomes of them by chance."""
    chance = random.Random(seed)
    kind = KINDS[descriptor["type"]]
    known = [text for goods in kind.goods.values() for text in goods] + list(kind.nasty) + LITERALS
    known += [text for _, goods in kind.options for text in goods]
    known += [str(value) for values in descriptor.get("constraints", {}).values() for value in _listed(values)]
    signs = sorted(set("".join(known)[:2000]) | set("0123456789+-.,eE _:/TZ'"))
    texts = [_changed(chance.choice(known)[:60], signs, chance) for _ in range(RANDOM_TEXTS)]
    texts += ["".join(chance.choices("0123456789.,-+ /", k=chance.randint(1, 12))) for _ in range(RANDOM_TEXTS // 3)]
    texts += [_long_number(chance) for _ in range(RANDOM_TEXTS // 2)]
    return list(dict.fromkeys([*known, *texts]))


def _long_number(chance: random.Random) -> str:
    """Digits beyond what a double or a BIGINT holds, with what DuckDB and Python may see differently between them."""
    digits = "".join(chance.choices("0123456789", k=chance.choice([1, 5, 15, 17, 18, 19, 20, 39, 45])))
    for sign in chance.choices("._,e ", weights=[6, 2, 2, 2, 1], k=chance.choice([0, 1, 1, 2])):
        place = chance.randint(0, len(digits))
        digits = digits[:place] + sign + digits[place:]
    return chance.choice(["", "", "-", "+"]) + digits


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _changed(text: str, signs: Sequence[str], chance: random.Random) -> str:
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        place = chance.randint(0, len(text))
        change = chance.randrange(3)
        text = text[:place] + (chance.choice(signs) if change < 2 else "") + text[place + (change > 0) :]
    return text


def judged_in_sql(expected: Any, texts: Sequence[str]) -> list[tuple[str, bool, bool, Any, Any]]:
    """Text, whether it is clean and filled, typed value, key."""
    predicate = compile_field(expected, "c")
    assert predicate is not None
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("cells", pa.table({"c": pa.array(texts, pa.string())}))
        selected = (
            f"c, ({predicate.clean}), ({predicate.filled}), ({predicate.typed})::{predicate.type}, ({predicate.key})"
        )
        return connection.execute(f"SELECT {selected} FROM {with_values('cells', {'c': predicate})}").fetchall()


def as_typed(value: Any, text: str, kind: str) -> Any:
    """A value that Frictionless parsed, in DuckDB's type."""
    if value is None or kind == "VARCHAR":
        return None if value is None else text
    if kind == "DOUBLE":
        return float(value)
    if kind == "TIMESTAMP" and value.tzinfo is not None:
        return value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value


@pytest.mark.parametrize("missing", MISSING, ids=["empty", "some", "none"])
@pytest.mark.parametrize("number", range(len(COMPILED)))
def test_what_is_clean_is_accepted_with_the_same_value(number: int, missing: list[str]) -> None:
    descriptor = COMPILED[number]
    expected = field_of(descriptor, missing)
    predicate = compile_field(expected, "c")
    assert predicate is not None
    read = expected.create_cell_reader()
    keys: dict[Any, Any] = {}
    clean_texts = 0
    for text, is_clean, is_filled, typed, key in judged_in_sql(expected, texts_for(descriptor, f"{number}")):
        assert is_filled is (text not in missing_values(expected))
        if not is_clean:
            continue
        clean_texts += 1
        value, notes = read(text)
        assert not notes, f"{text!r} is no clean cell: {notes}"
        assert typed == as_typed(value, text, predicate.type), f"{text!r} means {value!r}, not {typed!r}"
        assert keys.setdefault(value, key) == key, f"{text!r} has the key {key!r}, an equal one {keys[value]!r}"
        assert (key is None) == (value is None)
    assert clean_texts


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_a_pattern_lets_through_is_accepted(pattern: str) -> None:
    descriptor = {"type": "string", "constraints": {"pattern": pattern}}
    expected = field_of(descriptor)
    if compile_field(expected, "c") is None:
        return
    read = expected.create_cell_reader()
    chance = random.Random(pattern)
    signs = [*"ab012{[]-\\.A B\n\t '%_#\xa0é\u0660\u00b2\u017f\u212a\U0001f600", "\r", "\u2028", "\x1c", "\0"]
    texts = ["".join(chance.choices(signs, k=chance.randint(0, 5))) for _ in range(4_000)]
    for text, is_clean, *_ in judged_in_sql(expected, [*texts, *LITERALS]):
        if is_clean:
            assert not read(text)[1], text


@pytest.mark.parametrize("number", range(len(COMPILED)))
def test_equal_values_in_odd_spellings_are_found(number: int, tmp_path: Path) -> None:
    """`unique` on random texts: clean ones meet suspects of the same value."""
    descriptor = COMPILED[number]
    constraints = {**descriptor.get("constraints", {}), "unique": True}
    schema = {"fields": [{"name": "a", **descriptor, "constraints": constraints}, {"name": "b", "type": "any"}]}
    texts = [text for text in texts_for(descriptor, f"{number}") if "\r" not in text]
    chance = random.Random(number)
    read = field_of(descriptor).create_cell_reader()
    # Frictionless raises at a signalling NaN that is compared.
    texts = [text for text in texts if "snan" not in text.lower()]
    accepted = [text for text in texts if not read(text)[1]]
    rows: list[list[str] | str] = [[text, "x"] for text in chance.choices(accepted, k=300) + chance.sample(texts, 60)]
    content = Writing(style="all").text([["a", "b"], *rows]).encode()
    resource = {
        "encoding": "utf-8",
        "dialect": {"csv": {"delimiter": ",", "skipInitialSpace": False}},
        "$schema": V2_RESOURCE,
    }
    assert disagreement(Case(content, schema, resource), tmp_path, "duckdb") is None
