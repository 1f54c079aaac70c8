"""A field as SQL: which texts Frictionless surely accepts, what they mean, and when two may be the same value.

Everything here errs on one side only. `clean` may leave out texts that Frictionless accepts, and never holds for one
that it rejects; `key` may be the same for two different values, and never differs for equal ones. What is left out is
judged by Frictionless itself. Property tests hold each of these against Frictionless' own readers.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.validation.cell_readers import categories_of
from pipelines.validation.connection import literal
from pipelines.validation.patterns import Pattern

_INT64 = 2**63
_EXACT_DIGITS = 15
"""Decimals of so many digits are told apart by the nearest double."""


@dataclass(frozen=True)
class Predicate:
    """SQL about one column.

    Attributes:
        clean: TRUE only for a text that is surely accepted; missing values are part of it.
        filled: FALSE for a missing value.
        plain: The value of a clean text, written so that DuckDB's own cast understands it.
        typed: The value of a clean text, null for a missing one.
        key: The same for clean texts of equal value, null for missing ones.
        type: DuckDB's type of `typed`.
        text, value: What the others call `<column>_text` and `<column>_value`, see `with_values`: the column rewritten,
            and cast. Null where they need none. DuckDB does not notice that an expression stands in several branches.
    """

    clean: str
    filled: str
    plain: str
    typed: str
    key: str
    type: str
    text: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class _Body:
    """What holds for texts that are no missing values."""

    conditions: list[str]
    plain: str
    typed: str
    key: str
    text: str | None = None
    value: str | None = None


DUCKDB_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "time": "TIME",
    "year": "SMALLINT",
}
"""The types of accepted values; whatever is not listed is kept as the text it was."""


def duckdb_type(expected: Any) -> str:
    """The type in which a field's accepted values are kept."""
    return DUCKDB_TYPES.get(expected.type, "VARCHAR")


def missing_values(expected: Any) -> list[str]:
    """The texts that stand for no value in a field: its own, else those of the schema."""
    values: list[str] = expected.missing_values
    if not expected.has_defined("missing_values") and expected.schema:
        values = expected.schema.missing_values
    return values


def with_values(relation: str, predicates: Mapping[str, Predicate]) -> str:
    """A relation with what the predicates about its columns call by name.

    Args:
        relation: SQL with all of the columns.
        predicates: By column.
    """
    for suffix in ("text", "value"):
        named = {f"{column}_{suffix}": getattr(predicate, suffix) for column, predicate in predicates.items()}
        selected = "".join(f", {sql} AS {name}" for name, sql in named.items() if sql is not None)
        relation = f"(SELECT *{selected} FROM {relation})" if selected else relation
    return relation


def compile_field(expected: Any, c: str) -> Predicate | None:
    """The field as SQL, or None where no text can be proven clean that way.

    Args:
        expected: A Frictionless field.
        c: The column's name, which needs no quotes.
    """
    if expected.type != "string" and categories_of(expected) is not None:
        return None
    compiler = _COMPILERS.get(expected.type)
    body = compiler(expected, c) if compiler else None
    if body is None:
        return None
    missing = missing_values(expected)
    conditions = " AND ".join(f"({condition})" for condition in body.conditions) or "true"
    kept = duckdb_type(expected)
    if not missing:
        return Predicate(conditions, "true", body.plain, body.typed, body.key, kept, body.text, body.value)
    is_missing = f"{c} IN ({', '.join(map(literal, missing))})"
    may_miss = "false" if expected.constraints.get("required") else "true"
    return Predicate(
        f"CASE WHEN {is_missing} THEN {may_miss} ELSE {conditions} END",
        f"NOT ({is_missing})",
        f"CASE WHEN {is_missing} THEN NULL ELSE {body.plain} END",
        f"CASE WHEN {is_missing} THEN NULL ELSE {body.typed} END",
        f"CASE WHEN {is_missing} THEN NULL ELSE {body.key} END",
        kept,
        body.text,
        body.value,
    )


