"""How results look: JSON for machines, tables for people, errors for both."""

import csv
import json
import math
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

import click

from pipelines.errors import ExitCode, GromaError

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    try:
        text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain, allow_nan=False)
    except ValueError:  # JSON has no NaN and no infinity
        text = json.dumps(_finite(value), ensure_ascii=False, indent=2, default=_plain, allow_nan=False)
    sys.stdout.write(text + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as CSV on stdout; null is an empty cell, a list is JSON."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [
            "" if c is None else json.dumps(c, ensure_ascii=False, default=_plain) if isinstance(c, list) else c
            for c in row
        ]
        for row in rows
    )


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None) -> None:
    """Print rows as a table on stdout, numbers to the right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 200)
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for index, name in enumerate(columns):
        numeric = all(isinstance(row[index], int | float | Decimal | None) for row in rows)
        table.add_column(name, justify="right" if numeric and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print(table)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        value = value.normalize()
        return f"{value:f}"
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return escape(_printable(str(value)))


def say(text: str) -> None:
    """Print a line on stdout; what is not printable (a terminal's escape sequences in a name) is shown as `�`."""
    click.echo("\n".join(map(_printable, text.split("\n"))))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)


def print_error(error: GromaError, as_json: bool = False) -> None:
    """Print an error on stderr, and with `--json` the same as an object on stdout."""
    if as_json:
        print_json({"error": error.as_dict()})
    note(str(error))


def note(text: str) -> None:
    """Say something to a person, on stderr."""
    click.echo("\n".join(map(_printable, text.split("\n"))), err=True)


def finish(code: ExitCode) -> NoReturn:
    """End the command with an exit code."""
    sys.exit(int(code))
