"""One decision, two clocks on purpose: each surface says which it is, and the rules say the numbers."""

import datetime as dt

import pandas as pd
import pytest

from core.advocacy.fast_lane import fast_lane
from core.glossary import QUANTITIES
from core.kpis import REGISTRY
from core.model.kpi_rules import kpi_rules
from core.model.requests import load_request_rules
from core.services.accepting_words import accepting_words

INSTANTS = ("submitted_at", "routed_at", "first_contact_at", "qualified_at")


def lane_of(submitted, called, accepted):
    days = (submitted, None, called, accepted)
    row = {name: pd.Series([day]).astype("datetime64[us]") for name, day in zip(INSTANTS, days, strict=True)}
    texts = dict.fromkeys(("opportunity_id", "outcome", "rejected_reason"), pd.Series([None], dtype="str"))
    frame = pd.DataFrame({"referral_id": pd.Series(["r1"], dtype="str"), **row, **texts})
    at = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)
    return fast_lane(frame, at, load_request_rules(), kpi_rules().fast_lane).iloc[0]


def test_both_limits_are_said_as_the_rules_have_them():
    words, rules = accepting_words(), kpi_rules()
    assert load_request_rules().clocks.contacted.within_hours == 10 * (rules.fast_lane.closes - rules.fast_lane.opens)
    assert "10 working days from the first contact" in words
    assert rules.referral.accepted_within_days == 14
    assert "within 14 calendar days of the submission" in words
    assert REGISTRY["referral_quality_rate"].label in words
    assert "14 calendar days of the submission" in QUANTITIES["accepted_leads"].meaning
    assert "14 days of the submission" in REGISTRY["referral_quality_rate"].function.__doc__


@pytest.mark.parametrize(
    ("called", "accepted", "late"),
    [
        pytest.param("2026-11-02T11:00", "2026-11-13T11:00", False, id="called and decided soon"),
        pytest.param("2026-11-12T11:00", "2026-11-25T11:00", False, id="called late, decided three weeks after"),
        pytest.param("2026-11-02T10:00", "2026-11-16T10:30", True, id="called soon, decided late"),
    ],
)
def test_the_clock_of_sales_runs_from_the_first_contact(called, accepted, late):
    assert (lane_of("2026-11-02T09:00", called, accepted)["decision_late_hours"] > 0) == late
