"""What every command needs: the workspace, checked, and its current release."""

import difflib
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import click

from pipelines.cli.output import finish, note, print_json
from pipelines.errors import ExitCode, UsageError
from pipelines.specs.workspace import ENGINE_ROOT, Workspace, load_workspace
from pipelines.steps.publish import Publication, current_publication
from pipelines.store import Store

Command = TypeVar("Command", bound=Callable[..., object])


def workspace_option(command: Command) -> Command:
    """`--workspace`, by default `GROMA_WORKSPACE` or the repository's own workspace."""
    return click.option(
        "--workspace",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=lambda: os.environ.get("GROMA_WORKSPACE", str(ENGINE_ROOT)),
        show_default="the repository",
        help="The folder with sources/, schemas/ and indicators/.",
    )(command)


def checked_workspace(folder: Path, as_json: bool = False) -> Workspace:
    """The workspace; a faulty one ends the command with every fault and exit code 2."""
    from pipelines.steps.bind import check_expressions, check_queries

    workspace = load_workspace(Path(folder))
    faults = workspace.faults or [*check_expressions(workspace), *check_queries(workspace)]
    if faults:
        if as_json:
            print_json({"faults": [vars(fault) for fault in faults]})
        for fault in faults:
            note(str(fault))
        note(f"E-USAGE  {len(faults)} fault(s) in the declarations; nothing was run")
        finish(ExitCode.USAGE)
    return workspace


def published(folder: Path) -> Publication:
    """The current release of a workspace.

    Raises:
        UsageError: Nothing has been published yet.
    """
    publication = current_publication(Store(Path(folder).resolve() / "data"))
    if publication is None:
        raise UsageError("nothing has been published in this workspace yet", fix="run `groma run` first")
    return publication


def known(kind: str, name: str, names: Collection[str]) -> str:
    """`name`, if it is one of `names`.

    Raises:
        UsageError: It is not; the nearest one is suggested.
    """
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    raise UsageError(
        f"there is no {kind} {name!r}",
        fix=f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(names))}",
    )
