"""A source reads the file in its own folder and no other."""

from pathlib import Path

import pytest

from pipelines.connectors import locate
from pipelines.errors import Blocked, ExitCode, SourceUnavailable
from pipelines.specs.source import Data

DATA = Data(connector="file", path="data/a.csv", format="csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source's folder, beside a secret."""
    (tmp_path / "secret.csv").write_text("secret")
    inside = tmp_path / "zz_a" / "data"
    inside.mkdir(parents=True)
    (inside / "a.csv").write_text("a")
    return inside.parent


def test_the_file_and_how_it_is_cited(folder: Path) -> None:
    origin = locate(DATA, folder)
    assert origin.path.read_text() == "a"
    assert origin.address == "file:data/a.csv"


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / "b.csv").symlink_to(folder / "data" / "a.csv")
    assert locate(DATA.model_copy(update={"path": "b.csv"}), folder).path.read_text() == "a"


def test_a_folder_that_is_a_link_itself(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder, target_is_directory=True)
    assert locate(DATA, link).path.read_text() == "a"


@pytest.mark.parametrize(
    "path", ["../secret.csv", "data/../../secret.csv", "/etc/passwd", "link.csv", "out/secret.csv"]
)
def test_a_path_that_leads_out_is_refused(folder: Path, path: str) -> None:
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")
    (folder / "out").symlink_to(folder.parent, target_is_directory=True)
    with pytest.raises(Blocked, match="leads outside the source's folder") as raised:
        locate(DATA.model_copy(update={"path": path}), folder)  # as if the declaration had not been checked
    assert raised.value.exit_code == ExitCode.BLOCKED == 5


@pytest.mark.parametrize("path", ["gone.csv", "data", "dangling.csv"])
def test_a_file_that_is_not_there(folder: Path, path: str) -> None:
    (folder / "dangling.csv").symlink_to(folder / "nowhere")
    with pytest.raises(SourceUnavailable, match=f"there is no file '{path}'") as raised:
        locate(DATA.model_copy(update={"path": path}), folder)
    assert raised.value.exit_code == ExitCode.SOURCE_UNAVAILABLE == 4
