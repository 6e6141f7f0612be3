import pytest

from core.kpis import MEASURES, REGISTRY
from core.model.capabilities import load_capabilities
from core.model.maturity import load_maturity

KPIS = frozenset(REGISTRY) | frozenset(MEASURES)


@pytest.fixture(scope="session")
def known_metrics():
    return KPIS


@pytest.fixture(scope="session")
def rules():
    return load_maturity()


@pytest.fixture(scope="session")
def capabilities(rules):
    return load_capabilities(KPIS, rules)


@pytest.fixture(scope="session")
def milestone_mapping(capabilities):
    return capabilities["milestone_mapping"]


@pytest.fixture(scope="session")
def answer_up_to():
    """Answers "most" on every criterion up to a level, and one given answer on the level after it."""

    def build(capability, level, ahead="no"):
        answers = {c.id: "most" for n in range(2, level + 1) for c in capability.criteria_of(n)}
        return answers | {c.id: ahead for c in capability.criteria_of(level + 1)}

    return build
