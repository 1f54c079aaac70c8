"""Raw records: the text of the file itself, numbered as Python's csv module numbers its rows."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless.formats.csv import CsvControl
from frictionless.resources import TableResource
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.validation import raw_records as module
from pipelines.validation.raw_records import each_raw_record, open_bytes, raw_records, records


def described(path: Path, encoding: str = "utf-8", kind: str = "csv", **dialect: Any) -> TableResource:
    resource = TableResource(path=path.name, basepath=str(path.parent), format=kind, encoding=encoding)
    resource.dialect.add_control(CsvControl(**dialect))
    return resource


def written(folder: Path, content: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


def naive(text: str, control: CsvControl) -> list[str]:
    """Every record's lines: whatever csv.reader takes from the text for one row."""
    taken: list[str] = []

    def lines() -> Any:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    records = []
    for _ in csv.reader(lines(), dialect=control.to_python()):
        record = "".join(taken)
        taken.clear()
        for end in ("\r\n", "\n", "\r"):
            if record.endswith(end):
                record = record[: -len(end)]
                break
        records.append(record)
    return records


def test_records_are_numbered_from_the_header(tmp_path: Path) -> None:
    resource = described(written(tmp_path, b"id,name\n1,a\n\n3,c\n"))
    assert raw_records(resource, [4, 1, 3, 2]) == {1: "id,name", 2: "1,a", 3: "", 4: "3,c"}


def test_a_quoted_line_end_does_not_end_a_record(tmp_path: Path) -> None:
    resource = described(written(tmp_path, b'id,name\r\n1,"a\r\nb ""c"""\r\n2,d\r\n'))
    assert raw_records(resource, [1, 2, 3]) == {1: "id,name", 2: '1,"a\r\nb ""c"""', 3: "2,d"}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_kind_of_line_end(tmp_path: Path, end: bytes, last: bool) -> None:
    content = end.join([b"id", b"1", b"", b"2"]) + (end if last else b"")
    assert raw_records(described(written(tmp_path, content)), range(1, 9)) == {1: "id", 2: "1", 3: "", 4: "2"}


def test_line_ends_may_differ(tmp_path: Path) -> None:
    content = b"id\r1\n\r2\r\n\n\r3"
    expected = dict(enumerate(["id", "1", "", "2", "", "", "3"], start=1))
    assert raw_records(described(written(tmp_path, content)), range(1, 20)) == expected


def test_an_escaped_line_end(tmp_path: Path) -> None:
    resource = described(written(tmp_path, b"id,name\n1,a\\\nb\n2,c\n"), escape_char="\\")
    assert raw_records(resource, [2, 3]) == {2: "1,a\\\nb", 3: "2,c"}


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    resource = described(written(tmp_path, b'id\n1\n"2\n3\n'))
    assert raw_records(resource, [1, 2, 3, 4]) == {1: "id", 2: "1", 3: '"2\n3'}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Fès"),
        ("utf-8-sig", "Fès"),
        ("iso8859-1", "Fès"),
        ("cp1252", "Fès €"),
        ("utf-16", "Fès"),
        ("gbk", "非斯"),
    ],
)
def test_every_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    content = f"id,name\n1,{name}\n".encode(encoding)
    assert raw_records(described(written(tmp_path, content), encoding), [1, 2]) == {1: "id,name", 2: f"1,{name}"}


@pytest.mark.parametrize("cell", [b"\xff", b'"\xff"'])
def test_bytes_of_another_encoding_are_shown_as_such(tmp_path: Path, cell: bytes) -> None:
    found = raw_records(described(written(tmp_path, b"id\n" + cell + b"\n2\n")), [2, 3])
    assert found == {2: cell.replace(b"\xff", "\N{REPLACEMENT CHARACTER}".encode()).decode(), 3: "2"}


def test_nothing_is_read_for_nothing(tmp_path: Path) -> None:
    assert raw_records(described(tmp_path / "missing.csv"), []) == {}


def test_nothing_is_read_after_the_last_one(tmp_path: Path) -> None:
    content = b"id\n1\n" + b"x" * 10_000_000
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(content)[:-100])
    resource = described(path)
    resource.compression = "gz"
    assert raw_records(resource, [2]) == {2: "1"}


def test_a_record_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORD_LIMIT", 5)
    for content in (b"12345\n123456\n", b'12345\n"23456"\n'):
        first, second = (line.decode() for line in content.split(b"\n")[:2])
        found = raw_records(described(written(tmp_path, content)), [1, 2])
        assert found == {1: first, 2: second[:5] + "…"}
        assert records(described(written(tmp_path, content)), [2]) == {2: ["123456" if second[0] == "1" else "23456"]}


