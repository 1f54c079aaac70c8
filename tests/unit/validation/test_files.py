"""Files as they come: packed, encoded, broken, large; and that no record of theirs is ever lost."""

import bz2
import csv
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.validation.oracle import Case, difference, disagreement, frictionless_verdict, our_verdict
from tests.unit.validation.strategies import Writing

CSV: dict[str, Any] = {"csv": {"delimiter": ",", "skipInitialSpace": False}}
STATED: dict[str, Any] = {"encoding": "utf-8", "dialect": CSV}
ENGINES = ["duckdb", "auto"]
SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True}},
        {"name": "name", "type": "string", "constraints": {"maxLength": 5}},
        {"name": "day", "type": "date"},
    ],
    "primaryKey": "id",
}
TEXT = 'id,name,day\n1,é,2024-02-29\n2,\n\n3,x,2024-02-30,extra\n1,"a\nb",\n,,\n4,toolong,2024-1-1\n'


def zipped(content: bytes, **others: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in {"table.csv": content, **others}.items():
            archive.writestr(name, inner)
    return file.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "table.csv.gz": gzip.compress,
    "table.csv.zip": zipped,
    "table.csv.bz2": bz2.compress,
    "table.csv.xz": lzma.compress,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", PACKED)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_a_packed_file(path: str, encoding: str, engine: str, tmp_path: Path) -> None:
    content = PACKED[path](TEXT.encode(encoding))
    case = Case(content, SCHEMA, {"path": path, "encoding": encoding, "dialect": CSV})
    assert disagreement(case, tmp_path, engine) is None
    # Frictionless itself must have read it, or nothing was compared.
    if path != "table.csv.xz":
        assert frictionless_verdict(case, tmp_path).rows == 7


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", PACKED)
def test_a_packed_file_that_is_broken(path: str, engine: str, tmp_path: Path) -> None:
    whole = PACKED[path](TEXT.encode())
    for content in (TEXT.encode(), b"", whole[: len(whole) // 2], whole[:-3], PACKED[path](b"")):
        case = Case(content, SCHEMA, {"path": path, **STATED})
        assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_inside_an_archive(engine: str, tmp_path: Path) -> None:
    content = zipped(b"nothing", **{"inner.csv": TEXT.encode()})
    case = Case(content, SCHEMA, {"path": "table.zip", "innerpath": "inner.csv", "format": "csv", **STATED})
    assert disagreement(case, tmp_path, engine) is None


ENCODINGS = ["utf-8", "utf-8-sig", "latin-1", "iso-8859-1", "iso-8859-15", "cp1252", "windows-1252", "utf-16",
    "utf-16-le", "utf-16-be",
             "utf-32", "cp850", "mac-roman", "utf-7", "UTF8", "koi8-r", "gb18030", "shift_jis", "ascii",
                 "no-such-encoding"]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoding(encoding: str, engine: str, tmp_path: Path) -> None:
    real = "ascii" if encoding == "no-such-encoding" else encoding
    content = TEXT.encode(real, errors="replace")
    assert disagreement(Case(content, SCHEMA, {"encoding": encoding, "dialect": CSV}), tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "content", [TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.encode("latin-1"), TEXT.encode("utf-16")]
)
def test_an_encoding_that_is_not_said(content: bytes, engine: str, tmp_path: Path) -> None:
    assert disagreement(Case(content, SCHEMA, {"dialect": CSV}), tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("place", [0, 5, 20, 300, 4_000, 30_000])
@pytest.mark.parametrize(
    "wrong", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xc3", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x80"]
)
def test_a_byte_that_is_wrong(wrong: bytes, place: int, engine: str, tmp_path: Path) -> None:
    lines = "id,name,day\n" + "".join(f"{number},é,2024-02-29\n" for number in range(2_000))
    content = lines.encode()
    content = content[:place] + wrong + content[place:]
    assert disagreement(Case(content, SCHEMA, STATED), tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_byte_order_marks(encoding: str, engine: str, tmp_path: Path) -> None:
    schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]}
    for marks in ("\ufeff", "\ufeff\ufeff", "ï»¿"):
        for header in (True, False):
            for text in ("1,x\n\ufeff2,y\n", '"1",x\n2,"y"\n'):
                content = (marks + text).encode(encoding, errors="replace")
                resource = {"encoding": encoding, "dialect": {**CSV, "header": header}}
                assert disagreement(Case(content, schema, resource), tmp_path, engine) is None, (marks, header, text)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_that_ends_in_the_middle_of_a_character(engine: str, tmp_path: Path) -> None:
    for cut in (1, 2, 3):
        content = TEXT.encode() + "9,é😀".encode()[:-cut]
        assert disagreement(Case(content, SCHEMA, STATED), tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("path", ["table.csv", "table.tsv"])
def test_line_breaks_in_cells(path: str, ends: str, engine: str, tmp_path: Path) -> None:
    delimiter = "\t" if path.endswith("tsv") else ","
    resource = {
        "path": path,
        "encoding": "utf-8",
        "dialect": {"csv": {"delimiter": delimiter, "skipInitialSpace": False}},
    }
    for inner in ("\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n\r"):
        rows: list[list[str] | str] = [
            ["id", "na" + inner + "me", "day"], ["1", f"a{inner}b", ""], [], ["2", inner, "x"], ["1", f"{inner}c",
                "2024-01-01"], ["", "", ""],
        ]  # fmt: skip
        content = Writing(delimiter, ends=(ends,)).text(rows).encode()
        assert disagreement(Case(content, SCHEMA, resource), tmp_path, engine) is None, repr(inner)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_descriptor_says_of_the_file(engine: str, tmp_path: Path) -> None:
    import hashlib

    content = b"id,name,day\n1,a,\n2,b,\n"
    size, digest = len(content), hashlib.sha256(content).hexdigest()
    right = {"bytes": size, "hash": f"sha256:{digest}", "rows": 2, "fields": 3}
    wrong = {"bytes": size + 1, "hash": f"sha256:{'0' * 64}", "rows": 3, "fields": 2}
    others = {"hash": [hashlib.md5(content).hexdigest(), f"md5:{'0' * 32}", "sha512:00", "x:y", f"SHA256:{digest}"]}
    stated: list[dict[str, Any]] = [right, wrong, *({name: value} for name, value in wrong.items())]
    stated += [{name: value} for name, values in others.items() for value in values]
    for properties in stated:
        for limit in (None, 1):
            case = Case(content, SCHEMA, {**STATED, **properties}, limit_rows=limit)
            assert disagreement(case, tmp_path, engine) is None, properties


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_in_parts(engine: str, tmp_path: Path) -> None:
    (tmp_path / "second.csv").write_bytes(b"3,c,\n1,d,2024-01-01\n")
    case = Case(b"id,name,day\n1,a,\n2,b,x\n", SCHEMA, {**STATED, "extrapaths": ["second.csv"]})
    assert disagreement(case, tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_resource_without_a_schema(engine: str, tmp_path: Path) -> None:
    for content in (TEXT.encode(), b"a,b\n1,2\n3\n", b"a,a\n1,2\n"):
        assert disagreement(Case(content, None, STATED), tmp_path, engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["a b.csv", "it's.csv", "ü*?[x].csv", 'q"q.csv', "table.CSV", "a;b.csv", "%41.csv"])
def test_the_name_of_a_file(name: str, engine: str, tmp_path: Path) -> None:
    assert disagreement(Case(TEXT.encode(), SCHEMA, {"path": name, **STATED}), tmp_path, engine) is None


def noisy(seed: int, rows: int) -> bytes:
    """Records of every shape, of which an independent reader can say how many there are."""
    chance = random.Random(seed)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow(["id", "name", "day"])
    for number in range(rows):
        row = [str(number), "x", "2024-02-29"]
        shape = chance.randrange(200)
        if shape == 0:
            row[1] = "a\n\nb"
        elif shape == 1:
            row = row[:2]
        elif shape == 2:
            row.append("y")
        elif shape == 3:
            row[0] = str(number - 1)
        elif shape == 4:
            row[2] = 'a"b'
        if shape == 5:
            file.write("\n" * chance.randint(1, 3))
        else:
            writer.writerow(row)
    return file.getvalue().encode()


@pytest.mark.parametrize("seed", range(4))
def test_every_record_is_counted(seed: int, tmp_path: Path) -> None:
    content = noisy(seed, 5_000)
    records = sum(1 for _ in csv.reader(io.StringIO(content.decode(), newline="")))
    for engine in ("duckdb", "auto"):
        case = Case(content, SCHEMA, STATED, limit_errors=0)
        ours = our_verdict(case, tmp_path, engine)
        assert ours.rows == records - 1
        assert difference(case, frictionless_verdict(case, tmp_path), ours) is None
        if engine == "duckdb":
            assert ours.engine == "duckdb"


def test_a_file_that_several_threads_read(tmp_path: Path) -> None:
    """More bytes than DuckDB gives to one thread: rows keep their numbers, and duplicates far apart find each other."""
    filling = "x" * 300
    rows = [f"{number},n{number % 1_000},{filling}\n" for number in range(60_000)]
    for place in (0, 15_000, 26_000, 59_999):
        rows[place] = f"7{place},toolong,\n"
    rows[30_000] = f"5,again,{filling}\n"
    rows[30_001] = "\n"
    rows[59_990] = "00030002,again,,extra\n"
    schema = {"fields": [*SCHEMA["fields"][:2], {"name": "day", "type": "string"}]}
    case = Case(("id,name,day\n" + "".join(rows)).encode(), schema, STATED)
    ours = our_verdict(case, tmp_path, "duckdb")
    assert ours.engine == "duckdb"
    assert len(case.content) > 2 * 8_000_000
    assert difference(case, frictionless_verdict(case, tmp_path), ours) is None
    # Four that are too long, 70 and 5 and 30002 twice, a blank row, an extra cell.
    assert len(ours.errors) == 4 + 3 + 1 + 1
    assert ours.rows == 60_000


@pytest.mark.parametrize("columns", [300, 1_001])
def test_a_file_of_many_columns(columns: int, tmp_path: Path) -> None:
    kinds = ["boolean", "integer", "string", "date"]
    fields = [{"name": f"f{number}", "type": kinds[number % 4]} for number in range(columns)]
    good = [["true", "1", "x", "2024-02-29"][number % 4] for number in range(columns)]
    lines: list[list[str] | str] = [
        [f"f{number}" for number in range(columns)],
        good,
        ["x", *good[1:]],
        good[:-1],
        [*good, ""],
    ]
    case = Case(Writing().text(lines).encode(), {"fields": fields}, STATED)
    assert disagreement(case, tmp_path, "duckdb") is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("size", [1_000, 131_072, 300_000, 2_200_000])
def test_a_cell_of_some_length(size: int, engine: str, tmp_path: Path) -> None:
    content = b"id,name,day\n1,a,\n2," + b"x" * size + b",\n2,b,\n"
    assert disagreement(Case(content, SCHEMA, STATED), tmp_path, engine) is None
