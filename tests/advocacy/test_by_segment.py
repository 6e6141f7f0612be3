"""Rules of a segment: whoever belongs to it is judged as if they held for everybody, and nobody else is."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.guardrails import guardrails
from core.advocacy.rests import rests
from core.advocacy.score import score
from core.model.activities import load_activities
from core.model.advocacy import laid_over, load_advocacy_rules
from tests.advocacy.random_input import random_input

RULES, ACTIVITIES = load_advocacy_rules(), load_activities()
OWN = {
    "scores.readiness.weights.nps": 60.0,
    "scores.readiness.minimum_coverage": 0.8,
    "scores.health.weights.usage": 0.0,
    "signals.csat.half_life_days": 20.0,
    "signals.nps.max_age_days": 60.0,
    "stops.detractor.score_at_most": 8.0,
    "stops.detractor.days": 300.0,
    "stops.renewal.days": 10.0,
    "limits.quarter.asks": 1.0,
    "limits.quarter.days": 40.0,
    "limits.year.asks": 3.0,
    "limits.between_asks.days": 100.0,
    "limits.after_no.days": 400.0,
    "limits.after_escalation.days": 90.0,
    "limits.poor_csat.score_at_most": 3.0,
    "limits.poor_csat.days": 120.0,
}
"""A value of its own for every kind of number a segment may have."""


def told(inputs, rules):
    """Everything the rules say of each contact."""
    scores, guards, resting = score(inputs, rules), guardrails(inputs, rules), rests(inputs, rules, ACTIVITIES)
    return {
        "scores": scores.contacts.set_index("contact_id"),
        "parts": scores.parts.astype({"raw": "str", "why_missing": "str"}).set_index("contact_id"),
        "guards": guards.astype({"reason": "str", "unlocks": "str"}).set_index("contact_id"),
        "rests": resting.astype({"reason": "str", "rest": "str", "activity": "str"}).set_index("contact_id"),
    }


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_segment_is_judged_by_its_own_rules_and_nobody_else_by_them(seed):
    inputs = random_input(np.random.default_rng(seed), 60)
    rules = laid_over(RULES, {}, "test", {"Enterprise": OWN})
    found, usual, own = told(inputs, rules), told(inputs, RULES), told(inputs, laid_over(RULES, OWN, "test"))
    inside = inputs.ids[inputs.contacts["segment"] == "Enterprise"]
    for name, frame in found.items():
        for wanted, is_own in ((own[name], True), (usual[name], False)):
            rows = frame[frame.index.isin(inside) == is_own].astype(object)
            like = wanted[wanted.index.isin(inside) == is_own].astype(object)
            pd.testing.assert_frame_equal(rows, like, check_index_type=False)


def test_a_shorter_window_forgets_asks_the_count_of_a_quarter_still_holds():
    inputs = random_input(np.random.default_rng(3), 200)
    rules = laid_over(RULES, {"limits.quarter.days": 30.0, "limits.quarter.asks": 2.0}, "test")
    found = rests(inputs, rules, ACTIVITIES)
    capped = set(found.loc[found["rest"] == "quarter", "contact_id"])
    sent = inputs.asks[inputs.asks["state"] == "sent"]
    recent = sent[(inputs.today - sent["asked_on"]).dt.days < 30].groupby("contact_id").size()
    assert capped == set(recent.index[recent >= 2])
    wide = rests(inputs, replace(RULES), ACTIVITIES)
    assert capped < set(wide.loc[wide["rest"] == "quarter", "contact_id"])
