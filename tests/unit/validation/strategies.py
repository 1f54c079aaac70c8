"""Schemas, files and dialects that readers of delimited files disagree about, for hypothesis."""

# ruff: noqa: RUF001  digits and signs of other scripts are what is tried

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.unit.validation.oracle import Case

# Spellings that readers of numbers, days and truth values disagree about, and what one meets in files.
LITERALS = [
    "", " ", "0", "1", "-1", "007", "+5", " 5 ", "12.0", "1.5", "1,5", "1_000", "1e3", "1e999", "NaN", "nan", "INF",
    "-inf", "٢٤", "½", "0x10", "true", "True", "FALSE", "no", "yes", "t", "2024", "24", "10000", "2024-02-29",
    "2023-02-29", "2024-1-5", "20240105", "a", "A1", "ab", "=1+1", "-", "n/a", "NA", "é", "e\u0301", "a\u200cb",
    "\u202ea", "a\nb", "a\rb", "a\r\nb", '"', "'", "null", "None", "NULL", "\\N", "\\", "#", "# a", "a,b", "a;b",
        "a\tb",
    "a|b", "x\"y", "\"x\"y", " \"a\"", "\xa0", "1\xa0", "1\u202f000", "\u2212" "1", "\ufeff1", "a\0b", "\0", "[]", "{}",
    "(null)", "inf", "Infinity", "-0", "0.0", "-0.0", ".", "-.", "1.", ".5", "--1", "+-1", "1 000", "😀", "\u2028",
    "\x0b", "\x0c", "\x1c", "\x85", "a ", " a", "a\n", "\n", "\na", "12 €", "€ 12", "ABC12", "x" * 40,
    "👨\u200d👩\u200d👧", "🇫🇷", "ﬁ", "ß", "İ", "1\t", "1\x0b", "1\x1c", "\t1", "1\u2003",
    "𝟏", "1\u0301", "\uffff", "\x7f",
]  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A type of field: what its descriptor may say and what its cells may hold.

    Attributes:
        goods: Texts that are right, by format; `default` is where none is said.
        nasty: Texts that look right.
        options: Further properties, each with texts that are right under them.
        bounds: Of `minimum` and so on.
        enums: Lists of values.
        has_lengths: Whether it knows `minLength`.
        patterns: Of `pattern`.
    """

    goods: Mapping[str, Sequence[str]]
    nasty: Sequence[str] = ()
    options: Sequence[tuple[Mapping[str, Any], Sequence[str]]] = (({}, ()),)
    bounds: Sequence[Any] = ()
    enums: Sequence[Sequence[Any]] = ()
    has_lengths: bool = False
    patterns: Sequence[str] = ()


PATTERNS = [
    "[a-z]+", "[A-Z]{2}[0-9]{7}", "a|b", "(a|b)", "(a|b)+", "^a", "a$", "^a$", r"\d+", r"\w+", r"\s*", r"\S+",
        r"[\w.-]+",
    ".*", ".", "a.c", "[^a]", "[^a]*", r"\bab\b", "a{2,3}", "a{,2}", "a{2,}", "{", "a{", "a{1", "x?", r"\.", "(?=a)ab",
    r"(a|b)\1", "a++", "(?>a+)b", "[é]", "\u00e9", "é+", " ", "a b", "#", "[a-z&&b]", "^(?:a|b)$", "[0-9]{5}",
        "(?s:.)+",
    "(?i:ab)+", "(?P<n>a)b?", r"\x41", r"\t", r"a\Z", r"\Aa", "[]a]+", "[^]a]+", r"[a\]]", r"[\d]+", r"[^\d]+", "", "$",
    "^", "a$|b", r"\n", r"[\n]", r"a\n?", r"(?m:^a$)", "a||b", "(|a)", r"[\s\S]*", r"\u00e9",
        r"\N{LATIN SMALL LETTER A}",
    r"[ -~]*", r"\W", r"\D+", "[[]", "[a[]+", "[--a]", "(a{1,3}){2}", "(?:)", "a*?b", "[\\\\]", "'", "a'b|c", "%", "_",
    r"\/", r"\-", "(?x: a b )", "(?a:\\w+)", r"\$", "[.]", "x{0}", "(?#c)a",
]  # fmt: skip
# Python cannot compile these where Frictionless puts them.
BROKEN_PATTERNS = ["(?i)abc", r"\p{L}", "(", "[", "*", "a{2,1}", r"\z"]

_DATES = ["2024-02-29", "2023-12-31", "0001-01-01", "9999-12-31", "1999-01-01"]
_ISO_NASTY = [
    "2024-2-9", "2023-02-29", "0000-01-01", "2024-13-01", "20240229", " 2024-02-29",
    "2024-02-29 ", "２０２４-０２-２９",
    "2024/02/29", "2024-02-29T00:00:00", "infinity", "epoch", "2024-02-29\n", "24-02-29", "+2024-02-29", "02024-02-29",
    "2024-02-29 (BC)", "today", "1/2/2020", "31/12/20", "2020",
]  # fmt: skip
_TIMES = ["00:00:00", "23:59:59", "12:30:00.5", "10:20:30.123456", "10:00:00Z", "10:00:00+02:00", "24:00:00", "10:00"]
_MOMENTS = [
    "2024-02-29T10:00:00Z", "2024-02-29T10:00:00", "2024-02-29 10:00:00", "2024-02-29T10:00:00.123456Z",
    "2024-02-29T10:00:00+02:00", "2024-02-29T08:00:00Z", "2024-02-29", "2024-02-28T24:00:00", "2024-02-29T00:00:00",
]  # fmt: skip

KINDS: Mapping[str, Kind] = {
    "string": Kind(
        {
            "default": ["a", "ab", "abc", "b", "AB1234567", "é", "12345", "x", "a b", "aa"],
            "email": ["a@b.co", "x.y@example.org"],
            "uri": ["http://a.org", "http://", "http://a b", "mailto:a@b.co", "https://é.fr/x?y=1"],
            "uuid": ["95ecc380-afe9-11e4-9b6c-751b66dd541e", "{95ecc380-afe9-11e4-9b6c-751b66dd541e}"],
            "binary": ["dGVzdA==", "@@@@", "abcd", "a"],
            "wkt": ["POINT (1 2)", "POINT(1 2)", "POINT EMPTY", "POLYGON ((0 0, 1 0, 1 1, 0 0))"],
        },
        ["a@b", "a@b.c", "//x", "x:y", "95ECC380AFE911E49B6C751B66DD541E", "POINT (1)", "ab\n", "a\nb", "e\u0301",
            "aaaa"],
        enums=(["a", "ab"], ["a", "1", "é", "b'c"], [], [1, "a"], ["a", "a"], [f"v{n}" for n in range(20)] + ["a"]),
        has_lengths=True,
        patterns=PATTERNS,
    ),
    "integer": Kind(
        {"default": ["0", "1", "7", "42", "-3", "100", "99999"]},
        [
            "01", "+1", "-0", "1_000", "０１", "٣", "1\xa0", " 1", "1.0", "1e3",
            "1,000", "0x1F", "\u22121", "--1", "1-",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
                "999999999999999999",
            "1000000000000000000", "12 34 kg", "€1", "1%", "1 000", "-5 €", "x-5", "5-", "--5", "1__0", "_1", "0_0",
                "00",
            "9" * 40, "9" * 4301, "1\n", "1\x1c",
        ],
        options=(({}, ()), ({}, ()), ({"bareNumber": False}, ["12 €", "$ 12", "-5%", "a-7kg"]), ({"bareNumber": True},
            ())),
        bounds=(0, 1, "2", -3, 50, 10**20, -(10**20), 2**63, -(2**63), 2**63 - 1, "007", 1.0),
        enums=([0, 1, 7], ["1", "42"], [], [1, "x"], [10**30, 1], [1.0, "007"]),
    ),
    "number": Kind(
        {"default": ["0", "1", "1.5", "-2.25", "100", "3.14159", "0.1"]},
        [
            "1.", ".5", "1e5", "1E-5", "NaN", "-nan", "INF", "-Infinity", "1_000.5", "１.５", "1,5", "1 000", "+1.5",
                " 1.5 ",
            "1e400", "-1e400", "1e-400", "0.1000000000000000055511151231257827", "9007199254740993",
                "0.30000000000000004",
            "1.50", "1.5000", "15e-1", "-0", "-0.0", "0e5", "+-1", "1..5", "1.5.5", "0x1p3", "1d", "1f", "9" * 310,
            "1." + "0" * 300 + "1", "1.0\n", "1.000,5", "1,000.5", "1.0.0.0", "1 0 0", "12 €", "- 5", "-.5", "2.5e",
                "1e+5",
            "100.000000000000001", "99.999999999999999999", "0.1 ", "nan1", "infinity", "iNf", "1e3_0", "1_0", "1__0",
                "_1",
        ],
        options=(
            ({}, ()), ({}, ()),
            ({"groupChar": ","}, ["1,000", "1,000.5", "12,34"]),
            ({"groupChar": " ", "decimalChar": ","}, ["1 000", "1 000,5", "0,1"]),
            ({"groupChar": ".", "decimalChar": ","}, ["1.000,5", "1.000", "2,5"]),
            ({"decimalChar": ","}, ["1,5", "100,25", "0,1"]),
            ({"groupChar": "\xa0", "decimalChar": ","}, ["1\xa0000,5", "1,5"]),
            ({"groupChar": "'"}, ["1'000", "1'000.5"]),
            ({"bareNumber": False}, ["12 €", "€ 12.5", "-5%", "ca. 7.5 kg"]),
            ({"bareNumber": False, "decimalChar": ",", "groupChar": " "}, ["12,5 €", "1 000,5 kg", "€ 1 000"]),
            ({"floatNumber": True}, ["1.5", "1e400", "0.1"]),
            ({"decimalChar": ".", "groupChar": ""}, ()),
            ({"decimalChar": "e"}, ["1e5"]),
            ({"groupChar": "00"}, ["1001"]),
            ({"groupChar": "-"}, ["1-000"]),
            ({"decimalChar": ",", "groupChar": ","}, ["1,5"]),
            ({"decimalChar": ""}, ["1"]),
            ({"groupChar": "1"}, ["12"]),
        ),
        bounds=(0, 1, 1.5, "1.5", -2.25, 0.1, 100, "0.1", "1e3", 1e300, "NaN", 9007199254740993, 0.3),
        enums=([1, 1.5], ["1.50", "x"], [0], [0.1, "0.1"], [], ["NaN"], [9007199254740993, 100]),
    ),
    "boolean": Kind(
        {"default": ["true", "false", "True", "1", "0", "FALSE"]},
        ["tRUE", " true", "yes", "t", "T", "oui", "non", "vrai", "2", "on", "TRUE "],
        options=(
            ({}, ()), ({"trueValues": ["oui"], "falseValues": ["non"]}, ["oui", "non"]),
            ({"trueValues": ["x", "1"], "falseValues": ["x", "0"]}, ["x"]),
            ({"trueValues": [], "falseValues": []}, ()),
            ({"trueValues": [""], "falseValues": ["no"]}, ["no"]),
            ({"trueValues": ["it's"]}, ["it's"]),
        ),
        enums=([True], ["true", False], [], ["oui"], [1], [True, False]),
    ),
    "date": Kind(
        {
            "default": _DATES, "%Y-%m-%d": _DATES,
            "%d/%m/%Y": ["31/12/2020", "01/02/2024", "29/02/2024"],
            "%d.%m.%Y": ["31.12.2020", "01.02.2024"], "%d-%m-%Y": ["31-12-2020"], "%m/%d/%Y": ["12/31/2020"],
            "%Y/%m/%d": ["2020/12/31"], "%Y%m%d": ["20201231", "20240229"], "%d/%m/%y": ["31/12/20", "01/02/68",
                "01/02/69"],
            "%d %B %Y": ["1 january 2020", "31 December 2020", "1 MAY 2020"], "%d %m %Y": ["31 12 2020"],
                "%Y %m %d": ["2020 12 31"],
            "any": ["2020", "1 may", "2020-01-01", "31/12/2020", "today"],
            "2020": ["2020"], "%d_%m_%Y": ["31_12_2020"], "%d%%%m%%%Y": ["31%12%2020"], "%Y-%j": ["2020-366"],
            "le %d/%m/%Y": ["le 31/12/2020"], "%Y-%m-%d ": ["2020-12-31 "], "%Y-%m": ["2020-12"],
                "%d'%m'%Y": ["31'12'2020"],
            "%Y-%m-%Y": ["2020-12-2020"], "%": ["%"], "%Q": ["x"],
        },
        [*_ISO_NASTY, "1/2/2020", "31/02/2020", "31/12/0000", "31/12/20", "31/12/20200", "1 /12/2020", "31/12/2020 ",
            " 31/12/2020",
         "３１/12/2020", "00/01/2020", "1.2.2020", "31_12_2020", "31/12-2020", "31/1/2020", "31/ 1/2020", "+1/12/2020",
             "31/12/+020"],
        bounds=("2020-01-01", "2024-02-29", "31/12/2020", "0001-01-01", "x"),
        enums=(["2024-02-29", "x"], ["31/12/2020"], []),
    ),
    "datetime": Kind(
        {
            "default": _MOMENTS, "any": ["2024-02-29 10:00", "1 may 2020 10am", "2020"],
            "%Y-%m-%d %H:%M:%S": ["2024-02-29 10:00:00"], "%d/%m/%Y %H:%M": ["29/02/2024 10:00", "9/2/2024 9:5"],
            "%Y-%m-%dT%H:%M:%S%z": ["2024-02-29T10:00:00+0200"],
        },
        [
            "2024-02-29T10:00:60Z", "2024-02-29T25:00:00", "2024-02-29T10:00:00.1234567Z", "2024-02-29t10:00:00",
                "0000-01-01T00:00:00Z",
            "2023-02-29T00:00:00", "2024-02-29T10", "20240229T100000", "2024-W09-4", "2024-02-29T10:00:00z",
                "2024-02-29T10:00:00,5",
            "2024-02-29  10:00:00", "2024-02-29T10:00:00 Z", "9999-12-31T24:00:00", "0001-01-01T00:00:00+02:00",
                "2024-02-29_10:00:00",
            "2024-060T10:00:00",
        ],
        bounds=("2024-02-29T10:00:00Z", "2024-02-29T10:00:00", "2020-01-01"),
        enums=(["2024-02-29T10:00:00Z"], ["2024-02-29 10:00:00", "x"]),
    ),
    "time": Kind(
        {"default": _TIMES, "any": ["10:00", "10am", "1 may"], "%H:%M": ["10:00", "9:5"], "%H:%M:%S": ["10:00:00"]},
        ["10:00:60", "25:00:00", "1000", "10", "10:00:00.1234567", "1:2:3", "10:00:00 ", "T10:00:00", "10:00:00,5",
            "24:00:01"],
        bounds=("09:00:00", "12:00:00Z", "10:00"),
        enums=(["10:00:00Z", "23:59:59"], ["00:00:00"]),
    ),
    "year": Kind(
        {"default": ["2024", "1999", "0000", "2000", "9999"]},
        [" 202", "+202", "2_02", "２０２４", "-202", "24", "02024", "20.4", "2e03", "2024 ", "202\n", "-001", "0x10",
            "1__1", "٢٠٢٤"],
        bounds=(2000, "2000", 1999, "1999", 2024, "0001", 2000, 10000, "x"),
        enums=([2024, "1999"], ["2000"], [0]),
    ),
    "yearmonth": Kind(
        {"default": ["2024-01", "1999-12", "0000-01", "2020-06"]},
        [" 2020 - 1 ", "20-1", "2_0-1", "2024-13", "2024-00", "2024", "2024-1", "2024-01-01", "-1-1", "2024-０1",
            "202401", "10000-01"],
        bounds=("2020-01", "2020-1", "0000-01"),
        enums=(["2024-01"], ["2024-1", "x"]),
    ),
    "any": Kind({"default": ["a", "1", "é", "x y", "0"]}, enums=(["a", "1"], [1, "x"], [], [None, "a"])),
    "duration": Kind(
        {"default": ["P1Y", "PT", "PT1H", "P1Y2M10DT2H30M", "P1W", "P30D", "P1M", "PT24H", "P1D"]},
        ["P", "p1y", "1Y", "P1H", "-P1D", "P-1D", "P0.5D", "PT1.5S", "P1Y "], enums=(["P1Y"], ["PT24H", "P1M"]),
    ),
    "geopoint": Kind(
        {
            "default": ["1,2", "180, 90", "-180,-90", " 1 , 2 ", "1e1,2"], "array": ["[1, 2]", '["1", 2.5]', "[1.0,2]"],
            "object": ['{"lon": 1, "lat": 2}', '{"lat": "2", "lon": 1.0}'],
        },
        ["181,0", "0,91", "1", "1,2,3", "a,b", "NaN,1", "[1,2,3]", "{}", '{"lon": 1, "lat": 2, "x": 3}', "sNaN,1",
            "[1,]", "inf,0"],
        enums=(["1,2"], ["180,90"]),
    ),
    "geojson": Kind(
        {
            "default": ['{"type": "Point", "coordinates": [1, 2]}', '{"type":"Point","coordinates":[1,2,3]}'],
            "topojson": ['{"type": "Topology", "arcs": [], "objects": {}}'],
        },
        ['{"type": "Point"}', "{}", "[]", '{"type": "point", "coordinates": [1, 2]}',
            '{"type": "Point", "coordinates": [NaN, 2]}'],
    ),
    "object": Kind(
        {"default": ["{}", '{"a": 1}', '{"b": [1, 2]}']}, ["[]", "1", "{'a': 1}", '{"a": NaN}', '{"a": 1,}',
            '{"a":1,"a":2}', " {} "],
        enums=([{"a": 1}], ['{"a": 1}', "{}"]), has_lengths=True,
    ),
    "array": Kind(
        {"default": ["[]", "[1]", '["a", "b"]', "[1, 2, 3]"]}, ["{}", "1", "[1,]", "[NaN]", " [ ] ", '["1"]', "[null]",
            "['a']", "[1.5]"],
        options=(
            ({}, ()), ({"arrayItem": {"type": "integer"}}, ["[1, 2]"]), ({"arrayItem": {"type": "string",
                "constraints": {"maxLength": 1}}}, ()),
            ({"arrayItem": {"type": "integer", "constraints": {"minimum": 2, "maximum": 2}}}, ["[2]", "[1, 3]"]),
        ),
        enums=([[1]], ["[]", '["a", "b"]']), has_lengths=True,
    ),
    "list": Kind(
        {"default": ["a,b", "a", "1,2", "a;b", "1;2"]}, [",", ",a", "1,x", "1, 2", "1,,2", "2024-02-29,2024-03-01",
            "true,false"],
        options=(({}, ()), ({"itemType": "integer"}, ["1,2", "1"]), ({"delimiter": ";"}, ["1;2"]),
            ({"itemType": "date"}, ["2024-02-29"]),
                 ({"itemType": "number", "delimiter": ";"}, ["1.5;2"]), ({"itemType": "boolean"}, ["true,false"])),
        has_lengths=True,
    ),
}  # fmt: skip

_BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
_COMMON = ["string", "integer", "number", "date", "boolean", "year", "any"]
_MISSING = [
    [""],
    ["", "NA", "-"],
    [],
    ["NA"],
    ["", "0"],
    ["1", ""],
    ["it's", "", "n/a"],
    ["None", ""],
    [" "],
    ["a", "2024"],
]
_LABELLED = [[{"value": "-1", "label": "unknown"}, {"value": "NA"}], [{"value": "", "label": "none"}]]


def often(likely: float, strategy: st.SearchStrategy[Any], otherwise: Any) -> st.SearchStrategy[Any]:
    """The strategy in about so many of 20 cases, else one value, to which examples shrink."""
    share = max(1, round(20 * likely))
    return st.integers(0, 19).flatmap(lambda n: strategy if n >= 20 - share else st.just(otherwise))


@dataclass(frozen=True)
class Field:
    """A field descriptor, and texts for its cells."""

    descriptor: dict[str, Any]
    goods: list[str]
    nasty: list[str] = field(default_factory=list)

    def cells(self) -> st.SearchStrategy[str]:
        """Any text, right or not."""
        text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
        pools = [self.goods, self.goods, [*self.nasty, *self.goods], LITERALS]
        return st.one_of(*map(st.sampled_from, pools), text)


@st.composite
def fields(draw: Callable[..., Any], name: str, types: Sequence[str]) -> Field:
    """A field of any type with any format, options and constraints."""
    kind_name = draw(st.sampled_from(types))
    kind = KINDS[kind_name]
    form = draw(often(0.4, st.sampled_from(sorted(kind.goods)), "default"))
    descriptor: dict[str, Any] = {"name": name, "type": kind_name}
    if form != "default" or draw(often(0.1, st.just(True), False)):
        descriptor["format"] = form
    options, goods = draw(st.sampled_from(kind.options))
    descriptor |= json.loads(json.dumps(options))
    all_goods = [*goods, *goods, *kind.goods[form]]
    if missing := draw(often(0.1, st.sampled_from(_MISSING + _LABELLED), None)):
        descriptor["missingValues"] = missing
    elif draw(often(0.05, st.just(True), False)):
        descriptor["missingValues"] = []
    constraints = draw(_constraints(kind, kind_name, form))
    if constraints:
        descriptor["constraints"] = constraints
    return Field(descriptor, all_goods, list(kind.nasty))


@st.composite
def _constraints(draw: Callable[..., Any], kind: Kind, kind_name: str, form: str) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if draw(often(0.25, st.just(True), False)):
        constraints["required"] = True
    if draw(often(0.15 if kind_name not in ("object", "array", "list", "geojson") else 0.05, st.just(True), False)):
        constraints["unique"] = True
    if kind.bounds:
        is_written = kind_name in ("date", "datetime", "time") and draw(often(0.9, st.just(True), False))
        bounds = kind.goods[form] if is_written else ()
        for name in draw(often(0.4, st.lists(st.sampled_from(_BOUNDS), min_size=1, max_size=2, unique=True), [])):
            # A bound that the format cannot read makes Frictionless raise; few of those will do.
            constraints[name] = draw(st.sampled_from(bounds) if bounds else st.sampled_from(kind.bounds))
    if kind.enums and (listed := draw(often(0.25, st.sampled_from(kind.enums), None))) is not None:
        constraints["enum"] = json.loads(json.dumps(listed))
    if kind.has_lengths:
        for name in draw(
            often(0.25, st.lists(st.sampled_from(["minLength", "maxLength"]), min_size=1, unique=True), [])
        ):
            constraints[name] = draw(st.integers(0, 4))
    if kind.patterns and (pattern := draw(often(0.4, st.sampled_from(kind.patterns), None))) is not None:
        constraints["pattern"] = pattern
        if draw(often(0.05, st.just(True), False)):
            constraints["pattern"] = draw(st.sampled_from(BROKEN_PATTERNS))
    return constraints


_NAMES = ["a", "b", "c", "d"]
_ODD_NAMES = ["select", "é", "a b", "A", 'q"q', "it's", "c0", "c1", "h0", "cells", "rowid", "B", "given", "${x}"]


@st.composite
def schemas(draw: Callable[..., Any]) -> tuple[dict[str, Any], list[Field]]:
    """A schema and what may stand in its columns."""
    names = draw(often(0.1, st.lists(st.sampled_from(_ODD_NAMES + _NAMES), min_size=1, max_size=4, unique=True), None))
    if names is None:
        names = _NAMES[: draw(st.integers(1, 4))]
    types = draw(st.sampled_from([_COMMON, _COMMON, sorted(KINDS)]))
    columns = [draw(fields(name, types)) for name in names]
    schema: dict[str, Any] = {"fields": [column.descriptor for column in columns]}
    if missing := draw(often(0.3, st.sampled_from(_MISSING + _LABELLED), None)):
        schema["missingValues"] = missing
    if key := draw(often(0.3, st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True), None)):
        schema["primaryKey"] = key if len(key) > 1 or draw(st.booleans()) else key[0]
    if draw(often(0.1, st.just(True), False)):
        pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), min_size=1, max_size=2))
        reference = {"resource": draw(st.sampled_from(["", "table"])), "fields": [to for _, to in pairs]}
        schema["foreignKeys"] = [{"fields": [source for source, _ in pairs], "reference": reference}]
    if match := draw(often(0.3, st.sampled_from(["exact", "equal", "subset", "superset", "partial"]), None)):
        schema["fieldsMatch"] = match
    return schema, columns


# Lines that readers take apart differently; the comma and the quote stand for those of the dialect.
ODD_LINES = [
    'a, "b"', '"x"y,1', '"unclosed', 'x"y,z', '"a ""b"" c",1', '""', " ", "\t", '"",""', ",", ",,", ",,,,,,",
        '"a\nb",c',
    '"a\r\nb"', "#comment", "\0", "a\\,b", "'a','b'", ' "a","b"', '"a" ,b', '"a"\t,b', '"a"\\"b",c', '"\n"', '"a,b',
        '""""',
    '"""', '"a""', 'a""b', '"";', '"a"\r', "\ufeff", '"1" "2"', "\\", '"\\"', '"a\\""', '"",', ',""', '""\n""',
    '"\n\n\n"', "1,2,3,4,5,6,7,8,9", '" "', "\x1a", '"a"b"c"',
]  # fmt: skip

