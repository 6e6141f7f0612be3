"""Many at once: each is checked again at save, told one by one, and logged once."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken
from core.services.access import LOCAL_USER
from core.services.asking import accept_ask
from core.services.asking_bulk import MOST, Pick, accept_many, defer_many
from core.services.home import open_month, records_database
from core.services.importing import run_import
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
        assert report.done == ("Cleo", "Dan")
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
