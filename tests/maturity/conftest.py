import pytest

from core.model.capabilities import load_capabilities
from core.model.maturity import load_maturity

KPIS = frozenset(
    {
        "asks_per_contact_90d",
        "cac_paid",
        "cac_referral",
        "cac_shift",
        "community_engagement_rate",
        "content_reach_accounts",
        "customer_lifetime_value",
        "feature_adoption_rate",
        "incremental_arr",
        "invite_to_action_rate",
        "net_revenue_retention",
        "payback_months",
        "referral_leads",
        "referral_quality_rate",
        "return_on_marketing_investment",
        "stage_acceleration_rate",
        "time_to_first_value",
        "win_rate_lift_pp",
        "win_rate_referred",
    }
)


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
