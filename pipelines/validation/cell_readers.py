"""Frictionless' own readers of cells, kept from running for ages and from breaking off."""

from collections.abc import Mapping
from typing import Any

from pipelines.validation.patterns import Pattern
from pipelines.validation.traps import Reader, guard


def reader_of(expected: Any, *, is_key: bool = False) -> Reader:
    """Frictionless' own reader of a field's cells, its pattern matched in linear time or under a time limit.

    Where the field has categories, a value that is none of them gets the note `categories`, after all others.

    Args:
        expected: The field.
        is_key: Whether its values are compared with those of other rows.
    """
    read = _reader_with_pattern(expected, is_key=is_key)
    categories = categories_of(expected)
    if categories is None:
        return read
    parse = expected.create_value_reader()
    allowed = [parse(category) for category in categories]
    note = f'the categories are "{", ".join(map(str, categories))}"'

    def read_with_categories(cell: Any) -> tuple[Any, Mapping[str, str] | None]:
        value, notes = read(cell)
        if value is None or (notes and "type" in notes) or value in allowed:
            return value, notes
        return value, {**(notes or {}), "categories": note}

    return read_with_categories


def categories_of(expected: Any) -> list[Any] | None:
    """The values that a field's `categories` list, with or without labels; null where it has none."""
    listed = expected.custom.get("categories")
    if not isinstance(listed, list):
        return None
    return [item["value"] if isinstance(item, dict) and "value" in item else item for item in listed]


def _reader_with_pattern(expected: Any, *, is_key: bool) -> Reader:
    if expected.type == "array" and "pattern" in (expected.array_item or {}).get("constraints", {}):
        return guard(_reader_of_arrays(expected), expected, is_key=is_key)
    pattern = expected.constraints.get("pattern")
    if not isinstance(pattern, str) or "pattern" not in expected.supported_constraints:
        return guard(expected.create_cell_reader(), expected, is_key=is_key)
    order = expected.supported_constraints
    others = expected.to_copy()
    others.schema = expected.schema
    others.constraints = {name: value for name, value in expected.constraints.items() if name != "pattern"}
    read = guard(others.create_cell_reader(), others, is_key=is_key)
    matches = Pattern(pattern).matches
    failed = {"pattern": f'constraint "pattern" is "{pattern}"'}

    def read_with_pattern(cell: Any) -> tuple[Any, Mapping[str, str] | None]:
        value, notes = read(cell)
        if value is None or (notes and "type" in notes) or matches(value):
            return value, notes
        both = {**(notes or {}), **failed}
        return value, {name: both[name] for name in sorted(both, key=order.index)}

    return read_with_pattern


def _reader_of_arrays(expected: Any) -> Reader:
    """Frictionless' reader of an array, its items read by our reader of a field with a pattern."""
    from frictionless import Field

    item = {"name": expected.name, "type": "any", **expected.array_item}
    item.pop("arrayItem", None)
    read_item = reader_of(Field.from_descriptor(item))
    others = expected.to_copy()
    others.schema = expected.schema
    others.array_item = {}
    read_array = others.create_cell_reader()

    def read(cell: Any) -> tuple[Any, Mapping[str, str] | None]:
        value, notes = read_array(cell)
        if value is None or notes:
            return value, notes
        found: dict[str, str] = {}
        for index, part in enumerate(value):
            value[index], part_notes = read_item(part)
            found |= {name: f"array item {note}" for name, note in (part_notes or {}).items()}
        return value, found or None

    return read
