"""What can go wrong, as a person must read it: what, where, why, how to fix, and the exit code that says which kind."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit codes; scripts may rely on them (`docs/decisions/0005-exit-codes.md`)."""

    OK = 0
    BUG = 1
    USAGE = 2
    DATA_INVALID = 3
    SOURCE_UNAVAILABLE = 4
    BLOCKED = 5
    RESOURCES = 6
    BUSY = 7
    NEEDS_APPROVAL = 8


class GromaError(Exception):
    """An expected failure with a message for a person.

    Args:
        what: What happened, naming file, row, column and value where there are any.
        why: The rule that was broken, or None where `what` says it.
        fix: What to do next, or None where nothing can be done.
    """

    exit_code = ExitCode.BUG
    code = "E-BUG"

    def __init__(self, what: str, *, why: str | None = None, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        lines = [f"{self.code}  {self.what}"]
        if self.why:
            lines.append(f"  Why: {self.why}")
        if self.fix:
            lines.append(f"  Fix: {self.fix}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str | int | None]:
        """The same for a machine: `code`, `exit_code`, `what`, `why`, `fix`."""
        return {
            "code": self.code,
            "exit_code": int(self.exit_code),
            "what": self.what,
            "why": self.why,
            "fix": self.fix,
        }


class UsageError(GromaError):
    """The command, its arguments or a declaration is wrong; nothing was run."""

    exit_code = ExitCode.USAGE
    code = "E-USAGE"


class DataError(GromaError):
    """A source's content is not what its declaration says; the source is withheld, the others go on."""

    exit_code = ExitCode.DATA_INVALID
    code = "E-DATA"


class SourceUnavailable(GromaError):
    """A source's bytes could not be had."""

    exit_code = ExitCode.SOURCE_UNAVAILABLE
    code = "E-SOURCE"


class Blocked(GromaError):
    """Refused for safety: a path outside its folder, a driver or an address that is not allowed."""

    exit_code = ExitCode.BLOCKED
    code = "E-BLOCKED"


class Busy(GromaError):
    """Another run holds the workspace."""

    exit_code = ExitCode.BUSY
    code = "E-BUSY"
