"""Where Frictionless breaks off with an exception instead of reporting: found in the schema, or caught at the cell.

Found by experiment with Frictionless 5.21.0: every type of field, every constraint and property, each with some forty
values of all kinds, on cells that the type accepts, on random text, and on values as JSON and XLSX give them.

In the schema, found by `find_traps`. Those marked (cell) break only once a cell is read that its type accepts:

- `unique`, a primary key or a foreign key on `array`, `geojson`, `list`, `object`: unhashable (cell).
- `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum` that the field's own reader does not parse, as 1.5 for an
  integer or `2020-01-31` for a date written `%d/%m/%Y` (cell).
- A bound of NaN on a number, unless `floatNumber`; a signalling NaN in its `enum` (cell).
- Bounds of a datetime or a time, one with a time zone and one without: no cell compares with both (cell).
- A bound of a yearmonth given as a list of anything but numbers (cell).
- `pattern` that does not compile.
- An item of `enum` that breaks the reader (a lone surrogate in a `uri`).
- An empty `delimiter` of a list (cell).
- All the above in the constraints of `arrayItem`; `unique` is ignored there.
- A descriptor whose `fields` are not objects, whose `foreignKeys` are not a list or whose `reference` is not an object.

Known from the cell only, caught by `guard`:

- A datetime or time with a time zone where the bound has none, or the other way round. Only formats `default` and `any`
  take both, but a workbook's times come without a zone in every format.
- A signalling NaN (`sNaN`) in a number with a bound, an `enum`, or in a key; alone it is a number like any other.
- A list or object from JSON in a key field of type `any`.
- From Python only: an infinite `Decimal` for an integer, integers of more than 4,300 digits, pairs of anything but
  numbers for a yearmonth with a bound. From JSON only: a lone surrogate in a `uri`.

What looks like a trap and is none: lengths (all types that take them have one), items of an `enum` that do not parse
or differ in their time zones (they equal no cell), any `groupChar`, `decimalChar`, `format`, `trueValues`; an unknown
type in `arrayItem` and a `wkt` without its library (Frictionless reports both).
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pipelines.validation.patterns import Pattern, PatternTimeout
from pipelines.validation.report import Error

Reader = Callable[[Any], tuple[Any, Mapping[str, str] | None]]

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_UNHASHABLE = frozenset({"array", "geojson", "list", "object"})
_SHOWN = 200
"""Characters of a value that a message shows."""

_V2 = "https://datapackage.org/profiles/2.0/tableschema.json"


class CellTrap(Exception):
    """Frictionless breaks off at a cell, so nothing can be said about the table.

    Attributes:
        field: The name of the field.
        cell: The cell as read.
        reason: Why, and what to do about it.
    """

    def __init__(self, field: str, cell: Any, reason: str) -> None:
        super().__init__(f'field "{field}": the cell "{_shown(cell)}" {reason}')
        self.field = field
        self.cell = cell
        self.reason = reason


def find_traps(schema: Any) -> list[Error]:
    """What in a schema would make Frictionless break off, whether or not a cell gets that far.

    Args:
        schema: A Frictionless schema, or the descriptor of one.

    Returns:
        A `schema-error` for each field and cause, in the order of the fields. Nothing for a descriptor that
        Frictionless refuses in its own words.
    """
    if isinstance(schema, Mapping):
        from frictionless import FrictionlessException, Schema

        try:
            schema = Schema.from_descriptor({"$schema": _V2, **schema})
        except FrictionlessException:
            return []
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            note = f"the schema cannot be read ({error}); check that fields and references are objects, keys are lists"
            return [Error("schema-error", note)]
    return [
        Error("schema-error", f'field "{expected.name}": {cause}')
        for expected in schema.fields
        for cause in (*_key_causes(expected, schema), *_causes(expected))
    ]


def guard(reader: Reader, field: Any, *, is_key: bool | None = None) -> Reader:
    """A cell reader whose exceptions become `CellTrap`.

    Args:
        reader: Frictionless' reader of the field's cells, or one that behaves like it.
        field: The field.
        is_key: Whether its values are compared with those of other rows, so that they must be hashable; null looks
            it up in the field's schema.
    """
    is_hashed = bool(_keys_with(field, field.schema)) if is_key is None else is_key

    def guarded(cell: Any) -> tuple[Any, Mapping[str, str] | None]:
        try:
            value, notes = reader(cell)
            if is_hashed:
                hash(value)
        except (CellTrap, PatternTimeout):
            raise
        except Exception as error:
            raise CellTrap(field.name, cell, _reason(error, is_hashed=is_hashed)) from error
        return value, notes

    return guarded


def _reason(error: Exception, *, is_hashed: bool) -> str:
    message = str(error)
    if "offset-naive" in message:
        return (
            "and a bound of the field cannot be compared: one has a time zone, the other has none; "
            "write both with or both without"
        )
    if isinstance(error, ArithmeticError) or "signaling NaN" in message:
        return 'is no value that can be compared; correct it, or declare it in "missingValues"'
    if is_hashed and "unhashable" in message:
        return "is a list or an object, which cannot be part of a key; take the field out of the key"
    return f"makes Frictionless break off ({type(error).__name__}: {message}); correct it, or the field's constraints"


# ----------------------------------------------------------------------------------------------------------------
# Keys


def _key_causes(field: Any, schema: Any) -> Iterator[str]:
    if field.type not in _UNHASHABLE:
        return
    keys = _keys_with(field, schema)
    if keys:
        yield (
            f'values of type "{field.type}" cannot be compared with those of other rows; '
            f"take the field out of {', '.join(keys)}"
        )


def _keys_with(field: Any, schema: Any) -> list[str]:
    """Where the field's values are compared with those of other rows, by the names of the properties."""
    keys = ['"unique"'] if field.constraints.get("unique") else []
    if schema is None:
        return keys
    if field.name in schema.primary_key:
        keys.append('"primaryKey"')
    if any(field.name in names for names in map(_compared, schema.foreign_keys)):
        keys.append('"foreignKeys"')
    return keys


