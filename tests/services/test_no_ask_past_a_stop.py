"""Nothing is proposed, accepted, sent or exported past a hard stop, whatever the history and whoever acts meanwhile."""

import datetime as dt
import shutil
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from core.advocacy import check, guardrails, ladder
from core.errors import CouncilError
from core.glossary import display_day
from core.services import asking, asking_bulk
from core.services.access import LOCAL_USER, Actor
from core.services.advocate_rows import advocates_frame
from core.services.advocates import STATE_WORDS, advocates, pool
from core.services.asking import accept_ask, mark_sent, set_aside, withdraw_ask
from core.services.asking_bulk import Pick, accept_many
from core.services.crm_export import crm_frame
from core.services.follow_up import mark_step
from core.services.giving import record_give
from core.services.home import open_month, records_database
from core.services.importing import run_import
from core.services.nominations import decide_nomination, nominate, nominations
from core.services.permissions import permissions, save_consent, save_interest, verify_outcome
from core.services.pool_view import PoolQuery, exported, pool_table
from core.services.request_acts import accept_match
from core.services.request_log import request_versions
from core.services.requests import open_matches, requests_view
from core.services.score_overrides import set_override
from core.services.worklists import before_sending, worklists
from core.store.tables import Ask, Person
from tests.homes import using
from tests.services.stops_company import (
    ALONE,
    END,
    HARD,
    KNOWN,
    LADDER,
    NOW,
    TODAY,
    against,
    company,
    erased_of,
    one_each,
    saved,
    written,
)

ANNA = Actor("Anna", frozenset({"customer_marketing"}))
BEN = Actor("Ben", frozenset({"contributor", "customer_marketing"}))


@dataclass
class Played:
    """What a random walk through the services did."""

    accepted: int = 0
    sent: int = 0
    refused: int = 0


def proposals(month, day=None):
    """Everybody a screen, a list or a match offers to ask on a day, with what for."""
    lists, matches = month.on(day), open_matches(month, day)
    rows = lists.next_asks[lists.next_asks["state"] == "ask"]
    found = set(zip(rows["contact_id"], rows["activity"], strict=True))
    found |= {(one.contact_id, "reference") for item in matches for one in item.matches}
    found |= {(item.assigned, "reference") for item in matches if item.assigned}
    return found | {(who, "reference") for who in lists.reference_pool["contact_id"]}


def assert_nothing_offered_past_a_stop(month, facts):
    """Lists, matches, worklists, screen export and both files for other systems."""
    records = saved()
    offered = proposals(month)
    # lists are of the working day, figures of the last day known; what a person said since counts at once
    for day, found in ((KNOWN, offered), (TODAY, proposals(month, TODAY))):
        assert {one: reasons for one in found if (reasons := against(facts, records, *one, day))} == {}
    people = pool(month)
    held = {who: against(facts, records, who, "review", KNOWN) & HARD for who in people["contact_id"]}
    stopped = {who for who, reasons in held.items() if reasons}
    gone = erased_of(facts)
    assert gone.isdisjoint(people["contact_id"])
    ask_now = STATE_WORDS["ask"].casefold()
    assert stopped.isdisjoint(advocates(month).ask["contact_id"])
    listed = exported(month, pool_table(month, people), PoolQuery())
    for frame in (listed, advocates_frame(month), crm_frame(month, "salesforce"), crm_frame(month, "hubspot")):
        assert gone.isdisjoint(frame.iloc[:, 0])
        rows = frame[frame.iloc[:, 0].isin(stopped)]
        assert len(rows) == len(stopped)
        assert not rows.map(lambda cell: str(cell).casefold() in (ask_now, "ask")).to_numpy().any()
    lists = worklists(month, people, TODAY)
    assert stopped.isdisjoint(lists.give["contact_id"])
    for frame in (lists.send, lists.answer, lists.thank, lists.tell, lists.give, lists.unthanked, lists.untold):
        assert gone.isdisjoint(frame["contact_id"])
    assert not advocates(month).pool["person"].isin([f"Name {who}" for who in gone]).any()
    for who, words in zip(lists.send["contact_id"], before_sending(month, lists.send), strict=True):
        assert who not in stopped or words.startswith("stop")
    return stopped, offered