_CSV_CONTROLS: list[dict[str, Any]] = [
    {"delimiter": ",", "skipInitialSpace": False}, {"delimiter": ";", "skipInitialSpace": False},
    {"delimiter": "\t", "skipInitialSpace": False}, {"delimiter": "|", "skipInitialSpace": False},
    {"delimiter": ",", "quoteChar": '"', "skipInitialSpace": False}, {"delimiter": ";", "quoteChar": "'",
        "skipInitialSpace": False},
    {"delimiter": ",", "quoteChar": "", "skipInitialSpace": False},
    {"delimiter": ",", "skipInitialSpace": True}, {"delimiter": ",", "escapeChar": "\\", "skipInitialSpace": False},
    {"delimiter": ",", "doubleQuote": False, "skipInitialSpace": False},
    {"delimiter": ",", "doubleQuote": False, "escapeChar": "\\", "skipInitialSpace": False},
    {"delimiter": ",", "nullSequence": "NA", "skipInitialSpace": False}, {"delimiter": ",", "lineTerminator": "\n"},
        {"delimiter": " "},
    {"delimiter": "a"}, {"delimiter": "é", "skipInitialSpace": False}, {},
    *({"delimiter": sign, "skipInitialSpace": False} for sign in ":.-\\1\x1f^~_"),
    *({"delimiter": ",", "quoteChar": sign, "skipInitialSpace": False} for sign in "-1\\a|"),
]  # fmt: skip
_DIALECTS: list[dict[str, Any]] = [
    {"header": False}, {"headerRows": [2]}, {"headerRows": [1, 2]}, {"headerRows": [1, 2], "headerJoin": "-"},
        {"headerCase": False},
    {"commentChar": "#"}, {"commentRows": [1]}, {"commentRows": [3]}, {"commentRows": [2, 4], "skipBlankRows": True},
    {"skipBlankRows": True}, {"headerRows": [1]}, {"header": True}, {"headerRows": [3]}, {"headerRows": []},
        {"headerRows": [2], "commentRows": [1]},
    {"header": False, "skipBlankRows": True},
]  # fmt: skip


