"""A certificate says what was found; the ledger, in what order; the gate, which vintage indicators may use."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
import rfc8785

from pipelines.checks import CRITERIA
from pipelines.errors import SourceUnavailable
from pipelines.steps.certify import Certificate, certify, in_service, ledger_entries, refused
from pipelines.steps.run import Run
from pipelines.store import file_digest
from tests.unit.synthetic import LABOUR_TABLE, Country

TOWNS = [("ZZ-1", "One", "municipality", None), ("ZZ-2", "Two", "municipality", None)]
FIGURES = [("ZZ-1", "2024", 300, 30), ("ZZ-2", "2024", 100, 20)]


@pytest.fixture
def towns(zz: Country) -> Country:
    """Two towns and their figures, whose steward vouches for them."""
    zz.places(*TOWNS)
    zz.labour(*FIGURES)
    zz.assurance("zz_labour", "A3", "A3", "A3", "A3")
    return zz


def certificate(country: Country, source_id: str = "zz_labour") -> Certificate:
    return Run(country.workspace()).certificate(source_id)


def outcomes(found: Certificate) -> dict[str, str]:
    return {result["criterion"]: result["outcome"] for result in found.content["results"]}


def test_a_certificate_holds_every_result_with_its_evidence(towns: Country) -> None:
    found = certificate(towns)
    assert [result["criterion"] for result in found.content["results"]] == [criterion.id for criterion in CRITERIA]
    # No total is declared to compare with, which is tolerated at level 2: one of ten applicable gates.
    assert outcomes(found) == dict.fromkeys((criterion.id for criterion in CRITERIA), "pass") | {
        "D4.1": "not_applicable",
        "D5.2": "not_applicable",
        "D5.6": "not_assessable",
    }
    assert (found.level, found.content["level_name"], found.is_in_force) == (2, "indicative", True)
    coverage = next(r for r in found.content["results"] if r["criterion"] == "D4.2")
    assert (coverage["value"], coverage["n"], coverage["numerator"], coverage["denominator"]) == (1, 2, 2, 2)
    assert coverage["thresholds"] == {"2": 0.8, "3": 0.95}
    assert coverage["gates"] == {"2": "pass", "3": "pass"}
    subject = found.content["subject"]
    assert subject["sha256"] == file_digest(towns.root / "sources/zz_labour/figures.csv")
    assert subject["accounts"]["labour_force"] == {"received": 2, "accepted": 2, "quarantined": 0, "out_of_scope": 0}
    assert found.content["schemas"] == ["labour_force@1"]


def test_its_id_is_the_hash_of_its_canonical_content(towns: Country) -> None:
    found = certificate(towns)
    published = json.loads(json.dumps(found.content))
    assert found.certificate_id == f"zz_labour-{hashlib.sha256(rfc8785.dumps(published)).hexdigest()[:12]}"


def test_it_depends_on_nothing_but_what_is_certified(towns: Country, tmp_path: Path) -> None:
    elsewhere = Country(tmp_path / "elsewhere").extends("schemas")
    elsewhere.places(*TOWNS)
    elsewhere.labour(*FIGURES)
    elsewhere.assurance("zz_labour", "A3", "A3", "A3", "A3")
    assert certificate(elsewhere).certificate_id == certificate(towns).certificate_id
    assert str(tmp_path) not in json.dumps(certificate(towns).content)


def test_without_a_steward_a_source_is_experimental(towns: Country) -> None:
    (towns.root / "sources/zz_labour/assurance.yaml").unlink()
    found = certificate(towns)
    assert (found.level, found.content["quality_level"], found.content["assurance_cap"]) == (1, 2, 1)
    assert found.content["assurance"] is None


def test_territories_that_become_known_change_the_certificate(towns: Country) -> None:
    before = certificate(towns)
    towns.places(*TOWNS, ("ZZ-3", "Three", "municipality", None))
    after = certificate(towns)
    assert outcomes(before)["D4.2"] == "pass"
    # 2 of 3 towns have a value: 0.67, below the 0.8 of level 2.
    assert (outcomes(after)["D4.2"], after.level) == ("fail", 1)


def test_bytes_that_were_changed_after_fetching(towns: Country) -> None:
    run = Run(towns.workspace())
    validated = run.validated("zz_labour")
    kept = next((towns.root / "data/raw/zz_labour").glob("*/figures.csv"))
    kept.write_text(kept.read_text().replace("300", "3000"))
    found = run.certificate("zz_labour")
    assert not isinstance(validated, Exception)
    assert (found.level, outcomes(found)["D9.1"]) == (0, "fail")
    assert any("D9.1" in words for words in found.content["caps"])


def test_a_total_that_does_not_reconcile_is_told_in_words(towns: Country) -> None:
    check = {"name": "labour force", "measure": "labour_force", "parts": "true", "equals": 500, "tolerance": 10,
             "published_in": "a book of ZZ"}  # fmt: skip
    towns.source(
        "zz_labour",
        (towns.root / "sources/zz_labour/figures.csv").read_text(),
        LABOUR_TABLE | {"expect": {"reconcile": [check]}},
    )
    found = certificate(towns)
    # 300 + 100 = 400 against 500: beyond 10, so at least 1; no gate at level 1.
    assert found.level == 1
    assert found.unreconciled == [
        "labour force (a book of ZZ): 2 parts sum to 400, published 500, beyond the tolerance of 10"
    ]


def test_nothing_unreconciled_where_nothing_is_compared(towns: Country) -> None:
    assert certificate(towns).unreconciled == []


def test_a_vintage_that_could_not_be_read(towns: Country) -> None:
    spec = towns.workspace().sources["zz_labour"].spec
    error = SourceUnavailable("gone", fix="look for it")
    found = refused(spec, None, error)
    assert (found.level, found.is_in_force, found.validated, found.vintage_id) == (0, False, None, None)
    assert found.content["error"] == {
        "code": "E-SOURCE", "exit_code": 4, "what": "gone", "why": None, "fix": "look for it",
    }  # fmt: skip
    assert found.unreconciled == []


# -------------------------------------------------------------------------------------------------------- the ledger


def test_every_entry_carries_the_hash_of_the_one_before(towns: Country) -> None:
    issued = []
    for jobless in (30, 31, 32, 30):
        towns.labour(("ZZ-1", "2024", 300, jobless), FIGURES[1])
        issued.append(certificate(towns))
        assert certificate(towns) == issued[-1]  # asked again: no second entry
    entries = ledger_entries(Run(towns.workspace()).store, "zz_labour")
    assert [entry["vintage_id"] for entry in entries] == [found.vintage_id for found in issued]
    assert entries[0]["previous_entry_sha256"] is None
    for before, after in pairwise(entries):
        assert after["previous_entry_sha256"] == hashlib.sha256(rfc8785.dumps(before)).hexdigest()
    for entry, found in zip(entries, issued, strict=True):
        assert entry["certificate_sha256"] == hashlib.sha256(rfc8785.dumps(found.content)).hexdigest()


def test_a_ledger_of_nothing(towns: Country) -> None:
    assert ledger_entries(Run(towns.workspace()).store, "zz_labour") == []


# ---------------------------------------------------------------------------------------------------------- the gate


def test_the_newest_vintage_is_in_service_where_it_passed(towns: Country) -> None:
    run = Run(towns.workspace())
    use = run.use("zz_labour")
    assert use is not None
    assert (use.vintage_id, use.level, use.stale_because) == (run.certificate("zz_labour").vintage_id, 2, None)
    assert use.table("labour_force").is_file()


def test_the_last_vintage_that_passed_stays_in_service(towns: Country) -> None:
    good = []
    for jobless in (30, 31):
        towns.labour(("ZZ-1", "2024", 300, jobless), FIGURES[1])
        good.append(certificate(towns))
    towns.labour(("ZZ-1", "2024", 300, "many"), FIGURES[1])  # one of two rows is wrong
    run = Run(towns.workspace())
    use, bad = run.use("zz_labour"), run.certificate("zz_labour")
    assert bad.level == 0
    assert use is not None
    assert (use.vintage_id, use.certificate_id, use.level) == (good[1].vintage_id, good[1].certificate_id, 2)
    assert use.content == good[1].content
    assert "level 1 is not reached: valid rows (D3.2)" in (use.stale_because or "")


@pytest.mark.parametrize("break_it", ["header", "file"])
def test_a_vintage_that_cannot_be_read_leaves_the_last_in_service(towns: Country, break_it: str) -> None:
    good = certificate(towns)
    if break_it == "header":
        towns.write("sources/zz_labour/figures.csv", "code,year,active,unemployed\nZZ-1,2024,300,30\n")
    else:
        (towns.root / "sources/zz_labour/figures.csv").unlink()
    run = Run(towns.workspace())
    use = run.use("zz_labour")
    assert run.certificate("zz_labour").error is not None
    assert use is not None
    assert use.certificate_id == good.certificate_id
    assert str(run.certificate("zz_labour").error) == use.stale_because


def test_a_source_that_never_passed_is_not_used(towns: Country) -> None:
    towns.labour(("ZZ-1", "2024", 300, "many"))
    run = Run(towns.workspace())
    assert run.use("zz_labour") is None
    assert [use.source_id for use in run.uses()] == ["zz_places"]


def test_a_vintage_whose_rows_are_gone_is_not_in_service(towns: Country) -> None:
    good = certificate(towns)
    assert good.validated is not None
    moved = good.validated.folder.rename(good.validated.folder.with_name("moved"))
    towns.labour(("ZZ-1", "2024", 300, "many"))
    assert Run(towns.workspace()).use("zz_labour") is None
    moved.rename(good.validated.folder)
    assert Run(towns.workspace()).use("zz_labour") is not None


def test_certify_asks_the_criteria_once(towns: Country) -> None:
    run = Run(towns.workspace())
    validated = run.validated("zz_labour")
    assert not isinstance(validated, Exception)
    arguments = (run.workspace.sources["zz_labour"], run.schemas, None, [], {"territory": [], "member": []})
    first = certify(run.store, validated, *arguments)
    validated.vintage.path.unlink()  # would fail if the bytes were read again
    assert certify(run.store, validated, *arguments) == first
    # Nobody declares territories in this call, so coverage cannot be assessed.
    assert outcomes(first)["D4.2"] == "not_assessable"
    assert in_service(run.store, first) is not None


def test_a_ledger_that_was_tampered_with_gives_no_vintage(towns: Country) -> None:
    for jobless in (30, 31):
        towns.labour(("ZZ-1", "2024", 300, jobless), FIGURES[1])
        certificate(towns)
    ledger = towns.root / "data/certificate/zz_labour/ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"level":2', '"level":3'))
    towns.labour(("ZZ-1", "2024", 300, "many"))
    use = Run(towns.workspace()).use("zz_labour")
    assert use is None or use.level == 2


def test_the_last_entry_is_held_against_its_certificate(towns: Country) -> None:
    certificate(towns)
    ledger = towns.root / "data/certificate/zz_labour/ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"level":2', '"level":3'))
    towns.labour(("ZZ-1", "2024", 300, "many"))
    use = Run(towns.workspace()).use("zz_labour")
    assert use is None or use.level == 2
