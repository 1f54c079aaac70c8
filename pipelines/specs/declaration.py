"""What every declaration has in common: strict fields, identifiers, and faults that name file, line and field."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from pipelines.specs.strict_yaml import Document, YamlFault, parse

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Lower-case words joined by underscores; safe as a folder, a table and an asset key."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

_SIZE_LIMIT = 1_000_000


class Model(BaseModel):
    """A part of a declaration: unknown keys are faults, numbers never become text by themselves."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with a declaration, and what to do about it."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}"


Spec = TypeVar("Spec", bound=Model)


@dataclass(frozen=True)
class Declared(Generic[Spec]):
    """A declaration as read: the model, where it stands, and the digest of everything it consists of."""

    spec: Spec
    folder: Path
    file: Path
    document: Document = field(repr=False, compare=False)
    digest: str = ""

    def fault(self, path: tuple[str | int, ...], message: str, root: Path) -> Fault:
        """A fault at `path` of this declaration."""
        return Fault(relative(self.file, root), self.document.line(path), ".".join(map(str, path)) or "file", message)

    def text(self, name: str) -> str | None:
        """The content of the file `name` beside the declaration, or None if there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None


def read_declaration(
    model: type[Spec], file: Path, root: Path, beside: tuple[str, ...] = ()
) -> tuple[Declared[Spec] | None, list[Fault]]:
    """Read one declaration and report all of its faults together.

    Args:
        model: What the file must be.
        file: The YAML file.
        root: The workspace folder that faults are told relative to.
        beside: Names of files next to it that belong to the declaration and count in its digest.

    Returns:
        The declaration, or None where it has faults; and the faults, in the order of their lines.
    """
    name = relative(file, root)
    try:
        content = file.read_bytes()
        if len(content) > _SIZE_LIMIT:
            return None, [Fault(name, 1, "file", f"larger than {_SIZE_LIMIT:,} bytes; split it")]
        document = parse(content.decode("utf-8"))
    except YamlFault as fault:
        return None, [Fault(name, fault.line, "yaml", fault.message)]
    except UnicodeDecodeError as error:
        return None, [Fault(name, 1, "file", f"not UTF-8 at byte {error.start}; save it as UTF-8")]
    except OSError as error:
        return None, [Fault(name, 1, "file", f"cannot be read: {error.strerror}")]
    if not isinstance(document.value, dict):
        return None, [Fault(name, 1, "file", "must be a mapping of keys to values")]
    try:
        spec = model.model_validate(document.value)
    except ValidationError as error:
        return None, sorted(_fault(name, document, item) for item in error.errors(include_url=False))
    digest = hashlib.sha256(content)
    for other in beside:
        path = file.parent / other
        if path.is_file():
            digest.update(b"\0" + other.encode() + b"\0" + path.read_bytes())
    return Declared(spec, file.parent, file, document, digest.hexdigest()), []


def relative(path: Path, root: Path) -> str:
    """`path` as a person names it: relative to the workspace where it lies inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _fault(name: str, document: Document, error: Any) -> Fault:
    path = tuple(part for part in error["loc"] if part not in _UNION_BRANCHES)
    return Fault(name, document.line(path), ".".join(map(str, path)) or "file", _message(error["type"], error))


# Pydantic adds the branch of a union to the path of an error; the file has no such key.
_UNION_BRANCHES = frozenset({"str", "int", "float", "bool", "constrained-str", "literal['default']"})


def _message(kind: str, error: Any) -> str:
    given = error.get("input")
    match kind:
        case "extra_forbidden":
            return "unknown key; remove it or correct its spelling"
        case "missing":
            return "required, and missing"
        case "string_type" if isinstance(given, int | float) and not isinstance(given, bool):
            return f'must be text; put it in quotes: "{given}"'
        case "string_pattern_mismatch" if error["ctx"]["pattern"].startswith("^[a-z][a-z0-9_]"):
            return f"{given!r} must be lower-case words joined by underscores, at most 63 characters"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
            return f"{error['msg']}{shown}"
