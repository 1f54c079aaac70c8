"""Validation errors in plain words: what was expected, and what to do."""

from pipelines.specs.schema import SchemaField
from pipelines.validation import Error

_TYPE_WORDS = {
    "integer": "a whole number",
    "number": "a number with a decimal point",
    "boolean": "true or false",
    "date": "a date like 2024-09-30",
    "year": "a year of four digits",
    "string": "text",
}


def expected_of(error: Error, cell: str | None, field: SchemaField | None) -> str:
    """What the rule expects of the cell, null where it is missing, or of the row."""
    if field is None:
        return error.note
    constraints = field.constraints
    if error.type == "type-error":
        return f"expected {_TYPE_WORDS[field.type]} ({field.title})"
    if error.type == "constraint-error":
        if cell in (None, "") and constraints.required:
            return f"{field.title} is required, and missing"
        if constraints.enum and cell not in constraints.enum:
            shown = ", ".join(constraints.enum[:12]) + (", …" if len(constraints.enum) > 12 else "")
            return f"expected one of {shown}"
        if constraints.minimum is not None or constraints.maximum is not None:
            unit = f" {field.unit}" if field.unit else ""
            return f"expected {constraints.minimum} to {constraints.maximum}{unit} ({field.title})"
        if constraints.pattern:
            return f"expected a text of the form {constraints.pattern}"
    return error.note


def fix_of(error: Error, field: SchemaField | None, source_id: str) -> str:
    """What a person can do about it."""
    place = f"sources/{source_id}/source.yaml"
    match error.type:
        case "type-error":
            return f"correct the cell; if it stands for 'not available', add it to 'missing' in {place}"
        case "constraint-error" if field is not None and field.constraints.enum:
            return f"correct the cell, or recode it under 'values: {{{field.name}: …}}' in {place}"
        case "constraint-error":
            return f"correct the cell, or add a 'fixes' entry with the reason to {place}"
        case "primary-key":
            return f"keep one of the rows, or narrow 'scope' in {place} so that the key is unique"
        case "duplicate-row":
            return "remove the copy; it was left out, the first one is used"
        case _:
            return f"correct the row, or adapt {place}"
