"""A run: every step for every source and indicator of a workspace, each result made at most once.

Whoever drives it (Dagster, the command line, a test) asks for what it wants; what that needs is made or found first.
A source that fails is withheld with its reason and never stops the others.
"""

from pathlib import Path

from pipelines.errors import ExitCode, GromaError
from pipelines.specs.schema import StandardSchema
from pipelines.specs.workspace import TERRITORY, TERRITORY_MEMBER, Workspace
from pipelines.steps import certify as certification
from pipelines.steps.certify import Certificate, InService, certify, in_service
from pipelines.steps.compute import Computed, compute
from pipelines.steps.conform import Conformed, conform
from pipelines.steps.contents import Contents
from pipelines.steps.fetch import Vintage, fetch
from pipelines.steps.prepare import Prepared, prepare
from pipelines.steps.publish import Publication, publish
from pipelines.steps.standardise import Feed, Standard, standardise
from pipelines.steps.validate import Validated, validate_tables
from pipelines.store import Store


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
            try:
                self._certificates[source_id] = self._certify(source_id)
            except GromaError as error:
                vintage = self.vintage(source_id)
                vintage_id = None if isinstance(vintage, GromaError) else vintage.vintage_id
                spec = self.workspace.sources[source_id].spec
                self._certificates[source_id] = certification.refused(spec, vintage_id, error)
        return self._certificates[source_id]

    def _certify(self, source_id: str) -> Certificate:
        validated = self.validated(source_id)
        if isinstance(validated, GromaError):
            raise validated
        territories, tables = self._declared_territories()
        source, form = self.workspace.sources[source_id], self.workspace.assurance.get(source_id)
        return certify(self.store, validated, source, self.schemas, form, territories, tables)

    def _declared_territories(self) -> tuple[list[Validated], dict[str, list[Path]]]:
        territories: list[Validated] = []
        tables: dict[str, list[Path]] = {"territory": [], "member": []}
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
                self.store, indicator, standards, tables, self.feeding_uses(standards)
            )
        return self._computed[indicator_id]

    def feeding_uses(self, standards: dict[str, Standard]) -> list[InService]:
        """The vintages in service that feed any of the given standard tables, by source id."""
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

    def exit_code(self, *, has_published: bool) -> ExitCode:
        """What a finished run says to the shell: the gravest thing that befell a source.

        Args:
            has_published: Whether everything was run; then rows that no standard table could take count too.
        """
        codes = [ExitCode.OK]
        for source_id in sorted(self.workspace.sources):
            certificate = self.certificate(source_id)
            if certificate.error is not None:
                codes.append(certificate.error.exit_code)
            elif not certificate.is_in_force or certificate.unreconciled or self._has_new_faults(source_id):
                codes.append(ExitCode.DATA_INVALID)
        if has_published and any(self.standard(name).quarantined for name in self.workspace.schemas):
            codes.append(ExitCode.DATA_INVALID)
        return max(codes)

    def _has_new_faults(self, source_id: str) -> bool:
        validated = self.certificate(source_id).validated
        known = self.workspace.sources[source_id].spec.known_faults.rows
        return validated is not None and self.quarantined(validated) > known

    @staticmethod
    def quarantined(validated: Validated) -> int:
        """Rows and records of a vintage that wait in quarantine."""
        return validated.malformed + sum(account.quarantined for account in validated.accounts.values())
