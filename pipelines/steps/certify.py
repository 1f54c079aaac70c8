"""Certify: hold a validated vintage against every criterion, and give it a level with the evidence.

Grain: one certificate for each vintage, schema set, rule set and engine. The gate is data: a certificate of level 0
(quarantined) keeps its source out of every indicator; the last vintage that passed stays in service.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from pipelines.checks import CRITERIA, CheckedTable, Subject
from pipelines.checks.level import LEVEL_NAMES, Levels, Result, judge, level_of
from pipelines.errors import Blocked, GromaError
from pipelines.specs.declaration import Declared
from pipelines.specs.schema import StandardSchema
from pipelines.specs.source import AssuranceForm, Source
from pipelines.steps.conform import RECORDS
from pipelines.steps.validate import Validated
from pipelines.store import Store, engine_digest, file_digest, fingerprint, write_text
from pipelines.warehouse import Warehouse, scan

STAGE = "certificate"
SCHEME = {"id": "groma-territorial-data-certificate", "version": "0.1"}


@dataclass(frozen=True)
class Certificate:
    """What may be said of a vintage, and why.

    `level` 0 means quarantined. `content` is the certificate as published: results with evidence, caps, hashes.
    `validated` is null where the vintage could not be read at all; then `error` says why.
    """

    certificate_id: str
    source_id: str
    vintage_id: str | None
    level: int
    content: dict[str, Any]
    validated: Validated | None
    error: GromaError | None = None

    @property
    def is_in_force(self) -> bool:
        """Whether the vintage may be used."""
        return self.level >= 1

    @property
    def unreconciled(self) -> list[str]:
        """Published totals that the source's parts do not add up to, in words."""
        for result in self.content["results"]:
            if result["name"] == "reconciled_totals":
                return [item["words"] for item in result["details"] if not item["is_reconciled"]]
        return []


def certify_mark(validated: Validated, form: Declared[AssuranceForm] | None, territories: list[Validated]) -> str:
    """The fingerprint of what `certify` would make."""
    known = sorted(other.folder.name for other in territories)
    return fingerprint(STAGE, validated.folder.name, form.digest if form else None, known)


def certify(
    store: Store,
    validated: Validated,
    source: Declared[Source],
    schemas: dict[str, StandardSchema],
    form: Declared[AssuranceForm] | None,
    territories: list[Validated],
    territory_tables: dict[str, list[Path]],
) -> Certificate:
    """Assess every criterion and derive the level.

    Args:
        store: Where the certificate is kept.
        validated: The vintage.
        source: Its declaration.
        schemas: The standard schemas by name.
        form: The assurance form, or None where no steward has filled it in.
        territories: The validated sources that declare territories.
        territory_tables: Their Parquet files under `territory` and `member`.
    """
    mark = certify_mark(validated, form, territories)
    if store.manifest(STAGE, source.spec.id, mark) is None:
        folders = [validated.folder, validated.conformed.folder, *(other.folder for other in territories)]
        with Warehouse(folders) as warehouse:
            subject = _subject(warehouse, validated, source.spec, schemas, territory_tables)
            results = [judge(criterion, criterion.assess(subject)) for criterion in CRITERIA]
        levels = level_of(source.spec, results, form.spec if form else None)
        content = _content(validated, source.spec, schemas, results, levels, form)
        with store.writing(STAGE, source.spec.id, mark) as (_, manifest):
            manifest.update(content)
    content = store.manifest(STAGE, source.spec.id, mark) or {}
    identity = _digest(content)
    certificate = Certificate(
        f"{source.spec.id}-{identity[:12]}",
        source.spec.id,
        validated.vintage.vintage_id,
        content["level"],
        content,
        validated,
    )
    _enter(store, certificate, identity, mark)
    return certificate


def refused(source: Source, vintage_id: str | None, error: GromaError) -> Certificate:
    """The certificate of a vintage that could not be fetched or read: level 0, with the error as its reason."""
    content: dict[str, Any] = {
        "scheme": SCHEME,
        "source_id": source.id,
        "vintage_id": vintage_id,
        "level": 0,
        "level_name": LEVEL_NAMES[0],
        "quality_level": 0,
        "caps": [str(error)],
        "results": [],
        "error": error.as_dict(),
    }
    identity = _digest(content)
    return Certificate(f"{source.id}-{identity[:12]}", source.id, vintage_id, 0, content, None, error)


def _subject(
    warehouse: Warehouse,
    validated: Validated,
    source: Source,
    schemas: dict[str, StandardSchema],
    territory_tables: dict[str, list[Path]],
) -> Subject:
    warehouse.view("records", validated.conformed.folder / RECORDS)
    warehouse.view("quarantine", validated.quarantine)
    tables = {}
    for table in source.tables:
        name, account = table.table_name, validated.accounts[table.table_name]
        warehouse.view(name, validated.table(name))
        tables[name] = CheckedTable(
            name,
            table,
            schemas[table.schema_name],
            account.received,
            account.accepted,
            account.quarantined,
            account.out_of_scope,
        )
    shapes = {
        "known_territory": ("territory", "territory_id, territory_level, country_code"),
        "known_member": ("member", "territory_id, member_id"),
    }
    for view, (kind, columns) in shapes.items():
        branches = [f"SELECT {columns} FROM {scan(file)}" for file in territory_tables[kind]]
        empty = ", ".join(f"NULL::VARCHAR AS {name}" for name in columns.split(", "))
        body = " UNION ".join(branches) if branches else f"SELECT {empty} WHERE false"
        warehouse.execute(f"CREATE TEMP TABLE {view} AS {body}")
    return Subject(
        source,
        tables,
        warehouse,
        validated.conformed.received,
        validated.malformed,
        validated.vintage.sha256,
        file_digest(validated.vintage.path),
    )


