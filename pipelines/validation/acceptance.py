"""Texts that Frictionless surely accepts, told without asking it.

Only canonical spellings, and only constraints whose meaning leaves no doubt; whatever is not sure is asked. A property
test holds every acceptance here against Frictionless itself.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Acceptance = Callable[[str], bool]

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_BOUNDS = frozenset({"required", "minimum", "maximum"})
_LENGTHS = frozenset({"required", "minLength", "maxLength"})


def sure_acceptance(field: Mapping[str, Any]) -> Acceptance:
    """A test that is true only for texts that Frictionless accepts in this field.

    Args:
        field: A Table Schema field descriptor.
    """
    constraints: Mapping[str, Any] = field.get("constraints", {})
    names = constraints.keys()
    if field.get("format", "default") != "default" or field.keys() & {"groupChar", "decimalChar", "bareNumber"}:
        return _never
    shortest, longest = constraints.get("minLength", 0), constraints.get("maxLength")
    match field["type"]:
        case "integer" if names <= _BOUNDS and _are_numbers(constraints, (int,)):
            return _bounded(_INTEGER, int, constraints)
        case "number" if names <= _BOUNDS and _are_numbers(constraints, (int, float)):
            return _bounded(_NUMBER, Decimal, constraints)
        case "string" if names <= _LENGTHS:
            return lambda text: shortest <= len(text) and (longest is None or len(text) <= longest)
        case "string" if names <= _LENGTHS | {"pattern"}:
            # As Frictionless does it, so that an alternative at the top of a pattern means the same here.
            matches = re.compile(f"^{constraints['pattern']}$").match
            return lambda text: (
                shortest <= len(text) and (longest is None or len(text) <= longest) and matches(text) is not None
            )
        case "string" if names <= {"required", "enum"} and all(isinstance(v, str) for v in constraints["enum"]):
            allowed = frozenset(constraints["enum"])
            return lambda text: text in allowed
        case _:
            return _never


def _never(text: str) -> bool:
    return False


def _are_numbers(constraints: Mapping[str, Any], kinds: tuple[type, ...]) -> bool:
    bounds = [constraints[name] for name in ("minimum", "maximum") if name in constraints]
    return all(isinstance(bound, kinds) and not isinstance(bound, bool) for bound in bounds)


def _bounded(spelling: re.Pattern[str], parse: Callable[[str], Any], constraints: Mapping[str, Any]) -> Acceptance:
    low, high = (Decimal(str(constraints[name])) if name in constraints else None for name in ("minimum", "maximum"))

    def accepts(text: str) -> bool:
        if spelling.fullmatch(text) is None:
            return False
        value = parse(text)
        return (low is None or low <= value) and (high is None or value <= high)

    return accepts
