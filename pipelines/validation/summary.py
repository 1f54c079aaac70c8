"""A report for people: each kind of error once, with where, what, what was expected and what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.validation.expectations import fields_by_name, primary_key
from pipelines.validation.grouping import about, collect
from pipelines.validation.messages import Language, Messages, shown
from pipelines.validation.report import Report
from pipelines.validation.wording import Group, Writer

_MOST_GROUPS = 30
_LIMIT = re.compile(r"reached (error|row) limit: (\d+)\Z")


@dataclass(frozen=True)
class Summary:
    """The short report.

    Attributes:
        language: Of all its texts.
        valid: Whether nothing is wrong.
        rows: How many rows were read, null where the table could not be opened.
        rows_in_order: How many have no error; null where that is not known: nothing was read, or a limit ended it.
        rows_with_errors: How many have one.
        errors: How many are reported.
        verdict: All of this in one line, and what ended it early.
        notes: What to keep in mind when reading the groups.
        groups: What concerns the whole file first, then what concerns most rows.
    """

    language: Language
    valid: bool
    rows: int | None
    rows_in_order: int | None
    rows_with_errors: int
    errors: int
    verdict: str
    notes: list[str]
    groups: list[Group]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain lists and mappings."""
        return asdict(self)

    def text(self) -> str:
        """The same as lines of text, without a line end at the end."""
        messages = Messages(self.language)
        blocks = [
            "\n   ".join([f"{number}. {group.problem}", *_details(group, messages)])
            for number, group in enumerate(self.groups[:_MOST_GROUPS], start=1)
        ]
        more = len(self.groups) - _MOST_GROUPS
        if more > 0:
            blocks.append(messages.say("phrases", "and_more", count=more) + ".")
        return "\n\n".join(["\n".join([self.verdict, *self.notes]), *blocks])


def summarise(report: Report, schema: Mapping[str, Any] | None = None, language: Language = "en") -> Summary:
    """Sum up a report for people.

    Args:
        report: What validation found.
        schema: The Table Schema descriptor that the table was judged by; null where there was none. What cannot be
            understood in it is left out of the summary.
        language: `en`, `fr` or `es`.

    Raises:
        ValueError: There are no messages in that language.
    """
    messages = Messages(language)
    writer = Writer(report.labels, fields_by_name(schema), primary_key(schema), messages)
    groups = [writer.group(rule, found) for rule, found in collect(report.errors)]
    in_order, wrong = _rows(report)
    return Summary(
        language=language,
        valid=report.valid,
        rows=report.rows,
        rows_in_order=in_order,
        rows_with_errors=wrong,
        errors=len(report.errors),
        verdict=". ".join(_sentences(report, in_order, wrong, messages)) + ".",
        notes=_notes(groups, messages),
        groups=sorted(groups, key=lambda group: (group.rows > 0, -group.rows)),
    )


def _rows(report: Report) -> tuple[int | None, int]:
    """How many rows have no error, null where that is not known; and how many have one, as far as that is known."""
    if report.rows is not None and report.accepted is not None:
        return report.accepted, report.rows - report.accepted
    wrong = len({error.row_number for error in report.errors if error.row_number is not None})
    if report.rows is None or "error" in _limits(report):
        return None, wrong
    return report.rows - wrong, wrong


def _limits(report: Report) -> dict[str, int]:
    return {match[1]: int(match[2]) for match in map(_LIMIT.match, report.warnings) if match}


def _sentences(report: Report, in_order: int | None, wrong: int, messages: Messages) -> Iterator[str]:
    state = "unread" if report.rows is None else "valid" if report.valid else "invalid"
    yield messages.say("phrases", state, place=shown(Path(report.place).name or report.name))
    limits = _limits(report)
    if report.rows is not None:
        key = "some_judged" if in_order is None else "cut_judged" if "error" in limits else "all_judged"
        yield messages.say(
            "phrases",
            "all_read" if report.valid else key,
            read=messages.say("phrases", "rows_read", count=report.rows),
            in_order=messages.say("phrases", "rows_in_order", count=in_order),
            with_errors=messages.say("phrases", "rows_with_errors", count=wrong),
            errors=messages.say("phrases", "errors", count=len(report.errors)),
        )
    for kind, limit in limits.items():
        key = "errors_cut" if kind == "error" and in_order is not None else f"{kind}_limit"
        yield messages.say("phrases", key, count=limit)
    for warning in report.warnings:
        if not _LIMIT.match(warning):
            yield messages.say("phrases", "warning", note=shown(warning, 120))


def _notes(groups: Iterable[Group], messages: Messages) -> list[str]:
    subjects = {about(group.rule) for group in groups}
    keys = ["header_first"] if {"header", "cell"} <= subjects else []
    keys += ["row_numbers"] if subjects & {"cell", "row"} else []
    return [messages.say("phrases", key) + "." for key in keys]


def _details(group: Group, messages: Messages) -> list[str]:
    lines = [_where(group, messages)] if group.rows > 1 else []
    for key, text in (("expected", group.expected), ("meaning", group.meaning), *(("fix", fix) for fix in group.fix)):
        lines += [messages.say("phrases", key, text=text)] if text else []
    return lines


def _where(group: Group, messages: Messages) -> str:
    key = "first_rows" if group.rows > len(group.first_rows) else "all_rows"
    rows = ", ".join(map(messages.number, group.first_rows))
    parts = [messages.say("phrases", key, count=group.rows, rows=rows)]
    others = group.values[1:]
    if others:
        items = messages.listed(others, len(others))
        parts.append(messages.say("phrases", "other_values", count=len(others), items=items))
    return messages.joined(parts)
