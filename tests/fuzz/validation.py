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
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.unit.validation.oracle import Case, Verdict, difference, frictionless_verdict, our_verdict
from tests.unit.validation.strategies import cases

_BATCH = 150
_SHRINKING = 20.0
"""Seconds after which a disagreement is told as small as it is."""


class Way(NamedTuple):
    """A way of judging a file: an engine, in pieces as small as if the file were large or not."""

    engine: str
    in_pieces: bool = False


WAYS = (Way("duckdb"), Way("duckdb", in_pieces=True), Way("auto"), Way("auto", in_pieces=True))


@dataclass
class Search:
    """What was tried, and the smallest disagreement of the current batch.

    Attributes:
        tried: How many files each way of judging was tried on.
        found: The smallest case so far, the way it was judged, and what differs.
        patience: When to stop making it smaller.
    """

    folder: Path
    ways: tuple[Way, ...]
    tried: Counter[str] = field(default_factory=Counter)
    found: tuple[Case, Way, str] | None = None
    patience: float = float("inf")

    def look(self, case: Case) -> None:
        """Compare the verdicts on one case; an assertion fails where they differ."""
        if time.monotonic() > self.patience:
            return
        theirs = frictionless_verdict(case, self.folder)
        for way in self.ways:
            found = self._difference(case, theirs, way)
            if found is not None:
                if self.found is None:
                    self.patience = time.monotonic() + _SHRINKING
                if self.found is None or _size(case) <= _size(self.found[0]):
                    self.found = case, way, found
                raise AssertionError(found)

    def _difference(self, case: Case, theirs: Verdict, way: Way) -> str | None:
        try:
            ours = our_verdict(case, self.folder, way.engine, in_pieces=way.in_pieces)
        except Exception as exception:
            place = traceback.extract_tb(exception.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            return f"ours raises {type(exception).__name__} at {where}: {exception}"
        self.tried[ours.engine] += 1
        return difference(case, theirs, ours)


def _size(case: Case) -> int:
    return len(repr(case))


def search_batch(search: Search, number: int, most: int = _BATCH) -> tuple[Case, Way, str] | None:
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
    except Exception:
        # Whatever hypothesis makes of a failure is told by the case that was kept.
        if search.found is None:
            raise
    return search.found


def main(arguments: list[str] | None = None) -> int:
    """Search for some time; 1 where a disagreement was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=["duckdb", "auto"], help="both where none is said")
    given_arguments = parser.parse_args(arguments)
    end = time.monotonic() + given_arguments.seconds
    disagreements = batches = 0
    with tempfile.TemporaryDirectory(prefix="groma-fuzz-") as folder:
        ways = [way for way in WAYS if given_arguments.engine in (None, way.engine)]
        search = Search(Path(folder), tuple(ways))
        while time.monotonic() < end:
            number = given_arguments.seed * 1_000_000 + batches
            batches += 1
            if found := search_batch(search, number):
                disagreements += 1
                case, way, told = found
                script = case.script(way.engine, in_pieces=way.in_pieces)
                print(f"\n=== seed {number}, engine {way.engine}: {told}\n{script}", flush=True)
    tried = ", ".join(f"{count:,} by {engine}" for engine, count in sorted(search.tried.items()))
    print(f"{batches:,} batches, {disagreements:,} disagreements; judged {tried or 'nothing'}")
    return 1 if disagreements else 0


if __name__ == "__main__":
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", tempfile.gettempdir())
    sys.exit(main())
