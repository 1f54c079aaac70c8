"""The CSV reader: what is written is read back, what is no row is told, what is no CSV is refused."""

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import frictionless
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import DataError
from pipelines.readers import Records, read_records
from pipelines.readers.compressed import RATIO_FREE
from pipelines.specs.source import Data


def read(folder: Path, content: str | bytes, **options: Any) -> Records:
    path = folder / "stops.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_records(path, Data(connector="file", path="stops.csv", format="csv", **options))


def refusal(folder: Path, content: str | bytes, **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        read(folder, content, **options)
    assert "stops.csv" in str(caught.value)
    return caught.value


# No NUL and no lone surrogate: the reader refuses the one, and UTF-8 has no way to write the other.
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
fresh_each_time = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fresh_each_time
@given(
    rows=st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width))),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_csv_writes_is_read_back(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    width = len(rows[0]) if rows else 1
    labels = [f"column_{index}" for index in range(width)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([labels, *rows])

    records = read(tmp_path, text.getvalue(), delimiter=delimiter, missing=[])

    assert records.malformed == []
    assert records.table.to_pylist() == [
        {**dict(zip(labels, row, strict=True)), "source_row": number} for number, row in enumerate(rows, start=2)
    ]


@fresh_each_time
@given(rows=st.lists(st.lists(cells, max_size=5), max_size=20))
def test_every_record_is_a_row_or_malformed(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b", "c"], *rows])

    records = read(tmp_path, text.getvalue(), missing=[])

    as_rows = {row.pop("source_row"): list(row.values()) for row in records.table.to_pylist()}
    as_malformed = {
        malformed.source_row: next(csv.reader(io.StringIO(malformed.raw, newline="")), [])
        for malformed in records.malformed
    }
    assert not as_rows.keys() & as_malformed.keys()
    assert as_rows | as_malformed == dict(enumerate(rows, start=2))
    assert all(len(cells) == 3 for cells in as_rows.values())
    assert all(len(cells) != 3 for cells in as_malformed.values())


@fresh_each_time
@given(content=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "latin-1", "utf-16"]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, encoding: str) -> None:
    try:
        records = read(tmp_path, content, encoding=encoding)
    except DataError as error:
        refused = error
    else:
        assert records.table.schema.names[-1] == "source_row"
        return
    assert refused.fix


def test_rows_are_numbered_as_frictionless_numbers_them(tmp_path: Path) -> None:
    content = 'a,b\n1,"two\nlines"\n\n3\n4,5,6\n7,8\n'
    records = read(tmp_path, content)
    report = frictionless.Resource(
        path="stops.csv", basepath=str(tmp_path), detector=frictionless.Detector(sample_size=100)
    ).validate()
    judged = {(number, kind) for number, kind in report.flatten(["rowNumber", "type"])}
    assert {(malformed.source_row, malformed.rule) for malformed in records.malformed} == judged
    assert records.table["source_row"].to_pylist() == [2, 6]


def test_a_malformed_record_says_what_is_wrong(tmp_path: Path) -> None:
    records = read(tmp_path, 'id;name;mode\n1;"Gare; nord"\n2;Port;bus;x;y\n\n', delimiter=";")
    missing, extra, blank = records.malformed
    assert (missing.rule, missing.column, missing.value, missing.raw) == (
        "missing-cell", "mode", None, '1;"Gare; nord"',
    )  # fmt: skip
    assert (extra.rule, extra.column, extra.value, extra.raw) == ("extra-cell", None, "x", "2;Port;bus;x;y")
    assert (blank.rule, blank.source_row, blank.raw) == ("blank-row", 4, "")
    assert records.table.num_rows == 0


def test_missing_codes_are_null_after_trimming(tmp_path: Path) -> None:
    content = 'a,b\n"23,288  ", n.d. \n,-\n'
    assert read(tmp_path, content, missing=["", "n.d."], trim=True).table.select(["a", "b"]).to_pylist() == [
        {"a": "23,288", "b": None},
        {"a": None, "b": "-"},
    ]
    assert read(tmp_path, content, missing=["n.d."]).table["b"].to_pylist() == [" n.d. ", "-"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_and_byte_order_marks(tmp_path: Path, mark: bytes, end: bytes) -> None:
    records = read(tmp_path, mark + end.join([b'"a",b', b"1,2", b"3,4"]))
    assert records.table.to_pydict() == {"a": ["1", "3"], "b": ["2", "4"], "source_row": [2, 3]}


def test_a_file_without_header(tmp_path: Path) -> None:
    records = read(tmp_path, "01,Autauga\n03,Baldwin\n", header=False, columns=["fips", "name"])
    assert records.table.to_pydict() == {
        "fips": ["01", "03"], "name": ["Autauga", "Baldwin"], "source_row": [1, 2],
    }  # fmt: skip
    error = refusal(tmp_path, "01,Autauga,AL\n", header=False, columns=["fips", "name"])
    assert "first record has 3 cells, 'columns' names 2" in str(error)


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16", "utf-16-le", "utf-8", "iso8859-6"])
def test_declared_encodings(tmp_path: Path, encoding: str) -> None:
    name = "فاس" if encoding == "iso8859-6" else "Fès"
    records = read(tmp_path, f"ville\n{name}\n".encode(encoding), encoding=encoding)
    assert records.table["ville"].to_pylist() == [name]


def test_a_wrong_encoding_is_told_with_its_place_and_a_proposal(tmp_path: Path) -> None:
    content = "id,ville\n1,Rabat\n2,Fès\n".encode("latin-1")
    message = str(refusal(tmp_path, content))
    assert f"byte {content.index(0xE8)}" in message
    assert "about line 3" in message
    assert "encoding: utf-8" in message
    assert "windows-1252" in message


@pytest.mark.parametrize("encoding", ["klingon", "hex", "rot13", "idna", "utf-7", "unicode_escape", "\0"])
def test_what_is_no_encoding_of_a_file_is_refused(tmp_path: Path, encoding: str) -> None:
    assert "encoding" in str(refusal(tmp_path, b"a\n1\n", encoding=encoding))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"\na,b\n1,2\n", "blank where the header should be"),
        (b"<!DOCTYPE html><html><body>Maintenance</body></html>", "web page"),
        (b"\xef\xbb\xbf\n<HTML lang=fr>", "web page"),
        (b"a,b\n1,2\x00\n", "NUL character on line 2"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "record 3, from line 3"),
        (b'a,b\n"1"x,2\n', "text follows a closing quote"),
        (b"value,VALUE\n", "column 2 is called 'VALUE', the same as column 1"),
        ("Année,Anne\u0301e\n".encode(), "the same as column 1"),
        (b"a,,c\n", "column 2 has no name"),
        (b"Source_Row\n1\n", "which groma adds itself"),
        (",".join(f"c{index}" for index in range(2001)).encode(), "2,001 columns"),
        (b"a\n" + b"x" * (1 << 20) + b"y\n", "line 2 is longer than"),
        (b'a\n"' + b"xxxxxxx\n" * (1 << 18) + b'"\n', "a cell is longer than"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    error = refusal(tmp_path, content)
    assert said in str(error)
    assert error.fix


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r"])
def test_a_delimiter_that_cannot_be_one_is_refused(tmp_path: Path, delimiter: str) -> None:
    refusal(tmp_path, b"a,b\n1,2\n", delimiter=delimiter)


def test_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n1,2\n")
    assert read(tmp_path, packed, compression="gzip").table.num_rows == 1
    assert read(tmp_path, packed + gzip.compress(b"3,4\n"), compression="gzip").table.num_rows == 2
    assert "cut short" in str(refusal(tmp_path, packed[:-9], compression="gzip"))
    assert "not a sound gzip" in str(refusal(tmp_path, b"a,b\n1,2\n", compression="gzip"))
    assert "not a sound gzip" in str(refusal(tmp_path, packed + b"PK garbage", compression="gzip"))
    damaged = packed[:-8] + bytes(4) + packed[-4:]
    assert "not a sound gzip" in str(refusal(tmp_path, damaged, compression="gzip"))


def test_a_gzip_bomb_is_stopped_early(tmp_path: Path) -> None:
    """A member packs at most 1032:1; the size that the file claims is not believed either way."""
    bomb = gzip.compress(b"a,b\n" * 1_000) + gzip.compress(bytes(60_000_000))
    error = refusal(tmp_path, bomb, compression="gzip")
    assert f"more than {max(RATIO_FREE, 200 * len(bomb)):,} bytes" in str(error)
    repetitive = b"a,b\n" + b"1,2\n" * 200_000
    assert read(tmp_path, gzip.compress(repetitive), compression="gzip").table.num_rows == 200_000


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_records(tmp_path / "none.csv", Data(connector="file", path="none.csv", format="csv"))
