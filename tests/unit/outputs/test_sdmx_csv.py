"""SDMX: what other programs read is what the release's table says, cell by cell."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import DataError
from pipelines.outputs.release import Release
from pipelines.outputs.sdmx_csv import write_sdmx_csv

DIMENSIONS = ["FREQ", "SERIES", "REF_AREA", "SEX", "AGE", "URBANISATION", "TIME_PERIOD"]
NUMBERS = {"OBS_VALUE": "value"} | {
    name.upper(): name for name in ("value_low", "value_high", "numerator", "denominator")
}
TEXTS = {
    "SEX": "sex",
    "AGE": "age_group",
    "URBANISATION": "urbanisation",
    "TIME_PERIOD": "period",
    "OBS_STATUS": "obs_status",
    "CONF_STATUS": "conf_status",
    "CERT_LEVEL": "cert_level",
    "ALIGNMENT": "alignment",
    "STATUS_REASON": "status_reason",
    "METHOD": "method",
}


def expected_cells(release: Release) -> list[dict[str, Any]]:
    """The rows of the table under SDMX's names; the codes that are spelled otherwise are made here by hand."""
    rows = []
    for row in release.warehouse.records("FROM indicator_value"):
        cells: dict[str, Any] = {
            name: str(row[column] if row[column] is not None else "") for name, column in TEXTS.items()
        }
        cells |= {name: row[column] for name, column in NUMBERS.items()}
        series = f"__{row['series'].upper()}" if row["series"] else ""
        cells |= {
            "FREQ": "A",
            "SERIES": row["indicator_id"].upper() + series,
            "REF_AREA": row["territory_id"].replace(".", "_"),
            "UNIT_MEASURE": "PT",
        }
        assert row["unit"] == "%"
        rows.append(cells)
    return sorted(rows, key=lambda cells: [cells[name] for name in DIMENSIONS])


def numbers_read(cells: dict[str, Any]) -> dict[str, Any]:
    """The same cells with numbers as decimals and None for none, whatever type the reader hands out."""
    return cells | {name: Decimal(str(cells[name])) if cells[name] not in (None, "") else None for name in NUMBERS}


@pytest.mark.parametrize("version", ["3.0", "2.1"])
def test_pysdmx_reads_every_cell(release: Release, version: str) -> None:
    from pysdmx.io import get_datasets

    data, *structures = write_sdmx_csv(release)
    structure = next(file for file in structures if version in file.name)
    [dataset] = get_datasets(data, structure)

    assert str(dataset.structure.short_urn).endswith("GROMA:INDICATOR_VALUE(1.0)")
    assert [component.id for component in dataset.structure.components.dimensions] == DIMENSIONS
    read = [numbers_read(cells) for cells in dataset.data.to_dict("records")]
    assert read == expected_cells(release)
    for component in dataset.structure.components:
        if component.local_codes:
            assert set(dataset.data[component.id]) <= {code.id for code in component.local_codes}, component.id


def test_sdmx1_reads_every_cell(release: Release) -> None:
    sdmx = pytest.importorskip("sdmx", reason="sdmx1 is not installed")
    data, *structures = write_sdmx_csv(release)
    older = next(file for file in structures if "2.1" in file.name)
    with older.open("rb") as stream:
        flow = sdmx.read_sdmx(stream).dataflow["INDICATOR_VALUE"]
    with data.open("rb") as stream:
        read = sdmx.read_sdmx(stream, format="csv", structure=flow.structure)

    rows = []
    for observation in read.data[0].obs:
        cells = {key: str(value.value) for key, value in observation.key.values.items()}
        cells |= {key: str(value.value) for key, value in observation.attached_attribute.items()}
        rows.append(numbers_read({**cells, "OBS_VALUE": observation.value}))
    assert sorted(rows, key=lambda cells: [cells[name] for name in DIMENSIONS]) == expected_cells(release)


