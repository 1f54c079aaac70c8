"""What the assets share while a Dagster run lasts: the workspace, and the results made so far."""

from collections.abc import Callable
from contextlib import ExitStack

from pipelines.specs.workspace import Workspace
from pipelines.steps.run import Run

_held = ExitStack()


class Runs:
    """Hands the steps of one Dagster run the same `Run`, so that each result is made or found once.

    Args:
        workspace: Checked declarations.
        done: Told the key of each asset when it is there, for progress.
        is_locked: Whether the caller holds the workspace's lock already.
    """

    def __init__(
        self, workspace: Workspace, done: Callable[[str], None] | None = None, *, is_locked: bool = False
    ) -> None:
        self.workspace = workspace
        self.done = done or (lambda key: None)
        self._run_id = ""
        self._run = Run(workspace)
        self._is_locked = is_locked

    def of(self, run_id: str) -> Run:
        """The results of the Dagster run `run_id`; a new one starts afresh.

        Raises:
            Busy: Another run holds the workspace.
        """
        if not self._is_locked:
            # Held until the process ends: Dagster gives each run that it launches a process of its own.
            _held.enter_context(self._run.store.lock())
            self._is_locked = True
        if run_id != self._run_id:
            self._run_id, self._run = run_id, Run(self.workspace)
        return self._run
