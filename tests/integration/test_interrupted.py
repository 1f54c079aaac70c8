"""Killed at any moment, a run leaves nothing half made under a name that counts, and the next one ends its work."""

import hashlib
import json
import signal
import subprocess
import time
from pathlib import Path

import dagster as dg
import pytest

from tests.integration.workspaces import (
    TIME_LIMIT_SECONDS,
    WorkspaceFolder,
    labour_workspace,
    process_environment,
    published_files,
)

STAGES = ("raw", "conformed", "validated", "certificate", "standard", "prepared", "indicator")

MOMENTS = {
    "bytes-are-kept": "raw/*/*",
    "rows-are-conformed": "conformed/*/.*",
    "tables-are-united": "standard/*/.*",
    "values-are-computed": "indicator/*/.*",
    "database-is-written": "publications/.*/groma.duckdb",
    "formats-are-written": "publications/.*/sdmx/*.csv",
}
"""What appears in the data folder at the moment of the kill; a name with a dot is that of a draft."""


def kill_when(folder: WorkspaceFolder, pattern: str) -> None:
    """Start the run and kill it as soon as something matches the pattern."""
    run = subprocess.Popen(
        folder.command("run", "--json"),
        cwd=folder.root,
        env=process_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + TIME_LIMIT_SECONDS
    try:
        while not any((folder.root / "data").glob(pattern)):
            assert run.poll() is None, f"the run ended before {pattern} was seen"
            assert time.monotonic() < deadline
            time.sleep(0.001)
    finally:
        run.send_signal(signal.SIGKILL)
        assert run.wait(timeout=60) in (-signal.SIGKILL, 0)


def assert_nothing_is_half_made(folder: WorkspaceFolder) -> None:
    """Whatever has its final name is complete: the manifest was written last, and what it lists is there."""
    data = folder.root / "data"
    results = [path for stage in STAGES for path in (data / stage).glob("*/*") if path.is_dir()]
    results += [path for path in (data / "publications").glob("*") if path.is_dir()]
    for path in results:
        if path.name.startswith("."):
            continue
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        for entry in manifest.get("files", []):
            assert hashlib.sha256((path / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
    if (data / "publications" / "current.json").is_file():
        assert (folder.release / "manifest.json").is_file()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> WorkspaceFolder:
    folder = labour_workspace(tmp_path_factory.mktemp("uninterrupted"))
    outcome = folder.groma_here("run", "--json")
    assert outcome.code == 0, outcome.stderr
    return folder


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_run_ends_what_a_killed_one_began(
    uninterrupted: WorkspaceFolder, tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = labour_workspace(tmp_path)
    kill_when(folder, MOMENTS[moment])
    assert_nothing_is_half_made(folder)

    outcome = folder.groma_here("run", "--json")
    assert outcome.code == 0, outcome.stderr
    assert_nothing_is_half_made(folder)
    expected = json.loads((uninterrupted.publications / "current.json").read_text("utf-8"))
    assert {name: outcome.data[name] for name in expected} == expected
    assert published_files(folder) == published_files(uninterrupted)

    # Nor does the run that was killed seem to be alive in the web interface.
    monkeypatch.chdir(folder.root)
    with dg.DagsterInstance.from_config(str(Path(__file__).parents[2])) as instance:
        statuses = [run.status for run in instance.get_runs()]
    assert set(statuses) <= {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE}
    assert statuses[0] == dg.DagsterRunStatus.SUCCESS


def test_a_killed_run_leaves_the_release_before_it_as_it_was(uninterrupted: WorkspaceFolder, tmp_path: Path) -> None:
    folder = labour_workspace(tmp_path)
    assert folder.groma_here("run", "--json").code == 0
    before = published_files(folder)
    rows = folder.root / "sources/aa_labour/labour.csv"
    rows.write_text(rows.read_text("utf-8").replace("Alfa,1000,100", "Alfa,1000,200"), "utf-8")
    kill_when(folder, "publications/.*/groma.duckdb")
    assert published_files(folder) == before
    assert folder.query("SELECT value::DOUBLE FROM latest WHERE territory_name = 'Alfa'") == [(10.0,)]
    assert folder.groma_here("run", "--json").code == 0
    assert folder.query("SELECT value::DOUBLE FROM latest WHERE territory_name = 'Alfa'") == [(20.0,)]
    kept = {path: text for path, text in published_files(folder).items() if path in before and path != "current.json"}
    assert kept == {path: text for path, text in before.items() if path != "current.json"}


def test_the_next_run_clears_away_what_a_killed_one_left(tmp_path: Path) -> None:
    folder = labour_workspace(tmp_path)
    kill_when(folder, "publications/.*/groma.duckdb")
    assert folder.groma_here("run", "--json").code == 0
    drafts = [path for path in (folder.root / "data").rglob(".*") if path.is_dir()]
    assert drafts == []
