"""A third country in a workspace of its own: its one source, no indicator, no line of Python, and our indicators."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.workspaces import Outcome, WorkspaceFolder, process_environment

# Written as an office would write it, with the marks of its language; made-up figures.
SOURCE = """\
id: xx_office_labour
title: Mano de obra por municipio
description: "Made-up figures. Grain: one row for each municipality."
publisher: {name: Oficina de Estadística, kind: nso, url: "https://office.example"}
licence: CC-BY-4.0
attribution: Oficina de Estadística, CC BY 4.0.
profile: administrative
frequency: quarterly
reference_date: "2025-03-31"
data:
  {connector: file, path: mano_de_obra.csv, format: csv, encoding: windows-1252, delimiter: ";",
   group_char: ".", decimal_char: ","}
tables:
  - conforms_to: territory@1
    scope: {where: "sexo = 'total'", why: each territory once}
    columns: {territory_name: municipio}
    derive:
      territory_id: "CASE WHEN clave = '00' THEN 'XX' ELSE 'XX-' || clave END"
      territory_level: "CASE WHEN clave = '00' THEN 'country' ELSE 'city' END"
      parent_id: "CASE WHEN clave <> '00' THEN 'XX' END"
    constants: {country_code: XX}

  - conforms_to: labour_force@1
    columns: {sex: sexo, labour_force: activos, unemployment_rate_pct: tasa}
    derive: {territory_id: "CASE WHEN clave = '00' THEN 'XX' ELSE 'XX-' || clave END"}
    constants: {period: 2025-Q1, age_group: Y_GE15, urbanisation: _T, rate_rounding_pct: "0.1"}
    values: {sex: {total: _T, mujeres: F, hombres: M}}
"""
ROWS = [
    ["clave", "municipio", "sexo", "activos", "tasa"],
    ["00", "País", "total", "1.250.000", "10,4"],
    ["01", "Áncora", "total", "250.000", "8,0"],
    ["01", "Áncora", "mujeres", "100.000", "9,5"],
    ["01", "Áncora", "hombres", "150.000", "7,0"],
    ["02", "Niña Paz", "total", "1.000.000", "11,0"],
    ["02", "Niña Paz", "mujeres", "", ""],
]


@pytest.fixture(scope="module")
def third_country(tmp_path_factory: pytest.TempPathFactory) -> tuple[WorkspaceFolder, Outcome]:
    """Nothing but the folder of the source: without `workspace.yaml` our schemas and indicators are taken over."""
    folder = WorkspaceFolder(tmp_path_factory.mktemp("office"))
    (folder.root / "workspace.yaml").unlink()
    folder.write("sources/xx_office_labour/source.yaml", SOURCE)
    content = "".join(";".join(row) + "\n" for row in ROWS)
    folder.write("sources/xx_office_labour/mano_de_obra.csv", content.encode("windows-1252"))
    return folder, folder.groma("run", "--json")


def test_our_indicators_are_computed_for_it(third_country: tuple[WorkspaceFolder, Outcome]) -> None:
    folder, outcome = third_country
    assert outcome.code == 0, outcome.stderr
    found = folder.query(
        "SELECT territory_name, sex, value::DOUBLE, value_low::DOUBLE, value_high::DOUBLE, obs_status "
        "FROM indicator_value JOIN territory USING (territory_id) WHERE indicator_id = 'sdg_8_5_2' "
        "AND period = '2025-Q1' ORDER BY ALL"
    )
    assert found == [
        ("Niña Paz", "F", None, None, None, "O"),
        ("Niña Paz", "_T", 11.0, 10.95, 11.05, "G"),
        ("País", "_T", 10.4, 10.35, 10.45, "G"),
        ("Áncora", "F", 9.5, 9.45, 9.55, "G"),
        ("Áncora", "M", 7.0, 6.95, 7.05, "G"),
        ("Áncora", "_T", 8.0, 7.95, 8.05, "G"),
    ]


def test_every_indicator_of_ours_is_there_with_or_without_values(
    third_country: tuple[WorkspaceFolder, Outcome],
) -> None:
    folder, outcome = third_country
    told = {row["indicator_id"]: row["territories"] for row in outcome.data["indicators"]}
    assert len(told) > 1
    assert {name for name, territories in told.items() if territories} == {"sdg_8_5_2"}
    assert told["sdg_8_5_2"] == 3
    assert folder.query("SELECT DISTINCT country_code FROM territory") == [("XX",)]
    assert folder.query("SELECT source_id, cert_level FROM source") == [("xx_office_labour", 1)]


def test_explain_ends_at_a_row_of_its_file(third_country: tuple[WorkspaceFolder, Outcome]) -> None:
    folder, _ = third_country
    outcome = folder.groma(
        "explain", "sdg_8_5_2", "--territory", "áncora", "--period", "2025-Q1", "--breakdown", "sex=F", "--json"
    )
    assert outcome.code == 0, outcome.stderr
    [value] = outcome.data["values"]
    [source] = value["sources"]
    [record] = source["records"]
    assert record["source_row"] == 4
    assert record["cells"]["activos"] == "100.000"
    assert record["cells"]["tasa"] == "9,5"


def test_its_workspace_holds_no_code_and_no_indicator(third_country: tuple[WorkspaceFolder, Outcome]) -> None:
    folder, _ = third_country
    written = {path.name for path in (folder.root / "sources").rglob("*") if path.is_file()}
    assert written == {"source.yaml", "mano_de_obra.csv"}
    assert not (folder.root / "indicators").exists()


def test_dagster_loads_its_graph(third_country: tuple[WorkspaceFolder, Outcome]) -> None:
    """In a process of its own, as the web interface does, by the environment variable alone."""
    folder, _ = third_country
    code = (
        "import json; from pipelines.definitions import defs; "
        "graph = defs().resolve_asset_graph(); "
        "print(json.dumps(sorted('/'.join(key.path) for key in graph.get_all_asset_keys())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=process_environment(GROMA_WORKSPACE=str(folder.root)),
        cwd=os.fspath(Path(__file__).parents[2]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    keys = set(json.loads(done.stdout))
    assert {"raw/xx_office_labour", "certificate/xx_office_labour", "indicator/sdg_8_5_2"} <= keys
    assert [key for key in keys if key.startswith("raw/")] == ["raw/xx_office_labour"]
