"""A workspace is checked as a whole: every fault of every file, and what the declarations say of each other."""

from pathlib import Path

import pytest

from pipelines.specs.workspace import ENGINE_ROOT, load_workspace
from tests.unit.synthetic import LABOUR_TABLE, READING_SCHEMA, READING_TABLE, TERRITORY_TABLE, Country


def test_a_sound_workspace(zz: Country) -> None:
    zz.places(("ZZ", "Zedland", "country", None))
    zz.labour(("ZZ", "2024", 10, 1))
    zz.indicator()
    zz.assurance("zz_labour", "A3", "A3", "A3", "A3")
    workspace = zz.workspace()
    assert list(workspace.sources) == ["zz_labour", "zz_places"]
    assert list(workspace.indicators) == ["zz_rate"]
    assert list(workspace.assurance) == ["zz_labour"]
    assert workspace.data == zz.root.resolve() / "data"
    [(source, table)] = workspace.feeding("labour_force")
    assert source.spec.id == "zz_labour"
    assert workspace.schema_of(table).name == "labour_force"
    assert workspace.feeding("literacy") == []


def test_what_is_taken_over_from_the_repository(tmp_path: Path) -> None:
    country = Country(tmp_path)
    folders = {kind: {p.parent.name for p in (ENGINE_ROOT / kind).glob("*/*.yaml")} for kind in ("sources", "schemas")}
    country.write("schemas/.keep", "")
    by_default = load_workspace(tmp_path)
    assert by_default.sources == {}
    assert set(by_default.schemas) == folders["schemas"]
    assert by_default.indicators
    country.write("workspace.yaml", "extends: default\ntitle: Zedland\n")
    everything = load_workspace(tmp_path)
    assert everything.title == "Zedland"
    assert set(everything.sources) == folders["sources"]
    country.extends()
    assert load_workspace(tmp_path).schemas == {}


def test_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    assert load_workspace(tmp_path).faults[0].message.startswith("has none of sources/, schemas/, indicators/")


def test_faults_of_every_file_at_once(zz: Country) -> None:
    zz.write("workspace.yaml", "extends: [schemas]\ncolour: red\n")
    zz.write("sources/zz_a/source.yaml", "id: zz_a\nid: zz_a\n")
    zz.write("indicators/zz_b/indicator.yaml", "- no mapping\n")
    zz.write("schemas/zz_c/schema.yaml", b"\xff")
    zz.places(("ZZ", "Zedland", "country", None))
    zz.write("sources/zz_places/assurance.yaml", "acknowledged_by: 1\n")
    faults = zz.faults()
    assert faults[:2] == [
        "indicators/zz_b/indicator.yaml:1: file: must be a mapping of keys to values",
        "schemas/zz_c/schema.yaml:1: file: not UTF-8 at byte 0; save it as UTF-8",
    ]
    assert faults[2] == "sources/zz_a/source.yaml:2: yaml: the key 'id' stands twice in one mapping"
    assert {fault.split(":")[0] for fault in faults[3:]} == {"sources/zz_places/assurance.yaml", "workspace.yaml"}
    assert faults[-1] == "workspace.yaml:2: colour: unknown key; remove it or correct its spelling"


def test_a_declaration_is_called_like_its_folder(readings: Country) -> None:
    readings.readings("station_id\n")
    (readings.root / "sources/zz_readings").rename(readings.root / "sources/zz_other")
    readings.schema("other", READING_SCHEMA | {"name": "reading"})
    assert readings.faults() == [
        "schemas/other/schema.yaml:2: name: 'reading' must equal its folder's name 'other'",
        f"schemas/reading/schema.yaml:2: name: 'reading' is declared by {readings.root / 'schemas/other/schema.yaml'} "
        "too; choose another",
        "sources/zz_other/source.yaml:2: id: 'zz_readings' must equal its folder's name 'zz_other'",
    ]


def test_an_id_of_the_repository_is_taken(zz: Country) -> None:
    zz.schema("territory", READING_SCHEMA)
    assert any("'territory' is declared by" in fault for fault in zz.faults())


@pytest.mark.parametrize(
    ("table", "field", "message"),
    [
        ({"conforms_to": "readings@1"}, "tables.0.conforms_to", "no schema 'readings'; known: reading"),
        ({"conforms_to": "reading@2"}, "tables.0.conforms_to", "reading is at version 1, not 2"),
        ({"columns": {"mode": "m"}}, "tables.0", "reading@1 requires 'station_id'; fill it from columns, derive or"),
        ({"derive": {"mode": "'bus'"}}, "tables.0", "'mode' is filled twice; keep one of columns, derive, constants"),
        ({"constants": {"colour": "red"}}, "tables.0.constants.colour", "reading@1 has no field 'colour'; it has"),
        ({"values": {"colour": {"r": "red"}}}, "tables.0.values.colour", "reading@1 has no field 'colour'"),
        (
            {"unpivot": {"into": "colour", "value": "size", "columns": {"a": "b"}}},
            "tables.0.unpivot.into",
            "reading@1 has no field 'colour'",
        ),
        (
            {
                "expect": {
                    "reconcile": [
                        {"name": "a", "measure": "counts", "parts": "true", "equals": 1, "tolerance": 0,
                         "published_in": "a book"}
                    ]
                }
            },
            "tables.0.expect.reconcile.0",
            "reading@1 has no field 'counts'",
        ),
    ],
)  # fmt: skip
def test_a_source_must_fit_the_schemas_it_names(readings: Country, table: dict, field: str, message: str) -> None:
    readings.readings("station_id\n", table=table)
    [fault] = [fault for fault in readings.faults() if message in fault]
    file, line, found, _ = fault.split(":", 3)
    assert (file, found.strip()) == ("sources/zz_readings/source.yaml", field)
    text = (readings.root / file).read_text().splitlines()
    last = field.rsplit(".", maxsplit=1)[-1]
    assert last.isdigit() or f'"{last}"' in text[int(line) - 1]


def test_an_indicator_must_fit_the_schemas_it_names(zz: Country) -> None:
    prepare = {"near": {"measure": "share_of_area", "of": "open_space", "within": "territory_boundary"}}
    zz.indicator(inputs=["labour_force", "gone"], prepare=prepare)
    (zz.root / "indicators/zz_rate/method.md").unlink()
    (zz.root / "indicators/zz_rate/query.sql").unlink()
    faults = [fault.split(": ", 1)[1] for fault in zz.faults()]
    assert any(fault.startswith("inputs.1: no schema 'gone'; known: commuting, dwelling") for fault in faults)
    assert "prepare.near.of: 'open_space' must be among the inputs" in faults
    assert "prepare.near.within: 'territory_boundary' must be among the inputs" in faults
    assert "file: query.sql is missing beside indicator.yaml" in faults
    assert "file: method.md is missing beside indicator.yaml" in faults


def test_sources_stand_in_the_order_of_their_ids(zz: Country) -> None:
    zz.source("zz_b", "", TERRITORY_TABLE, LABOUR_TABLE)
    zz.source("zz_a", "", TERRITORY_TABLE | {"name": "regions"}, TERRITORY_TABLE)
    fed = [(source.spec.id, table.table_name) for source, table in zz.workspace().feeding("territory")]
    assert fed == [("zz_a", "regions"), ("zz_a", "territory"), ("zz_b", "territory")]


def test_a_declaration_with_faults_is_not_among_the_others(readings: Country) -> None:
    readings.source("zz_bad", "", READING_TABLE | {"colour": "red"})
    readings.readings("")
    assert list(load_workspace(readings.root).sources) == ["zz_readings"]
