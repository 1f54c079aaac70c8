"""Patterns: Python's own `re` says what is expected, and DuckDB says what the translation accepts."""

import json
import re
import warnings
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.validation import pattern_effort, patterns
from pipelines.validation.patterns import Pattern, PatternTimeout

REGISTRY = Path(__file__).parents[3].parent / "shared/data/table_schemas/registry"

EXPLOSIVE = ["(a+)+$", "(a|a)*b", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){40}a{40}", "(.*)*x", "(a|b|ab)*c"]

# Borders of what the two engines call a digit, a space, a letter or a line; a lone surrogate; characters of 1-4 bytes.
CHARACTERS = (
    "abxAZ09_-. ,|\n\r\t\0\x0b\x0c\x1c\x1f\x7f\x85\xa0éß\u017f\u024f\u0250٣\u0966\uff10中\u2028\ufeff\U0001f600\ud800"
)
SETS = [
    "[a-c]", "[^a-c]", "[a^]", "[]x]", "[\\d,]", "[^\\d]", "[\\w.-]", "[^\\w\\s]", "[\\S]", "[é-ю]", "[^é]", "[^\\n]",
    "[\\s\\S]", "[^\\s\\S]", "[\\D0]", "[A-Zà-ÿ ]",
]  # fmt: skip
ATOMS = [
    *"abxyA019_, é中", "\U0001f600", "\\.", "\\|", "\\n", ".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", *SETS,
    "^", "$", "\\A", "\\Z", "\\b", "\\B", "(?=a)", "(?!a)", "(?<=a)", "(?>a+)", "(?#x)",
]  # fmt: skip
REPEATS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{0,2}", "{1,}", "{2,3}?", "{,2}", "*+", "{3,}"]
GROUPS = ["({})", "(?:{})", "(?P<n>{})", "(?s:{})", "(?a:{})", "(?i:{})", "(?m:{})", "(?-s:{})", "({})\\1"]


def _grown(parts):
    return st.one_of(
        st.lists(parts, min_size=1, max_size=3).map("".join),
        st.lists(parts, min_size=2, max_size=3).map("|".join),
        st.tuples(st.sampled_from(GROUPS), parts).map(lambda pair: pair[0].format(pair[1])),
        st.tuples(parts, st.sampled_from(REPEATS)).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map("".join),
    )


texts = st.recursive(st.sampled_from(ATOMS), _grown, max_leaves=8)
cells = st.text(st.sampled_from(CHARACTERS), max_size=6)
ascii_cells = st.text(st.sampled_from("abxy019_ ,.\n\x1c"), max_size=7)


