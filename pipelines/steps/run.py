"""A run: every step for every source and indicator of a workspace, each result made at most once.

Whoever drives it (Dagster, the command line, a test) asks for what it wants; what that needs is made or found first.
A source that fails is withheld with its reason and never stops the others.
"""

from dataclasses import dataclass

from pipelines.errors import ExitCode, GromaError
from pipelines.specs.schema import StandardSchema
from pipelines.specs.workspace import TERRITORY, TERRITORY_MEMBER, Workspace
from pipelines.steps import certify as certification
from pipelines.steps.certify import Certificate, InService, certify, certify_mark, in_service
from pipelines.steps.compute import Computed, compute, compute_mark, find_computed
from pipelines.steps.conform import Conformed, conform, conform_mark, find_conformed
from pipelines.steps.fetch import Vintage, current_vintage, fetch, is_fetched
from pipelines.steps.prepare import Prepared, find_prepared, prepare, prepare_mark
from pipelines.steps.publish import FORMATS, Contents, Publication, find_publication, publish, release_mark
from pipelines.steps.standardise import Feed, Standard, find_standard, standard_mark, standardise
from pipelines.steps.validate import Validated, find_validated, validate_mark, validate_tables
from pipelines.store import Store


@dataclass(frozen=True)
class Planned:
    """One asset of the plan: whether it would be made, and why."""

    asset: str
    would_run: bool
    why: str


