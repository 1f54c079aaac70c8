"""A file of a data package is read only as the package's own record has it (PyPA, "Recording installed projects")."""

import base64
import hashlib
import os
from pathlib import Path

import pytest

from pipelines.connectors import locate
from pipelines.errors import Blocked, SourceUnavailable
from pipelines.specs.source import Data

DATA = Data(connector="package", package="zz-census", path="zz_census/data/a.csv", format="csv")


def record_line(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed data package, beside a secret; its module would say so if it ran."""
    root = tmp_path / "packages"
    data = root / "zz_census" / "data"
    data.mkdir(parents=True)
    (data / "a.csv").write_bytes(b"a")
    (data / "unrecorded.csv").write_bytes(b"u")
    (root / "zz_census" / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / "secret.csv").write_bytes(b"secret")
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")
    info = root / "zz_census-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zz-census\nVersion: 1.2\n")
    lines = [record_line(f"zz_census/data/{name}", b"a") for name in ("a.csv", "link.csv", "gone.csv")]
    (info / "RECORD").write_text("".join([*lines, "zz_census/data/unhashed.csv,,\n"]))
    (data / "unhashed.csv").write_bytes(b"a")
    monkeypatch.setenv("GROMA_DATA_PACKAGES", str(root))
    return root


def at(path: str) -> Data:
    return DATA.model_copy(update={"path": path})


@pytest.mark.parametrize("name", ["zz-census", "zz_census", "ZZ.Census"])
def test_the_file_and_how_it_is_cited(packages: Path, name: str) -> None:
    origin = locate(DATA.model_copy(update={"package": name}), packages)
    assert origin.path.read_bytes() == b"a"
    assert origin.address == f"pypi:{name}==1.2#zz_census/data/a.csv"
    assert not (packages.parent / "ran").exists()


def test_a_file_that_differs_from_the_record_is_refused(packages: Path) -> None:
    (packages / "zz_census/data/a.csv").write_bytes(b"b")
    with pytest.raises(Blocked, match=r"differs from what zz-census 1\.2 installed"):
        locate(DATA, packages)


@pytest.mark.parametrize(
    "path", ["../secret.csv", "zz_census/../../secret.csv", "zz_census/data/link.csv", "/etc/passwd"]
)
def test_a_path_that_leads_out_is_refused(packages: Path, path: str) -> None:
    with pytest.raises(Blocked, match="leads outside the data packages"):
        locate(at(path), packages)


@pytest.mark.parametrize(
    "path",
    ["zz_census/data/unrecorded.csv", "zz_census/data/gone.csv", "zz_census/data", "zz_census/data/unhashed.csv"],
)
def test_a_file_that_the_package_has_not(packages: Path, path: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"zz-census 1\.2 has no file"):
        locate(at(path), packages)


@pytest.mark.parametrize("name", ["zz-other", "../zz_census", "os"])
def test_a_package_that_is_not_installed(packages: Path, name: str) -> None:
    with pytest.raises(SourceUnavailable, match="is not installed in packages"):
        locate(DATA.model_copy(update={"package": name}), packages)


def test_a_package_without_a_record_has_no_files(packages: Path) -> None:
    os.remove(packages / "zz_census-1.2.dist-info" / "RECORD")
    with pytest.raises(SourceUnavailable, match="has no file"):
        locate(DATA, packages)
