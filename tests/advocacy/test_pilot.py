"""Starting a programme: counts of the steps, what candidates lack, and which month is reached."""

from dataclasses import replace

import pandas as pd

from core.advocacy.pilot import month_reached, pilot_progress
from core.model.activities import load_activities
from core.model.requests import load_request_rules

RULES = load_request_rules().pilot


def progress(filled=0):
    pool = pd.DataFrame(
        {
            "contact_id": ["c1", "c2", "c3", "c4"],
            "account_id": ["a1", "a2", "a3", "a4"],
            "readiness": [70.0, 90.0, 80.0, 99.0],
            "candidate": [True, True, True, False],
        }
    )
    asks = pd.DataFrame(
        [("c1", "review", True), ("c1", "testimonial", False), ("c2", "case_study", False), ("c9", "review", True)],
        columns=["contact_id", "activity", "thanked"],
    )
    stories = pd.DataFrame({"contact_id": ["c1", None, "c4"], "account_id": ["a1", "a2", "a4"]})
    consents = pd.DataFrame({"contact_id": ["c1", "c2"], "use": ["quote", "email"]})
    return pilot_progress(pool, asks, stories, consents, filled, RULES, load_activities())


def test_each_step_counts_what_it_asks_for():
    assert progress(filled=2).counts == {
        "candidates": 3,
        "stories": 2,
        "consents": 1,
        "low_barrier_acts": 3,
        "thanks": 2,
        "advocates": 3,
        "kinds": 3,
        "requests": 2,
    }


def test_candidates_say_what_they_lack_the_most_complete_first():
    found = progress().candidates
    assert dict(zip(found["contact_id"], found["lacks"], strict=True)) == {
        "c1": "",
        "c2": "consent to tell it, a low-barrier act, thanks",
        "c3": "a documented story, consent to tell it, a low-barrier act",
    }
    assert list(found["contact_id"]) == ["c1", "c2", "c3"]


def test_a_month_is_reached_with_all_before_it():
    ample = {step.id: step.least for step in RULES.steps}
    assert month_reached(ample, RULES) == 3
    assert month_reached(ample | {"thanks": 0}, RULES) == 1
    assert month_reached(ample | {"stories": 9}, RULES) == 0
    assert month_reached(dict.fromkeys(ample, 0), replace(RULES, steps=RULES.steps)) == 0
