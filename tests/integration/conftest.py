"""What the tests of whole runs share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.workspaces import DATA_PACKAGES


@pytest.fixture(scope="session", autouse=True)
def _data_packages() -> None:
    if not DATA_PACKAGES.is_dir():
        pytest.skip("the data packages are not installed: make setup")


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("workspace")


def pytest_make_parametrize_id(config: pytest.Config, val: Any) -> str | None:
    return None