class Run:
    """Results of one workspace, made on demand and remembered.

    Args:
        workspace: Checked declarations.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.store = Store(workspace.data)
        self.schemas: dict[str, StandardSchema] = {name: d.spec for name, d in workspace.schemas.items()}
        self._vintages: dict[str, Vintage | GromaError] = {}
        self._conformed: dict[str, Conformed | GromaError] = {}
        self._validated: dict[str, Validated | GromaError] = {}
        self._certificates: dict[str, Certificate] = {}
        self._uses: dict[str, InService | None] = {}
        self._standards: dict[str, Standard] = {}
        self._prepared: dict[tuple[str, str], Prepared] = {}
        self._computed: dict[str, Computed] = {}

    def vintage(self, source_id: str) -> Vintage | GromaError:
        """The source's bytes, kept; or why they cannot be had."""
        if source_id not in self._vintages:
            try:
                self._vintages[source_id] = fetch(self.store, self.workspace.sources[source_id])
            except GromaError as error:
                self._vintages[source_id] = error
        return self._vintages[source_id]

    def conformed(self, source_id: str) -> Conformed | GromaError:
        """The source's tables in the columns of the standard; or why the file is not what was declared."""
        if source_id not in self._conformed:
            vintage = self.vintage(source_id)
            try:
                self._conformed[source_id] = (
                    vintage
                    if isinstance(vintage, GromaError)
                    else conform(self.store, vintage, self.workspace.sources[source_id], self.schemas)
                )
            except GromaError as error:
                self._conformed[source_id] = error
        return self._conformed[source_id]

    def validated(self, source_id: str) -> Validated | GromaError:
        """The source's rows, judged; or why there are none."""
        if source_id not in self._validated:
            conformed = self.conformed(source_id)
            try:
                self._validated[source_id] = (
                    conformed
                    if isinstance(conformed, GromaError)
                    else validate_tables(self.store, conformed, self.workspace.sources[source_id], self.schemas)
                )
            except GromaError as error:
                self._validated[source_id] = error
        return self._validated[source_id]

    def certificate(self, source_id: str) -> Certificate:
        """The certificate of the source's newest vintage; of level 0 where it could not be read."""
        if source_id not in self._certificates:
            source = self.workspace.sources[source_id]
            validated = self.validated(source_id)
            if isinstance(validated, GromaError):
                vintage = self.vintage(source_id)
                vintage_id = None if isinstance(vintage, GromaError) else vintage.vintage_id
                self._certificates[source_id] = certification.refused(source.spec, vintage_id, validated)
            else:
                territories, tables = self._declared_territories()
                form = self.workspace.assurance.get(source_id)
                self._certificates[source_id] = certify(
                    self.store, validated, source, self.schemas, form, territories, tables
                )
        return self._certificates[source_id]

    def _declared_territories(self) -> tuple[list[Validated], dict[str, list]]:  # type: ignore[type-arg]
        territories, tables = [], {"territory": [], "member": []}  # type: ignore[var-annotated]
        for kind, schema in (("territory", TERRITORY), ("member", TERRITORY_MEMBER)):
            for source, table in self.workspace.feeding(schema):
                validated = self.validated(source.spec.id)
                if isinstance(validated, Validated):
                    territories.append(validated)
                    tables[kind].append(validated.table(table.table_name))
        return territories, tables

    def use(self, source_id: str) -> InService | None:
        """The vintage of the source that indicators may use, or None."""
        if source_id not in self._uses:
            self._uses[source_id] = in_service(self.store, self.certificate(source_id))
        return self._uses[source_id]

    def feeds(self, schema: str) -> list[Feed]:
        """The source tables in service that conform to the schema."""
        found: list[Feed] = []
        for source, table in self.workspace.feeding(schema):
            use = self.use(source.spec.id)
            if use is not None and use.table(table.table_name).is_file():
                found.append((source, table, use))
        return found

    def standard(self, name: str) -> Standard:
        """The standard table of that name."""
        if name not in self._standards:
            territory = None if name == TERRITORY else self.standard(TERRITORY)
            self._standards[name] = standardise(self.store, self.workspace.schemas[name], self.feeds(name), territory)
        return self._standards[name]

    def inputs(self, indicator_id: str) -> dict[str, Standard]:
        """The standard tables that an indicator needs."""
        names = (*self.workspace.indicators[indicator_id].spec.inputs, TERRITORY, TERRITORY_MEMBER)
        return {name: self.standard(name) for name in names}

    def prepared(self, indicator_id: str, name: str) -> Prepared:
        """A prepared table of an indicator."""
        key = (indicator_id, name)
        if key not in self._prepared:
            indicator = self.workspace.indicators[indicator_id]
            self._prepared[key] = prepare(self.store, indicator, name, self.inputs(indicator_id))
        return self._prepared[key]

    def uses(self) -> list[InService]:
        """Every vintage in service, by source id."""
        return [use for source_id in sorted(self.workspace.sources) if (use := self.use(source_id))]

    def computed(self, indicator_id: str) -> Computed:
        """The values of an indicator."""
        if indicator_id not in self._computed:
            indicator = self.workspace.indicators[indicator_id]
            tables = [self.prepared(indicator_id, name) for name in indicator.spec.prepare]
            standards = self.inputs(indicator_id)
            self._computed[indicator_id] = compute(
                self.store, indicator, standards, tables, self._feeding_uses(standards)
            )
        return self._computed[indicator_id]

    def _feeding_uses(self, standards: dict[str, Standard]) -> list[InService]:
        uses = {use.source_id: use for name in standards for _, _, use in self.feeds(name)}
        return [uses[source_id] for source_id in sorted(uses)]

    def contents(self) -> Contents:
        """What the release consists of."""
        return Contents(
            self.workspace,
            [self.certificate(source_id) for source_id in sorted(self.workspace.sources)],
            self.uses(),
            {name: self.standard(name) for name in sorted(self.workspace.schemas)},
            [self.computed(indicator_id) for indicator_id in sorted(self.workspace.indicators)],
        )

    def publication(self) -> Publication:
        """The release, written in every format and current."""
        return publish(self.store, self.contents())

    def plan(self) -> list[Planned]:
        """What a run would make and why; nothing is run or written."""
        return _Plan(self).assets()

    def exit_code(self) -> ExitCode:
        """What a finished run says to the shell: the gravest thing that befell a source."""
        codes = [ExitCode.OK]
        for source_id, declared in sorted(self.workspace.sources.items()):
            certificate = self.certificate(source_id)
            if certificate.error is not None:
                codes.append(certificate.error.exit_code)
            elif not certificate.is_in_force or certificate.unreconciled:
                codes.append(ExitCode.DATA_INVALID)
            elif certificate.validated and self.quarantined(certificate.validated) > declared.spec.known_faults.rows:
                codes.append(ExitCode.DATA_INVALID)
        return max(codes)

    @staticmethod
    def quarantined(validated: Validated) -> int:
        """Rows and records of a vintage that wait in quarantine."""
        return validated.malformed + sum(account.quarantined for account in validated.accounts.values())


