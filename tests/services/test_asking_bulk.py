"""Many at once: each is checked again at save, told one by one, and logged once."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.services.access import LOCAL_USER
from core.services.asking import accept_ask, mark_sent
from core.services.asking_bulk import MOST, Pick, accept_many, defer_many
from core.services.follow_up import mark_step, record_response, take_back_answer
from core.services.home import open_month, records_database
from core.services.importing import run_import
from core.services.person_story import person_story
from core.store.tables import Ask, AuditEntry
from tests.homes import using
from tests.services.small_company import ANNA, BEN, NOW, VERA, load, put

BOTH = (Pick("c1", "Cleo", "review", "NPS 10"), Pick("c2", "Dan", "review"))
LATER = dt.date(2027, 1, 1)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bulk")
    with using(folder / "home"):
        load(folder / "in")
    return folder / "home"


@pytest.fixture
def month(imported, tmp_path):
    with using(Path(shutil.copytree(imported, tmp_path / "home"))):
        yield open_month()


def made():
    with records_database().read() as session:
        asks = session.exec(select(Ask).where(Ask.token.is_not(None))).all()
        return asks, session.exec(select(AuditEntry).where(AuditEntry.act.like("%ask"))).all()


def test_many_are_accepted_and_logged_once_however_often_it_is_clicked(month):
    for _ in range(3):
        report = accept_many(ANNA, month, BOTH, "t", NOW)
        assert (report.done, report.contacts) == (("Cleo", "Dan"), ("c1", "c2"))
        assert report.refused == ()
    asks, audited = made()
    assert {(ask.contact_id, ask.state, ask.asked_by) for ask in asks} == {
        ("c1", "accepted", "Anna"),
        ("c2", "accepted", "Anna"),
    }
    assert len(audited) == 2


def test_a_ticket_opened_since_the_list_was_drawn_refuses_one_and_not_the_other(month, tmp_path):
    text = "ticket_id,account_id,severity,opened_at,closed_at,escalated\nt2,a,1,2026-10-31T08:00:00,,false\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", tickets=text)], NOW)
    report = accept_many(ANNA, month, BOTH, "t", NOW)
    assert report.done == ("Dan",)
    assert report.refused == (("Cleo", "1 open ticket of severity 1–2"),)


@pytest.fixture
def colleagues(month, tmp_path):
    """The company with a second person at the account of the first."""
    more = {
        "contacts": "contact_id,account_id,persona,joined_on\nc3,a,CTO,2024-01-01\n",
        "survey_responses": "response_id,account_id,contact_id,survey,score,answered_at\n"
        "r3,a,c3,nps,10,2026-10-12T09:00:00\n",
        "consents": "contact_id,use,status,granted_on\nc3,email,granted,2026-01-01\n",
    }
    run_import(LOCAL_USER, [put(tmp_path / "more", **more)], NOW)
    found = open_month()
    assert set(found.next_asks["state"]) == {"ask"}
    return found


def test_of_two_people_of_one_account_the_first_is_accepted_and_the_other_told_why(colleagues):
    three = (*BOTH, Pick("c3", "Eve", "review"))
    report = accept_many(ANNA, colleagues, three, "t", NOW)
    assert report.done == ("Cleo", "Dan")
    assert report.refused == (("Eve", "Cleo, a colleague, was accepted just before"),)
    again = accept_many(ANNA, colleagues, three, "t", NOW)
    assert (again.done, again.refused) == (report.done, (("Eve", "an accepted ask of a colleague waits to be sent"),))


def test_people_of_one_account_follow_each_other_on_list_accept_and_send(colleagues):
    first = accept_ask(ANNA, colleagues, "c1", "review", "", "one", NOW)
    with pytest.raises(RuleBroken, match="an accepted ask of a colleague waits to be sent"):
        accept_ask(BEN, colleagues, "c3", "review", "", "two", NOW)
    rows = open_month().next_asks.set_index("contact_id")
    assert (rows.loc["c3", "state"], rows.loc["c3", "why"]) == (
        "rest", "an accepted ask of a colleague waits to be sent",
    )  # fmt: skip
    with records_database().write() as session:  # accepted before there was the rule
        session.add(Ask(ask_id="old", contact_id="c3", activity="review", state="accepted"))
    mark_sent(ANNA, colleagues, first, NOW.date(), NOW)
    with pytest.raises(RuleBroken, match="a colleague was asked on"):
        mark_sent(ANNA, colleagues, "old", NOW.date(), NOW)


def test_who_said_yes_is_asked_nothing_more_until_it_is_done_or_the_yes_is_taken_back(month):
    ask_id, asked = accept_ask(ANNA, month, "c1", "review", "", "one", NOW), dt.date(2026, 8, 20)
    mark_sent(ANNA, month, ask_id, asked, NOW)

    def answered(response):
        version = next(row.version for row in made()[0] if row.ask_id == ask_id)
        record_response(ANNA, ask_id, response, asked, version, NOW)
        with pytest.raises(RuleBroken) as refused:
            accept_ask(BEN, open_month(), "c1", "testimonial", "", response, NOW)
        return "said yes to: Review, asked on 20 Aug, not done yet" in str(refused.value)

    assert [answered(response) for response in ("later", "yes", "no", "yes")] == [False, True, False, True]
    version = next(row.version for row in made()[0] if row.ask_id == ask_id)
    mark_step(ANNA, ask_id, "completed_on", asked, version, NOW)
    with pytest.raises(RuleBroken) as refused:
        accept_ask(BEN, open_month(), "c1", "testimonial", "", "done", NOW)
    assert "said yes" not in str(refused.value)


def test_an_answer_noted_by_mistake_is_taken_back_once_and_on_its_day_only(month):
    ask_id, asked = accept_ask(ANNA, month, "c1", "review", "", "one", NOW), dt.date(2026, 8, 20)
    mark_sent(ANNA, month, ask_id, asked, NOW)

    def version():
        return next(row.version for row in made()[0] if row.ask_id == ask_id)

    record_response(ANNA, ask_id, "no", asked, version(), NOW)
    (line,) = person_story(open_month(), "c1").asks
    assert (line.answered, line.noted_on) == (True, NOW.date())
    with pytest.raises(StaleRecord):
        take_back_answer(ANNA, ask_id, version() - 1, NOW)
    with pytest.raises(RuleBroken, match="on that day only"):
        take_back_answer(ANNA, ask_id, version(), NOW + dt.timedelta(days=1))
    with pytest.raises(NotAllowed):
        take_back_answer(VERA, ask_id, version(), NOW)
    seen = version()
    for _ in range(3):
        take_back_answer(ANNA, ask_id, seen, NOW)
    (line,) = person_story(open_month(), "c1").asks
    assert (line.answered, line.noted_on, line.version) == (False, None, seen + 1)
    with records_database().read() as session:
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.act == "take back answer")).all()
    assert entry.detail == {"contact": "c1", "answer": "no", "answered_on": "2026-08-20"}
    record_response(ANNA, ask_id, "yes", asked, version(), NOW)
    mark_step(ANNA, ask_id, "completed_on", asked, version(), NOW)
    assert person_story(open_month(), "c1").asks[0].noted_on is None
    with pytest.raises(RuleBroken, match="it was done"):
        take_back_answer(ANNA, ask_id, version(), NOW)


def test_an_answer_that_an_import_brought_is_not_taken_back_here(month, tmp_path):
    text = (
        "ask_id,contact_id,activity,state,asked_on,delivered,responded_on,response\n"
        "k7,c1,review,sent,2026-08-20,true,2026-08-21,no\n"
    )
    run_import(LOCAL_USER, [put(tmp_path / "more", asks=text)], NOW)
    with pytest.raises(RuleBroken, match="no answer was recorded here"):
        take_back_answer(ANNA, "k7", 1, NOW)
    assert next(line for line in person_story(open_month(), "c1").asks if line.ask_id == "k7").noted_on is None


def test_who_was_accepted_by_somebody_else_is_named_with_who(month):
    accept_ask(BEN, month, "c1", "review", "", "ben", NOW)
    report = accept_many(ANNA, month, BOTH, "t", NOW)
    assert report.done == ("Dan",)
    assert "already accepted (review) by Ben" in report.refused[0][1]


def test_what_was_not_proposed_is_refused_with_every_reason(month):
    report = accept_many(ANNA, month, (Pick("c1", "Cleo", "reference"), Pick("gone", "Gone", "review")), "t", NOW)
    assert report.done == ()
    assert "no consent to calls recorded" in report.refused[0][1]
    assert '"gone" is not known' in report.refused[1][1]
    assert made() == ([], [])


def test_many_are_deferred_with_a_reason_until_a_day_ahead(month):
    with pytest.raises(RuleBroken, match="say why"):
        defer_many(ANNA, BOTH, LATER, " ", "t", NOW)
    with pytest.raises(RuleBroken, match="defer until a day after"):
        defer_many(ANNA, BOTH, NOW.date(), "holidays", "t", NOW)
    for _ in range(2):
        assert defer_many(BEN, BOTH, LATER, "holidays", "t", NOW).done == ("Cleo", "Dan")
    asks, _ = made()
    assert {(ask.state, ask.deferred_until, ask.note) for ask in asks} == {("deferred", LATER, "holidays")}
    assert set(open_month().next_asks["state"]) == {"rest"}


@pytest.mark.parametrize(
    ("picks", "reason"),
    [
        ((), "choose at least one"),
        ((BOTH[0], BOTH[0]), "chosen twice"),
        (tuple(Pick(f"x{place}", "x", "review") for place in range(MOST + 1)), f"choose {MOST} at most"),
    ],
)
def test_a_choice_that_is_no_decision_is_refused(month, picks, reason):
    with pytest.raises(RuleBroken, match=reason):
        accept_many(ANNA, month, picks, "t", NOW)


def test_who_does_not_work_with_customers_may_not_act(month):
    with pytest.raises(NotAllowed):
        accept_many(VERA, month, BOTH, "t", NOW)
    with pytest.raises(NotAllowed):
        defer_many(VERA, BOTH, LATER, "why", "t", NOW)
    assert made() == ([], [])
