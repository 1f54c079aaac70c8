"""The made-up country that the steps are tried on."""

from pathlib import Path

import hypothesis
import pytest

from pipelines.steps.run import Run
from tests.unit.synthetic import READING_SCHEMA, Country, Desk

# A machine that others use too is slow at times; that is no fault of what is tested.
hypothesis.settings.register_profile("groma", deadline=None)
hypothesis.settings.load_profile("groma")


@pytest.fixture
def zz(tmp_path: Path) -> Country:
    """An empty workspace with the repository's standard schemas."""
    return Country(tmp_path / "zz").extends("schemas")


@pytest.fixture
def readings(tmp_path: Path) -> Country:
    """An empty workspace with the schema `reading` alone."""
    country = Country(tmp_path / "zz").extends()
    country.schema("reading", READING_SCHEMA)
    return country


@pytest.fixture
def desk(zz: Country, tmp_path: Path) -> Desk:
    """A place to compute the indicator `zz_rate`."""
    zz.write("sources/.keep", "")
    zz.indicator()
    return Desk(zz, tmp_path)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """A workspace of ZZ with a release: a city of two districts, of which one has no figure in 2014."""
    country = Country(tmp_path_factory.mktemp("released") / "zz").extends("schemas")
    country.places(
        ("ZZ-C", "Cedarville", "city", None),
        ("ZZ-P", "Cedarville", "province", None),
        ("ZZ-C1", "Old Town", "district", "ZZ-C"),
        ("ZZ-C2", "New Town", "district", "ZZ-C"),
        ("ZZ-C3", "New Town", "locality", None),
    )
    country.members(("ZZ-C", "ZZ-C1"), ("ZZ-C", "ZZ-C2"))
    country.labour(("ZZ-C1", "2024", 300, 30), ("ZZ-C2", "2024", 100, 20), ("ZZ-C1", "2014", 200, 10))
    country.indicator()
    Run(country.workspace()).publication()
    return country