class _Plan:
    """Walks the assets in order and looks which results are there already."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.planned: list[Planned] = []
        self.stale_sources: set[str] = set()

    def assets(self) -> list[Planned]:
        for source_id in sorted(self.run.workspace.sources):
            self._source(source_id)
        stale_standards = self._standards()
        stale_indicators = self._indicators(stale_standards)
        self._release(bool(self.stale_sources or stale_standards or stale_indicators))
        return self.planned

    def _add(self, asset: str, why: str | None) -> None:
        self.planned.append(Planned(asset, why is not None, why or "up to date"))

    def _source(self, source_id: str) -> None:
        run, source = self.run, self.run.workspace.sources[source_id]
        tables = [table.table_name for table in source.spec.tables]

        def rest(stage: int, why: str) -> None:
            self.stale_sources.add(source_id)
            names = [f"raw/{source_id}"]
            names += [f"conformed/{source_id}/{name}" for name in tables]
            names += [f"validated/{source_id}/{name}" for name in tables]
            names += [f"certificate/{source_id}"]
            starts = [0, 1, 1 + len(tables), 1 + 2 * len(tables)]
            for number, name in enumerate(names):
                self._add(name, why if number >= starts[stage] else None)

        try:
            vintage, _ = current_vintage(run.store, source)
        except GromaError as error:
            return rest(0, f"its bytes cannot be had: {error.what}")
        if not is_fetched(run.store, vintage):
            return rest(0, f"new vintage {vintage.vintage_id}")
        conformed = find_conformed(run.store, vintage, conform_mark(vintage, source, run.schemas))
        if conformed is None:
            return rest(1, "its declaration, its schema or the engine changed, or it failed before")
        if find_validated(run.store, conformed) is None:
            return rest(2, "not validated yet")
        if not self._is_certified(source_id):
            return rest(3, "not certified yet, or the territories changed")
        for name in [f"raw/{source_id}", *(f"conformed/{source_id}/{name}" for name in tables)]:
            self._add(name, None)
        for name in [*(f"validated/{source_id}/{name}" for name in tables), f"certificate/{source_id}"]:
            self._add(name, None)
        return None

    def _is_certified(self, source_id: str) -> bool:
        run = self.run
        territories = []
        for schema in (TERRITORY, TERRITORY_MEMBER):
            for source, _ in run.workspace.feeding(schema):
                found = self._find_validated(source.spec.id)
                if found is None:
                    return False
                territories.append(found)
        own = self._find_validated(source_id)
        if own is None:
            return False
        mark = certify_mark(own, run.workspace.assurance.get(source_id), territories)
        return run.store.manifest(certification.STAGE, source_id, mark) is not None

    def _find_validated(self, source_id: str) -> Validated | None:
        run, source = self.run, self.run.workspace.sources[source_id]
        try:
            vintage, _ = current_vintage(run.store, source)
        except GromaError:
            return None
        if not is_fetched(run.store, vintage):
            return None
        conformed = find_conformed(run.store, vintage, conform_mark(vintage, source, run.schemas))
        return find_validated(run.store, conformed) if conformed else None

    def _standards(self) -> set[str]:
        run, stale = self.run, set[str]()
        order = sorted(run.workspace.schemas, key=lambda name: (name != TERRITORY, name))
        for name in order:
            feeding = {source.spec.id for source, _ in run.workspace.feeding(name)}
            if waiting := sorted(feeding & self.stale_sources):
                stale.add(name)
                self._add(f"standard/{name}", f"upstream: {', '.join(waiting)}")
            elif TERRITORY in stale:
                stale.add(name)
                self._add(f"standard/{name}", f"upstream: standard/{TERRITORY}")
            elif self._standard(name) is None:
                stale.add(name)
                self._add(f"standard/{name}", "its schema, its sources or the engine changed")
            else:
                self._add(f"standard/{name}", None)
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
            else:
                standards = {name: run.standard(name) for name in names}
                prepared = [
                    find_prepared(run.store, indicator, name, prepare_mark(indicator, name, standards))
                    for name in indicator.spec.prepare
                ]
                found = [table for table in prepared if table is not None]
                mark = compute_mark(indicator, standards, found, run._feeding_uses(standards))
                if len(found) < len(prepared) or find_computed(run.store, indicator_id, mark) is None:
                    why = "its declaration, its query or the engine changed"
            if why:
                stale.add(indicator_id)
            for name in indicator.spec.prepare:
                self._add(f"prepared/{indicator_id}/{name}", why)
            self._add(f"indicator/{indicator_id}", why)
        return stale

    def _release(self, upstream_is_stale: bool) -> None:
        why = None
        if upstream_is_stale:
            why = "upstream changed"
        elif find_publication(self.run.store, release_mark(self.run.contents())) is None:
            why = "not published yet"
        for name in ("duckdb", *FORMATS):
            self._add(f"publication/{name}", why)
