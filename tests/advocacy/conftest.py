import pytest

from core.model.activities import Activities, load_activities
from core.model.advocacy import AdvocacyRules, load_advocacy_rules


@pytest.fixture(scope="session")
def rules() -> AdvocacyRules:
    return load_advocacy_rules()


@pytest.fixture(scope="session")
def activities() -> Activities:
    return load_activities()
