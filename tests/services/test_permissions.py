"""Consents, interests, outcomes and what follows an ask: who may record them, versions, and what they change."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken, StaleRecord
from core.services.access import LOCAL_USER
from core.services.follow_up import mark_step, record_response
from core.services.home import open_month, records_database
from core.services.importing import run_import
from core.services.permissions import permissions, save_consent, save_interest, verify_outcome
from core.services.person_story import person_story
from core.store.tables import Ask, AuditEntry, Consent, Outcome
from tests.homes import using
from tests.services.small_company import ANNA, BEN, NOW, VERA, load, put

TODAY = NOW.date()
SENT = "ask_id,contact_id,activity,state,asked_on,delivered\nk1,c2,speaking,sent,2026-10-01,true\n"


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """The company whole, and without consents and outcomes. For copying only."""
    folder = tmp_path_factory.mktemp("permissions")
    with using(folder / "whole"):
        load(folder / "in", asks=SENT)
    with using(folder / "bare"):
        load(folder / "bare_in", "consents", "outcomes")
    return folder


@pytest.fixture
def company(homes, tmp_path):
    with using(Path(shutil.copytree(homes / "whole", tmp_path / "home"))):
        yield


@pytest.fixture
def bare(homes, tmp_path):
    with using(Path(shutil.copytree(homes / "bare", tmp_path / "home"))):
        yield


def rows(kind, **wanted):
    with records_database().read() as session:
        found = session.exec(select(kind)).all()
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def states(month, contact):
    guards = month.guards[month.guards["contact_id"] == contact]
    return dict(zip(guards["guard"].astype(str), guards["state"].astype(str), strict=True))


def consent(actor=ANNA, use="call", status="granted", until=None, version=None, contact="c1"):
    save_consent(actor, contact, use, status, until, "by phone", version, NOW)


def test_a_consent_is_recorded_with_author_last_day_and_audit_row(company):
    consent(until=dt.date(2027, 6, 30))
    (row,) = rows(Consent, use="call")
    assert (row.status, row.granted_on, row.expires_on) == ("granted", TODAY, dt.date(2027, 6, 30))
    assert row.author == "Anna, asked by phone"
    (entry,) = rows(AuditEntry, act="consent granted")
    assert (entry.actor, entry.record) == ("Anna", "consents/c1/call")
    assert states(open_month(), "c1")["consent_call"] == "clear"


def test_three_fast_saves_record_one_consent(company):
    for _ in range(3):
        consent()
    assert len(rows(Consent, use="call")) == len(rows(AuditEntry, act="consent granted")) == 1


def test_of_two_people_on_one_consent_the_second_is_shown_both_sides(company):
    line = next(line for line in permissions("c1").consents if line.use == "email")
    consent(BEN, "email", "withdrawn", version=line.version)
    with pytest.raises(StaleRecord, match=r"Now it says: status = withdrawn.*You wanted: status = refused"):
        consent(ANNA, "email", "refused", version=line.version)
    assert rows(Consent, contact_id="c1", use="email")[0].status == "withdrawn"
    assert states(open_month(), "c1")["opted_out"] == "blocked"


def test_what_nobody_saw_is_not_overwritten(company):
    with pytest.raises(StaleRecord):
        consent(use="email", status="withdrawn", version=None)
    with pytest.raises(StaleRecord, match="it is gone"):
        consent(use="logo", version=3)


def test_an_import_does_not_undo_what_was_recorded_here(company, tmp_path):
    consent(use="call", status="refused")
    text = "contact_id,use,status,granted_on\nc1,call,granted,2026-01-01\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", consents=text)], NOW)
    assert rows(Consent, use="call")[0].status == "refused"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"until": dt.date(2026, 1, 1)}, "must lie ahead"),
        ({"status": "refused", "until": dt.date(2027, 1, 1)}, "must lie ahead"),
        ({"use": "tattoo"}, "not known"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(company, changed, reason):
    with pytest.raises(RuleBroken, match=reason):
        consent(**changed)
    assert not rows(AuditEntry, act="consent granted")


def test_only_who_works_with_customers_records_anything(company):
    month = open_month()
    with pytest.raises(NotAllowed):
        consent(VERA)
    with pytest.raises(NotAllowed):
        save_interest(VERA, "c1", "review", "no", "none", "", None, NOW)
    with pytest.raises(NotAllowed):
        verify_outcome(VERA, month, "c1", "saved a day", TODAY, "t", NOW)
    with pytest.raises(NotAllowed):
        mark_step(VERA, "k1", "completed_on", TODAY, 1, NOW)
    assert not [entry for entry in rows(AuditEntry) if entry.actor == "Vera"]


def test_a_no_to_an_activity_takes_it_out_of_the_next_ask(company):
    save_interest(BEN, "c1", "review", "no", "none", "asked too often", None, NOW)
    asks = open_month().next_asks.set_index("contact_id")
    assert asks.loc["c1", "activity"] != "review"
    line = next(line for line in permissions("c1").interests if line.activity == "review")
    assert (line.stance, line.note) == ("no", "asked too often")
    save_interest(ANNA, "c1", "review", "likes", "visibility", "", line.version, NOW)
    assert open_month().next_asks.set_index("contact_id").loc["c1", "activity"] == "review"


def test_without_consents_everybody_is_not_checked_and_nobody_is_proposed(bare):
    month = open_month()
    for contact in ("c1", "c2"):
        found = states(month, contact)
        assert found["opted_out"] == found["consent_call"] == found["verified_outcome"] == "not_checked"
    assert not month.next_asks["state"].eq("ask").any()


def test_settled_on_the_spot_it_counts_for_that_person_alone(bare):
    consent(use="email")
    consent(use="call", until=dt.date(2027, 6, 30))
    verify_outcome(BEN, open_month(), "c1", "two days saved a month", TODAY, "o", NOW)
    month = open_month()
    own, other = states(month, "c1"), states(month, "c2")
    assert own["consent_call"] == own["consent_email"] == own["opted_out"] == own["verified_outcome"] == "clear"
    assert other["opted_out"] == other["consent_call"] == other["verified_outcome"] == "not_checked"
    asks = month.next_asks.set_index("contact_id")
    assert asks.loc["c1", "state"] != "not_checked"
    assert asks.loc["c2", "state"] == "not_checked"


def test_a_refusal_recorded_alone_stops_that_person(bare):
    consent(use="email", status="refused")
    month = open_month()
    assert states(month, "c1")["opted_out"] == "blocked"
    assert states(month, "c2")["opted_out"] == "not_checked"


def test_an_outcome_needs_words_and_a_day_and_is_recorded_once(company):
    month = open_month()
    with pytest.raises(RuleBroken, match="say what the customer achieved"):
        verify_outcome(ANNA, month, "c1", " ", TODAY, "t", NOW)
    with pytest.raises(RuleBroken, match="lies ahead"):
        verify_outcome(ANNA, month, "c1", "won", TODAY + dt.timedelta(days=1), "t", NOW)
    assert len({verify_outcome(ANNA, month, "c1", "won", TODAY, "t", NOW) for _ in range(3)}) == 1
    assert len(rows(Outcome, account_id="a")) == 2
    assert rows(AuditEntry, act="verify outcome")[0].detail["said"] == "won"


def test_what_follows_an_ask_is_noted_in_its_order_and_once(company):
    with pytest.raises(RuleBroken, match="note first that it was done"):
        mark_step(ANNA, "k1", "thanked_on", TODAY, 1, NOW)
    record_response(ANNA, "k1", "yes", dt.date(2026, 10, 3), 1, NOW)
    for _ in range(3):
        mark_step(ANNA, "k1", "completed_on", dt.date(2026, 10, 20), 2, NOW)
    mark_step(BEN, "k1", "thanked_on", TODAY, 3, NOW)
    (row,) = rows(Ask, ask_id="k1")
    assert (row.response, row.completed_on, row.thanked_on, row.version) == ("yes", dt.date(2026, 10, 20), TODAY, 4)
    acts = [entry.act for entry in rows(AuditEntry) if entry.record == "asks/k1"]
    assert acts == ["record answer", "mark ask done", "mark ask thanked"]


def test_a_yes_that_is_not_done_can_be_taken_back_and_one_that_is_done_cannot(company):
    month = open_month()

    def promises():
        return [line.is_promise for line in person_story(month, "c2").asks] == [True]

    assert not promises()
    record_response(ANNA, "k1", "yes", dt.date(2026, 10, 3), 1, NOW)
    assert promises()
    record_response(ANNA, "k1", "no", TODAY, 2, NOW)
    assert not promises()
    assert rows(Ask, ask_id="k1")[0].response == "no"
    record_response(ANNA, "k1", "yes", TODAY, 3, NOW)
    mark_step(ANNA, "k1", "completed_on", TODAY, 4, NOW)
    assert not promises()


def test_of_two_people_on_one_ask_the_second_is_shown_both_sides(company):
    record_response(BEN, "k1", "no", TODAY, 1, NOW)
    with pytest.raises(StaleRecord, match=r"Now it says: response = no.*You wanted: response = yes"):
        record_response(ANNA, "k1", "yes", TODAY, 1, NOW)


@pytest.mark.parametrize("day", [dt.date(2026, 9, 30), TODAY + dt.timedelta(days=1)])
def test_an_answer_lies_between_the_ask_and_today(company, day):
    with pytest.raises(RuleBroken, match="Nothing was saved"):
        record_response(ANNA, "k1", "yes", day, 1, NOW)
    with pytest.raises(RuleBroken, match="was sent"):
        mark_step(ANNA, "unknown", "completed_on", TODAY, 1, NOW)