def one_act(rng, month, facts, played, step):
    """One random act of one of two people, on a list drawn earlier; what is saved must be free of every reason."""
    ids = month.advocacy_input.ids
    who, activity = str(rng.choice(ids)), str(rng.choice(LADDER[:4]))
    if rng.random() < 0.5 and (open_ones := sorted(proposals(month))):
        who, activity = open_ones[int(rng.integers(len(open_ones)))]
    actor, token, before = (ANNA, BEN)[step % 2], f"t{step}", saved()
    kind = str(rng.choice(["accept", "accept", "bulk", "match", "send", "aside", "say", "score", "take in"]))
    try:
        if kind == "accept":
            accept_ask(actor, month, who, activity, "", token, NOW)
            assert against(facts, before, who, activity, TODAY) == set()
            played.accepted += 1
        elif kind == "bulk":
            names = sorted({str(one) for one in rng.choice(ids, 12)})
            report = accept_many(actor, month, [Pick(one, one, activity) for one in names], token, NOW)
            assert not [one for one in report.done if against(facts, before, one, activity, TODAY)]
            played.accepted += len(report.done)
        elif kind == "match":
            name, version = sorted(request_versions().items())[int(rng.integers(3))]
            accept_match(actor, month, name, version, who, "", token, NOW)
            assert against(facts, before, who, "reference", TODAY) == set()
            played.accepted += 1
        elif kind == "send":
            waiting = [row for row in before["asks"] if row["state"] == "accepted"]
            if not waiting:
                return
            row = waiting[int(rng.integers(len(waiting)))]
            mark_sent(actor, month, row["ask_id"], TODAY, NOW)
            others = {**before, "asks": [other for other in before["asks"] if other is not row]}
            assert against(facts, others, row["contact_id"], row["activity"], TODAY) == set()
            played.sent += 1
        else:
            quietly(kind, rng, month, actor, who, activity, token)
    except CouncilError:
        played.refused += 1
        assert saved() == before or kind == "bulk"


def quietly(kind, rng, month, actor, who, activity, token):
    """Acts that ask nobody, but change who may be asked."""
    if kind == "aside":
        set_aside(actor, who, activity, "why", token, NOW, TODAY + dt.timedelta(days=9) if rng.random() < 0.5 else None)
        waiting = [row for row in saved()["asks"] if row["state"] == "accepted"]
        if waiting:
            withdraw_ask(actor, waiting[0]["ask_id"], "changed our mind", NOW)
    elif kind == "say":
        line = permissions(who).consents[int(rng.integers(6))]
        save_consent(
            actor, who, line.use, str(rng.choice(["withdrawn", "refused", "granted"])), None, "", line.version, NOW
        )
        stance = next(item for item in permissions(who).interests if item.activity == activity)
        save_interest(actor, who, activity, "no", "none", "", stance.version, NOW)
    elif kind == "score":
        until = TODAY + dt.timedelta(days=30)
        set_override(BEN, month, who, "readiness", 100.0, "she told me", until, None, token, NOW)
    else:
        own = nominate(actor, month, who, "speaks well", token, NOW)
        decide_nomination(ANNA, own, 1, approve=True, answer="", at=NOW)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 12))])
def test_whatever_happened_and_whoever_acts_nobody_is_asked_past_a_stop(seed, tmp_path):
    rng = np.random.default_rng(seed)
    facts, played = company(rng, 12 if seed else 8), Played()
    with using(tmp_path / "home"):
        run_import(LOCAL_USER, [written(facts, tmp_path / "in")], NOW, as_of=KNOWN)
        month = open_month()
        assert (month.as_of, month.advocacy_input.known_on) == (END, KNOWN)
        stopped, offered = assert_nothing_offered_past_a_stop(month, facts)
        assert stopped and offered
        for step in range(20 if seed else 10):
            one_act(rng, month, facts, played, step)
        assert_nothing_offered_past_a_stop(open_month(), facts)
    assert played.accepted and played.refused


