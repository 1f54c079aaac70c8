"""The graph in Dagster: what it shows, when it runs by itself, and that it does what the command does."""

import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest

from pipelines.components.graph import build_graph
from pipelines.components.runs import Runs
from pipelines.specs.workspace import ENGINE_ROOT, load_workspace
from tests.integration.workspaces import (
    TIME_LIMIT_SECONDS,
    WorkspaceFolder,
    labour_workspace,
    process_environment,
)

# The stages of `docs`: raw and conformed bytes, judged rows, certificates, standard tables, measures, values, files.
GROUPS = {
    "raw": "fetch",
    "conformed": "conform",
    "validated": "validate",
    "certificate": "certify",
    "standard": "standardise",
    "prepared": "prepare",
    "indicator": "compute",
    "publication": "publish",
}
CRITERIA = 12
"""Certification criteria of the first slice; `is_in_force` comes on top of them."""

ignoring_deprecations = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::dagster.BetaWarning")


@pytest.fixture(scope="module")
def default_graph() -> dg.Definitions:
    return build_graph(Runs(load_workspace(ENGINE_ROOT)))


class TestGraphOfTheDefaultWorkspace:
    def test_assets_are_grouped_by_stage(self, default_graph: dg.Definitions) -> None:
        graph = default_graph.resolve_asset_graph()
        stages = {(key.path[0], graph.get(key).group_name) for key in graph.get_all_asset_keys()}
        assert stages == set(GROUPS.items())

    def test_every_asset_says_what_and_whose_it_is(self, default_graph: dg.Definitions) -> None:
        graph = default_graph.resolve_asset_graph()
        for key in graph.get_all_asset_keys():
            node = graph.get(key)
            assert node.kinds, key
            assert node.owners, key
            assert node.description, key

    @pytest.mark.parametrize("stage", ["raw", "conformed", "validated", "certificate", "standard", "indicator"])
    def test_what_is_declared_names_its_declaration(self, default_graph: dg.Definitions, stage: str) -> None:
        graph = default_graph.resolve_asset_graph()
        for key in graph.get_all_asset_keys():
            if key.path[0] == stage:
                declaration = graph.get(key).metadata["declaration"]
                assert Path(str(declaration.value)).is_file()
                assert key.path[1] in str(declaration.value)

    def test_every_certificate_has_a_check_for_each_criterion(self, default_graph: dg.Definitions) -> None:
        graph = default_graph.resolve_asset_graph()
        names = set()
        for key in graph.get_all_asset_keys():
            checks = {check.name for check in graph.get(key).check_keys}
            if key.path[0] == "certificate":
                assert "is_in_force" in checks
                names.add(frozenset(checks))
        [checks] = names
        assert len(checks) == CRITERIA + 1

    def test_the_way_of_the_data(self, default_graph: dg.Definitions) -> None:
        graph = default_graph.resolve_asset_graph()
        source = ["ma_hcp_people_2024", "labour_force"]
        way = [
            ["raw", source[0]],
            ["conformed", *source],
            ["validated", *source],
            ["certificate", source[0]],
            ["standard", "labour_force"],
            ["indicator", "sdg_8_5_2"],
            ["publication", "explorer"],
        ]
        for one, next_one in pairwise(way):
            assert dg.AssetKey(one) in graph.get(dg.AssetKey(next_one)).parent_keys
        # Sources and indicators meet in standard tables alone.
        for key in graph.get_all_asset_keys():
            if key.path[0] == "indicator":
                assert {parent.path[0] for parent in graph.get(key).parent_keys} <= {"standard", "prepared"}

    def test_the_one_job_makes_everything(self, default_graph: dg.Definitions) -> None:
        graph = default_graph.resolve_asset_graph()
        job = default_graph.resolve_job_def("main")
        assert job.asset_layer.executable_asset_keys == graph.get_all_asset_keys()

    def test_schedules_are_those_of_the_declared_frequencies(self, default_graph: dg.Definitions) -> None:
        declared = {source.spec.frequency for source in load_workspace(ENGINE_ROOT).sources.values()}
        scheduled = declared & {"daily", "weekly", "monthly", "quarterly", "annual"}
        repository = default_graph.get_repository_def()
        assert {schedule.name for schedule in repository.schedule_defs} == {f"refresh_{name}" for name in scheduled}
        for schedule in repository.schedule_defs:
            assert schedule.execution_timezone == "UTC"

    def test_dagster_itself_loads_it_in_a_process_of_its_own(self) -> None:
        code = (
            "from pipelines.definitions import defs; "
            "graph = defs().resolve_asset_graph(); print(len(graph.get_all_asset_keys()))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ENGINE_ROOT,
            env=process_environment(GROMA_WORKSPACE=str(ENGINE_ROOT)),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) > 100


