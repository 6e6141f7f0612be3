"""Noting that something was given: saved once, by whom, and refused where it cannot be."""

import datetime as dt

import pandas as pd
import pytest
from sqlmodel import col, select

from core.errors import NotAllowed, RuleBroken
from core.glossary import SPACE
from core.services.access import Actor
from core.services.giving import give_labels, record_give
from core.services.home import open_month, records_database
from core.services.worklists import next_give
from core.store.tables import AuditEntry, Reward
from tests.homes import NOW

EVE = Actor("Eve", frozenset({"contributor"}))


def somebody(month):
    rows = month.next_gives
    return rows[rows["give"].notna() & (rows["earliest"] <= str(month.as_of))].iloc[0]


def made():
    with records_database().read() as session:
        rewards = list(session.exec(select(Reward).where(col(Reward.kind).in_(list(give_labels())))).all())
        return rewards, list(session.exec(select(AuditEntry).where(AuditEntry.act == "note give")).all())


def test_a_give_is_saved_once_for_a_token_and_the_next_give_is_another_after_the_rest(in_demo_copy, demo_months):
    month = demo_months()
    row = somebody(month)
    names = [record_give(EVE, month, row["contact_id"], row["give"], NOW.date(), "t", NOW) for _ in range(2)]
    rewards, audit = made()
    assert names == [rewards[0].reward_id] * 2
    assert (rewards[0].contact_id, rewards[0].granted_on, rewards[0].value_cents) == (
        row["contact_id"], NOW.date(), 0)  # fmt: skip
    assert [(entry.actor, entry.detail["give"]) for entry in audit] == [("Eve", row["give"])]
    later = open_month()
    after = later.next_gives.set_index("contact_id").loc[row["contact_id"]]
    ends = NOW.date() + dt.timedelta(days=30)
    assert after["earliest"].date() == ends, "the rest is counted from the day of the give, which is after the data end"
    assert f"from {ends.day} Dec" in next_give(later, row["contact_id"], ends - dt.timedelta(days=1)).why.replace(
        SPACE, " "
    )
    assert next_give(later, row["contact_id"], ends).why.endswith("due now")
    assert after["give"] != row["give"] or "nothing in particular" in next_give(later, row["contact_id"]).why or (
        row["give"] == "personal_thanks")  # fmt: skip


def test_a_give_noted_here_enters_the_balance_of_give_and_take_once(in_demo_copy, demo_months):
    month = demo_months()
    before = month.pool_figures.balance.rows.set_index("contact_id")["gives"]
    shown = month.facts.rollup("contact_gives", gives_after=month.as_of - dt.timedelta(days=365))
    thanked = shown[(shown["kind"] == "recognition") & (shown["gives"] > 0) & shown["contact_id"].isin(before.index)]
    twice = thanked[thanked.duplicated("contact_id", keep=False)].sort_values(["contact_id", "last_on"])
    seen, first = twice[["contact_id", "last_on"]].iloc[0]
    person = next(name for name in before.index if name != seen)
    day = month.as_of - dt.timedelta(days=3)
    record_give(EVE, month, person, "personal_thanks", day, "in the year", NOW)
    record_give(EVE, month, person, "small_gift", day - dt.timedelta(days=400), "long ago", NOW)
    record_give(EVE, month, seen, "public_thanks", pd.Timestamp(first).date(), "an interaction shows it", NOW)
    after = open_month().pool_figures.balance.rows.set_index("contact_id")
    assert after.loc[person, "gives"] == before[person] + 1, "the one of the year before last says nothing of this year"
    assert after.loc[person, "last_give_on"] >= pd.Timestamp(day)
    others = after["gives"].drop(person)
    assert others.equals(before.reindex(others.index)), "who was given the same twice over was given it once"


def test_in_an_earlier_month_what_was_given_later_is_not_seen(in_demo_copy, demo_months):
    month, earlier = demo_months(), demo_months(dt.date(2026, 8, 1))
    before = earlier.next_gives.set_index("contact_id")["earliest"]
    row = somebody(month)
    record_give(EVE, month, row["contact_id"], row["give"], month.as_of, "t", NOW)
    after = open_month(dt.date(2026, 8, 1)).next_gives.set_index("contact_id")["earliest"]
    assert after[row["contact_id"]] == before[row["contact_id"]]


@pytest.mark.parametrize(
    ("contact", "give", "ahead", "said"),
    [
        pytest.param(None, "a castle", 0, "expected a give of the list", id="no such give"),
        pytest.param("nobody", None, 0, "contact is not known", id="nobody"),
        pytest.param(None, None, 1, "lies ahead", id="a day to come"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_saved(in_demo_copy, demo_months, contact, give, ahead, said):
    month = demo_months()
    row = somebody(month)
    day = NOW.date() + dt.timedelta(days=ahead)
    with pytest.raises(RuleBroken, match=said):
        record_give(EVE, month, contact or row["contact_id"], give or row["give"], day, "t", NOW)
    assert made() == ([], [])


def test_who_only_looks_cannot_note_a_give(in_demo_copy, demo_months):
    month = demo_months()
    row = somebody(month)
    with pytest.raises(NotAllowed):
        record_give(Actor("Viewer", frozenset({"viewer"})), month, row["contact_id"], row["give"], NOW.date(), "t", NOW)
    assert made() == ([], [])
