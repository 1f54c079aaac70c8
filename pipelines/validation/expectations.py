"""What a field asks of its values, and what a wrong value suggests, in words."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.validation.messages import Messages, catalogue, shown

Field = Mapping[str, Any]

_MOST_LISTED = 6
_LONGEST_MARK = 12
"""Characters that a sign for "no figure" has at most: `n.d.`, `confidential`."""
_DATE_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "time": "%H:%M:%S", "yearmonth": "%Y-%m"}
_DIRECTIVE = re.compile(r"%([A-Za-z])")
_TRUTHS = {"trueValues": ["true", "1"], "falseValues": ["false", "0"]}
"""The plainest of the spellings that Frictionless takes where a field declares none."""

_BLANKS = r" \u00a0\u2007\u2009\u202f"
_INVISIBLE = re.compile(r"^\s|\s$|[\u00a0\u2007\u2009\u200b-\u200f\u202f\u2060\ufeff]")
_ONE_MARK = re.compile(r"[-+]?\d+([.,])\d+")
_THOUSANDS = re.compile(rf"[-+]?\d{{1,3}}([{_BLANKS}.,'’]\d{{3}})+([.,]\d+)?")
_UNIT = re.compile(rf"[-+]?\d[\d.,{_BLANKS}]*[^\d.,{_BLANKS}]+")
_TIME_OF_DAY = re.compile(r"\d[T ]\d{1,2}:\d\d")
_THREE_NUMBERS = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})|\d{8}")


def fields_by_name(schema: Mapping[str, Any] | None) -> dict[str, Field]:
    """The fields of a Table Schema descriptor; whatever in it is no field with a name is left out."""
    fields = (schema or {}).get("fields")
    found = [item for item in fields if isinstance(item, Mapping)] if isinstance(fields, list) else []
    return {item["name"]: item for item in found if isinstance(item.get("name"), str)}


def primary_key(schema: Mapping[str, Any] | None) -> list[str]:
    """The names of the fields of a schema's primary key, which may be a single name; empty where there is none."""
    key = (schema or {}).get("primaryKey")
    names = [key] if isinstance(key, str) else key
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def constraint(field: Field, name: str) -> Any:
    """A constraint of a field, null where it has none of that name."""
    constraints = field.get("constraints")
    return constraints.get(name) if isinstance(constraints, Mapping) else None


def kind(field: Field, messages: Messages) -> str:
    """What a value of the field is: `a whole number`, `a date written YYYY-MM-DD`."""
    name, known = field.get("type") or "string", catalogue()["types"]
    candidates = (f"{name}/{field.get('format')}", name, "any")
    noun = messages.say("types", next(candidate for candidate in candidates if candidate in known))
    form = _date_format(field)
    return noun if form is None else messages.say("expected", "format", kind=noun, format=_in_letters(form, messages))


def expectation(field: Field, messages: Messages) -> str:
    """All that the field asks of a value: type, format, bounds, lengths, values, form, and an example."""
    what = kind(field, messages)
    limits = [
        *_marks(field, messages),
        *_bounds(field, messages),
        *_lengths(field, messages),
        *_choices(field, messages),
    ]
    # That a text is a text goes without saying where more is known; so does what the values of a list are.
    is_said = limits and what in (messages.say("types", "string"), messages.say("types", "boolean"))
    return messages.joined([*([] if is_said else [what]), *limits, *_flags(field, messages)])


def advice(rule: str, field: Field, texts: Sequence[str], messages: Messages) -> list[str]:
    """What wrong values themselves suggest to do, each thing once; empty where they suggest nothing.

    Args:
        rule: The type of error, or the name of the constraint.
        field: The field of the cells.
        texts: The cells as the file has them.
        messages: In which language.
    """
    said: dict[str, str] = {}
    for text in texts:
        for hint in _hints(rule, field, text):
            said.setdefault(hint, text)
    lines = {hint: _hint(hint, field, text, messages) for hint, text in said.items()}
    if len(texts) == 1 and rule != "required":
        return list(lines.values())
    # Of several values it is said which one is meant, empty cells being one of them.
    return [
        messages.say("phrases", "of_value", value=messages.quoted(said[hint]), advice=line)
        for hint, line in lines.items()
    ]


def _hint(hint: str, field: Field, text: str, messages: Messages) -> str:
    return messages.say(
        "hints",
        hint,
        near=messages.quoted(_nearest(text, allowed_values(field))),
        mark=messages.quoted(str(field.get("decimalChar") or ".")),
        format=_in_letters(_date_format(field) or "", messages),
    )


def allowed_values(field: Field) -> list[str]:
    """The texts that the field is limited to, empty where it is not limited."""
    listed = constraint(field, "enum") or field.get("categories")
    if not listed and field.get("type") == "boolean":
        listed = [value for name, usual in _TRUTHS.items() for value in field.get(name) or usual]
    values = listed if isinstance(listed, list) else []
    return [str(value.get("value") if isinstance(value, Mapping) else value) for value in values]


# ------------------------------------------------------------------------------------------------- what is asked for


