"""One person in full: scores and what changed in them, guardrails, and the story in order."""

import datetime as dt

import pytest

from core.services.advocates import pool
from core.services.home import open_month
from core.services.person_scores import person_scores
from core.services.person_story import person_story
from core.services.profile import profile
from tests.homes import using


@pytest.fixture(scope="module")
def demo(demo_home):
    with using(demo_home):
        month, earlier = open_month(), open_month(dt.date(2026, 9, 1))
        return month, earlier, pool(month)


@pytest.fixture(autouse=True)
def at_home(demo_home):
    with using(demo_home):
        yield


def people(demo, count=6):
    _, _, table = demo
    known = table[table["readiness"].notna()]
    return [str(name) for name in known["contact_id"].iloc[:: max(len(known) // count, 1)].head(count)]


def test_each_score_is_the_sum_of_its_signals_and_that_of_the_pool(demo):
    month, earlier, _ = demo
    scores = month.scores.contacts.set_index("contact_id")
    for contact in people(demo):
        for score in person_scores(month, earlier, contact):
            kept = scores.loc[contact, score.id]
            if score.value is None:
                assert score.reason
                continue
            assert score.value == pytest.approx(kept)
            assert sum(part.points or 0 for part in score.parts) == pytest.approx(score.value)


def test_what_changed_sums_to_the_change_of_the_score(demo):
    month, earlier, _ = demo
    then = earlier.scores.contacts.set_index("contact_id")
    told = 0
    for contact in people(demo):
        for score in person_scores(month, earlier, contact):
            if score.change is None or not score.changes:
                continue
            told += 1
            assert score.value - score.change == pytest.approx(then.loc[contact, score.id])
            assert sum(points for _, points, _ in score.changes) == pytest.approx(score.change, abs=0.05)
            assert score.change_words.endswith("points since September 2026.")
    assert told > 3


def test_without_an_earlier_month_nothing_is_said_to_have_changed(demo):
    month, _, _ = demo
    for score in person_scores(month, None, people(demo)[0]):
        assert (score.change, score.changes) == (None, ())
        assert score.change_words == "No earlier month to compare with."


def test_the_profile_agrees_with_the_pool_and_its_guardrails_with_the_month(demo):
    month, _, table = demo
    rows = table.set_index("contact_id")
    for contact in people(demo):
        person = profile(month, contact, table)
        assert person.readiness == pytest.approx(rows.loc[contact, "readiness"])
        guards = month.guards[month.guards["contact_id"] == contact].set_index("guard")["state"]
        assert person.guards
        for line in person.guards:
            assert line.state == str(guards[line.guard]).replace("_", " ")


def test_the_story_is_in_order_and_holds_every_ask_of_the_person(demo):
    month, _, _ = demo
    asks = month.records["asks"]
    busiest = asks[asks["state"] == "sent"]["contact_id"].value_counts().index[0]
    story = person_story(month, busiest)
    days = [line.day for line in story.lines]
    assert days == sorted(days, reverse=True)
    assert max(days) <= month.as_of
    own = asks[(asks["contact_id"] == busiest) & (asks["state"] == "sent")]
    assert {line.ask_id for line in story.asks} == set(own["ask_id"])
    for line in story.asks:
        row = own.set_index("ask_id").loc[line.ask_id]
        assert ("completed_on" in line.next_steps) == (row["completed_on"] is not None and bool(
            row["completed_on"] != row["completed_on"]) and row["response"] != "no")  # fmt: skip
    kinds = {line.kind for line in story.lines}
    assert {"ask", "touch"} <= kinds


def test_what_referrals_brought_counts_won_deals_alone(demo):
    month, _, _ = demo
    deals = month.facts.deals.set_index("opportunity_id")["outcome"]
    referrals = month.records["referrals"].dropna(subset="opportunity_id")
    won = referrals[referrals["opportunity_id"].map(deals) == "won"]
    story = person_story(month, str(won["contact_id"].iloc[0]))
    count = (won["contact_id"] == won["contact_id"].iloc[0]).sum()
    assert f"{count} won: " in story.brought
    assert [state for _, state, _ in story.referrals].count("deal won") == count
