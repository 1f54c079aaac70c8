"""A YAML reader without surprises.

YAML 1.2 core scalars only: `true`, `false`, `null`, decimal integers without leading zeros, decimal floats.
`NO`, `on`, `010`, `12:30` and dates are text. Aliases, tags and duplicate keys are faults, so a file means what it
shows and a small file stays small.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

_NULL = frozenset({"", "~", "null"})
_BOOLEAN = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_PLAIN_TAG = "tag:yaml.org,2002:"
_QUOTED = frozenset("'\"|>")
_MAX_DEPTH = 32
_MAX_DIGITS = 400


class YamlFault(Exception):
    """The text is not YAML that groma reads; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(frozen=True)
class Document:
    """A YAML document: its `value` and the line of each of its parts."""

    value: Any
    _lines: dict[tuple[str | int, ...], int]

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of the deepest part of `path` that the document has; 1 for an empty document."""
        for length in range(len(path), -1, -1):
            line = self._lines.get(path[:length])
            if line is not None:
                return line
        return 1


def parse(text: str) -> Document:
    """Read one YAML document.

    Args:
        text: The file's content.

    Returns:
        The document. An empty text has the value None.

    Raises:
        YamlFault: Not well-formed, or uses an alias, a tag, a duplicate key or more than 32 levels.
    """
    try:
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault(mark.line + 1 if mark else 1, error.problem or "not well-formed YAML") from None
    except (yaml.YAMLError, ValueError) as error:
        raise YamlFault(1, f"not well-formed YAML: {error}") from None
    lines: dict[tuple[str | int, ...], int] = {}
    value = _build(node, (), lines, set()) if node is not None else None
    return Document(value, lines)


def _build(
    node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], seen: set[int]
) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    _check_plain(node, seen)
    if len(path) > _MAX_DEPTH:
        raise YamlFault(line, f"more than {_MAX_DEPTH} levels deep")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, index), lines, seen) for index, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node)


def _check_plain(node: yaml.Node, seen: set[int]) -> None:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise YamlFault(line, "aliases (*name) are not read; write the value out")
    seen.add(id(node))
    kind = {yaml.MappingNode: "map", yaml.SequenceNode: "seq", yaml.ScalarNode: "str"}[type(node)]
    if node.tag != _PLAIN_TAG + kind:
        raise YamlFault(line, f"tags ({node.tag}) are not read; write the plain value")


def _mapping(
    node: yaml.MappingNode,
    path: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
    seen: set[int],
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlFault(line, "a key must be a word, not a list or a mapping")
        _check_plain(key_node, seen)
        key = key_node.value
        if key in result:
            raise YamlFault(line, f"the key {key!r} stands twice in one mapping")
        lines[(*path, key)] = line
        result[key] = _build(value_node, (*path, key), lines, seen)
    return result


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style in _QUOTED:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    is_integer = _INTEGER.match(text) is not None
    if not is_integer and not _FLOAT.match(text):
        return text
    if len(text) > _MAX_DIGITS or not math.isfinite(float(text)):
        raise YamlFault(node.start_mark.line + 1, "a number that is too large; put it in quotes if it is a text")
    return int(text) if is_integer else float(text)