def _date_format(field: Field) -> str | None:
    default = _DATE_FORMATS.get(field.get("type") or "string")
    form = field.get("format")
    if default is None or form == "any":
        return None
    return default if form in (None, "default") else str(form)


def _in_letters(form: str, messages: Messages) -> str:
    known = catalogue()["date_parts"]
    return _DIRECTIVE.sub(lambda m: messages.say("date_parts", m[1]) if m[1] in known else m[0], shown(form))


def _marks(field: Field, messages: Messages) -> Iterator[str]:
    for name in ("decimalChar", "groupChar"):
        if field.get(name):
            yield messages.say("expected", name, mark=messages.quoted(str(field[name])))


def _bounds(field: Field, messages: Messages) -> Iterator[str]:
    # Bounds are shown as the schema writes them, which is how the file must write them too.
    low, high = constraint(field, "minimum"), constraint(field, "maximum")
    if low is not None and high is not None:
        yield messages.say("expected", "between", low=shown(str(low)), high=shown(str(high)))
    else:
        yield from _limits(field, ("minimum", "maximum"), messages)
    yield from _limits(field, ("exclusiveMinimum", "exclusiveMaximum"), messages)


def _limits(field: Field, names: Sequence[str], messages: Messages) -> Iterator[str]:
    for name in names:
        limit = constraint(field, name)
        if limit is not None:
            yield messages.say("expected", name, limit=shown(str(limit)))


def _lengths(field: Field, messages: Messages) -> Iterator[str]:
    least, most = constraint(field, "minLength"), constraint(field, "maxLength")
    if isinstance(least, int) and least == most:
        yield messages.say("expected", "exactLength", count=least)
        return
    for name, length in (("minLength", least), ("maxLength", most)):
        if isinstance(length, int):
            yield messages.say("expected", name, count=length)


def _choices(field: Field, messages: Messages) -> Iterator[str]:
    values = allowed_values(field)
    if values:
        yield messages.say("expected", "one_of", items=messages.listed(values, _MOST_LISTED))
    pattern = constraint(field, "pattern")
    if pattern:
        yield messages.say("expected", "pattern", pattern=shown(str(pattern)))


def _flags(field: Field, messages: Messages) -> Iterator[str]:
    for name in ("required", "unique"):
        if constraint(field, name) is True:
            yield messages.say("expected", name)
    example = field.get("example")
    if isinstance(example, str | int | float) and example != "":
        yield messages.say("expected", "example", example=messages.quoted(str(example)))


# --------------------------------------------------------------------------------------------- what a value suggests


def _hints(rule: str, field: Field, text: str) -> list[str]:
    if rule == "required":
        return ["counts_as_missing"] if text else []
    if rule in ("enum", "category-error"):
        return _choice_hints(field, text)
    if rule != "type-error":
        return ["blanks"] if rule == "pattern" and _INVISIBLE.search(text) else []
    match field.get("type"):
        case "integer" | "number":
            return _number_hints(field, text.strip())
        case "boolean":
            return _choice_hints(field, text) or ["other_truth"]
        case name if name in _DATE_FORMATS:
            return _date_hints(field, text)
    return ["blanks"] if _INVISIBLE.search(text) else []


def _choice_hints(field: Field, text: str) -> list[str]:
    allowed = allowed_values(field)
    if text.strip() in allowed:
        return ["blanks"]
    return ["near"] if _nearest(text, allowed) else []


def _number_hints(field: Field, text: str) -> list[str]:
    if not re.search(r"\d", text):
        return ["missing_marker"] if len(text) <= _LONGEST_MARK else []
    one_mark, thousands = _ONE_MARK.fullmatch(text), _THOUSANDS.fullmatch(text)
    decimal = field.get("decimalChar") or "."
    if one_mark and field.get("type") == "number":
        return ["decimal_mark"] if one_mark[1] != decimal else []
    if thousands:
        other_mark = thousands[2] and thousands[2][0] != decimal
        return ["thousands", "decimal_mark"] if other_mark else ["thousands"]
    if one_mark:
        return ["decimals"]
    if _UNIT.fullmatch(text):
        return ["unit"]
    return ["blanks"] if _INVISIBLE.search(text) else []


def _date_hints(field: Field, text: str) -> list[str]:
    form = _date_format(field) or ""
    shape = _DIRECTIVE.sub(lambda m: r"\d{4}" if m[1] == "Y" else r"\d{1,2}", re.escape(form))
    if not re.search(r"\d", text):
        return ["missing_marker"] if len(text) <= _LONGEST_MARK else []
    if field.get("type") == "date" and _TIME_OF_DAY.search(text):
        return ["time_of_day"]
    if "%d" in form and re.fullmatch(shape, text):
        return ["no_such_day"]
    if _INVISIBLE.search(text):
        return ["blanks"]
    return ["other_order"] if "%d" in form and _THREE_NUMBERS.fullmatch(text) else []


def _nearest(text: str, allowed: list[str]) -> str:
    """The value that is probably meant; empty where none is near."""
    folded = {value.casefold(): value for value in reversed(allowed)}
    near = difflib.get_close_matches(text.strip().casefold(), folded, n=1, cutoff=0.75)
    return folded[near[0]] if near else ""
