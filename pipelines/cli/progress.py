"""Progress on stderr: a bar on a terminal, a plain line every few seconds elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any

import click

_INTERVAL_SECONDS = 5.0


class Progress:
    """Counts assets as they are made.

    Args:
        total: How many will be made.
        quiet: Say nothing.
    """

    def __init__(self, total: int, quiet: bool = False) -> None:
        self.total = total
        self.count = 0
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._started = self._said = time.monotonic()

    def __enter__(self) -> "Progress":
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("starting", total=self.total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def done(self, key: str) -> None:
        """One more asset is there."""
        self.count = min(self.count + 1, self.total)
        if self._bar:
            self._bar.update(self._task, completed=self.count, description=key)
        elif not self._quiet and time.monotonic() - self._said >= _INTERVAL_SECONDS:
            self._said = time.monotonic()
            click.echo(f"{self.count} of {self.total} assets, {self._said - self._started:.0f} s: {key}", err=True)