@st.composite
def dialects(draw: Callable[..., Any]) -> dict[str, Any] | None:
    """A dialect descriptor; the delimiter and the rest mostly said."""
    if draw(often(0.05, st.just(True), False)):
        return None
    control = draw(often(0.4, st.sampled_from(_CSV_CONTROLS), _CSV_CONTROLS[0]))
    dialect: dict[str, Any] = {**draw(often(0.35, st.sampled_from(_DIALECTS), {})), "csv": dict(control)}
    return dialect


@st.composite
def labels_of(draw: Callable[..., Any], columns: Sequence[Field]) -> tuple[list[str], list[Field]]:
    """The header: mostly the fields, sometimes others or in another order; and the columns below it."""
    names = [column.descriptor["name"] for column in columns]
    below = list(columns)
    change = draw(
        often(0.25, st.sampled_from(["order", "drop", "add", "repeat", "blank", "case", "space", "break", "none"]), "")
    )
    place = draw(st.integers(0, len(names) - 1)) if change else 0
    if change == "order":
        order = draw(st.permutations(range(len(names))))
        names, below = [names[n] for n in order], [below[n] for n in order]
    elif change == "drop":
        del names[place], below[place]
    elif change == "add":
        names.insert(place, "extra")
        below.insert(place, Field({}, ["x", "1", ""]))
    elif change == "repeat":
        names.append(names[place])
        below.append(below[place])
    elif change in ("blank", "case", "space", "break"):
        name = names[place]
        names[place] = {"blank": "", "case": name.upper(), "space": f" {name} ", "break": f"{name}\n"}[change]
    return ([], below) if change == "none" else (names, below)


