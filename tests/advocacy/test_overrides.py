"""Scores set by hand: a line of their own in the waterfall, never for a hard stop, never twice."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.guardrails import guardrails
from core.advocacy.next_ask import next_asks
from core.advocacy.score import score
from core.advocacy.shape import OVERRIDE_COLUMNS
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from tests.advocacy.random_input import AS_OF, case, ideal, random_input

RULES, ACTIVITIES = load_advocacy_rules(), load_activities()
UNTIL = pd.Timestamp(AS_OF) + pd.Timedelta(days=40)


def by_hand(inputs, *rows):
    """The input with scores set by hand: contact, score, value."""
    cells = [(*row, "Ada", "Met at the user group", pd.Timestamp(AS_OF), UNTIL) for row in rows]
    return replace(inputs, overrides=pd.DataFrame(cells, columns=list(OVERRIDE_COLUMNS)))


def asks_of(inputs):
    return next_asks(inputs, score(inputs, RULES), guardrails(inputs, RULES), RULES, ACTIVITIES)


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 100))
def test_points_sum_to_the_score_that_was_set_and_all_others_stay(seed, value):
    inputs = random_input(np.random.default_rng(seed), 40)
    chosen = [(contact, "readiness", value) for contact in inputs.ids[:7]]
    plain, found = score(inputs, RULES), score(by_hand(inputs, *chosen, (inputs.ids[3], "engagement", 5.0)), RULES)
    points = found.parts.groupby(["contact_id", "score"], observed=True)["points"].sum().unstack()
    shown = found.contacts.set_index("contact_id")
    for name in ("readiness", "engagement", "health"):
        known = shown[name].dropna()
        np.testing.assert_allclose(points[name].reindex(known.index), known, atol=1e-9)
    assert (shown["readiness"].loc[list(inputs.ids[:7])] == value).all()
    rest = ~plain.contacts["contact_id"].isin(inputs.ids[:7])
    pd.testing.assert_frame_equal(found.contacts[rest], plain.contacts[rest])
    assert len(found.parts) == len(plain.parts) + 8


def test_the_line_says_by_whom_until_when_and_instead_of_what():
    inputs = case(ideal(icp_fit=0.2))
    before = float(score(inputs, RULES).contacts["readiness"].iloc[0])
    found = score(by_hand(inputs, ("c1", "readiness", 30.0)), RULES)
    (line,) = found.parts[found.parts["signal"] == "override"].to_dict("records")
    assert line["raw"] == f"set by hand by Ada until 31 Dec: 30 instead of {before:.0f}"
    assert line["points"] == pytest.approx(30 - before)


def test_where_the_rule_gives_no_score_the_hand_gives_the_whole_of_it():
    inputs = case(ideal(), loaded=frozenset({"contacts", "subscriptions"}))
    found = score(by_hand(inputs, ("c1", "readiness", 70.0)), RULES)
    assert found.contacts["readiness"].tolist() == [70]
    assert found.contacts["readiness_reason"].isna().all()
    (line,) = found.parts[found.parts["signal"] == "override"].to_dict("records")
    assert (line["points"], line["raw"]) == (70, "set by hand by Ada until 31 Dec: 70 where there is no score")


def test_a_low_score_raised_by_hand_opens_an_ask_and_a_high_one_lowered_closes_it():
    assert asks_of(by_hand(case(ideal()), ("c1", "readiness", 10.0)))["state"].tolist() == ["cultivate"]
    low = case(ideal(nps_score=7, icp_fit=0, users_4w=0, csat_score=3, outcomes_verified=1, last_outcome_on=None))
    assert asks_of(low)["state"].tolist() == ["cultivate"]
    assert asks_of(by_hand(low, ("c1", "readiness", 95.0)))["state"].tolist() == ["ask"]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_score_set_by_hand_ever_lifts_a_hard_stop(seed):
    inputs = random_input(np.random.default_rng(seed), 60, good=0.6)
    raised = by_hand(inputs, *((contact, "readiness", 100.0) for contact in inputs.ids))
    pd.testing.assert_frame_equal(guardrails(raised, RULES), guardrails(inputs, RULES))
    before, after = asks_of(inputs), asks_of(raised)
    stopped = before["state"].isin(["blocked", "not_checked"])
    assert not (after.loc[stopped, "state"] == "ask").any()


def test_a_score_stands_set_by_hand_once():
    with pytest.raises(ValueError, match="one row per contact and score"):
        by_hand(case(), ("c1", "readiness", 10.0), ("c1", "readiness", 20.0))


def test_the_part_of_one_account_keeps_what_was_set_by_hand_there():
    inputs = by_hand(case(ideal(), ideal(contact_id="c2", account_id="a2")), ("c1", "readiness", 10.0))
    assert list(inputs.of_account("a1").overrides["contact_id"]) == ["c1"]
    assert inputs.of_account("a2").overrides.empty
