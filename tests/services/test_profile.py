"""One person in full: scores and what changed in them, guardrails, and the story in order."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest

from core.advocacy.rests import rests
from core.errors import CouncilError
from core.glossary import display_day, plain_number
from core.model.activities import load_activities
from core.services.advocates import pool
from core.services.person_scores import person_scores
from core.services.person_story import person_story
from core.services.profile import GuardLine, profile, profile_key
from tests.homes import using


@pytest.fixture(scope="module")
def demo(demo_home, demo_months):
    with using(demo_home):
        month, earlier = demo_months(), demo_months(dt.date(2026, 9, 1))
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
            then_said, now_said = (Decimal(f"{each:.1f}") for each in (score.value - score.change, score.value))
            said = f"{plain_number(float(now_said - then_said), 1, signed=True)} points"
            words = said if now_said != then_said else "Unchanged"
            assert score.change_words == f"{words} since September 2026."
    assert told > 3


def test_a_change_of_points_without_a_change_of_the_measure_is_explained(demo):
    month, earlier, _ = demo
    score = person_scores(month, earlier, people(demo)[0])[0]
    moved = replace(score, change_words="Up.", changes=(("Use", 1.0, "4 of 9 seats → 5 of 9 seats"),))
    assert moved.change_definition == "Up."
    stayed = replace(moved, changes=(*moved.changes, ("NPS", -1.0, "NPS 9 on 18 Aug")))
    assert "its points move as it ages" in stayed.change_definition


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


def with_ask(month, contact):
    """The month after an ask of somebody was accepted."""
    asks = month.records["asks"]
    row = asks.iloc[[0]].assign(ask_id="accepted here", contact_id=contact, state="accepted", asked_on=pd.NaT)
    records = {**month.records, "asks": pd.concat([asks, row], ignore_index=True)}
    key = f"later{month.key.removeprefix(month.figures_key)}"
    return replace(month, records=records, key=key, figures_key="later")


def test_what_a_profile_depends_on_is_its_account_and_no_other(demo):
    month, _, table = demo
    own, other = table.drop_duplicates("account_id")["contact_id"].head(2)
    later = with_ask(month, own)
    then = pool(later)
    assert profile_key(later, other, then) == profile_key(month, other, table)
    assert profile(later, other, then) == profile(month, other, table)
    assert profile_key(later, own, then) != profile_key(month, own, table)
    assert profile_key(month, own, table) != profile_key(month, other, table)


def test_who_is_not_known_has_a_key_and_no_profile(demo):
    month, _, table = demo
    assert profile_key(month, "nobody", table)
    with pytest.raises(CouncilError, match="leads to nobody"):
        profile(month, "nobody", table)


@pytest.mark.parametrize(
    ("states", "todo", "earliest", "said"),
    [
        (
            ["clear", "clear"],
            "Resting",
            "19 Feb 2027",
            "No hard stop: 2 of 2 guardrails clear; resting until 19 Feb 2027",
        ),
        (["clear", "clear"], "Resting", "no date", "No hard stop: 2 of 2 guardrails clear; resting"),
        (["clear", "clear"], "Ask now", "1 Nov 2026", "No hard stop: 2 of 2 guardrails clear"),
        (["blocked", "clear"], "Leave in peace", "no date", "1 of 2 guardrails clear"),
    ],
)
def test_clear_guardrails_beside_a_rest_say_both(demo, states, todo, earliest, said):
    month, _, table = demo
    person = profile(month, table["contact_id"].iloc[0], table)
    guards = tuple(GuardLine(label=state, state=state, reason="") for state in states)
    assert replace(person, guards=guards, state=todo, earliest=earliest).guards_line == said


def test_a_rest_after_a_no_is_told_first_where_the_state_has_other_reasons(demo):
    month, _, table = demo
    found = rests(month.advocacy_input, month.advocacy_rules, load_activities())
    found = found[found["rest"].isin(("after_no", "deferred"))].sort_values("until", na_position="last")
    last = found.drop_duplicates("contact_id", keep="last").set_index("contact_id")
    rows = table.set_index("contact_id")
    hidden = rows[rows["state"].isin(("blocked", "not_checked", "cultivate")) & rows.index.isin(last.index)]
    assert len(hidden) > 3
    assert set(rows.index[rows["rest"].notna()]) == set(hidden.index)
    for contact, row in hidden.iterrows():
        reason, until = last.loc[contact, "reason"], last.loc[contact, "until"]
        assert row["rest"].startswith(reason)
        assert reason.startswith("deferred") or display_day(until.date()) in row["rest"]
        if pd.isna(row["earliest"]) or pd.isna(until) or row["earliest"] <= until:
            assert row["because"].startswith(f"{row['rest']}; ")
    someone = str(hidden.index[0])
    assert profile(month, someone, table).rest == hidden.iloc[0]["rest"]


def test_whose_accepted_ask_waits_to_be_sent_is_known_to_the_profile(demo):
    month, _, table = demo
    asks = month.advocacy_input.asks
    accepted = set(asks.loc[asks["state"] == "accepted", "contact_id"]) & set(table["contact_id"])
    chosen = [*sorted(accepted)[:2], *people(demo, 3)]
    assert [profile(month, contact, table).waits for contact in chosen] == [name in accepted for name in chosen]