@st.composite
def rows_of(draw: Callable[..., Any], columns: Sequence[Field]) -> list[list[str] | str]:
    """Rows of cells; a text is a line as such."""
    good = st.tuples(*(st.sampled_from(column.goods) for column in columns)).map(list)
    mixed = st.tuples(*(column.cells() for column in columns)).map(list)
    short = st.tuples(mixed, st.integers(0, len(columns))).map(lambda pair: pair[0][: pair[1]])
    long = st.tuples(good, st.lists(st.sampled_from(["", "", "x", "\0"]), max_size=3)).map(
        lambda pair: pair[0] + pair[1]
    )
    blank = st.sampled_from([[], [""] * len(columns), ""])
    kinds = [good, good, good, good, mixed, mixed, mixed, short, long, blank, st.sampled_from(ODD_LINES)]
    rows: list[list[str] | str] = draw(st.lists(st.integers(0, 10).flatmap(lambda n: kinds[n]), max_size=10))
    times = draw(often(0.25, st.sampled_from([2, 25, 120]), 1))
    if times > 2:
        few = draw(st.lists(good, min_size=1, max_size=3))
        rows = [*rows, *few * times] if draw(st.booleans()) else [*few * times, *rows]
    return rows * (times if times == 2 else 1)


@dataclass(frozen=True)
class Writing:
    """How cells become bytes."""

    delimiter: str = ","
    quote: str = '"'
    style: str = "minimal"
    ends: Sequence[str] = ("\n",)
    last: str = "end"

    def text(self, rows: Sequence[list[str] | str]) -> str:
        """The lines of a file."""
        lines = [row if isinstance(row, str) else self._line(row) for row in rows]
        ended = [line + self.ends[number % len(self.ends)] for number, line in enumerate(lines)]
        text = "".join(ended)
        if self.last == "none" and ended:
            return text[: len(text) - len(self.ends[(len(ended) - 1) % len(self.ends)])]
        return text + self.ends[0] if self.last == "two" else text

    def _line(self, cells: Sequence[str]) -> str:
        return self.delimiter.join(map(self._cell, cells))

    def _cell(self, cell: str) -> str:
        if not self.quote or self.style == "raw":
            return cell
        if self.style == "all" or any(sign in cell for sign in (self.delimiter, self.quote, "\n", "\r")):
            return self.quote + cell.replace(self.quote, self.quote * 2) + self.quote
        return cell


