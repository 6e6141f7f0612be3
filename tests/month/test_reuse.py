"""After a record changed the scores and next asks are those of a month worked out from nothing."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.advocacy.check import check_ask, check_asks
from core.advocacy.guardrails import guardrails
from core.advocacy.matching import free_for
from core.advocacy.next_ask import next_asks, standings
from core.advocacy.score import score
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from core.month import reuse
from core.month.reuse import Memory, difference, guards_of, next_asks_of, scores_of
from tests.advocacy.random_input import AS_OF, LADDER, ask, random_input

RULES, ACTIVITIES = load_advocacy_rules(), load_activities()


def changed(rng, inputs):
    """The same facts after some records changed: an ask accepted or withdrawn, a consent, a stance, counts that follow.

    Frames nothing changed in stay the very objects, as those of a month do.
    """
    ids = rng.choice(inputs.ids, size=rng.integers(1, 4), replace=False)
    contacts, consents, interests = inputs.contacts, inputs.consents, inputs.interests
    asks = inputs.asks
    for contact in ids:
        at = inputs.ids == contact
        match rng.integers(5):
            case 0:
                row = ask(str(rng.choice(LADDER)), None, state="accepted", contact_id=contact)
                asks = pd.concat([asks, pd.DataFrame([row])], ignore_index=True)
            case 1:
                contacts = contacts.copy()
                contacts.loc[at, "never"] = True
            case 2:
                consents = consents.copy()
                consents.loc[consents["contact_id"] == contact, "status"] = "withdrawn"
            case 3:
                waits = (asks["contact_id"] == contact) & (asks["state"] == "accepted")
                asks = asks.assign(state=asks["state"].mask(waits, "proposed"))
            case _:
                contacts, interests = contacts.copy(), interests.copy()
                contacts.loc[at, ["asks_90d", "asks_365d"]] += 1.0
                contacts.loc[at, "last_ask_on"] = pd.Timestamp(AS_OF)
                interests.loc[interests["contact_id"] == contact, "stance"] = "no"
    return replace(inputs, contacts=contacts, consents=consents, interests=interests, asks=asks)


def plain(frame):
    return frame.astype({name: "str" for name, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)})


SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 20))]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_kept_and_patched_equals_what_is_worked_out_from_nothing(seed):
    rng = np.random.default_rng(seed)
    inputs, memory = random_input(rng, 40, good=0.8), Memory()
    for _ in range(3):
        scores = scores_of(memory, inputs, RULES)
        asks = next_asks_of(memory, inputs, None, RULES, ACTIVITIES)
        fresh = score(inputs, RULES)
        pd.testing.assert_frame_equal(plain(scores.contacts), plain(fresh.contacts))
        expected = next_asks(inputs, fresh, guardrails(inputs, RULES), RULES, ACTIVITIES)
        pd.testing.assert_frame_equal(plain(asks), plain(expected))
        for account in inputs.contacts["account_id"].drop_duplicates().iloc[:6]:
            held = guards_of(memory, inputs, RULES, account)
            pd.testing.assert_frame_equal(plain(held), plain(guardrails(inputs.of_account(account), RULES)))
        inputs = changed(rng, inputs)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_history_nobody_is_proposed_past_a_stop(seed):
    rng = np.random.default_rng(100 + seed)
    inputs, memory = random_input(rng, 20, good=0.95), Memory()
    seen = 0
    for _ in range(2):
        found = next_asks_of(memory, inputs, None, RULES, ACTIVITIES)
        proposed = found[found["state"] == "ask"]
        for contact, activity in list(zip(proposed["contact_id"], proposed["activity"], strict=True))[:3]:
            assert check_ask(inputs, contact, activity, RULES, ACTIVITIES) == []
            seen += 1
        inputs = changed(rng, inputs)
    assert seen


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_kept_by_account_is_what_it_would_be_if_worked_out_now(seed):
    rng = np.random.default_rng(200 + seed)
    inputs, memory, kept_over = random_input(rng, 20, good=0.95), Memory(), 0
    accounts = inputs.contacts["account_id"].drop_duplicates().iloc[:3]
    for _ in range(3):
        kept = memory.of_accounts("checks", inputs, RULES)
        kept_over += len(kept)
        for account in accounts:
            people = inputs.ids[inputs.contacts["account_id"] == account]
            fresh = check_asks(inputs, [(contact, "reference") for contact in people], RULES, ACTIVITIES)
            assert kept.setdefault(account, fresh) == fresh
        inputs = changed(rng, inputs)
    assert kept_over
    assert not memory.of_accounts("checks", replace(inputs, loaded=inputs.loaded - {"tickets"}), RULES)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_working_day_has_lists_of_its_own_and_every_check_agrees_with_them(seed):
    rng = np.random.default_rng(300 + seed)
    inputs, memory = random_input(rng, 30, good=0.9), Memory()
    days = [inputs.as_of + dt.timedelta(days=ahead) for ahead in (0, 20, 20, 21)]
    for day in days:
        found, scores = next_asks_of(memory, inputs, None, RULES, ACTIVITIES, day), score(inputs, RULES)
        guards = guardrails(inputs, RULES, day=day)
        expected = next_asks(inputs, scores, guards, RULES, ACTIVITIES, None, day)
        pd.testing.assert_frame_equal(plain(found), plain(expected))
        for account in inputs.contacts["account_id"].drop_duplicates().iloc[:4]:
            held, people = guards_of(memory, inputs, RULES, account, day), inputs.of_account(account)
            pd.testing.assert_frame_equal(plain(held), plain(guardrails(people, RULES, day=day)))
        assert list(standings(inputs, scores, RULES, ACTIVITIES, day)) == list(found["state"])
        for contact, activity in found.loc[found["state"] == "ask", ["contact_id", "activity"]].head(3).to_numpy():
            assert check_ask(inputs, contact, activity, RULES, ACTIVITIES, day) == []
        wanted = [(contact, "reference") for contact in inputs.ids]
        against = check_asks(inputs, wanted, RULES, ACTIVITIES, day=day)
        assert list(free_for(inputs, scores, RULES, ACTIVITIES, "reference", day)) == [not found for found in against]
        inputs = changed(rng, inputs)
    assert set(memory.asks) == {days[0], days[-1]}


def test_nothing_is_worked_out_again_where_nothing_changed(monkeypatch):
    inputs, memory = random_input(np.random.default_rng(9), 20, good=0.8), Memory()
    first = next_asks_of(memory, inputs, None, RULES, ACTIVITIES)
    monkeypatch.setattr(reuse, "next_asks", lambda *_: pytest.fail("worked out again"))
    assert next_asks_of(memory, replace(inputs), None, RULES, ACTIVITIES) is first


def test_two_inputs_are_compared_once_for_scores_and_every_day_and_none_with_itself(monkeypatch):
    rng, memory, pairs = np.random.default_rng(5), Memory(), []
    first = random_input(rng, 20, good=0.8)
    second, days = changed(rng, first), (first.as_of, first.as_of + dt.timedelta(days=20))
    monkeypatch.setattr(reuse, "difference", lambda *pair: pairs.append(pair) or difference(*pair))
    for inputs in (first, first, second):
        scores = scores_of(memory, inputs, RULES)
        for day in days:
            next_asks_of(memory, inputs, None, RULES, ACTIVITIES, day)
        assert scores_of(memory, inputs, RULES) is scores
    assert [(before is first, after is second) for before, after in pairs] == [(True, True)]


def test_only_the_accounts_a_record_touches_are_worked_out(monkeypatch):
    inputs, memory = random_input(np.random.default_rng(3), 40, good=0.8), Memory()
    next_asks_of(memory, inputs, None, RULES, ACTIVITIES)
    sizes = []
    monkeypatch.setattr(reuse, "next_asks", lambda part, *rest: sizes.append(len(part.ids)) or next_asks(part, *rest))
    contacts = inputs.contacts.copy()
    contacts.loc[3, "never"] = True
    later = replace(inputs, contacts=contacts)
    next_asks_of(memory, later, None, RULES, ACTIVITIES)
    own = (inputs.contacts["account_id"] == inputs.contacts["account_id"].iloc[3]).sum()
    assert sizes == [own]
    assert difference(inputs, later).asks.sum() == own


def test_guardrails_of_an_account_are_kept_over_an_accepted_ask_and_not_over_a_consent(monkeypatch):
    inputs, memory = random_input(np.random.default_rng(3), 40, good=0.8), Memory()
    next_asks_of(memory, inputs, None, RULES, ACTIVITIES)
    contact = inputs.consents["contact_id"].iloc[0]
    account = inputs.contacts.loc[inputs.ids == contact, "account_id"].iloc[0]
    first = guards_of(memory, inputs, RULES, account)
    row = pd.DataFrame([ask(LADDER[0], None, state="accepted", contact_id=contact)])
    accepted = replace(inputs, asks=pd.concat([inputs.asks, row], ignore_index=True))
    with monkeypatch.context() as patched:
        patched.setattr(reuse, "guardrails", lambda *_: pytest.fail("worked out again"))
        next_asks_of(memory, accepted, None, RULES, ACTIVITIES)
        assert guards_of(memory, accepted, RULES, account) is first
    status = inputs.consents["status"].mask(inputs.consents["contact_id"] == contact, "withdrawn")
    withdrawn = replace(accepted, consents=inputs.consents.assign(status=status))
    next_asks_of(memory, withdrawn, None, RULES, ACTIVITIES)
    assert guards_of(memory, withdrawn, RULES, account) is not first


def test_another_day_or_other_people_cannot_be_compared():
    inputs = random_input(np.random.default_rng(3), 20, good=0.8)
    assert difference(inputs, replace(inputs, contacts=inputs.contacts.iloc[::-1])) is None
    assert difference(inputs, replace(inputs, loaded=inputs.loaded - {"tickets"})) is None


def test_a_part_is_built_anew_only_where_something_it_rests_on_is_another_object():
    memory, built = Memory(), []
    rests, other = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})

    def build():
        built.append(pd.DataFrame())
        return built[-1]

    first = memory.kept("part", (rests, other), build)
    assert memory.kept("part", (rests, other), build) is first
    assert memory.kept("part", (rests, rests), build) is not first
    assert memory.kept("another", (rests, rests), build) is built[-1]
    assert len(built) == 3


def test_a_part_of_a_day_is_built_anew_on_another_day():
    memory, rows = Memory(), pd.DataFrame({"a": [1]})
    first = memory.kept("part", (rows, dt.date(2026, 10, 1)), dict)
    assert memory.kept("part", (rows, dt.date(2026, 10, 1)), dict) is first
    assert memory.kept("part", (rows, dt.date(2026, 10, 2)), dict) is not first


def test_rows_that_say_the_same_stay_the_very_object():
    memory, rows = Memory(), pd.DataFrame({"a": ["x", None], "on": pd.to_datetime(["2026-10-01", None])})
    assert memory.same("rows", rows) is rows
    assert memory.same("rows", rows.copy()) is rows
    other = rows.assign(a=["x", "y"])
    assert memory.same("rows", other) is other
