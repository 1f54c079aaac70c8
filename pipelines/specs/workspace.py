"""A workspace: the folder with `sources/`, `schemas/` and `indicators/` that a run works on, checked as a whole."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from pipelines.specs.consistency import indicator_faults, source_faults
from pipelines.specs.declaration import Declared, Fault, Model, Spec, read_declaration
from pipelines.specs.indicator import Indicator
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import AssuranceForm, Source, Table

ENGINE_ROOT = Path(__file__).resolve().parents[2]
"""The repository: the engine's own default workspace."""

TERRITORY = "territory"
TERRITORY_MEMBER = "territory_member"

Kind = Literal["sources", "schemas", "indicators"]


class WorkspaceFile(Model):
    """`workspace.yaml`, optional. `extends` says what is taken over from the default workspace beside one's own.

    Without the file a workspace takes over the standard schemas and the indicators, and brings its own sources.
    """

    extends: Literal["default"] | Annotated[list[Kind], Field(min_length=0)] = ["schemas", "indicators"]
    title: str = "groma"

    @property
    def kinds(self) -> list[Kind]:
        """What is taken over."""
        return ["sources", "schemas", "indicators"] if self.extends == "default" else self.extends


@dataclass(frozen=True)
class Workspace:
    """Everything declared, by id, and every fault found. A workspace with faults never starts a run."""

    root: Path
    title: str = "groma"
    sources: dict[str, Declared[Source]] = field(default_factory=dict)
    schemas: dict[str, Declared[StandardSchema]] = field(default_factory=dict)
    indicators: dict[str, Declared[Indicator]] = field(default_factory=dict)
    assurance: dict[str, Declared[AssuranceForm]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """Where vintages, results and publications are kept; never beside the content."""
        return self.root / "data"

    def schema_of(self, table: Table) -> StandardSchema:
        """The standard schema that the table conforms to."""
        return self.schemas[table.schema_name].spec

    def feeding(self, schema: str) -> list[tuple[Declared[Source], Table]]:
        """The sources' tables that conform to `schema`, in order of source id."""
        return [
            (source, table)
            for _, source in sorted(self.sources.items())
            for table in source.spec.tables
            if table.schema_name == schema
        ]


def load_workspace(root: Path) -> Workspace:
    """Read every declaration of a workspace and check them against each other.

    Args:
        root: The workspace's folder. The repository itself is the default workspace.

    Returns:
        The workspace; its `faults` list everything that is wrong, in the order of file and line.
    """
    root = root.resolve()
    settings, faults = WorkspaceFile(), list[Fault]()
    if (root / "workspace.yaml").is_file():
        declared, faults = read_declaration(WorkspaceFile, root / "workspace.yaml", root)
        settings = declared.spec if declared else settings
    elif not any((root / kind).is_dir() for kind in ("sources", "schemas", "indicators")):
        faults = [Fault(str(root), 1, "folder", "has none of sources/, schemas/, indicators/; is it a workspace?")]
    bases = {kind: [root] for kind in ("sources", "schemas", "indicators")}
    if root != ENGINE_ROOT:
        for kind in settings.kinds:
            bases[kind].insert(0, ENGINE_ROOT)
    schemas = _read_all(StandardSchema, "schemas", "schema.yaml", (), bases["schemas"], root, faults)
    sources = _read_all(Source, "sources", "source.yaml", ("clean.sql",), bases["sources"], root, faults)
    indicators = _read_all(Indicator, "indicators", "indicator.yaml", ("query.sql",), bases["indicators"], root, faults)
    assurance: dict[str, Declared[AssuranceForm]] = {}
    for source_id, source in sources.items():
        form = source.folder / "assurance.yaml"
        if form.is_file():
            declared_form, problems = read_declaration(AssuranceForm, form, root)
            faults += problems
            if declared_form:
                assurance[source_id] = declared_form
    workspace = Workspace(root, settings.title, sources, schemas, indicators, assurance, faults)
    for source in sources.values():
        faults += source_faults(source, schemas, root)
    for indicator in indicators.values():
        faults += indicator_faults(indicator, schemas, root)
    faults.sort()
    return workspace


def _read_all(
    model: type[Spec],
    kind: str,
    filename: str,
    beside: tuple[str, ...],
    bases: list[Path],
    root: Path,
    faults: list[Fault],
) -> dict[str, Declared[Spec]]:
    found: dict[str, Declared[Spec]] = {}
    for base in bases:
        for file in sorted((base / kind).glob(f"*/{filename}")):
            declared, problems = read_declaration(model, file, root, beside)
            faults += problems
            if declared is None:
                continue
            key = "name" if model is StandardSchema else "id"
            name: str = getattr(declared.spec, key)
            if name != file.parent.name:
                faults.append(
                    declared.fault((key,), f"{name!r} must equal its folder's name {file.parent.name!r}", root)
                )
            if name in found:
                faults.append(
                    declared.fault((key,), f"{name!r} is declared by {found[name].file} too; choose another", root)
                )
            found[name] = declared
    return found
