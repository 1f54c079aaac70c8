"""A small release with figures that the statistical office of Morocco published, for the writers of every format."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.outputs.release import DATABASE, Release
from pipelines.outputs.tables import RELEASE_TABLES, ReleaseTable
from pipelines.specs.workspace import ENGINE_ROOT, load_workspace
from pipelines.warehouse import Warehouse, quote

RELEASE_ID = "0123456789ab"
CENSUS, MAP = "ma_census-5eed", "fi_map-c0de"

# HCP, RGPH 2024: labour force and unemployment rate, people and illiteracy rate of those aged 10 and over.
UNEMPLOYMENT = [
    ("MA", "_T", "11137688", "21.3"),
    ("MA", "F", "2290465", "25.9"),
    ("MA", "M", "8847223", "20.1"),
    ("MA-01.511.01.0", "_T", "489284", "15.3"),
    ("MA-01.571.01.11", "_T", "146602", "25.7"),
    ("MA-01.573.01.05", "_T", "21192", "25.6"),
]
ILLITERACY = [("MA", "_T", "30324494", "24.8"), ("MA-01.511.01.0", "_T", "1050049", "14.5")]


def value_row(indicator_id: str, series: str, territory_id: str, period: str, **cells: Any) -> dict[str, Any]:
    """A row of `indicator_value` without a value; `cells` fills what differs."""
    empty = dict.fromkeys(("value", "value_low", "value_high", "numerator", "denominator", "status_reason", "exposure"))
    return {
        "indicator_id": indicator_id,
        "series": series,
        "territory_id": territory_id,
        "period": period,
        "sex": "_T",
        "age_group": "_T",
        "urbanisation": "_T",
        **empty,
        "unit": "%",
        "alignment": "exact",
        "obs_status": "O",
        "conf_status": "F",
        "cert_level": 0,
        "method": "as_published",
        "members": 0,
        "method_version": 1,
        "input_rows": [],
        "certificate_ids": [],
        "release_id": RELEASE_ID,
        **cells,
    }


def rate_row(indicator_id: str, series: str, row: tuple[str, str, str, str], **cells: Any) -> dict[str, Any]:
    """A published rate, rounded to one decimal, of a published base."""
    territory_id, sex, base, rate = row
    value, denominator = Decimal(rate), Decimal(base)
    cells |= {
        "sex": sex,
        "value": value,
        "value_low": value - Decimal("0.05"),
        "value_high": value + Decimal("0.05"),
        "numerator": denominator * value / 100,
        "denominator": denominator,
        "obs_status": "G",
        "cert_level": 1,
        "exposure": '[{"level":1,"share":1.000000}]',
        "method": "rounded_rate",
        "input_rows": [f"ma_census:{indicator_id}:{territory_id}:{sex}"],
        "certificate_ids": [CENSUS],
    }
    return value_row(indicator_id, series, territory_id, "2024", **cells)


def source_row(source_id: str, certificate_id: str, **cells: Any) -> dict[str, Any]:
    """A source in service."""
    return {
        "source_id": source_id,
        "description": "See the title.",
        "profile": "republished",
        "frequency": "every_ten_years",
        "notes": ["Names and codes are the owner's."],
        "is_in_service": True,
        "vintage_id": f"{source_id}-1",
        "certificate_id": certificate_id,
        "cert_level": 1,
        "records": 8,
        "received": 8,
        "accepted": 8,
        "quarantined": 0,
        "out_of_scope": 0,
        **cells,
    }


def indicator_row(indicator_id: str, title: str, **cells: Any) -> dict[str, Any]:
    """An indicator in per cent."""
    return {
        "indicator_id": indicator_id,
        "title": title,
        "short_title": title,
        "description": title,
        "goal": indicator_id.split("_")[1],
        "target": "8.5",
        "sdg_indicator": "8.5.2",
        "alignment": "exact",
        "unit": "%",
        "direction": "lower_is_better",
        "range_low": 0.0,
        "range_high": 100.0,
        "multiplier": 100.0,
        "aggregation": "sum_over_members",
        "series": "{}",
        "requires_level": 1,
        "method_version": 1,
        "caveats": ['Counted once, "in a census".'],
        "assumptions": "[]",
        "method": "# Method\n\nA page, with a comma.\n",
        "query": "SELECT 1",
        **cells,
    }


def territory_row(territory_id: str, name: str, level: str, parent_id: str | None) -> dict[str, Any]:
    """A territory of the census."""
    return {
        "territory_id": territory_id,
        "territory_name": name,
        "territory_level": level,
        "country_code": territory_id[:2],
        "parent_id": parent_id,
    }


def small_release_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of every table."""
    split = "no row for this territory and period in labour_force"
    withheld = "withheld: level 0, 1 is required"
    return {
        "release": [
            {"release_id": RELEASE_ID, "title": "Cities", "content_sha256": "ab" * 32, "engine_version": "0.1.0"}
        ],
        "indicator": [
            indicator_row("sdg_8_5_2", "Unemployment rate"),
            indicator_row(
                "sdg_4_6_1_illiteracy",
                "Illiteracy",
                alignment="proxy",
                series='{"illiteracy_10_plus": "Aged 10 and over"}',
            ),
            indicator_row("sdg_11_7_1_open_space", "Open space", alignment="proxy", direction="higher_is_better"),
        ],
        "indicator_value": [
            *(rate_row("sdg_8_5_2", "", row, age_group="Y_GE15") for row in UNEMPLOYMENT),
            *(rate_row("sdg_4_6_1_illiteracy", "illiteracy_10_plus", row, alignment="proxy") for row in ILLITERACY),
            value_row("sdg_8_5_2", "", "MA-01.511.01.0", "2014", age_group="Y_GE15", status_reason=split),
            value_row(
                "sdg_11_7_1_open_space",
                "",
                "FI-HELSINKI-CLIP",
                "2019",
                alignment="proxy",
                obs_status="L",
                status_reason=withheld,
                certificate_ids=[MAP],
            ),
        ],
        "territory": [
            territory_row("MA", "Maroc", "country", None),
            territory_row("MA-01.511.01.0", "Tanger", "municipality", "MA"),
            territory_row("MA-01.571.01.11", "Tétouan", "municipality", "MA"),
            territory_row("MA-01.573.01.05", "M'diq", "municipality", "MA"),
            territory_row("FI-HELSINKI-CLIP", "Central Helsinki (map extract)", "clip", "FI"),
        ],
        "source": [
            source_row(
                "ma_census",
                CENSUS,
                title="Census of Morocco 2024",
                publisher="Haut-Commissariat au Plan (HCP)",
                publisher_kind="nso",
                licence="CC-BY-4.0",
                attribution="HCP, RGPH 2024, CC BY 4.0",
                homepage="https://www.hcp.ma/file/242671/",
            ),
            source_row(
                "fi_map",
                MAP,
                title="Map extract of central Helsinki",
                publisher="OpenStreetMap contributors",
                publisher_kind="crowd",
                licence="ODbL-1.0",
                attribution="© OpenStreetMap contributors",
                homepage="https://www.openstreetmap.org/copyright",
                frequency="once",
            ),
            source_row(
                "us_list",
                "us_list-0",
                title="A list that cannot be read",
                publisher="An agency",
                publisher_kind="agency",
                licence="LicenseRef-Secret",
                attribution="Nobody",
                is_in_service=False,
                vintage_id=None,
                cert_level=0,
                records=None,
                received=None,
                accepted=None,
                quarantined=None,
                out_of_scope=None,
            ),
        ],
        "vintage": [
            {"vintage_id": "ma_census-1", "source_id": "ma_census", "sha256": "cd" * 32, "bytes": 1, "address": "here"}
        ],
        "certificate": [
            {
                "certificate_id": certificate_id,
                "source_id": certificate_id.split("-")[0],
                "level": 1,
                "level_name": "experimental",
                "quality_level": 1,
                "caps": ["republished"],
                "content": "{}",
            }
            for certificate_id in (CENSUS, MAP)
        ],
        "certificate_result": [
            {
                "certificate_id": CENSUS,
                "criterion": "D1.1",
                "name": "open_licence",
                "title": "Open licence",
                "dimension": "licence",
                "outcome": "pass",
                "value": 1.0,
                "unit": "share",
                "explanation": "CC-BY-4.0",
            }
        ],
        "quarantine": [
            # A record that is no row has no column; its text is what the file had, line breaks and all.
            {
                "source_id": "ma_census",
                "vintage_id": "ma_census-1",
                "table_name": "(file)",
                "source_row": 9,
                "rule": "too_few_cells",
                "message": "people.csv, row 9",
                "fix": "ask the owner",
                "raw_record": '["MA",\n"a ""b"""]',
            },
            {
                "source_id": "ma_census",
                "vintage_id": "ma_census-1",
                "table_name": "labour_force",
                "source_row": 10,
                "row_id": "ma_census:labour_force:10",
                "column_name": "rate",
                "value": "NaN",
                "rule": "type",
                "message": "people.csv, row 10, rate: NaN",
                "fix": "ask the owner",
                "raw_record": "{}",
            },
        ],
    }


