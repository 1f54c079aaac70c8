"""Whatever Frictionless says of a file, ours says too: made-up files, schemas and dialects (more by `make fuzz`)."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.unit.validation.oracle import Case, disagreement
from tests.unit.validation.strategies import LITERALS, ODD_LINES, PATTERNS, Writing, cases

STATED: dict[str, Any] = {"encoding": "utf-8", "dialect": {"csv": {"delimiter": ",", "skipInitialSpace": False}}}
TEXT = {"fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]}


SETTINGS = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SETTINGS
@given(case=cases())
@pytest.mark.parametrize("engine", ["duckdb", "auto"])
def test_any_file(case: Case, engine: str, tmp_path: Path) -> None:
    assert disagreement(case, tmp_path, engine) is None


@SETTINGS
@given(case=cases())
@pytest.mark.parametrize("engine", ["duckdb", "auto"])
def test_any_file_as_if_it_were_large(case: Case, engine: str, tmp_path: Path) -> None:
    assert disagreement(case, tmp_path, engine, in_pieces=True) is None


# A field of each sort with all the literals, so that none of them is left to chance.
FIELDS: list[dict[str, Any]] = [
    {"type": "string", "constraints": {"minLength": 1, "maxLength": 2}},
    {"type": "string", "constraints": {"enum": ["a", "2024", "é"]}},
    {"type": "string", "constraints": {"unique": True}},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "uri"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "binary"},
    {"type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
    {"type": "integer", "constraints": {"enum": [1, "24"], "unique": True}},
    {"type": "integer", "bareNumber": False},
    {"type": "number", "constraints": {"minimum": 0, "exclusiveMaximum": "12"}},
    {"type": "number", "constraints": {"unique": True}},
    {"type": "number", "groupChar": " ", "decimalChar": ",", "constraints": {"unique": True}},
    {"type": "number", "groupChar": ",", "constraints": {"unique": True}},
    {"type": "number", "bareNumber": False, "decimalChar": ","},
    {"type": "number", "floatNumber": True, "constraints": {"maximum": 1000}},
    {"type": "number", "constraints": {"enum": [1, 1.5, "24"]}},
    {"type": "boolean", "constraints": {"unique": True}},
    {"type": "boolean", "trueValues": ["yes", "1"], "falseValues": ["no", "1"]},
    {"type": "date", "constraints": {"minimum": "2024-01-01"}},
    {"type": "date", "format": "%d/%m/%Y"},
    {"type": "datetime"},
    {"type": "time"},
    {"type": "year", "constraints": {"maximum": 2024, "unique": True}},
    {"type": "yearmonth"},
    {"type": "any", "constraints": {"enum": ["1", "a"]}},
    {"type": "duration"},
    {"type": "geopoint"},
    {"type": "geojson"},
    {"type": "object"},
    {"type": "array"},
    {"type": "list", "itemType": "integer"},
]


@pytest.mark.parametrize("missing", [None, ["NA", "1"]], ids=["empty", "some"])
@pytest.mark.parametrize("number", range(len(FIELDS)))
def test_every_literal_in_every_sort_of_field(number: int, missing: list[str] | None, tmp_path: Path) -> None:
    schema: dict[str, Any] = {"fields": [{"name": "a", **FIELDS[number]}, {"name": "b", "type": "string"}]}
    if missing is not None:
        schema["missingValues"] = missing
    # A carriage return in a cell makes the whole file one for the exact reader.
    texts = [text for text in LITERALS if "\r" not in text]
    rows: list[list[str] | str] = [["a", "b"], *([text, "x"] for text in [*texts, *reversed(texts)])]
    content = Writing(style="all").text(rows).encode()
    assert disagreement(Case(content, schema, STATED), tmp_path, "duckdb") is None


@pytest.mark.parametrize(
    ("control", "ends"),
    [({}, "\n"), ({}, "\r\n"), ({}, "\r"), ({"quoteChar": "'", "delimiter": ";"}, "\n"), ({"escapeChar": "\\"}, "\n")],
    ids=["plain", "carriage", "old", "other", "escape"],
)
@pytest.mark.parametrize("line", ODD_LINES)
def test_every_odd_line(line: str, control: dict[str, str], ends: str, tmp_path: Path) -> None:
    written = {"delimiter": ",", "quoteChar": '"', "skipInitialSpace": False, **control}
    line = line.replace('"', written["quoteChar"]).replace(",", written["delimiter"])  # type: ignore[arg-type]
    delimiter = written["delimiter"]
    content = ends.join([f"a{delimiter}b", f"x{delimiter}y", line, f"x{delimiter}y", ""]).encode()
    resource = {"encoding": "utf-8", "dialect": {"headerRows": [1], "csv": written}}
    assert disagreement(Case(content, TEXT, resource), tmp_path, "duckdb") is None


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern(pattern: str, tmp_path: Path) -> None:
    schema = {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": pattern}}]}
    texts = [
        *LITERALS,
        "a",
        "ab",
        "b",
        "aa",
        "aaa",
        "{",
        "a{",
        "a{1",
        "AB1234567",
        "12345",
        "axx",
        "xb",
        "[",
        "-",
        "\\",
    ]
    rows: list[list[str] | str] = [["a"], *([text] for text in texts if "\r" not in text)]
    assert disagreement(Case(Writing(style="all").text(rows).encode(), schema, STATED), tmp_path, "duckdb") is None


def test_a_file_without_anything(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\n\n\n", b"a", b"a,b", b"a,b\n", b"\xef\xbb\xbf", b"\xef\xbb\xbfa,b\n", b"\0", b'"'):
        for engine in ("duckdb", "auto"):
            assert disagreement(Case(content, TEXT, STATED), tmp_path, engine) is None


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("labels", [b"a,b", b"b,a", b"x", b"a,b,c"])
def test_the_limits(labels: bytes, limit: int, tmp_path: Path) -> None:
    content = labels + b"\n1,2\n\nx\n3,4,5,6\nx,y\nx,y\n"
    schema = {
        "fields": [
            {"name": "a", "type": "integer", "constraints": {"maximum": 2}},
            {"name": "b", "type": "integer", "constraints": {"unique": True, "required": True, "minimum": 3}},
        ]
    }
    for limit_rows in (None, 1, 2, 6, 7):
        for engine in ("duckdb", "auto"):
            case = Case(content, schema, STATED, limit_errors=limit, limit_rows=limit_rows)
            assert disagreement(case, tmp_path, engine) is None


def case_of(content: bytes, *fields: dict[str, Any], encoding: str = "utf-8", **dialect: Any) -> Case:
    schema = {"fields": [{"name": "ab"[place], **properties} for place, properties in enumerate(fields)]}
    return Case(content, schema, {"encoding": encoding, "dialect": {**STATED["dialect"], **dialect}})


STRING: dict[str, Any] = {"type": "string"}
FOUND = [
    case_of(b"a\na,,\n", STRING),
    case_of(b"a\na,,,,\nb,x,,\nc,,x\n", STRING),
    case_of(b"Title\r\na,b,c,d\r\n", {"type": "any"}, {"type": "any"}),
    case_of(b'"a\n",b\nx\n', STRING, STRING),
    case_of(b"1a2\nxay\n", STRING, STRING, csv={"delimiter": "a", "skipInitialSpace": False}),
    case_of(b'a\n"1" "2"\n', {"type": "string", "constraints": {"maxLength": 3}}),
    case_of(b'a,b\nx"y,z\n"a""\n,', STRING, STRING),
    case_of(b"a\nNaN\nx\nNaN\n", {"type": "number", "constraints": {"unique": True}}),
    case_of(b"a\n0e7202932477970183251\n", {"type": "number"}),
    case_of("\ufeff1,x\n2,y\n".encode("utf-16"), {"type": "integer"}, STRING, encoding="utf-16", header=False),
    case_of(b"a\n1\n2\n", STRING, commentRows=["x", 2.0]),
]


@pytest.mark.parametrize("number", range(len(FOUND)))
def test_what_was_found_before(number: int, tmp_path: Path) -> None:
    for engine in ("duckdb", "auto"):
        for in_pieces in (False, True):
            assert disagreement(FOUND[number], tmp_path, engine, in_pieces=in_pieces) is None
