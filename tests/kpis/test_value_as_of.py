"""Figures of value, use, service and community of an earlier month do not know what came later."""

import datetime as dt

import pytest

from core.kpis import REGISTRY, evaluate
from tests.homes import using

OWN = (
    "time_to_first_value",
    "time_to_value",
    "activation_rate",
    "weekly_active_users",
    "feature_adoption_rate",
    "outcome_attainment_rate",
    "csat_rate",
    "first_response_sla_rate",
    "exec_reviews_held_rate",
    "community_engagement_rate",
    "content_reach_accounts",
)
"""All but the health share, which is known of the newest month only."""
EARLIER = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def months(demo_home, demo_months):
    with using(demo_home):
        yield demo_months(dt.date(2026, 10, 1)), demo_months(EARLIER)


@pytest.mark.parametrize("segment", [None, "SMB"])
@pytest.mark.parametrize("name", OWN)
def test_an_earlier_month_is_the_same_seen_from_later(months, name, segment):
    later, then = (evaluate(REGISTRY[name], month.kpi_input, EARLIER, segment=segment) for month in months)
    assert later == then
    assert segment or later.value is not None