def everybody_accepted(month, facts):
    """All people are chosen for two activities, and for those that wait a sending is tried."""
    for activity in ("review", "reference"):
        before, ids = saved(), [*month.advocacy_input.ids, *sorted(erased_of(facts))]
        ids = list(dict.fromkeys(ids))
        report = accept_many(ANNA, month, [Pick(one, one, activity) for one in ids], activity, NOW)
        assert {one for one in report.done if against(facts, before, one, activity, TODAY)} == set()
    waiting = [row["contact_id"] for row in saved()["asks"] if row["state"] == "accepted"]
    email = next(line for line in permissions(waiting[0]).consents if line.use == "email")
    save_consent(BEN, waiting[0], "email", "withdrawn", None, "", email.version, NOW)
    before = saved()
    for row in [row for row in before["asks"] if row["state"] == "accepted"]:
        others = {**before, "asks": [other for other in before["asks"] if other is not row]}
        stands = against(facts, others, row["contact_id"], row["activity"], TODAY)
        try:
            mark_sent(ANNA, month, row["ask_id"], TODAY, NOW)
        except CouncilError:
            continue
        assert stands == set()


CONSENT = guardrails._consent


def nobody_stopped(inputs, _, today):
    return guardrails._Check(np.zeros(len(inputs.contacts), dtype=bool), "", "")


def nothing_declined(inputs, activities):
    return np.zeros((len(inputs.contacts), len(LADDER)), dtype=bool)


OFF = {
    **{guard: (guardrails.CHECKS, guard, ("", nobody_stopped)) for guard in guardrails.CHECKS},
    "consent": (guardrails, "_consent", nobody_stopped),
    "erased people": (import_module("core.month.month"), "without_erased", lambda contacts, people: contacts),
    "what came in since the month": (guardrails, "as_known", lambda inputs: inputs),
    "consent that expired since the data end": (
        guardrails, "_consent", lambda inputs, use, today: CONSENT(inputs, use, inputs.today)),
    "a no to one activity": (ladder, "declined_by", nothing_declined),
    "the check of many at saving": (asking_bulk, "against_asking", lambda month, asks, day: [[] for _ in asks]),
    "the check at sending": (asking, "stops_of", lambda found: []),
}  # fmt: skip
"""What is switched off: every one of these has to be seen by the tests above."""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """A company in which every reason holds for somebody; for copying only."""
    facts, folder = one_each(), tmp_path_factory.mktemp("crowded")
    with using(folder / "home"):
        run_import(LOCAL_USER, [written(facts, folder / "in")], NOW, as_of=KNOWN)
    return facts, folder / "home"


@pytest.fixture
def crowd(crowded, tmp_path):
    with using(Path(shutil.copytree(crowded[1], tmp_path / "home"))):
        yield crowded[0]


def test_in_the_crowd_every_reason_holds_for_somebody_and_no_one_is_asked_past_it(crowd):
    records = saved()
    reasons = [against(crowd, records, row["contact_id"], activity, TODAY)
               for row in crowd["contacts"] for activity in ("review", "reference")]  # fmt: skip
    assert {next(iter(found)) for found in reasons if len(found) == 1} >= {*HARD, "consent", "value", "declined"}
    month = open_month()
    assert {who.split("p")[0] for who, _ in proposals(month)} >= {f"a{ALONE.index('nothing')}"}
    assert_nothing_offered_past_a_stop(month, crowd)
    everybody_accepted(month, crowd)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("off", OFF)
def test_a_rule_that_is_switched_off_is_seen(off, crowd, monkeypatch):
    where, name, instead = OFF[off]
    if isinstance(where, dict):
        monkeypatch.setitem(where, name, instead)
    else:
        monkeypatch.setattr(where, name, instead)
    if off == "a no to one activity":
        monkeypatch.setattr(check, name, instead)
    with pytest.raises(AssertionError):
        month = open_month()
        assert_nothing_offered_past_a_stop(month, crowd)
        everybody_accepted(month, crowd)


