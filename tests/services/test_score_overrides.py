"""Scores set by hand: who may, how long, what is audited, and that the second of two people is told."""

import datetime as dt
import threading

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.glossary import display_day
from core.services.access import Actor
from core.services.advocate_rows import advocates_frame, advocates_json
from core.services.home import records_database
from core.services.person_scores import person_scores
from core.services.score_overrides import end_override, longest_until, overrides_of, set_override
from core.store.tables import AuditEntry, ScoreOverride
from tests.services.advocacy_company import CLEO, NOW, company, home, month_now, states, untouched

__all__ = ["company", "home", "untouched"]
BEN = Actor("Ben", frozenset({"contributor"}))
DORA = Actor("Dora", frozenset({"customer_marketing"}))
UNTIL = dt.date(2027, 1, 31)


@pytest.fixture
def month(company, home):
    return month_now(company)


def put(month, contact="c1", value=10.0, *, token="t1", version=None, actor=CLEO, **other):
    told = {"score": "readiness", "reason": "Tired of asks this year", "expires_on": UNTIL} | other
    return set_override(
        actor, month, contact, told["score"], value, told["reason"], told["expires_on"], version, token, NOW
    )


def stored(model):
    with records_database().read() as session:
        return session.exec(select(model)).all()


def test_a_score_set_by_hand_changes_who_is_asked_and_says_so(company, month):
    assert states(month)["c1"] == "ask"
    put(month)
    now = month_now(company)
    assert states(now)["c1"] == "cultivate"
    (line, _) = overrides_of(now, "c1")
    before = overrides_of(month, "c1")[0].computed
    assert (line.value, line.computed, line.author, line.until) == (10, before, "Cleo", UNTIL)
    assert line.words.startswith(f"Set by hand by Cleo until {display_day(UNTIL)}: 10 instead of ")
    (entry,) = [entry for entry in stored(AuditEntry) if entry.act == "set score by hand"]
    assert entry.detail["instead_of"] == pytest.approx(before)
    assert entry.detail["reason"] == "Tired of asks this year"


def test_a_hard_stop_stands_whatever_is_set(company, month):
    put(month, "c5", 100.0)
    now = month_now(company)
    assert overrides_of(now, "c5")[0].value == 100
    assert states(now)["c5"] == "blocked"


def test_three_fast_clicks_set_it_once(company, month):
    results = []
    clicks = [threading.Thread(target=lambda: results.append(put(month))) for _ in range(3)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert len(set(results)) == len(stored(ScoreOverride)) == 1


def test_the_second_of_two_people_is_shown_what_the_first_set(company, month):
    put(month)
    with pytest.raises(StaleRecord, match=f"10 until {display_day(UNTIL)} by Cleo.*You wanted: 90"):
        put(month, value=90.0, token="t2", actor=DORA)
    now = month_now(company)
    put(now, value=90.0, token="t2", actor=DORA, version=overrides_of(now, "c1")[0].version)
    rows = stored(ScoreOverride)
    assert [(row.value, row.ended_by) for row in sorted(rows, key=lambda row: row.id)] == [(10, "Dora"), (90, "")]
    assert overrides_of(month_now(company), "c1")[0].value == 90


def test_an_override_is_ended_once_and_the_computed_score_holds_again(company, month):
    number = put(month)
    for _ in range(2):
        end_override(CLEO, number, "She is rested now", 1, NOW)
    assert states(month_now(company))["c1"] == "ask"
    assert len([entry for entry in stored(AuditEntry) if entry.act == "end score by hand"]) == 1
    with pytest.raises(StaleRecord, match="ended by Cleo"):
        end_override(DORA, number, "She is rested now", 1, NOW)
    put(month_now(company), token="t2")
    assert len(stored(ScoreOverride)) == 2


def test_a_contributor_may_not(month):
    with pytest.raises(NotAllowed, match="Ben may not set a score by hand"):
        put(month, actor=BEN)
    with pytest.raises(NotAllowed, match="Ben may not end"):
        end_override(BEN, 1, "whatever it is", 1, NOW)
    assert stored(ScoreOverride) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"reason": " "}, "the reason is missing"),
        ({"value": 101.0}, "expected a score of 0 to 100, found 101"),
        ({"value": float("nan")}, "expected a score of 0 to 100"),
        ({"expires_on": NOW.date()}, "expected a last day until 3 May 2027"),
        ({"expires_on": longest_until(NOW.date()) + dt.timedelta(days=1)}, "expected a last day until 3 May 2027"),
        ({"contact": "nobody"}, 'contact "nobody" is not known on 31 Oct 2026'),
        ({"score": "health"}, "health is of the account, not of a person"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_saved(untouched, wrong, message):
    with pytest.raises(RuleBroken) as refused:
        put(untouched, **wrong)
    assert message in str(refused.value).replace("\N{NO-BREAK SPACE}", " ")
    assert stored(ScoreOverride) == []


def test_the_longest_override_is_180_days():
    assert longest_until(NOW.date()) == NOW.date() + dt.timedelta(days=180)


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_json_and_file_of_the_pool_carry_what_was_set_by_hand(company, month):
    put(month)
    now = month_now(company)
    by_contact = {entry["contact_id"]: entry for entry in advocates_json(now)}
    entry = by_contact["c1"]
    assert entry["readiness"] == 10
    assert sum(entry["parts"].values()) == pytest.approx(10)
    (told,) = entry["overrides"]
    assert (told["score"], told["value"], told["author"], told["expires_on"]) == ("readiness", 10, "Cleo", "2027-01-31")
    assert told["instead_of"] == pytest.approx(10 - entry["parts"]["override"])
    assert by_contact["c2"]["overrides"] == []
    rows = advocates_frame(now).set_index("contact_id")["set_by_hand"]
    assert rows["c1"].startswith("readiness set by hand by Cleo until 31 Jan 2027: 10 instead of")
    assert rows.drop("c1").isna().all()


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_the_change_since_the_month_before_has_a_line_for_what_was_set_by_hand(company, month):
    put(month)
    (found, *_) = person_scores(month_now(company), month_now(company, "2026-09-30"), "c1")
    label, change, words = found.changes[0]
    assert (label, change < 0) == ("Set by hand", True)
    assert words.startswith("nothing → set by hand by Cleo until ")
    assert [part.label for part in found.parts if part.points is not None][-1] == "Set by hand"
    assert sum(change for _, change, _ in found.changes) == pytest.approx(found.change)