def _string(expected: Any, c: str) -> _Body | None:
    if expected.format != "default":
        return None
    constraints = expected.constraints
    conditions = []
    shortest, longest = constraints.get("minLength"), constraints.get("maxLength")
    if shortest is not None:
        conditions.append(f"length({c}) >= {int(shortest)}")
    if longest is not None:
        # Bytes are counted faster than characters, and there are never fewer of them.
        longest = int(longest)
        conditions.append(f"CASE WHEN strlen({c}) <= {longest} THEN true ELSE length({c}) <= {longest} END")
    if (pattern := constraints.get("pattern")) is not None:
        sql = Pattern(pattern).sql
        if sql is None:
            return None
        conditions.append(f"regexp_full_match({c}, {literal(sql)})")
    if (listed := constraints.get("enum")) is not None:
        conditions.append(_is_one_of(c, [value for value in listed if isinstance(value, str)]))
    if (categories := categories_of(expected)) is not None:
        conditions.append(_is_one_of(c, [value for value in categories if isinstance(value, str)]))
    return _Body(conditions, c, c, c)


def _is_one_of(c: str, texts: Sequence[str]) -> str:
    if not texts:
        return "false"
    if len(texts) <= 16:
        # Stops at the first that is equal, which IN does not.
        cases = " ".join(f"WHEN {literal(text)} THEN true" for text in dict.fromkeys(texts))
        return f"CASE {c} {cases} ELSE false END"
    return f"{c} IN ({', '.join(map(literal, dict.fromkeys(texts)))})"


def _any(expected: Any, c: str) -> _Body:
    listed = expected.constraints.get("enum")
    conditions = [] if listed is None else [_is_one_of(c, [value for value in listed if isinstance(value, str)])]
    return _Body(conditions, c, c, c)


def _boolean(expected: Any, c: str) -> _Body:
    meaning = dict.fromkeys(expected.true_values, True) | dict.fromkeys(expected.false_values, False)
    read = expected.create_value_reader()
    listed = expected.constraints.get("enum")
    allowed = {True, False} if listed is None else {read(value) for value in listed}
    texts = [text for text, value in meaning.items() if value in allowed]
    cases = " ".join(f"WHEN {literal(text)} THEN {str(value).lower()}" for text, value in meaning.items())
    typed = f"CASE {c} {cases} END" if cases else "NULL::BOOLEAN"
    return _Body([_is_one_of(c, texts)], f"({typed})::VARCHAR", typed, typed)


# In texts such as `12 €`, what surrounds the number is cut off. Letters and digits of other scripts are left to Python.
_MARKS = r"\x20-\x2c./:-\x7e€£¥°‰\x{a0}\x{202f}"


def _bare(expected: Any, c: str, core: str) -> tuple[str, list[str]]:
    """The text of the number in a cell, and what must hold of the cell."""
    if expected.bare_number:
        return c, []
    pattern = rf"[{_MARKS}]*({core})[-{_MARKS}]*"
    return f"regexp_extract({c}, {literal('^' + pattern + '$')}, 1)", [f"regexp_full_match({c}, {literal(pattern)})"]


def _integer(expected: Any, c: str) -> _Body | None:
    core, conditions = _bare(expected, c, "-?[0-9]{1,18}")
    text, value = (c if core == c else f"{c}_text"), f"{c}_value"
    # What reads back as it was written is canonical; that is cheaper to see than by a pattern. `007` needs the pattern.
    conditions.append(
        f"CASE WHEN {value}::VARCHAR = {text} THEN true ELSE regexp_full_match({text}, '-?[0-9]{{1,18}}') END"
    )
    read = expected.create_value_reader()
    bounds = _bounds(expected, value, lambda bound: _in_range(bound) if isinstance(bound, int) else None)
    if bounds is None:
        return None
    conditions += bounds
    if (listed := expected.constraints.get("enum")) is not None:
        numbers = {number for number in map(read, listed) if isinstance(number, int) and -_INT64 <= number < _INT64}
        conditions.append(f"{value} IN ({', '.join(map(str, sorted(numbers)))})" if numbers else "false")
    return _Body(conditions, text, value, value, None if core == c else core, f"TRY_CAST({text} AS BIGINT)")


def _in_range(bound: int) -> str:
    """A bound as SQL; only one that no BIGINT reaches needs a wider type, which is slow."""
    return str(bound) if -_INT64 < bound < _INT64 else f"{max(-_INT64 - 1, min(bound, _INT64 + 1))}::HUGEINT"


