"""Dagster's entry point: the graph of the workspace that `GROMA_WORKSPACE` names, by default the repository's own."""

import os
from pathlib import Path

import dagster as dg

from pipelines.components.graph import build_graph
from pipelines.components.runs import Runs
from pipelines.errors import UsageError
from pipelines.specs.workspace import ENGINE_ROOT, load_workspace


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that the workspace declares, as a Dagster graph.

    Raises:
        UsageError: A declaration has a fault; all of them are named.
    """
    workspace = load_workspace(Path(os.environ.get("GROMA_WORKSPACE", ENGINE_ROOT)))
    if workspace.faults:
        raise UsageError("the workspace has faults:\n" + "\n".join(map(str, workspace.faults)))
    return build_graph(Runs(workspace))
