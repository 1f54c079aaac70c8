"""Workspace folders that tests write, and the `groma` command run on them."""

import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.cli import main
from pipelines.specs.workspace import ENGINE_ROOT

GROMA = Path(sys.executable).with_name("groma")
DATA_PACKAGES = ENGINE_ROOT / ".data-packages"
TIME_LIMIT_SECONDS = 600

LABOUR = ("territory", "territory_member", "labour_force")
"""The schemas that the indicator of unemployment needs; a workspace with these alone runs in a second or two."""


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:
        """What it printed with `--json`; nothing but JSON may stand on stdout."""
        return json.loads(self.stdout)


class WorkspaceFolder:
    """A workspace on disk. It takes over from the repository what `extends` says, and else holds its own copies."""

    def __init__(
        self, root: Path, extends: str | list[str] = "default", title: str = "A workspace of the tests"
    ) -> None:
        self.root = root
        self.write("workspace.yaml", yaml.safe_dump({"extends": extends, "title": title}))

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the workspace."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def take(self, kind: str, *names: str) -> None:
        """Copy folders of the repository's own workspace."""
        for name in names:
            shutil.copytree(ENGINE_ROOT / kind / name, self.root / kind / name)

    def declare(self, source: Mapping[str, Any], files: Mapping[str, str | bytes]) -> None:
        """Write a source: its declaration and the files beside it."""
        folder = f"sources/{source['id']}"
        self.write(f"{folder}/source.yaml", yaml.safe_dump(dict(source), sort_keys=False, allow_unicode=True))
        for name, content in files.items():
            self.write(f"{folder}/{name}", content)

    @property
    def publications(self) -> Path:
        return self.root / "data" / "publications"

    @property
    def release(self) -> Path:
        """The folder of the current release."""
        pointer = json.loads((self.publications / "current.json").read_text("utf-8"))
        return self.publications / str(pointer["release_id"])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the current release, read by DuckDB itself."""
        with duckdb.connect(str(self.release / "groma.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def groma(self, *arguments: str, **environment: str) -> Outcome:
        """The command in a process of its own, as a person calls it."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=process_environment(**environment),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIME_LIMIT_SECONDS,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def command(self, *arguments: str) -> list[str]:
        return [str(GROMA), *arguments, "--workspace", str(self.root)]

    def groma_here(self, *arguments: str) -> Outcome:
        """The same command in this process: it need not load Dagster again. A traceback fails the test."""
        stdout, stderr, before, code = io.StringIO(), io.StringIO(), dict(os.environ), 0
        try:
            with (
                contextlib.chdir(self.root),
                contextlib.redirect_stdout(stdout),
                contextlib.redirect_stderr(stderr),
                warnings.catch_warnings(),
            ):
                # A person sees none either; `test_dagster_graph` runs the graph with every warning as an error.
                warnings.simplefilter("ignore")
                main([*arguments, "--workspace", str(self.root)])
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return Outcome(code, stdout.getvalue(), stderr.getvalue())


def process_environment(**changes: str) -> dict[str, str]:
    """This process's environment for another one: compiled modules are kept, the terminal says nothing."""
    inherited = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "NO_COLOR": "1", "COLUMNS": "200", "DAGSTER_DISABLE_TELEMETRY": "1", **changes}


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path inside."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def packaged_records(path: str) -> list[list[str]]:
    """A gzipped CSV file of the data packages, read by Python's own `csv`."""
    with gzip.open(DATA_PACKAGES / path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def csv_text(records: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(records)
    return text.getvalue()


def declaration(source_id: str, path: str, tables: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """The declaration of a made-up source with a CSV file beside it."""
    return {
        "id": source_id,
        "title": f"Made-up figures {source_id}",
        "description": "Made up for a test.",
        "publisher": {"name": "Office of the tests", "kind": "nso"},
        "licence": "CC0-1.0",
        "attribution": "Made up.",
        "profile": "administrative",
        "frequency": "annual",
        "data": {"connector": "file", "path": path, "format": "csv"},
        "tables": tables,
        **changes,
    }


def countries(*codes: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A source of countries, which every other territory lies in."""
    table = {
        "conforms_to": "territory@1",
        "columns": {"territory_id": "code", "territory_name": "code", "country_code": "code"},
        "constants": {"territory_level": "country"},
    }
    content = csv_text([["code"], *([code] for code in codes)])
    return declaration("countries", "countries.csv", [table]), {"countries.csv": content}


def labour_workspace(root: Path) -> WorkspaceFolder:
    """A workspace of two made-up countries, each with a source of its own: three cities and their unemployed."""
    folder = WorkspaceFolder(root, extends=[])
    folder.take("schemas", *LABOUR)
    folder.take("indicators", "sdg_8_5_2")
    folder.declare(*countries("AA", "BB"))
    header = ["code", "name", "active", "jobless"]
    for country, rows in (
        ("AA", [["1", "Alfa", "1000", "100"], ["2", "Avila", "500", "20"]]),
        ("BB", [["9", "Beta", "800", "100"]]),
    ):
        territory = {
            "conforms_to": "territory@1",
            "columns": {"territory_name": "name"},
            "derive": {"territory_id": f"'{country}-' || code"},
            "constants": {"territory_level": "city", "country_code": country, "parent_id": country},
        }
        people = {
            "conforms_to": "labour_force@1",
            "columns": {"labour_force": "active", "unemployed": "jobless"},
            "derive": {"territory_id": f"'{country}-' || code"},
            "constants": {"period": "2024", "sex": "_T", "age_group": "Y_GE15", "urbanisation": "_T"},
        }
        source = declaration(f"{country.lower()}_labour", "labour.csv", [territory, people])
        folder.declare(source, {"labour.csv": csv_text([header, *rows])})
    return folder


def published_files(folder: WorkspaceFolder) -> dict[str, str]:
    """The digest of every file of every release that another making must give again to the byte.

    Drafts, whose names begin with a dot, are no releases. Left out is DuckDB's database file, which DuckDB lays out
    anew each time (its tables are compared as Parquet), and what the manifest says of its bytes.
    """
    found = {name: digest for name, digest in digests(folder.publications).items() if not name.startswith(".")}
    for name in [name for name in found if name.endswith("/groma.duckdb")]:
        del found[name]
        manifest = name.replace("groma.duckdb", "manifest.json")
        content = json.loads((folder.publications / manifest).read_text("utf-8"))
        content["files"] = [entry for entry in content["files"] if entry["path"] != "groma.duckdb"]
        found[manifest] = json.dumps(content, sort_keys=True)
    return found