_OPERATORS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}


def _bounds(expected: Any, value: str, written: Callable[[Any], str | None]) -> list[str] | None:
    """What must hold of a value by the field's bounds; None where a bound is no value that SQL can compare with.

    Args:
        expected: The field.
        value: The value, as SQL.
        written: A parsed bound as SQL, None where it is not of the field's kind.
    """
    read = expected.create_value_reader()
    conditions = []
    for name, operator in _OPERATORS.items():
        if (bound := expected.constraints.get(name)) is not None:
            sql = written(read(bound))
            if sql is None:
                return None
            conditions.append(f"{value} {operator} {sql}")
    return conditions


def _number(expected: Any, c: str) -> _Body | None:
    rewritten = c
    conditions: list[str] = []
    if expected.has_defined("group_char") or expected.has_defined("decimal_char") or not expected.bare_number:
        rewritten, conditions = _marked_number(expected, c)
    text, value = (c if rewritten == c else f"{c}_text"), f"{c}_value"
    # DuckDB reads no more than Decimal does, but for what begins with a sign or a letter (`+-1`, `inf`).
    conditions.append(f"{text} >= '-' AND {text} < ':' AND isfinite({value})")
    # In long texts it counts `_` as a digit, and takes exponents that Decimal does not.
    conditions.append(f"CASE WHEN strlen({text}) <= 18 THEN true ELSE NOT regexp_matches({text}, '[_eE]') END")
    read = expected.create_value_reader()
    for name, operator in _OPERATORS.items():
        if (bound := expected.constraints.get(name)) is not None:
            bound = _decimal(read(bound))
            if bound is None:
                return None
            conditions.append(_compared(text, value, operator, bound))
    if (listed := expected.constraints.get("enum")) is not None:
        numbers = [number for number in (_decimal(read(item)) for item in listed) if number is not None]
        if not all(map(_is_told_apart, numbers)):
            return None
        allowed = ", ".join(f"{float(number)!r}::DOUBLE" for number in numbers)
        conditions.append(f"{value} IN ({allowed}) AND {_is_short(text)}" if numbers else "false")
    # Zero has two signs in binary, and one value.
    cast = f"TRY_CAST({text} AS DOUBLE)"
    return _Body(conditions, text, value, f"{value} + 0.0", None if rewritten == c else rewritten, cast)


def _marked_number(expected: Any, c: str) -> tuple[str, list[str]]:
    """A number with marks between its digits, as a plain one: Frictionless' replacements in its order."""
    group, point = expected.group_char, expected.decimal_char
    inner = re.escape("".join(sorted(set(group + point + "."))))
    text, conditions = _bare(expected, c, rf"-?[0-9](?:[0-9{inner}]*[0-9])?")
    text = f"replace({text}, {literal(group)}, '')" if group else text
    if point == ".":
        return text, conditions
    # A point would be taken for the mark that it becomes, unless it is a mark between groups.
    if "." not in group:
        conditions.append(f"NOT contains({c}, '.')" if expected.bare_number else f"NOT contains({text}, '.')")
    return (f"replace({text}, {literal(point)}, '.')" if point else text), conditions


def _decimal(bound: Any) -> Decimal | None:
    if isinstance(bound, bool) or not isinstance(bound, (int, float, Decimal)):
        return None
    number = Decimal(bound)
    return number if number.is_finite() and abs(number) < Decimal("1e300") else None


def _is_told_apart(number: Decimal) -> bool:
    digits = number.as_tuple().digits
    return len(digits) <= _EXACT_DIGITS and (number == 0 or abs(number) > Decimal("1e-300"))


def _is_short(text: str) -> str:
    return f"strlen({text}) <= {_EXACT_DIGITS} AND NOT contains(lower({text}), 'e')"


def _compared(text: str, value: str, operator: str, bound: Decimal) -> str:
    """A comparison of the decimal that a text means, made with the nearest doubles.

    Rounding keeps the order, so a double that is larger than the bound's comes from a larger decimal. Where the two are
    the same, the decimals are only if neither has more digits than a double tells apart.
    """
    nearest = f"{float(bound)!r}::DOUBLE"
    strict = f"{value} {operator[0]} {nearest}"
    if len(operator) == 1 or not _is_told_apart(bound):
        return strict
    return f"CASE WHEN {strict} THEN true ELSE {value} = {nearest} AND {_is_short(text)} END"


