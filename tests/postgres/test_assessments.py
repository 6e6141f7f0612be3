"""Rounds, drafts, second persons, evidence and roadmap with records in PostgreSQL: every test of them once more."""

import pytest

from tests.postgres.homes import using_postgres
from tests.services import test_maturity_assessment as services

globals().update({name: item for name, item in vars(services).items() if name.startswith("test_")})
quarter = services.quarter
pytestmark = pytest.mark.sampled(8)


@pytest.fixture(scope="module", autouse=True)
def home(postgres_server, tmp_path_factory):
    with postgres_server.new_database() as url, using_postgres(tmp_path_factory.mktemp("maturity"), url) as folder:
        yield folder
