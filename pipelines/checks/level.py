"""From results to a level: the weakest link, on two axes that are never mixed.

`docs/decisions/0006-certification-first-slice.md` says which parts of the scheme are here.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.checks.criterion import Criterion, Finding, Outcome
from pipelines.specs.source import AssuranceForm, Profile, Source
from pipelines.specs.strict_yaml import parse

LEVEL_NAMES = {0: "quarantined", 1: "experimental", 2: "indicative", 3: "statistical", 4: "accredited"}

_THRESHOLDS = Path(__file__).with_name("thresholds.yaml")
_TOLERATED_NOT_ASSESSABLE = 0.20

# Assurance that a source type needs for a city report (public interest "medium" of the QAAD matrix; where the matrix
# gives a range, the lower end for registers and the upper end for crowds and republished data).
_REQUIRED_ASSURANCE: dict[Profile, int] = {
    "register": 1,
    "administrative": 2,
    "sensor": 2,
    "civil_society": 3,
    "crowdsourced": 3,
    "republished": 3,
}

_PROFILE_CAPS: dict[Profile, tuple[int, str]] = {
    "civil_society": (2, "a civil-society source stays at level 2 until a benchmark test is passed"),
    "crowdsourced": (1, "a crowdsourced source stays at level 1 until the agreement of its observers is measured"),
    "sensor": (2, "a sensor network stays at level 2 without a calibration record"),
    "republished": (1, "a republished source stays at level 1: its origin is not the one who publishes it"),
}

_SIGNATURE_CAP = (2, "level 3 needs the signature of a statistician, which this version does not take yet")


@dataclass(frozen=True)
class Result:
    """One criterion, judged: `gates` gives the outcome at each level that has a threshold."""

    criterion: Criterion
    finding: Finding
    outcome: Outcome
    gates: dict[int, Outcome]
    thresholds: dict[int, float]
    basis: str


@dataclass(frozen=True)
class Levels:
    """How the level came about: the minimum of what the values show, of the assurance, and of the source type."""

    level: int
    quality_level: int
    assurance_cap: int
    profile_cap: int
    caps: list[str]


@cache
def thresholds() -> dict[str, dict[str, Any]]:
    """The thresholds by criterion id and level."""
    table: dict[str, dict[str, Any]] = parse(_THRESHOLDS.read_text("utf-8")).value["criteria"]
    return table


def judge(criterion: Criterion, finding: Finding) -> Result:
    """Hold a finding against the thresholds of its criterion.

    The outcome of the whole is that of its lowest gate that does not pass, or pass.
    """
    row = thresholds()[criterion.id]
    limits = {int(level): float(limit) for level, limit in row.items() if level != "basis"}
    gates: dict[int, Outcome] = {}
    for level, limit in sorted(limits.items()):
        if finding.state != "assessed" or finding.value is None:
            gates[level] = "not_applicable" if finding.state == "not_applicable" else "not_assessable"
        elif criterion.bound == "at_least":
            gates[level] = "pass" if finding.value >= limit else "fail"
        else:
            gates[level] = "pass" if finding.value <= limit else "fail"
    outcome: Outcome = next((gate for _, gate in sorted(gates.items()) if gate != "pass"), "pass")
    return Result(criterion, finding, outcome, gates, limits, row["basis"])


def level_of(source: Source, results: list[Result], form: AssuranceForm | None) -> Levels:
    """The level of a certificate.

    quality_level = the highest level L such that every applicable gate at or below L passes. At level 1 a gate that
    cannot be assessed fails; at level 2 up to 20 % of the applicable gates may be not assessable, none of them about
    confidentiality or provenance; at level 3 none.
    """
    quality, caps = _quality_level(results)
    assurance, words = _assurance_cap(source.profile, form)
    caps += words
    profile, reason = _PROFILE_CAPS.get(source.profile, (3, ""))
    if reason:
        caps.append(reason)
    signature, reason = _SIGNATURE_CAP
    level = min(quality, assurance, profile, signature)
    if min(quality, assurance, profile) > signature:
        caps.append(reason)
    return Levels(level, quality, assurance, profile, caps)


def _quality_level(results: list[Result]) -> tuple[int, list[str]]:
    for level in (1, 2, 3):
        gates = [(r, r.gates[level]) for r in results if level in r.gates and r.gates[level] != "not_applicable"]
        failed = [r for r, gate in gates if gate == "fail"]
        unknown = [r for r, gate in gates if gate == "not_assessable"]
        too_many = len(unknown) > _TOLERATED_NOT_ASSESSABLE * len(gates) or any(
            r.criterion.id.startswith(("D8", "D9")) for r in unknown
        )
        if failed or (unknown and (level != 2 or too_many)):
            words = [
                f"level {level} is not reached: {r.criterion.title.lower()} ({r.criterion.id}): {r.finding.explanation}"
                for r in [*failed, *unknown]
            ]
            return level - 1, words
    return 3, []


def _assurance_cap(profile: Profile, form: AssuranceForm | None) -> tuple[int, list[str]]:
    required = _REQUIRED_ASSURANCE[profile]
    if form is None:
        return 1, [
            "no data steward has filled in the assurance form (assurance.yaml): how the data come about is "
            "not investigated (A0), which keeps the source at level 1"
        ]
    areas = (
        form.operational_context,
        form.communication,
        form.supplier_checks,
        form.own_investigation,
    )
    achieved = min(int(area.level[1]) for area in areas)
    if achieved >= required:
        return 3, []
    cap = 2 if achieved == required - 1 and achieved > 0 else 1
    return cap, [f"assurance A{achieved} of A{required} required for this source type keeps it at level {cap}"]