def test_a_file_in_parts(tmp_path: Path) -> None:
    written(tmp_path, b"id\n1\n")
    (tmp_path / "more.csv").write_bytes(b"id\n2\n3\n")
    resource = described(tmp_path / "table.csv")
    resource.extrapaths = ["more.csv"]
    assert raw_records(resource, range(1, 9)) == {1: "id", 2: "1", 3: "2", 4: "3"}


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def packed(folder: Path, compression: str, content: bytes) -> Path:
    path = folder / f"table.csv.{compression}"
    path.write_bytes(PACKERS.get(compression, lambda it: zipped({"table.csv": it}))(content))
    return path


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz", "zip"])
def test_a_packed_file(tmp_path: Path, compression: str) -> None:
    resource = described(packed(tmp_path, compression, b'id\n1\n"2"\n'))
    resource.compression = compression
    assert raw_records(resource, [1, 2, 3]) == {1: "id", 2: "1", 3: '"2"'}


def test_a_member_of_a_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "table.zip"
    path.write_bytes(zipped({"a.csv": b"id\n1\n", "b.csv": b"id\n2\n"}))
    resource = described(path)
    resource.compression = "zip"
    assert raw_records(resource, [2]) == {2: "1"}
    resource.innerpath = "b.csv"
    assert raw_records(resource, [2]) == {2: "2"}
    resource.innerpath = "c.csv"
    with pytest.raises(DataError, match=r"no member 'c\.csv'"):
        raw_records(resource, [2])


def read_all(path: Path, compression: str) -> None:
    with open_bytes(path, compression) as source:
        while source.read(1 << 20):
            pass


def test_an_empty_zip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.zip"
    path.write_bytes(zipped({}))
    with pytest.raises(DataError, match="is empty"):
        read_all(path, "zip")


def test_a_cell_that_is_too_long_for_python_is_told(tmp_path: Path) -> None:
    resource = described(written(tmp_path, b'id\n"' + b"1" * 100 + b'"\n'))
    before = csv.field_size_limit(50)
    try:
        with pytest.raises(DataError, match="record 2 cannot be read: field larger"):
            raw_records(resource, [2])
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz", "zip"])
def test_a_bomb_is_refused(tmp_path: Path, compression: str) -> None:
    path = packed(tmp_path, compression, b"0" * 20_000_000)
    with pytest.raises(DataError, match="unpacks to more than") as caught:
        read_all(path, compression)
    assert caught.value.why
    assert caught.value.fix


@pytest.mark.parametrize("compression", ["gz", "bz2", "xz", "zip"])
@pytest.mark.parametrize("damage", ["cut", "other"])
def test_a_damaged_archive_is_refused(tmp_path: Path, compression: str, damage: str) -> None:
    path = packed(tmp_path, compression, bytes(range(256)) * 4_000)
    path.write_bytes({"cut": path.read_bytes()[:-40], "other": b"id\n1\n"}[damage])
    with pytest.raises(DataError, match="not a sound"):
        read_all(path, compression)


def test_an_unknown_compression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'7z' is not supported"), open_bytes(written(tmp_path, b""), "7z"):
        pass


def test_an_error_of_the_caller_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk full"), open_bytes(packed(tmp_path, "gz", b"id"), "gz"):
        raise OSError("disk full")


TEXTS = st.text(st.sampled_from('a;,"\\ \r\n\t\0é\u2028'), max_size=60)
CONTROLS = st.builds(
    CsvControl,
    delimiter=st.sampled_from(",;\t"),
    quote_char=st.sampled_from(['"', "'", "é"]),
    escape_char=st.sampled_from([None, "\\"]),
    double_quote=st.booleans(),
    skip_initial_space=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
@given(TEXTS, CONTROLS, st.sampled_from(["utf-8", "utf-16", "iso8859-1"]), st.sampled_from([1, 2, 3, 7, 4 << 20]))
def test_records_are_those_of_csv_reader(
    tmp_path: Path, text: str, control: CsvControl, encoding: str, chunk: int
) -> None:
    text = text.replace("\u2028", "x") if encoding == "iso8859-1" else text
    path = written(tmp_path, text.encode(encoding))
    resource = TableResource(path=path.name, basepath=str(tmp_path), format="csv", encoding=encoding)
    resource.dialect.add_control(control)
    expected = dict(enumerate(naive(text, control), start=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        assert raw_records(resource, range(1, 70)) == expected
        cells = list(csv.reader(io.StringIO(text, newline=""), dialect=control.to_python()))
        assert records(resource, range(1, 70)) == dict(enumerate(cells, start=1))
        for number, record in expected.items():
            assert list(each_raw_record(resource, [number])) == [(number, record)]
