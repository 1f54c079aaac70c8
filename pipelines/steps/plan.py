"""Plan: which results are there already, and which a run would make, and why. Nothing is run or written."""

from dataclasses import dataclass

from pipelines.errors import GromaError
from pipelines.specs.workspace import TERRITORY, TERRITORY_MEMBER
from pipelines.steps import certify as certification
from pipelines.steps.certify import certify_mark
from pipelines.steps.compute import compute_mark, find_computed
from pipelines.steps.conform import conform_mark, find_conformed
from pipelines.steps.fetch import Vintage, current_vintage, is_fetched
from pipelines.steps.prepare import find_prepared, prepare_mark
from pipelines.steps.publish import FORMATS, find_publication, release_mark
from pipelines.steps.run import Run
from pipelines.steps.standardise import Standard, find_standard, standard_mark
from pipelines.steps.validate import Validated, find_validated


@dataclass(frozen=True)
class Planned:
    """One asset of the plan: whether a run would make it, and why."""

    asset: str
    would_run: bool
    why: str


@dataclass(frozen=True)
class _Progress:
    """How far a source has come: the first thing that is missing, and what is there."""

    missing: str | None
    why: str
    vintage: Vintage | None = None
    validated: Validated | None = None


def plan(run: Run) -> list[Planned]:
    """What `run` would make, asset by asset, in the order of the work.

    Args:
        run: A run that has not made anything yet.
    """
    return _Plan(run).assets()


class _Plan:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.planned: list[Planned] = []
        self.sources = {source_id: self._progress(source_id) for source_id in sorted(run.workspace.sources)}
        self.stale_sources: set[str] = set()

    def assets(self) -> list[Planned]:
        for source_id in self.sources:
            self._source(source_id)
        stale_standards = self._standards()
        stale_indicators = self._indicators(stale_standards)
        self._release(bool(self.stale_sources or stale_standards or stale_indicators))
        return self.planned

    def _add(self, asset: str, why: str | None) -> None:
        self.planned.append(Planned(asset, why is not None, why or "up to date"))

    def _progress(self, source_id: str) -> _Progress:
        run, source = self.run, self.run.workspace.sources[source_id]
        try:
            vintage, _ = current_vintage(run.store, source)
        except GromaError as error:
            return _Progress("raw", f"its bytes cannot be had: {error.what}")
        if not is_fetched(run.store, vintage):
            return _Progress("raw", f"new vintage {vintage.vintage_id}", vintage)
        conformed = find_conformed(run.store, vintage, conform_mark(vintage, source, run.schemas))
        if conformed is None:
            return _Progress(
                "conformed", "its declaration, its schema or the engine changed, or it failed before", vintage
            )
        validated = find_validated(run.store, conformed)
        if validated is None:
            return _Progress("validated", "not validated yet", vintage)
        return _Progress(None, "", vintage, validated)

    def _source(self, source_id: str) -> None:
        progress = self.sources[source_id]
        missing, why = progress.missing, progress.why
        if missing is None and not self._is_certified(source_id):
            missing, why = "certificate", "not certified yet, or the territories changed"
        if missing:
            self.stale_sources.add(source_id)
        is_due = False
        for stage in ("raw", "conformed", "validated", "certificate"):
            is_due = is_due or stage == missing
            tables = (
                self.run.workspace.sources[source_id].spec.tables if stage in ("conformed", "validated") else [None]
            )
            for table in tables:
                name = f"{stage}/{source_id}/{table.table_name}" if table else f"{stage}/{source_id}"
                self._add(name, why if is_due else None)

    def _is_certified(self, source_id: str) -> bool:
        territories = []
        for schema in (TERRITORY, TERRITORY_MEMBER):
            for source, _ in self.run.workspace.feeding(schema):
                found = self.sources[source.spec.id]
                if found.missing in ("conformed", "validated") or (found.missing == "raw" and found.vintage):
                    return False
                if found.validated:
                    territories.append(found.validated)
        own = self.sources[source_id].validated
        if own is None:
            return False
        mark = certify_mark(own, self.run.workspace.assurance.get(source_id), territories)
        return self.run.store.manifest(certification.STAGE, source_id, mark) is not None

    def _standards(self) -> set[str]:
        run, stale = self.run, set[str]()
        order = sorted(run.workspace.schemas, key=lambda name: (name != TERRITORY, name))
        for name in order:
            feeding = {source.spec.id for source, _ in run.workspace.feeding(name)}
            why = None
            if waiting := sorted(feeding & self.stale_sources):
                why = f"upstream: {', '.join(waiting)}"
            elif TERRITORY in stale:
                why = f"upstream: standard/{TERRITORY}"
            elif self._standard(name) is None:
                why = "its schema, its sources or the engine changed"
            if why:
                stale.add(name)
            self._add(f"standard/{name}", why)
        return stale

    def _standard(self, name: str) -> Standard | None:
        run = self.run
        territory = None if name == TERRITORY else self._standard(TERRITORY)
        if name != TERRITORY and territory is None:
            return None
        mark = standard_mark(run.workspace.schemas[name], run.feeds(name), territory)
        return find_standard(run.store, name, mark)

    def _indicators(self, stale_standards: set[str]) -> set[str]:
        run, stale = self.run, set[str]()
        for indicator_id, indicator in sorted(run.workspace.indicators.items()):
            names = (*indicator.spec.inputs, TERRITORY, TERRITORY_MEMBER)
            why = None
            if waiting := sorted(set(names) & stale_standards):
                why = f"upstream: {', '.join(f'standard/{name}' for name in waiting)}"
            elif not self._is_computed(indicator_id, names):
                why = "its declaration, its query or the engine changed"
            if why:
                stale.add(indicator_id)
            for name in indicator.spec.prepare:
                self._add(f"prepared/{indicator_id}/{name}", why)
            self._add(f"indicator/{indicator_id}", why)
        return stale

    def _is_computed(self, indicator_id: str, names: tuple[str, ...]) -> bool:
        run, indicator = self.run, self.run.workspace.indicators[indicator_id]
        standards = {name: run.standard(name) for name in names}
        prepared = []
        for name in indicator.spec.prepare:
            found = find_prepared(run.store, indicator, name, prepare_mark(indicator, name, standards))
            if found is None:
                return False
            prepared.append(found)
        mark = compute_mark(indicator, standards, prepared, run.feeding_uses(standards))
        return find_computed(run.store, indicator_id, mark) is not None

    def _release(self, upstream_is_stale: bool) -> None:
        why = None
        if upstream_is_stale:
            why = "upstream changed"
        elif find_publication(self.run.store, release_mark(self.run.contents())) is None:
            why = "not published yet"
        for name in ("duckdb", *FORMATS):
            self._add(f"publication/{name}", why)