_ENDS = [("\r\n",)] * 5 + [("\r",)] * 2 + [("\n", "\r\n"), ("\n", "\n", "\r"), ("\r\n", "\r\n", "\n")]


@st.composite
def writings(draw: Callable[..., Any], dialect: Mapping[str, Any]) -> Writing:
    """How a file of a dialect is written."""
    control = dialect.get("csv", {})
    return Writing(
        control.get("delimiter", ","),
        control.get("quoteChar", '"'),
        draw(often(0.2, st.sampled_from(["all", "raw"]), "minimal")),
        draw(often(0.25, st.sampled_from(_ENDS), ("\n",))),
        draw(often(0.2, st.sampled_from(["none", "two"]), "end")),
    )


def _translated(line: str, writing: Writing) -> str:
    return line.replace('"', writing.quote or '"').replace(",", writing.delimiter)


_ENCODINGS = [
    "utf-8-sig",
    "latin-1",
    "iso-8859-1",
    "cp1252",
    "utf-16",
    "utf-16-le",
    "utf-8 bom",
    "ascii",
    "undeclared",
    "utf-7",
    "UTF8",
]
_STATED: list[dict[str, Any]] = [
    {"rows": 3}, {"fields": 2}, {"bytes": 10}, {"hash": "sha256:00"}, {"hash": "crc:1"}, {"rows": 1, "fields": 1},
]  # fmt: skip


