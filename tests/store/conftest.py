"""The tests of the record store migrate every database from nothing."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def _migrations_run_once() -> None:
    """In place of the fixture of that name, which would spare what is tested here."""