def _content(
    validated: Validated,
    source: Source,
    schemas: dict[str, StandardSchema],
    results: list[Result],
    levels: Levels,
    form: Declared[AssuranceForm] | None,
) -> dict[str, Any]:
    used = sorted({table.schema_name for table in source.tables})
    contract = rfc8785.dumps([schemas[name].model_dump(mode="json") for name in used])
    return {
        "scheme": SCHEME,
        "source_id": source.id,
        "vintage_id": validated.vintage.vintage_id,
        "profile": source.profile,
        "subject": {
            "sha256": validated.vintage.sha256,
            "bytes": validated.vintage.bytes,
            "address": validated.vintage.address,
            "accounts": {name: vars(account) for name, account in validated.accounts.items()},
            "malformed": validated.malformed,
        },
        "schemas": [schemas[name].reference for name in used],
        "schemas_sha256": hashlib.sha256(contract).hexdigest(),
        "engine_sha256": engine_digest(),
        "results": [_result(result) for result in results],
        "quality_level": levels.quality_level,
        "assurance_cap": levels.assurance_cap,
        "profile_cap": levels.profile_cap,
        "assurance": form.spec.model_dump(mode="json") if form else None,
        "caps": levels.caps,
        "level": levels.level,
        "level_name": LEVEL_NAMES[levels.level],
        "type": "auto",
    }


def _result(result: Result) -> dict[str, Any]:
    criterion, finding = result.criterion, result.finding
    return {
        "criterion": criterion.id,
        "name": criterion.name,
        "title": criterion.title,
        "dimension": criterion.dimension,
        "definition": criterion.definition,
        "outcome": result.outcome,
        "gates": {str(level): outcome for level, outcome in result.gates.items()},
        "thresholds": {str(level): limit for level, limit in result.thresholds.items()},
        "bound": criterion.bound,
        "basis": result.basis,
        "value": finding.value,
        "unit": criterion.unit,
        "n": finding.n,
        "numerator": finding.numerator,
        "denominator": finding.denominator,
        "explanation": finding.explanation,
        "details": [dict(detail) for detail in finding.details],
    }


@dataclass(frozen=True)
class InService:
    """The vintage of a source that indicators may use.

    `stale_because` is null where it is the newest one; otherwise the newest was refused, and says why. `records`
    is the file's records as text.
    """

    source_id: str
    vintage_id: str
    certificate_id: str
    level: int
    content: dict[str, Any]
    folder: Path
    records: Path
    stale_because: str | None = None

    def table(self, name: str) -> Path:
        """The accepted rows of one of the source's tables."""
        return self.folder / f"{name}.parquet"


def in_service(store: Store, certificate: Certificate) -> InService | None:
    """The certificate's own vintage where it passed, else the last one of that source that did, else None."""
    if certificate.is_in_force and certificate.validated and certificate.vintage_id:
        return InService(
            certificate.source_id,
            certificate.vintage_id,
            certificate.certificate_id,
            certificate.level,
            certificate.content,
            certificate.validated.folder,
            certificate.validated.conformed.folder / RECORDS,
        )
    reason = str(certificate.error) if certificate.error else "; ".join(certificate.content["caps"])
    try:
        entries = ledger_entries(store, certificate.source_id)
    except Blocked:
        return None  # nobody knows which of them was issued
    for entry in reversed(entries):
        content = store.manifest(STAGE, certificate.source_id, entry["mark"])
        folder = store.folder("validated", certificate.source_id, str(entry["validated"]))
        if content is None or _digest(content) != entry["certificate_sha256"]:
            continue  # what the entry says is not what was issued
        if content["level"] >= 1 and folder.is_dir():
            return InService(
                certificate.source_id,
                entry["vintage_id"],
                f"{certificate.source_id}-{entry['certificate_sha256'][:12]}",
                content["level"],
                content,
                folder,
                store.folder("conformed", certificate.source_id, str(entry["conformed"])) / RECORDS,
                stale_because=reason,
            )
    return None


def _ledger(store: Store, source_id: str) -> Path:
    return store.root / STAGE / source_id / "ledger.jsonl"


def ledger_entries(store: Store, source_id: str) -> list[dict[str, Any]]:
    """The certificates of a source in the order of issue; each entry carries the hash of the one before.

    Raises:
        Blocked: The chain is broken: somebody changed or removed an entry.
    """
    path = _ledger(store, source_id)
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        if entry["previous_entry_sha256"] != _entry_digest(entries):
            raise Blocked(
                f"{source_id}: entry {number} of the ledger of certificates does not follow from the one before",
                fix=f"restore {path.parent.name}/{path.name} from a copy, or remove it to start a new ledger",
            )
        entries.append(entry)
    return entries


def _digest(content: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def _entry_digest(entries: list[dict[str, Any]]) -> str | None:
    return _digest(entries[-1]) if entries else None


def _enter(store: Store, certificate: Certificate, identity: str, mark: str) -> None:
    entries = ledger_entries(store, certificate.source_id)
    if entries and entries[-1]["certificate_sha256"] == identity:
        return
    entries.append(
        {
            "certificate_sha256": identity,
            "previous_entry_sha256": _entry_digest(entries),
            "vintage_id": certificate.vintage_id,
            "level": certificate.level,
            "mark": mark,
            "validated": certificate.validated.folder.name if certificate.validated else None,
            "conformed": certificate.validated.conformed.folder.name if certificate.validated else None,
        }
    )
    write_text(
        _ledger(store, certificate.source_id), "".join(rfc8785.dumps(entry).decode() + "\n" for entry in entries)
    )