def acts_on_a_person(month, who, ask_id, own):
    """Everything somebody could do with a person or an ask of a list drawn earlier."""
    day, until = TODAY, TODAY + dt.timedelta(days=30)
    return {
        "accept": lambda: accept_ask(ANNA, month, who, "review", "", "e1", NOW),
        "set aside": lambda: set_aside(ANNA, who, "review", "why", "e2", NOW, until),
        "send": lambda: mark_sent(ANNA, month, ask_id, day, NOW),
        "thank": lambda: mark_step(ANNA, "k0", "thanked_on", day, 1, NOW),
        "tell": lambda: mark_step(ANNA, "k0", "told_outcome_on", day, 1, NOW),
        "give": lambda: record_give(ANNA, month, who, "roadmap_preview", day, "e3", NOW),
        "nominate": lambda: nominate(ANNA, month, who, "speaks well", "e4", NOW),
        "take in": lambda: decide_nomination(ANNA, own, 1, approve=True, answer="", at=NOW),
        "rate": lambda: set_override(BEN, month, who, "readiness", 90.0, "she told me", until, None, "e5", NOW),
        "consent": lambda: save_consent(BEN, who, "logo", "granted", None, "", None, NOW),
        "interest": lambda: save_interest(BEN, who, "review", "likes", "none", "", None, NOW),
        "outcome": lambda: verify_outcome(BEN, month, who, "half the time", day, "e6", NOW),
    }


def test_who_was_erased_since_the_list_was_drawn_is_refused_by_every_act_and_gone_from_every_list(crowd):
    month, who = open_month(), f"a{ALONE.index('nothing')}p0"
    ask_id = accept_ask(ANNA, month, who, "reference", "", "e0", NOW)
    own = nominate(BEN, month, who, "speaks well", "n0", NOW)
    with records_database().write() as session:
        session.get(Person, f"m{who}").erased_at = NOW
        session.get(Ask, "k0").contact_id = who
    before, drawn, said = saved(), open_month(), f"This person was erased on {display_day(TODAY)}"
    for name, attempt in acts_on_a_person(month, who, ask_id, own).items():
        with pytest.raises(CouncilError, match=said):
            attempt()
            pytest.fail(name)
    report = accept_many(ANNA, month, [Pick(who, who, "review")], "e7", NOW)
    assert [reason for _, reason in report.refused] == [said]
    assert saved() == before
    people = pool(drawn)
    assert who not in set(people["contact_id"]) and len(people) == len(pool(month)) - 1
    assert not nominations(people)
    assert drawn.pool_figures is not None and who not in set(drawn.reference_pool["contact_id"])
    assert who not in set(worklists(drawn, people, TODAY).send["contact_id"])


MISSING = {"consents": "consents", "tickets": "tickets", "outcomes": "outcomes", "survey_responses": "survey_responses",
           "renewals": "renewals", "asks": "asks"}  # fmt: skip


@pytest.mark.sampled(7)
@pytest.mark.parametrize("table", MISSING)
def test_without_a_table_of_a_stop_people_are_not_checked_and_every_list_says_so(table, tmp_path):
    facts = company(np.random.default_rng(3), 6, bad=0.03)
    with using(tmp_path / "home"):
        run_import(LOCAL_USER, [written(facts, tmp_path / "in", table)], NOW, as_of=KNOWN)
        month = open_month()
        above = {(who, what) for who, what in proposals(month) if table != "outcomes" or what != "review"}
        assert above == set()
        assert month.reference_pool.empty
        rows = pool(month)
        rows = rows[~rows["state"].isin(["blocked", "ask"])]
        assert set(rows["state"]) == {"not_checked"} or table == "outcomes"
        assert len(rows) or table == "outcomes"
        assert rows.loc[rows["state"] == "not_checked", "because"].str.contains(f"load {table}").all()
        assert table in {item.table for item in advocates(month).missing}
        guards = month.guards
        assert (guards.loc[guards["unlocks"] == table, "state"] == "not_checked").all()
        assert table in guards["unlocks"].to_numpy()
        for who in rows["contact_id"].head(2):
            with pytest.raises(CouncilError, match=f'not checked: nothing loaded from table "{table}"'):
                accept_ask(ANNA, month, who, "reference", "", "t", NOW)
        view = requests_view(month, request_versions())
        assert f"nothing is loaded from {table}" in view.answer
        assert all("could be checked" in line.found for line in view.lines if line.to_match)
