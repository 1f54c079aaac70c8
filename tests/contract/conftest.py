"""What the contract tests share: the repository's own declarations, and where the data packages lie."""

from pathlib import Path

import pytest

from pipelines.specs.workspace import ENGINE_ROOT, Workspace, load_workspace


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    """The default workspace; tests of one folder read their own faults from it."""
    return load_workspace(ENGINE_ROOT)


@pytest.fixture(scope="session")
def data_packages() -> Path:
    """The folder with the installed data packages; skips where `make` has not installed them."""
    folder = ENGINE_ROOT / ".data-packages"
    if not (folder / ".set-up").is_file():
        pytest.skip("the data packages are not installed: run `make setup`")
    return folder