def _create_table(warehouse: Warehouse, table: ReleaseTable, rows: list[dict[str, Any]]) -> None:
    lists = {column.name for column in table.columns if column.type.endswith("[]")}
    columns = {
        name: pa.array([row.get(name) for row in rows], pa.list_(pa.string()) if name in lists else None)
        for name in table.column_names()
    }
    typed = ", ".join(f"{quote(c.name)}::{c.type} AS {quote(c.name)}" for c in table.columns)
    order = ", ".join(map(quote, table.key))
    warehouse.register("rows_to_load", pa.table(columns))
    warehouse.execute(f"CREATE TABLE {quote(table.name)} AS SELECT {typed} FROM rows_to_load ORDER BY {order}")
    warehouse.unregister("rows_to_load")


@pytest.fixture
def make_release(tmp_path: Path) -> Any:
    """Builds a small release: `make_release(name, *changes)`, changes being SQL statements on its tables."""
    opened: list[Warehouse] = []

    def make(name: str = "release", *changes: str) -> Release:
        folder = tmp_path / name
        folder.mkdir()
        with Warehouse([folder], file=folder / DATABASE) as warehouse:
            rows = small_release_rows()
            for table in RELEASE_TABLES:
                _create_table(warehouse, table, rows[table.name])
            for change in changes:
                warehouse.execute(change)
        opened.append(Warehouse([folder], file=folder / DATABASE, read_only=True))
        workspace = load_workspace(ENGINE_ROOT)
        return Release(RELEASE_ID, "ab" * 32, "0.1.0", folder, opened[-1], workspace, [], {})

    yield make
    for warehouse in opened:
        warehouse.close()


@pytest.fixture
def release(make_release: Callable[..., Release]) -> Release:
    """The small release as it is."""
    return make_release()