def _compared(foreign_key: Mapping[str, Any]) -> list[str]:
    reference = foreign_key["reference"]
    return [*foreign_key["fields"], *([] if reference["resource"] else reference["fields"])]


# ----------------------------------------------------------------------------------------------------------------
# Constraints and properties


def _causes(field: Any) -> Iterator[str]:
    from frictionless import FrictionlessException

    try:
        read = field.create_value_reader()
        item = _item_field(field)
    except FrictionlessException:
        return  # reported by Frictionless in its own words
    constraints = {
        name: value
        for name, value in field.constraints.items()
        if name in field.supported_constraints and value is not None
    }
    yield from _bound_causes(field, constraints, read)
    yield from _enum_causes(field, constraints, read)
    if "pattern" in constraints:
        yield from _pattern_causes(constraints["pattern"])
    if field.type == "list" and not field.delimiter:
        yield 'the "delimiter" is empty; give the character between the items, such as ","'
    if item is not None:
        yield from (f'"arrayItem": {cause}' for cause in _causes(item))


def _item_field(field: Any) -> Any:
    """The field that the items of an array are read by, made as Frictionless makes it; null where there is none."""
    if field.type != "array" or not field.array_item:
        return None
    from frictionless import Field

    given = {name: value for name, value in field.array_item.items() if name != "arrayItem"}
    return Field.from_descriptor({"name": field.name, "type": "any", **given})


def _bound_causes(field: Any, constraints: Mapping[str, Any], read: Callable[[Any], Any]) -> Iterator[str]:
    zoned: dict[str, bool] = {}
    for name in _BOUNDS:
        if name not in constraints:
            continue
        bound = constraints[name]
        value = _parsed(read, bound)
        described = f'"{name}" is "{_shown(bound)}"'
        if value is None:
            yield f"{described}, which is no {_described(field)}; write it as the cells are written"
        elif not _is_comparable(value):
            yield f"{described}, with which nothing can be compared; give a value, or leave it out"
        elif field.type in ("datetime", "time"):
            zoned[name] = value.utcoffset() is not None
    if len(set(zoned.values())) > 1:
        named = ", ".join(f'"{name}" {"with" if is_zoned else "without"}' for name, is_zoned in zoned.items())
        yield f"no cell can be compared with all bounds: {named} a time zone; write all with or all without"


def _enum_causes(field: Any, constraints: Mapping[str, Any], read: Callable[[Any], Any]) -> Iterator[str]:
    for item in constraints.get("enum", ()):
        try:
            value = read(item)
        except Exception as error:
            yield f'"enum" has "{_shown(item)}", which cannot be read ({error}); take it out'
            continue
        if isinstance(value, Decimal) and value.is_snan():
            yield f'"enum" has "{_shown(item)}", with which nothing can be compared; take it out'


def _pattern_causes(pattern: str) -> Iterator[str]:
    try:
        Pattern(pattern)
    except ValueError as error:
        yield (
            f'"pattern" is "{_shown(pattern)}", which is no regular expression of Python ({error}); '
            "correct it, minding that it is put between ^ and $"
        )


def _parsed(read: Callable[[Any], Any], bound: Any) -> Any:
    try:
        return read(bound)
    except Exception:
        return None


def _is_comparable(value: Any) -> bool:
    if isinstance(value, Decimal):
        return not value.is_nan()
    if isinstance(value, tuple):  # a yearmonth made of a list, whatever is in it
        return all(isinstance(part, int | float) for part in value)
    return True


def _described(field: Any) -> str:
    return f'"{field.type}"' if field.format == "default" else f'"{field.type}" in the format "{field.format}"'


def _shown(value: Any) -> str:
    try:
        text = str(value)
    except ValueError:  # an integer of more digits than Python writes
        return f"({type(value).__name__})"
    short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    # A lone surrogate cannot be written to any file.
    return short.encode(errors="backslashreplace").decode()
