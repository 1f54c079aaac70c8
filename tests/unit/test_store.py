"""Results appear complete or not at all, and one run at a time holds the data folder."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import Busy, ExitCode
from pipelines.store import Store, engine_digest, file_digest, fingerprint, write_text

PARTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_result_is_there_when_it_is_complete(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.manifest("raw", "zz", "1") is None
    with store.writing("raw", "zz", "1") as (folder, manifest):
        (folder / "a.csv").write_text("x")
        (folder / "maps").mkdir()
        (folder / "maps" / "b.csv").write_text("y")
        manifest["rows"] = 2
        assert store.manifest("raw", "zz", "1") is None
        assert not store.folder("raw", "zz", "1").exists()
    assert store.manifest("raw", "zz", "1") == {"rows": 2}
    assert names_in(tmp_path) == ["a.csv", "b.csv", "manifest.json"]


def test_others_may_read_what_is_published(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.writing("raw", "zz", "1") as (folder, _):
        (folder / "maps").mkdir(mode=0o700)
        (folder / "maps" / "a.csv").touch(mode=0o600)
    final = store.folder("raw", "zz", "1")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [final, *final.rglob("*")]}
    assert modes == {"1": 0o755, "maps": 0o755, "a.csv": 0o644, "manifest.json": 0o644}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_goes_wrong_inside_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    store = Store(tmp_path)

    def write_half() -> None:
        with store.writing("raw", "zz", "1") as (folder, _):
            (folder / "a.csv").write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert list((tmp_path / "raw" / "zz").iterdir()) == []


def test_a_manifest_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def write_what_is_no_json() -> None:
        with store.writing("raw", "zz", "1") as (_, manifest):
            manifest["path"] = tmp_path

    with pytest.raises(TypeError):
        write_what_is_no_json()
    assert list((tmp_path / "raw" / "zz").iterdir()) == []


def test_what_was_there_stays_when_its_successor_fails(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.writing("raw", "zz", "1") as (folder, manifest):
        (folder / "a.csv").write_text("old")
        manifest["rows"] = 1

    def write_half() -> None:
        with store.writing("raw", "zz", "1") as (folder, _):
            (folder / "a.csv").write_text("new")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  any will do
        write_half()
    assert (store.folder("raw", "zz", "1") / "a.csv").read_text() == "old"
    with store.writing("raw", "zz", "1") as (folder, _):
        (folder / "b.csv").write_text("new")
    assert names_in(tmp_path) == ["b.csv", "manifest.json"]


@pytest.mark.parametrize("content", ["", "{", "\xff"])
def test_a_damaged_manifest_is_none(tmp_path: Path, content: str) -> None:
    store = Store(tmp_path)
    file = store.folder("raw", "zz", "1") / "manifest.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content.encode("latin-1"))
    assert store.manifest("raw", "zz", "1") is None


def test_a_second_run_is_refused_with_the_process_that_holds_the_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.store import Store\n"
        "with Store(Path(sys.argv[1])).lock(): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match=rf"another run holds .* \(process {holder.pid}\)") as raised:
            Store(tmp_path / "data").lock().__enter__()
        assert raised.value.exit_code == ExitCode.BUSY == 7
        holder.kill()
        holder.wait()
    # A lock dies with its process, however that ends.
    with Store(tmp_path / "data").lock():
        assert (tmp_path / "data" / ".lock").read_text() == str(os.getpid())


def test_a_lock_ends_with_an_error_too(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fail() -> None:
        with store.lock():
            raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):  # noqa: PT011  any will do
            fail()
    with store.lock(), pytest.raises(Busy):
        store.lock().__enter__()


def test_text_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "new" / "pointer.json"
    write_text(file, "é")
    write_text(file, "è")
    assert file.read_text("utf-8") == "è"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert names_in(tmp_path) == ["pointer.json"]


def test_text_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "pointer.json", "\ud800")
    assert names_in(tmp_path) == []


def test_file_digest_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert file_digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@given(PARTS, PARTS)
def test_fingerprints_differ_as_their_parts_do(one: object, other: object) -> None:
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (fingerprint(one) == fingerprint(other)) == is_same
    assert len(fingerprint(one)) == 16


def test_the_order_of_keys_is_no_difference_the_order_of_parts_is() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint("a", "b") != fingerprint("b", "a")
    assert fingerprint(["a", "b"]) != fingerprint("a", "b")


def test_the_engine_is_a_part_of_every_fingerprint() -> None:
    assert len(engine_digest()) == 64
    code = "from pipelines.store import engine_digest; print(engine_digest())"
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() == engine_digest()
