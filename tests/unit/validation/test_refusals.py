"""What is no verdict on a table: refused in words, whatever the schema and the engine."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import DataError, UsageError
from pipelines.validation import validate

SOUND: dict[str, Any] = {"fields": [{"name": "a", "type": "integer"}]}
TRAPPED: dict[str, Any] = {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": "x"}}]}


@pytest.mark.parametrize("engine", ["auto", "duckdb", "frictionless"])
@pytest.mark.parametrize("schema", [SOUND, TRAPPED], ids=["sound", "trapped"])
def test_a_file_made_to_exhaust_its_reader_is_no_fault_of_the_schema(
    schema: dict[str, Any], engine: str, tmp_path: Path
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", b"a\n" + b"0" * 50_000_000)
    (tmp_path / "table.csv.zip").write_bytes(packed.getvalue())
    with pytest.raises(DataError, match="unpacks to more than"):
        validate(tmp_path / "table.csv.zip", schema, engine=engine)


@pytest.mark.parametrize("threads", ["0", "257", "two"])
def test_a_number_of_threads_that_makes_no_sense_is_told(
    threads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    monkeypatch.setenv("GROMA_THREADS", threads)
    with pytest.raises(UsageError, match="GROMA_THREADS"):
        validate(tmp_path / "table.csv", SOUND, engine="duckdb")