def _date(expected: Any, c: str) -> _Body | None:
    value, form = f"{c}_value", expected.format
    if form in ("default", "%Y-%m-%d"):
        cast, written = f"TRY_CAST({c} AS DATE)", f"{value}::VARCHAR"
    elif re.fullmatch(r"(%[dmY][-/. ]?){2}%[dmY]", form) and len(set(re.findall("%[dmY]", form))) == 3:
        cast, written = f"TRY_STRPTIME({c}, {literal(form)})::DATE", f"strftime({value}, {literal(form)})"
    else:
        return None
    # What reads back as it was written is the one canonical spelling of its day.
    conditions = [f"{written} = {c} AND {value} BETWEEN DATE '1000-01-01' AND DATE '9999-12-31'"]
    read = expected.create_value_reader()
    bounds = _bounds(expected, value, _day)
    if bounds is None:
        return None
    conditions += bounds
    if (listed := expected.constraints.get("enum")) is not None:
        days = [day for item in listed if (day := _day(read(item))) is not None]
        conditions.append(f"{value} IN ({', '.join(days)})" if days else "false")
    return _Body(conditions, f"{value}::VARCHAR", value, value, None, cast)


def _day(parsed: Any) -> str | None:
    return f"DATE '{parsed.isoformat()}'" if isinstance(parsed, datetime.date) else None


_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"


def _datetime(expected: Any, c: str) -> _Body | None:
    if expected.format != "default" or not expected.constraints.keys() <= {"required", "unique"}:
        return None
    shape = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_CLOCK}(\\.[0-9]{{1,6}})?Z?"
    day = f"TRY_CAST(substr({c}, 1, 10) AS DATE)"
    value = f"TRY_CAST({c} AS TIMESTAMP)"
    return _Body([f"regexp_full_match({c}, '{shape}')", f"{day} >= DATE '0001-01-01'"], c, value, value)


def _time(expected: Any, c: str) -> _Body | None:
    if expected.format != "default" or not expected.constraints.keys() <= {"required", "unique"}:
        return None
    value = f"TRY_CAST({c} AS TIME)"
    return _Body([f"regexp_full_match({c}, '{_CLOCK}')"], c, value, value)


def _year(expected: Any, c: str) -> _Body | None:
    value = f"{c}_value"
    conditions = [f"strlen({c}) = 4 AND {value}::VARCHAR = {c} AND {value} >= 0"]
    read = expected.create_value_reader()
    bounds = _bounds(expected, value, lambda bound: str(bound) if isinstance(bound, int) else None)
    if bounds is None:
        return None
    conditions += bounds
    if (listed := expected.constraints.get("enum")) is not None:
        years = sorted({year for year in map(read, listed) if isinstance(year, int)})
        conditions.append(f"{value} IN ({', '.join(map(str, years))})" if years else "false")
    return _Body(conditions, c, value, value, None, f"TRY_CAST({c} AS SMALLINT)")


def _yearmonth(expected: Any, c: str) -> _Body | None:
    conditions = [f"regexp_full_match({c}, '[0-9]{{4}}-(0[1-9]|1[0-2])')"]
    read = expected.create_value_reader()

    # Texts of this shape are in the order of their months.
    bounds = _bounds(expected, c, lambda bound: None if (month := _month(bound)) is None else literal(month))
    if bounds is None:
        return None
    conditions += bounds
    if (listed := expected.constraints.get("enum")) is not None:
        conditions.append(_is_one_of(c, [month for item in listed if (month := _month(read(item))) is not None]))
    return _Body(conditions, c, c, c)


def _month(parsed: Any) -> str | None:
    return None if parsed is None or not 0 <= parsed[0] <= 9999 else f"{parsed[0]:04}-{parsed[1]:02}"


_COMPILERS: Mapping[str, Callable[[Any, str], _Body | None]] = {
    "any": _any,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "integer": _integer,
    "number": _number,
    "string": _string,
    "time": _time,
    "year": _year,
    "yearmonth": _yearmonth,
}
