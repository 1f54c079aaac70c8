"""Looks for files on which our validation and Frictionless disagree: `python -m tests.fuzz.validation --seconds 60`."""

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.unit.validation.oracle import Case, Verdict, difference, frictionless_verdict, our_verdict
from tests.unit.validation.strategies import cases

_BATCH = 150
_SHRINKING = 20.0
"""Seconds after which a disagreement is told as small as it is."""
ENGINES = ("duckdb", "auto")


@dataclass
class Search:
    """What was tried, and the smallest disagreement of the current batch.

    Attributes:
        tried: How many files each way of judging was tried on.
        found: The smallest case so far, the engine, and what differs.
        patience: When to stop making it smaller.
    """

    folder: Path
    engines: tuple[str, ...]
    tried: Counter[str] = field(default_factory=Counter)
    found: tuple[Case, str, str] | None = None
    patience: float = float("inf")

    def look(self, case: Case) -> None:
        """Compare the verdicts on one case; an assertion fails where they differ."""
        if time.monotonic() > self.patience:
            return
        theirs = frictionless_verdict(case, self.folder)
        for engine in self.engines:
            difference = self._difference(case, theirs, engine)
            if difference is not None:
                if self.found is None:
                    self.patience = time.monotonic() + _SHRINKING
                if self.found is None or _size(case) <= _size(self.found[0]):
                    self.found = case, engine, difference
                raise AssertionError(difference)

    def _difference(self, case: Case, theirs: Verdict, engine: str) -> str | None:
        try:
            ours = our_verdict(case, self.folder, engine)
        except Exception as exception:
            place = traceback.extract_tb(exception.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            return f"ours raises {type(exception).__name__} at {where}: {exception}"
        self.tried[ours.engine] += 1
        return difference(case, theirs, ours)


def _size(case: Case) -> int:
    return len(repr(case))


def search_batch(search: Search, number: int, most: int = _BATCH) -> tuple[Case, str, str] | None:
    """Try the files of one seed; the smallest disagreement."""
    search.found, search.patience = None, float("inf")

    @seed(number)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(cases())
    def look(case: Case) -> None:
        search.look(case)

    try:
        look()
    except BaseException as exception:
        # Whatever hypothesis makes of a failure is told by the case that was kept.
        if search.found is None or isinstance(exception, KeyboardInterrupt):
            raise
    return search.found


def main(arguments: list[str] | None = None) -> int:
    """Search for some time; 1 where a disagreement was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", action="append", choices=["duckdb", "auto", "frictionless"])
    given_arguments = parser.parse_args(arguments)
    end = time.monotonic() + given_arguments.seconds
    disagreements = batches = 0
    with tempfile.TemporaryDirectory(prefix="groma-fuzz-") as folder:
        search = Search(Path(folder), tuple(given_arguments.engine or ENGINES))
        while time.monotonic() < end:
            number = given_arguments.seed * 1_000_000 + batches
            batches += 1
            if found := search_batch(search, number):
                disagreements += 1
                case, engine, difference = found
                print(f"\n=== seed {number}, engine {engine}: {difference}\n{case.script(engine)}", flush=True)
    tried = ", ".join(f"{count:,} by {engine}" for engine, count in sorted(search.tried.items()))
    print(f"{batches:,} batches, {disagreements:,} disagreements; judged {tried or 'nothing'}")
    return 1 if disagreements else 0


if __name__ == "__main__":
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", tempfile.gettempdir())
    sys.exit(main())
