"""Requests, referral acts and the pilot with records in PostgreSQL: every test of the services once more."""

import pytest

from core.services.access import LOCAL_USER
from core.services.home import open_month
from core.services.importing import run_import
from core.services.pilot import pilot_view
from tests.postgres.homes import built
from tests.services import test_requests_service as services
from tests.services.test_requests_service import FILES, NOW, put

globals().update(
    {name: item for name, item in vars(services).items() if name.startswith("test_") and "postgres" not in name}
)
pytestmark = pytest.mark.sampled(12)


@pytest.fixture(scope="module")
def kept(postgres_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("requests")
    with built(postgres_server, folder, lambda: run_import(LOCAL_USER, [put(folder / "in", **FILES)], NOW)) as home:
        yield home


@pytest.fixture
def company(kept, tmp_path):
    with kept.copied(tmp_path):
        yield open_month()


def test_the_start_of_a_programme_is_counted(company):
    view = pilot_view(company)
    counts = dict(zip(view.steps["Step"], view.steps["There is"], strict=True))
    assert counts["Candidates"] == 2
    assert counts["Of those, with consent to tell it"] == 0