def test_the_file_has_the_layout_of_the_standard(release: Release) -> None:
    data = write_sdmx_csv(release)[0]
    header, *rows = csv.reader(io.StringIO(data.read_text("utf-8"), newline=""))

    assert header[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert {tuple(row[:3]) for row in rows} == {("dataflow", "GROMA:INDICATOR_VALUE(1.0)", "I")}
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    [tanger] = [c for c in cells if c["REF_AREA"] == "MA-01_511_01_0" and c["TIME_PERIOD"] == "2014"]
    assert (tanger["OBS_VALUE"], tanger["OBS_STATUS"]) == ("", "O")
    assert tanger["STATUS_REASON"] == "no row for this territory and period in labour_force"


def test_codes_keep_the_names_and_values_they_stand_for(release: Release) -> None:
    from pysdmx.io import read_sdmx

    for file in write_sdmx_csv(release)[1:]:
        message = read_sdmx(file)
        lists = {codes.id: {code.id: code for code in codes} for codes in message.get_codelists()}
        assert lists["CL_REF_AREA"]["MA-01_573_01_05"].name == "M'diq"
        assert lists["CL_REF_AREA"]["MA-01_573_01_05"].annotations[0].title == "MA-01.573.01.05"
        series = lists["CL_SERIES"]["SDG_4_6_1_ILLITERACY__ILLITERACY_10_PLUS"]
        assert series.name == "Illiteracy: Aged 10 and over"
        assert {note.id: note.title for note in series.annotations} == {
            "INDICATOR_ID": "sdg_4_6_1_illiteracy",
            "SERIES": "illiteracy_10_plus",
        }
        assert lists["CL_AGE"]["Y_GE15"].name == "15 years and over"
        assert set("ABDEFGHIJKLMNOPQSUVW") == set(lists["CL_OBS_STATUS"])
        assert lists["CL_UNIT_MEASURE"]["PT"].name == "Per cent"


def test_the_same_release_gives_the_same_bytes(make_release: Callable[..., Release]) -> None:
    def written(name: str) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in write_sdmx_csv(make_release(name))}

    assert written("one") == written("two")


@pytest.mark.parametrize(("period", "frequency"), [("2024", "A"), ("2024-Q1", "Q"), ("2024-03", "M")])
def test_the_period_tells_the_frequency(make_release: Callable[..., Release], period: str, frequency: str) -> None:
    release = make_release("release", f"UPDATE indicator_value SET period = '{period}' WHERE period = '2019'")
    rows = csv.DictReader(io.StringIO(write_sdmx_csv(release)[0].read_text("utf-8"), newline=""))
    assert [row["FREQ"] for row in rows if row["TIME_PERIOD"] == period][:1] == [frequency]


def test_a_breakdown_of_one_indicator_is_a_dimension(make_release: Callable[..., Release]) -> None:
    from pysdmx.io import get_datasets

    release = make_release(
        "release",
        "ALTER TABLE indicator_value ADD COLUMN dwelling_type VARCHAR DEFAULT '_T'",
        "UPDATE indicator_value SET dwelling_type = 'house, detached' WHERE sex = 'F'",
    )
    data, newer, _ = write_sdmx_csv(release)
    [dataset] = get_datasets(data, newer)
    assert "DWELLING_TYPE" in [component.id for component in dataset.structure.components.dimensions]
    assert set(dataset.data["DWELLING_TYPE"]) == {"_T", "house__detached"}
    codes = {code.id: code for code in dataset.structure.components["DWELLING_TYPE"].local_codes}
    assert codes["house__detached"].name == "house, detached"
    assert codes["_T"].name == "Total"


def test_two_values_that_would_be_one_code_are_refused(make_release: Callable[..., Release]) -> None:
    release = make_release(
        "release",
        "UPDATE indicator_value SET territory_id = 'MA-01_511_01_0' WHERE territory_id = 'MA-01.571.01.11'",
    )
    with pytest.raises(DataError, match=r"'MA-01\.511\.01\.0' and 'MA-01_511_01_0' in territory_id"):
        write_sdmx_csv(release)


def test_a_breakdown_may_not_take_the_name_of_a_component(make_release: Callable[..., Release]) -> None:
    release = make_release("release", "ALTER TABLE indicator_value ADD COLUMN age VARCHAR DEFAULT '_T'")
    with pytest.raises(DataError, match="'age' cannot be published in SDMX"):
        write_sdmx_csv(release)


def test_a_hostile_name_stays_a_name(make_release: Callable[..., Release]) -> None:
    from pysdmx.io import read_sdmx

    name = """</com:Name> & <!-- " ' ]]> é \x01"""
    escaped = name.replace("'", "''")
    release = make_release("release", f"UPDATE territory SET territory_name = '{escaped}' WHERE territory_id = 'MA'")
    for file in write_sdmx_csv(release)[1:]:
        lists = {codes.id: codes for codes in read_sdmx(file).get_codelists()}
        assert lists["CL_REF_AREA"]["MA"].name == name.replace("\x01", "\ufffd")


def test_nothing_is_left_out_without_rows(make_release: Callable[..., Release]) -> None:
    release = make_release("release", "DELETE FROM indicator_value")
    files: list[Path] = write_sdmx_csv(release)
    assert len(files[0].read_text("utf-8").splitlines()) == 1
