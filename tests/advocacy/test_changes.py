"""What changed in a score: signal by signal, summing to the change."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advocacy.changes import score_changes
from core.advocacy.score import score
from core.model.advocacy import SCORES, load_advocacy_rules
from tests.advocacy.random_input import case, ideal, random_input
from tests.advocacy.test_overrides import by_hand

RULES = load_advocacy_rules()


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 100))
def test_the_changes_of_the_signals_sum_to_the_change_of_the_score(seed, value):
    rng = np.random.default_rng(seed)
    then = random_input(rng, 30)
    now = replace(then, contacts=random_input(rng, 30).contacts.assign(contact_id=then.ids, account_id="a"))
    now = by_hand(now, (then.ids[0], "readiness", value))
    earlier, later = score(then, RULES), score(now, RULES)
    for contact in then.ids[:5]:
        for name in SCORES:
            found = score_changes(earlier, later, contact, name)
            if found.change is not None:
                assert sum(line.change for line in found.signals) == pytest.approx(found.change, abs=1e-9)
                sizes = [abs(line.change) for line in found.signals]
                assert sizes == sorted(sizes, reverse=True)


def test_an_answer_that_came_says_what_was_known_then_and_now():
    then = score(case(ideal(nps_score=None, nps_on=None)), RULES)
    found = score_changes(then, score(case(ideal()), RULES), "c1", "readiness")
    line = next(item for item in found.signals if item.signal == "nps")
    assert (line.points_then, line.raw_then, line.raw_now) == (0, "no NPS answer of this person", "NPS 10 on 1 Nov")
    assert line.points_now == line.change > 0


def test_nothing_changes_between_a_score_and_itself():
    scores = score(case(ideal()), RULES)
    found = score_changes(scores, scores, "c1", "health")
    assert found.change == 0
    assert {line.change for line in found.signals} == {0}


def test_without_a_score_on_one_side_there_is_a_reason_and_no_change():
    none = score(case(ideal(), loaded=frozenset({"contacts"})), RULES)
    found = score_changes(none, score(case(ideal()), RULES), "c1", "readiness")
    assert (found.change, found.signals, found.then) == (None, (), None)
    assert found.reason.startswith("then: ")
    assert "needed" in found.reason


def test_somebody_who_was_not_there_then_is_not_known_then():
    later = score(case(ideal(), ideal(contact_id="c2")), RULES)
    found = score_changes(score(case(ideal()), RULES), later, "c2", "readiness")
    assert found.reason == "then: this person was not known"
    assert not pd.isna(found.now)
