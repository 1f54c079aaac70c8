"""The made-up country that the steps are tried on."""

from pathlib import Path

import hypothesis
import pytest

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
