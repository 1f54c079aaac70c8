"""Makes the page from the payload: hostile text harmless, tables small, the same bytes each time."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent

SCRIPTS = (
    "data.js",
    "text.js",
    "state.js",
    "marks.js",
    "table.js",
    "ranking.js",
    "change.js",
    "map.js",
    "certificate.js",
    "release.js",
    "page.js",
)
"""In the order of use; they share one scope, as if written in one file."""

# Inside <script> the HTML parser looks for `</script` and `<!--`; JSON may write any character as an escape.
_HARMLESS = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})

_NOSCRIPT_ROWS = 300


def render(payload: Mapping[str, Any], *, language: str = "en") -> str:
    """Makes the explorer of one release.

    Args:
        payload: Title, hashes, indicators, territories, values, certificates, sources, quarantine, maps, files
            and the first query of a release. `territories` and each of `values` are
            `{"columns": [...], "rows": [...]}`; a value row is one territory, period and series with all
            breakdowns at their total, in the unit of its indicator. A null `value` means that there is none, and
            `status` and `reason` say why; null `low` and `high` mean that no interval is known. `certificates`
            of a value and `certificate` of a source are positions in the payload's list of certificates. Maps
            are SVG path data in the coordinates of their `view`.
        language: Which `messages.<language>.json` the page speaks.

    Returns:
        The whole HTML document. Equal payloads give equal text.

    Raises:
        ValueError: A number is NaN or infinite, or a row has another length than its columns.
        FileNotFoundError: There are no messages in this language.
    """
    messages = json.loads((FOLDER / f"messages.{language}.json").read_text("utf-8"))
    style = (FOLDER / "explorer.css").read_text("utf-8")
    modules = "\n".join((FOLDER / name).read_text("utf-8") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{modules}}})();\n'
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.jinja").render(
        language=language,
        message=messages,
        release=payload,
        first=_first_table(payload, messages),
        style=Markup(style),  # noqa: S704 — our own file
        script=Markup(script),  # noqa: S704 — our own files
        style_hash=_csp_hash(style),
        script_hash=_csp_hash(script),
        data=Markup(_harmless_json(_compact(payload))),  # noqa: S704 — escaped for a script block
        messages_json=Markup(_harmless_json(messages)),  # noqa: S704 — escaped for a script block
    )


def _csp_hash(text: str) -> str:
    """The source expression that allows exactly this inline text (Content Security Policy level 2)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _harmless_json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number)
    return text.translate(_HARMLESS)


def _number(value: Any) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be written to the page")


def _compact(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with its long tables as columns, a value's territory as its position in `territories`."""
    key = payload["territories"]["columns"].index("id")
    positions = {row[key]: position for position, row in enumerate(payload["territories"]["rows"])}
    values = {indicator: _columnar(table) for indicator, table in payload["values"].items()}
    for table in values.values():
        territory = table["columns"].pop("territory")
        places = [positions.get(word, -1) for word in territory["words"]]
        table["columns"]["place"] = [places[code] for code in territory["codes"]]
    return {**payload, "territories": _columnar(payload["territories"]), "values": values}


def _columnar(table: Mapping[str, Any]) -> dict[str, Any]:
    names: Sequence[str] = table["columns"]
    rows: Sequence[Sequence[Any]] = table["rows"]
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {
        "count": len(rows),
        "columns": {name: _column(list(cells)) for name, cells in zip(names, columns, strict=True)},
    }


def _column(cells: list[Any]) -> list[Any] | dict[str, list[Any]]:
    """Numbers as they are; anything else once each in `words`, and its position for every row in `codes`."""
    present = [cell for cell in cells if cell is not None]
    if present and all(isinstance(cell, int | float | Decimal) for cell in present):
        return [int(c) if isinstance(c, float) and c.is_integer() else c for c in cells]
    keys = [tuple(cell) if isinstance(cell, list) else cell for cell in cells]
    positions = {key: position for position, key in enumerate(dict.fromkeys(keys))}
    return {"words": list(positions), "codes": [positions[key] for key in keys]}


def _first_table(payload: Mapping[str, Any], messages: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is read where no script runs: the first indicator, latest period, first level that has values."""
    if not payload["indicators"]:
        return None
    indicator = payload["indicators"][0]
    table = payload["values"].get(indicator["id"], {"columns": [], "rows": []})
    territories = _records(payload["territories"])
    by_id = {territory["id"]: territory for territory in territories}
    series = next(iter(indicator["series"]), None)
    rows = [
        row
        for row in _records(table)
        if row["value"] is not None and row["series"] == series and row["territory"] in by_id
    ]
    levels = list(messages["levels"])
    ranks = {row["territory"]: _rank(by_id[row["territory"]]["level"], levels) for row in rows}
    best = min(ranks.values(), default=None)
    rows = [row for row in rows if ranks[row["territory"]] == best]
    period = max((row["period"] for row in rows), default=None)
    rows = sorted((r for r in rows if r["period"] == period), key=lambda r: (-r["value"], r["territory"]))
    return {
        "indicator": indicator,
        "period": period,
        "count": len(rows),
        "rows": [
            {**row, "name": by_id[row["territory"]]["name"], "value": _one_decimal(row["value"])}
            for row in rows[:_NOSCRIPT_ROWS]
        ],
    }


def _records(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def _rank(level: str, levels: Sequence[str]) -> int:
    return levels.index(level) if level in levels else len(levels)


def _one_decimal(value: float | Decimal) -> str:
    """Halves go up, as in the browser."""
    return f"{Decimal(str(value)).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP):,}"
