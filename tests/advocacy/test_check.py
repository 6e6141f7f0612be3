import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.check import check_ask
from core.advocacy.guardrails import guardrails
from core.advocacy.next_ask import next_asks
from core.advocacy.score import score
from core.errors import RuleBroken
from tests.advocacy.random_input import AS_OF, EVERY_TABLE, LADDER, ask, case, ideal, random_input


def test_nothing_against_an_ask_is_an_empty_list(rules, activities):
    assert check_ask(case(), "c1", "review", rules, activities) == []


def test_a_ticket_opened_between_listing_and_accepting_is_caught(rules, activities):
    listed = case()
    now = replace(listed, contacts=listed.contacts.assign(open_severe_tickets=1.0))
    found = check_ask(now, "c1", "review", rules, activities)
    assert [(item.kind, item.about, item.text) for item in found] == [
        ("blocked", "open_issue", "1 open ticket of severity 1–2")
    ]


def test_every_kind_of_objection_is_told_with_its_day_or_table(rules, activities):
    against = ideal(nps_score=3, nps_on=pd.Timestamp(AS_OF), outcomes_verified=1, icp_fit=0.0, users_4w=1, csat_score=2)
    inputs = case(
        against,
        asks=[ask("review", AS_OF, response="no")],
        loaded=EVERY_TABLE - {"tickets"},
    )
    found = {item.about: item for item in check_ask(inputs, "c1", "review", rules, activities)}
    assert found["detractor"].until == AS_OF + dt.timedelta(days=90)
    assert (found["open_issue"].kind, found["open_issue"].unlocks) == ("not_checked", "tickets")
    assert found["declined"].text == "said no to: Review"
    assert found["readiness"].kind == "not_ready"
    assert found["between_asks"].until == AS_OF + dt.timedelta(days=30)
    assert found["after_no"].until == AS_OF + dt.timedelta(days=180)
    assert found["cooldown"].until == AS_OF + dt.timedelta(days=90)


def test_a_rest_of_another_activity_is_no_objection(rules, activities):
    inputs = case(asks=[ask("review", AS_OF - dt.timedelta(days=60))])
    assert check_ask(inputs, "c1", "reference", rules, activities) == []
    assert [item.about for item in check_ask(inputs, "c1", "review", rules, activities)] == ["cooldown"]


@pytest.mark.parametrize(("contact", "activity"), [("nobody", "review"), ("c1", "blessing")])
def test_unknown_contacts_and_activities_are_refused(rules, activities, contact, activity):
    with pytest.raises(RuleBroken, match=contact if contact == "nobody" else activity):
        check_ask(case(), contact, activity, rules, activities)


def test_saving_and_listing_agree(rules, activities):
    inputs = random_input(np.random.default_rng(2), 45, good=0.93)
    rows = next_asks(inputs, score(inputs, rules), guardrails(inputs, rules), rules, activities)
    one_of_each = rows.drop_duplicates("state").set_index("state")
    assert {"ask", "rest", "blocked"} <= set(one_of_each.index)
    for state, row in one_of_each.iterrows():
        own = row["contact_id"]
        wanted = row["activity"] if state == "ask" else LADDER[2]
        for name in LADDER[: LADDER.index(wanted) + 1]:
            refused = check_ask(inputs, own, name, rules, activities)
            assert bool(refused) == (state != "ask" or name != wanted)
