"""What the tests of whole runs share: one run of the repository's own workspace."""

import fcntl
import json

import pytest

from tests.integration.workspaces import Outcome, WorkspaceFolder


@pytest.fixture(scope="session")
def full_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[WorkspaceFolder, Outcome]:
    """The default workspace, run once by the real command for all workers, its data in a folder of their own."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    root, told = shared / "default-workspace", shared / "default-workspace.json"
    with (shared / "default-workspace.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = WorkspaceFolder(root, extends="default")
        if not told.is_file():
            told.write_text(json.dumps(vars(folder.groma("run", "--json"))), "utf-8")
    return folder, Outcome(**json.loads(told.read_text("utf-8")))