def reference(text, cell):
    """What Frictionless asks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(f"^{text}$").match(cell) is not None


def made(text):
    try:
        return Pattern(text)
    except ValueError:
        with pytest.raises((re.error, OverflowError)):
            reference(text, "")
        return None


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as made:
        yield made


def accepted(connection, sql, given):
    assert sql.isascii()
    assert "'" not in sql
    rows = connection.execute(f"SELECT regexp_full_match(t, '{sql}') FROM (SELECT unnest(?) AS t)", [given]).fetchall()
    return [row[0] for row in rows]


class TestMatches:
    @settings(derandomize=True, deadline=None, max_examples=600)
    @given(texts, st.lists(cells | ascii_cells, min_size=1, max_size=6))
    @example("a|b", ["axxx", "bx", "b", "b\n", "xb"])
    @example("(\\n|a$){2}", ["a\n", "\n\n", "a"])
    @example("(?:(?:^|,)(^[A-Z]{2}$|Non))+$", ["AB", "AB\n", "Non,Non", "Non,AB"])
    @example("a$\\Z", ["a", "a\n"])
    @example("(a$|b)c?", ["a", "a\n", "bc\n"])
    @example("\\w+\\b", ["a", "é", "a\n", ""])
    @example("(|a)*b", ["aab"])
    def test_is_python_s_verdict_by_whatever_engine(self, text, given):
        pattern = made(text)
        if pattern is None:
            return
        expected = [reference(text, cell) for cell in given]
        assert [pattern.matches(cell) for cell in given] == expected
        # Without Python's engine in this process: RE2, or Python's in the other one.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pattern_effort, "WORK_LIMIT", 0)
            pattern = Pattern(text)
            assert [pattern.matches(cell) for cell in given] == expected

    @pytest.mark.parametrize("text", EXPLOSIVE)
    @pytest.mark.parametrize("letter", ["a", "x"])
    @pytest.mark.parametrize("end", ["", "!", "b", "c", "\n"])
    def test_explosive_patterns_are_answered_without_the_time_limit(self, text, letter, end, monkeypatch):
        monkeypatch.setattr(patterns, "answer_in_time", None)
        cell = letter * 40 + end
        # The language of each, by hand: what Python would say if one waited.
        by_hand = {
            "(a+)+$": "a+\n?",
            "(a|a)*b": "a*b\n?",
            "(x+x+)+y": "xx+y\n?",
            "^(([a-z])+.)+[A-Z]([a-z])+$": "[a-z][^\n]+[A-Z][a-z]+\n?",
            "(a?){40}a{40}": "a{40,80}\n?",
            "(.*)*x": "[^\n]*x\n?",
            "(a|b|ab)*c": "[ab]*c\n?",
        }
        assert Pattern(text).matches(cell) is (re.fullmatch(by_hand[text], cell) is not None)

    def test_an_explosive_look_ahead_runs_into_the_time_limit(self):
        pattern = Pattern("(?=(a+)+$)x")
        with pytest.raises(PatternTimeout, match="gave no answer") as caught:
            pattern.matches("a" * 40 + "!")
        assert (caught.value.pattern, caught.value.cell) == ("(?=(a+)+$)x", "a" * 40 + "!")
        # The next question is answered by a new process.
        assert Pattern("(?=(a|aa)*$)(a|aa)*").matches("a" * 8)
        assert not Pattern("(a|b)*\\1").matches("a" * 500 + "c")

    def test_cells_beyond_what_is_spelled_out_are_python_s(self):
        assert Pattern("(\\w|-)*x").matches("中-é" * 3 + "x")
        assert not Pattern("(\\w|-)*x").matches("中-é" * 3 + "!x")
        assert Pattern("(\\S|-)*\ud800").matches("a" * 20 + "\ud800")

    @pytest.mark.parametrize("text", ["[", "(", "a**", "(?i)a", "\\p{L}", "a{99999999999}", "*", "(?P<n>a)(?P<n>b)"])
    def test_what_python_does_not_compile_is_an_error_with_its_words(self, text):
        with pytest.raises((re.error, OverflowError)) as expected:
            re.compile(f"^{text}$")
        with pytest.raises(ValueError, match=re.escape(str(expected.value))):
            Pattern(text)

    def test_a_pattern_nested_too_deeply_is_an_error(self):
        with pytest.raises(ValueError, match="nested too deeply"):
            Pattern("(?:" * 5_000 + "a" + ")" * 5_000)


class TestSql:
    @settings(derandomize=True, deadline=None, max_examples=600)
    @given(texts, st.lists(cells | ascii_cells, min_size=1, max_size=12))
    def test_duckdb_accepts_nothing_that_python_rejects(self, connection, text, given):
        pattern = made(text)
        if pattern is None or pattern.sql is None:
            return
        given = [cell for cell in given if "\ud800" not in cell]
        answers = accepted(connection, pattern.sql, given)
        assert [cell for cell, answer in zip(given, answers, strict=True) if answer and not reference(text, cell)] == []

    @pytest.mark.parametrize(
        ("text", "cell", "expected"),
        [
            ("a.b", "a\0b", True),
            ("a.b", "a\nb", False),
            ("a.b", "a\U0001f600b", True),
            ("a.b", "a\u2028b", True),
            ("a", "a\n", True),
            ("a", "a\n\n", False),
            ("a", "a\0", False),
            ("a\\Z", "a\n", False),
            ("a|b", "axxx\n\0\U0001f600", True),
            ("a|b", "bx", False),
            ("\\d+", "12", True),
            ("\\d+", "1٣", False),  # narrower than Python, which takes it
            ("\\w+", "Éléonore_1", True),
            ("[^|]+", "中\n\U0001f600'", True),
            ("\\s", "\x1c", True),
            ("it's", "it's", True),
            ("a{1000}", "a" * 1000, True),
            ("(?s:.)*", "\n\0", True),
            ("\\bab\\b", "ab", True),
            ("\\bab\\b.*", "ab é", False),  # narrower
        ],
    )
    def test_what_duckdb_says(self, connection, text, cell, expected):
        assert accepted(connection, Pattern(text).sql, [cell]) == [expected]

    @pytest.mark.parametrize(
        "text", ["(?=a)a", "(?!a)b", "(?<=a)b", "(a)\\1", "(?>a)", "a*+", "a{1001}", "(a{100}){11}", "(?i:a)", "\\B"]
    )
    def test_there_is_none_where_re2_differs(self, text):
        assert Pattern(text).sql is None

    def test_what_is_too_large_for_duckdb_has_none(self, connection):
        for count in (50, 100, 200):
            text = "|".join(f"[{chr(200 + number)}-\U0010ffff]{{300}}" for number in range(count))
            sql = Pattern(text).sql
            assert sql is None or accepted(connection, sql, ["a"]) == [False]


@pytest.mark.skipif(not REGISTRY.is_dir(), reason="the registry's schemas are not here")
def test_patterns_of_the_registry_translate_unless_they_refer_to_groups(connection):
    found = {
        field["constraints"]["pattern"]
        for path in REGISTRY.glob("*.json")
        for field in json.loads(path.read_text())["fields"]
        if "pattern" in field.get("constraints", {})
    }
    translated = {text: Pattern(text).sql for text in found}
    assert {text for text, sql in translated.items() if sql is None} == {text for text in found if "\\1" in text}
    given = ["\0", "", "é", "2024-01-01", "lundi", "BUS,CAR", "12"]
    for text, sql in translated.items():
        expected = [reference(text, cell) for cell in given]
        assert [Pattern(text).matches(cell) for cell in given] == expected
        if sql is not None:
            assert accepted(connection, sql, given) == expected