@st.composite
def cases(draw: Callable[..., Any]) -> Case:
    """A file with a schema and a dialect."""
    schema, columns = draw(schemas())
    dialect = draw(dialects())
    writing = draw(writings(dialect or {}))
    labels, below = draw(labels_of(columns))
    rows: list[list[str] | str] = [
        _translated(row, writing) if isinstance(row, str) else row for row in draw(rows_of(below or columns))
    ]
    header = [labels] if labels or draw(st.booleans()) else []
    if draw(often(0.05, st.just(True), False)):
        rows = draw(st.sampled_from([[], rows[:1]]))
        header = draw(st.sampled_from([header, []]))
    above = draw(often(0.1, st.sampled_from([["Title"], ["Title", ""], [""], ["#c"], [["t"] * len(labels)]]), []))
    text = writing.text([*above, *header, *rows])
    resource: dict[str, Any] = {"encoding": "utf-8"}
    encoding = draw(often(0.2, st.sampled_from(_ENCODINGS), "utf-8"))
    content = _encoded(text, encoding)
    if encoding == "undeclared":
        del resource["encoding"]
    elif encoding != "utf-8 bom":
        resource["encoding"] = encoding
    if draw(often(0.03, st.just(True), False)):
        place = draw(st.integers(0, len(content)))
        content = content[:place] + draw(st.sampled_from([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\0"])) + content[place:]
    if dialect is not None:
        resource["dialect"] = dialect
    if draw(often(0.05, st.just(True), False)):
        resource["path"] = "table.tsv"
    if draw(often(0.05, st.just(True), False)):
        resource["$schema"] = None
    resource |= draw(often(0.05, st.sampled_from(_STATED), {}))
    limit_errors = draw(often(0.2, st.sampled_from([0, 1, 2, 3, 5]), 1_000))
    limit_rows = draw(often(0.1, st.sampled_from([1, 2, 5, 10]), None))
    return Case(content, schema, resource, limit_errors=limit_errors, limit_rows=limit_rows)


def _encoded(text: str, encoding: str) -> bytes:
    if encoding == "utf-8 bom":
        return b"\xef\xbb\xbf" + text.encode()
    return text.encode("utf-8" if encoding == "undeclared" else encoding, errors="replace")