def run_in_dagster(folder: WorkspaceFolder, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """The job `main`, by Dagster alone."""
    graph = build_graph(Runs(load_workspace(folder.root)))
    return graph.resolve_job_def("main").execute_in_process(instance=instance, raise_on_error=False)


def check_results(result: dg.ExecuteInProcessResult, source_id: str) -> dict[str, bool]:
    return {
        evaluation.check_name: evaluation.passed
        for evaluation in result.get_asset_check_evaluations()
        if evaluation.asset_key == dg.AssetKey(["certificate", source_id])
    }


@ignoring_deprecations
class TestRunByDagsterAlone:
    def test_one_broken_source_does_not_stop_the_others(self, tmp_path: Path) -> None:
        folder = labour_workspace(tmp_path)
        folder.write("sources/aa_labour/labour.csv", "code,name,active,joblos\n1,Alfa,1000,100\n")
        with dg.DagsterInstance.ephemeral() as instance:
            result = run_in_dagster(folder, instance)
            made = {event.asset_key for event in result.get_asset_materialization_events() if event.asset_key}
        assert result.success
        assert folder.query("SELECT territory_id, value::DOUBLE FROM indicator_value") == [("BB-9", 12.5)]
        broken, sound = check_results(result, "aa_labour"), check_results(result, "bb_labour")
        assert broken["is_in_force"] is False
        assert sound["is_in_force"] is True
        assert len(broken) == len(sound) == CRITERIA + 1
        assert dg.AssetKey(["raw", "aa_labour"]) in made
        assert dg.AssetKey(["certificate", "aa_labour"]) in made
        assert dg.AssetKey(["conformed", "aa_labour", "labour_force"]) not in made
        assert dg.AssetKey(["publication", "explorer"]) in made

    def test_what_is_made_carries_rows_level_and_hash(self, tmp_path: Path) -> None:
        folder = labour_workspace(tmp_path)
        with dg.DagsterInstance.ephemeral() as instance:
            result = run_in_dagster(folder, instance)
            events = [event.materialization for event in result.get_asset_materialization_events()]
        assert result.success
        metadata = {"/".join(e.asset_key.path): {k: v.value for k, v in e.metadata.items()} for e in events}
        assert metadata["raw/aa_labour"]["bytes"] == (folder.root / "sources/aa_labour/labour.csv").stat().st_size
        assert len(str(metadata["raw/aa_labour"]["sha256"])) == 64
        judged = metadata["validated/aa_labour/labour_force"]
        assert (judged["dagster/row_count"], judged["received"], judged["quarantined"]) == (2, 2, 0)
        assert metadata["certificate/aa_labour"]["level"] == 1
        assert metadata["standard/labour_force"]["dagster/row_count"] == 3
        assert metadata["indicator/sdg_8_5_2"]["dagster/row_count"] == 3
        release = json.loads((folder.publications / "current.json").read_text("utf-8"))
        for name in ("duckdb", "parquet", "csv", "data_package", "sdmx_csv", "explorer"):
            assert metadata[f"publication/{name}"]["content_sha256"] == release["content_sha256"]

    def test_the_command_finds_what_dagster_made(self, tmp_path: Path) -> None:
        folder = labour_workspace(tmp_path)
        # In a process of its own: Dagster holds the workspace until that ends.
        code = (
            "import dagster as dg; from pipelines.definitions import defs; "
            "job = defs().resolve_job_def('main'); "
            "assert job.execute_in_process(instance=dg.DagsterInstance.ephemeral()).success"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ENGINE_ROOT,
            env=process_environment(GROMA_WORKSPACE=str(folder.root)),
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outcome = folder.groma_here("run", "--json")
        assert (outcome.code, outcome.data["made"]) == (0, 0)


def test_the_graph_uses_nothing_that_dagster_deprecates(tmp_path: Path) -> None:
    """A warning that the engine causes is an error in the tests; the others here set that aside."""
    with dg.DagsterInstance.ephemeral() as instance:
        assert run_in_dagster(labour_workspace(tmp_path), instance).success


class TestRunsByThemselves:
    def test_it_runs_the_job_when_a_file_changes_and_only_then(self, tmp_path: Path) -> None:
        folder = labour_workspace(tmp_path)
        sensor = build_graph(Runs(load_workspace(folder.root))).resolve_sensor_def("new_vintages")

        def tick() -> list[str | None]:
            with dg.DagsterInstance.ephemeral() as instance:
                context = dg.build_sensor_context(instance=instance)
                return [request.run_key for request in sensor.evaluate_tick(context).run_requests or []]

        [first] = tick()
        assert "aa_labour" in str(first)
        assert folder.groma_here("run", "--json").code == 0
        assert tick() == []
        folder.write("sources/bb_labour/labour.csv", "code,name,active,jobless\n9,Beta,800,120\n")
        [changed] = tick()
        assert "bb_labour" in str(changed)
        assert "aa_labour" not in str(changed)
        assert changed != first
        assert tick() == [changed], "the same news has the same key, so that Dagster starts one run for it"
        assert folder.groma_here("run", "--json").code == 0
        assert tick() == []

    @pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly", "quarterly", "annual", "every_ten_years"])
    def test_schedules_follow_the_frequency(self, tmp_path: Path, frequency: str) -> None:
        folder = labour_workspace(tmp_path)
        file = folder.root / "sources/aa_labour/source.yaml"
        file.write_text(file.read_text("utf-8").replace("frequency: annual", f"frequency: {frequency}"), "utf-8")
        for source in ("bb_labour", "countries"):
            other = folder.root / "sources" / source / "source.yaml"
            other.write_text(other.read_text("utf-8").replace("frequency: annual", "frequency: irregular"), "utf-8")
        graph = build_graph(Runs(load_workspace(folder.root)))
        schedules = graph.get_repository_def().schedule_defs
        if frequency == "every_ten_years":
            assert schedules == []
            return
        [schedule] = schedules
        assert schedule.name == f"refresh_{frequency}"
        keys = graph.resolve_job_def(schedule.job_name).asset_layer.executable_asset_keys
        assert dg.AssetKey(["raw", "aa_labour"]) in keys
        assert dg.AssetKey(["raw", "bb_labour"]) not in keys
        assert dg.AssetKey(["publication", "duckdb"]) in keys


class TestTwoRunsAtOnce:
    def test_the_second_is_refused_and_the_first_ends_well(self, tmp_path: Path) -> None:
        folder = labour_workspace(tmp_path)
        first = subprocess.Popen(
            folder.command("run", "--json"),
            cwd=folder.root,
            env=process_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + TIME_LIMIT_SECONDS
        lock = folder.root / "data" / ".lock"
        while not lock.is_file() or lock.read_text("utf-8") != str(first.pid):
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        second = folder.groma_here("run", "--json")
        assert first.poll() is None, "the first ended before the second was refused"
        assert second.code == 7
        assert second.data["error"]["code"] == "E-BUSY"
        assert f"process {first.pid}" in second.data["error"]["what"]
        stdout, stderr = first.communicate(timeout=TIME_LIMIT_SECONDS)
        assert first.returncode == 0, stderr
        assert json.loads(stdout)["exit_code"] == 0
        assert folder.groma_here("run", "--json").data["made"] == 0
