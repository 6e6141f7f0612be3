"""The lists of the day: who waits for something of ours, and why an accepted ask may not be sent any more."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from core.advocacy.check import check_ask
from core.model.activities import load_activities
from core.services import worklists as module
from core.services.advocates import pool
from core.services.ask_checks import against_sending
from core.services.worklists import (
    STOP,
    before_sending,
    clear_first,
    next_give,
    what_to_give,
    worklists,
)
from tests.homes import using

pytestmark = pytest.mark.sampled(2)


@pytest.fixture(scope="module")
def demo(demo_home, demo_months):
    with using(demo_home):
        month = demo_months()
        people = pool(month)
        return month, people, worklists(month, people, month.as_of)


def test_an_accepted_ask_says_what_stands_against_sending_it(demo):
    month, _, lists = demo
    asks = month.records["asks"]
    assert len(lists.send) == (asks["state"] == "accepted").sum()
    words = before_sending(month, lists.send)
    assert {text.split(":")[0] for text in words} == {"stop", "clear to send"}
    assert sum("said no on 17 Oct" in text for text in words) == 1
    for row, text in zip(lists.send.to_dict("records"), words, strict=True):
        found = check_ask(
            month.advocacy_input, row["contact_id"], row["activity"], month.advocacy_rules, load_activities()
        )
        stops = [item for item in found if item.kind != "not_ready" and item.about != "accepted"]
        assert bool(stops) == text.startswith(STOP)
        assert all(item.text in text for item in stops)


def test_what_was_told_on_another_day_is_told_anew_and_not_kept_beside_it(demo):
    month, _, lists = demo
    memory, today = month.facts.memory, month.as_of
    first = before_sending(month, lists.send, today)
    names = set(memory.by_account)
    for days in (1, 2, 400):
        before_sending(month, lists.send, today + dt.timedelta(days=days))
    assert set(memory.by_account) == names
    assert before_sending(month, lists.send, today) == first


def test_two_accepted_asks_of_one_person_stand_in_each_others_way(demo):
    month, _, lists = demo
    row = lists.send.iloc[0]
    other = lists.send.assign(activity="speaking").iloc[:1]
    both = pd.concat([month.advocacy_input.asks, month.advocacy_input.asks.iloc[:1].assign(
        contact_id=row["contact_id"], activity="speaking", state="accepted", asked_on=pd.NaT, completed_on=pd.NaT,
    )], ignore_index=True)  # fmt: skip
    inputs = replace(month.advocacy_input, asks=both)
    twice = replace(month)
    twice.__dict__["advocacy_input"] = inputs
    twice.__dict__["advocacy_rules"] = month.advocacy_rules
    first, second = before_sending(twice, pd.concat([lists.send.iloc[:1], other], ignore_index=True))
    assert "accepted" in first
    assert "accepted" in second


def test_a_consent_withdrawn_since_stops_sending_and_only_that_account_is_looked_at_again(demo, monkeypatch):
    month, _, lists = demo
    words, looked_at = before_sending(month, lists.send), []
    place = next(place for place, text in enumerate(words) if text.startswith("clear to send"))
    contact, consents = lists.send["contact_id"].iloc[place], month.advocacy_input.consents
    status = consents["status"].mask(consents["contact_id"] == contact, "withdrawn")
    later = replace(month)
    later.__dict__["advocacy_input"] = replace(month.advocacy_input, consents=consents.assign(status=status))
    later.__dict__["advocacy_rules"] = month.advocacy_rules
    monkeypatch.setattr(
        module, "against_sending", lambda month, asks, day: looked_at.extend(asks) or against_sending(month, asks, day)
    )
    now = before_sending(later, lists.send)
    assert now[place].startswith(STOP) and "withdrawn" in now[place]
    accounts = month.advocacy_input.contacts.set_index("contact_id")["account_id"]
    assert {accounts[asked] for asked, _ in looked_at} == {accounts[contact]}
    same = (lists.send["contact_id"].map(accounts) != accounts[contact]).to_numpy()
    assert [text for text, kept in zip(now, same, strict=True) if kept] == [
        text for text, kept in zip(words, same, strict=True) if kept
    ]


def test_a_consent_that_expires_before_today_stops_sending_on_the_list_already(demo):
    month, _, lists = demo
    words = before_sending(month, lists.send)
    place = next(place for place, text in enumerate(words) if text.startswith("clear to send"))
    row, last = lists.send.iloc[place], pd.Timestamp(month.as_of) + pd.Timedelta(days=5)
    consents = month.advocacy_input.consents
    ends = consents["expires_on"].where(consents["contact_id"] != row["contact_id"], last)
    later = replace(month)
    later.__dict__["advocacy_input"] = replace(month.advocacy_input, consents=consents.assign(expires_on=ends))
    later.__dict__["advocacy_rules"], later.__dict__["scores"] = month.advocacy_rules, month.scores
    for days, stopped in ((5, False), (6, True)):
        found = before_sending(later, lists.send.iloc[[place]], month.as_of + dt.timedelta(days=days))
        assert found[0].startswith(STOP) == stopped
        assert ("expired after" in found[0]) == stopped


def test_whom_to_thank_and_tell_is_who_did_something_and_heard_nothing(demo):
    month, _, lists = demo
    asks = month.records["asks"].set_index("ask_id")
    thank, tell = asks.loc[lists.thank["ask_id"]], asks.loc[lists.tell["ask_id"]]
    assert len(thank) and thank["completed_on"].notna().all() and thank["thanked_on"].isna().all()
    assert len(tell) and tell["used_on"].notna().all() and tell["told_outcome_on"].isna().all()
    assert thank["completed_on"].is_monotonic_increasing
    late = lists.thank["Due"].str.startswith("late by ").to_numpy()
    due = (thank["completed_on"] + pd.Timedelta(days=14)).to_numpy()
    assert (late == (due < pd.Timestamp(month.as_of))).all()
    assert late.any() and not late.all()
    assert lists.late >= late.sum()
    assert lists.answer_words == f"{len(lists.thank)} to thank, {len(lists.tell)} to tell"


def test_who_opted_out_or_left_is_not_written_to_and_stands_apart_with_the_reason(demo):
    month, people, lists = demo
    inputs, asks = month.advocacy_input, month.records["asks"]
    out = inputs.consents.loc[
        (inputs.consents["use"] == "email") & inputs.consents["status"].isin(["withdrawn", "refused"]), "contact_id"
    ]
    left = [frame.loc[frame["left_on"].notna(), "contact_id"] for frame in (inputs.contacts, inputs.since)]
    silent = {*out, *left[0], *left[1]}
    recent = (pd.Timestamp(month.as_of) - asks["completed_on"]).dt.days < 365
    sent = asks[(asks["state"] == "sent") & recent & asks["contact_id"].isin(people["contact_id"])]
    owed = sent[sent["thanked_on"].isna()]
    untold = sent[sent["used_on"].notna() & sent["told_outcome_on"].isna()]
    for every, shown, hidden in ((owed, lists.thank, lists.unthanked), (untold, lists.tell, lists.untold)):
        assert set(hidden["ask_id"]) == set(every.loc[every["contact_id"].isin(silent), "ask_id"])
        assert set(shown["ask_id"]) == set(every["ask_id"]) - set(hidden["ask_id"])
        assert hidden["Why"].str.match("opted out|left the company").all()
    assert len(lists.unthanked) and len(lists.untold)


def test_late_is_told_from_today_and_not_from_the_end_of_the_data(demo):
    month, people, lists = demo
    later = worklists(month, people, month.as_of + dt.timedelta(days=22))
    asks = month.records["asks"].set_index("ask_id")
    assert list(later.thank["ask_id"]) == list(lists.thank["ask_id"])
    due = asks.loc[later.thank["ask_id"], "completed_on"] + pd.Timedelta(days=14)
    over = (pd.Timestamp(month.as_of) - due).dt.days + 22
    said = later.thank["Due"].str.extract(r"late by (\d+) day")[0]
    assert [int(text) if text == text else None for text in said] == [n if n > 0 else None for n in over]
    assert later.late > lists.late


def test_asks_that_are_clear_stand_above_the_stopped_ones(demo):
    month, _, lists = demo
    rows = clear_first(lists.send.assign(**{"Before sending": before_sending(month, lists.send)}))
    stopped = list(rows["Before sending"].str.startswith(STOP))
    assert stopped == sorted(stopped)
    assert True in stopped and False in stopped
    assert set(rows["ask_id"]) == set(lists.send["ask_id"])


def test_open_answers_are_those_of_the_last_weeks(demo):
    month, _, lists = demo
    asks = month.records["asks"].set_index("ask_id").loc[lists.answer["ask_id"]]
    assert asks["response"].isna().all() and (asks["state"] == "sent").all()
    assert ((pd.Timestamp(month.as_of) - asks["asked_on"]).dt.days < 60).all()


def test_nobody_is_to_be_given_something_who_may_be_asked(demo):
    _, people, lists = demo
    states = people.set_index("contact_id")["state"]
    assert set(states[lists.give["contact_id"]]) == {"cultivate"}


def test_who_was_given_something_lately_rests_and_is_not_listed(demo):
    month, people, lists = demo
    rests = month.next_gives.set_index("contact_id")["earliest"] > pd.Timestamp(month.as_of)
    waiting = set(people.loc[people["state"] == "cultivate", "contact_id"])
    assert {name for name in waiting if rests[name]} == waiting - set(lists.give["contact_id"])
    assert 0 < len(lists.give) < len(waiting)
    over = month.next_gives["earliest"].max().date()
    later = worklists(month, people, over)
    assert set(later.give["contact_id"]) == waiting, "a rest is counted down to today, not to the end of the data"


def test_the_next_give_says_what_and_why(demo):
    month, _, lists = demo
    rows = what_to_give(month, lists.give)
    found = next_give(month, rows["contact_id"].iloc[0])
    assert found.label == rows["Give"].iloc[0]
    assert found.why.endswith("due now")
    assert found.giver
    gone = month.advocacy_input.contacts
    left = gone.loc[gone["left_on"] <= pd.Timestamp(month.as_of), "contact_id"].iloc[0]
    assert next_give(month, left) is None


def test_without_an_accepted_ask_there_is_nothing_to_put_in_order():
    nobody = pd.DataFrame({"contact_id": pd.Series([], dtype="str")}).assign(**{"Before sending": []})
    assert clear_first(nobody).empty
