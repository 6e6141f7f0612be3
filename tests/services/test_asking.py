"""Accept, defer, never, sent: who may, what is checked again at save, and what is logged with it."""

import datetime as dt
import shutil
import threading
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import NotAllowed, RuleBroken
from core.services.access import LOCAL_USER, Actor
from core.services.asking import accept_ask, acted_on, mark_sent, set_aside, withdraw_ask
from core.services.home import open_month, records_database
from core.services.importing import run_import
from core.settings import settings
from core.store.database import database
from core.store.tables import Ask, AuditEntry
from tests.homes import using

NOW = dt.datetime(2026, 11, 4, 9, 30, tzinfo=dt.UTC)
ANNA = Actor("Anna", frozenset({"customer_marketing"}))
BEN = Actor("Ben", frozenset({"contributor"}))

FILES = {
    "accounts": "account_id,name,start_date,icp_fit\na,Aster,2024-01-01,0.9\nb,Birch,2024-01-01,0.9\n",
    "subscriptions": "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "s1,a,Pro,10,120000,EUR,2024-01-01,,false\ns2,b,Pro,10,120000,EUR,2024-01-01,,false\n",
    "contacts": "contact_id,account_id,persona,joined_on\nc1,a,Team Lead,2024-01-01\nc2,b,CFO,2024-01-01\n",
    "milestones": "account_id,kind,reached_on\na,first_value,2026-09-01\nb,first_value,2026-09-01\n",
    "outcomes": "outcome_id,account_id,agreed_on,verified_on\no1,a,2026-01-01,2026-09-15\no2,b,2026-01-01,2026-09-15\n",
    "survey_responses": "response_id,account_id,contact_id,survey,score,answered_at\n"
    "r1,a,c1,nps,10,2026-10-10T09:00:00\nr2,b,c2,nps,10,2026-10-31T09:00:00\n",
    "tickets": "ticket_id,account_id,severity,opened_at,closed_at,escalated\n"
    "t1,a,3,2026-01-01T09:00:00,2026-01-02T09:00:00,false\n",
    "renewals": "renewal_id,account_id,due_on,mrr_due_cents,currency\nn1,a,2027-12-31,120000,EUR\n",
    "usage": "account_id,week_start,active_users,licensed_seats,core_events\n"
    "a,2026-10-19,9,10,100\nb,2026-10-19,9,10,100\n",
    "consents": "contact_id,use,status,granted_on\nc1,email,granted,2026-01-01\nc2,email,granted,2026-01-01\n",
    "asks": "ask_id,contact_id,activity,state,asked_on,delivered\nk1,c2,speaking,sent,2024-02-01,true\n",
}  # fmt: skip


def put(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Two accounts with one person each; both can be asked for a review. For copying only."""
    folder = tmp_path_factory.mktemp("asking")
    with using(folder / "home"):
        run_import(LOCAL_USER, [put(folder / "inbox", **FILES)], NOW)
    return folder / "home"


@pytest.fixture
def company(imported, tmp_path):
    """The newest month of that company, in a home of its own."""
    with using(Path(shutil.copytree(imported, tmp_path / "home"))):
        yield open_month()


def rows(kind, **wanted):
    with records_database().read() as session:
        found = session.exec(select(kind)).all()
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def made():
    """Asks that were made here, not imported."""
    return [row for row in rows(Ask) if row.token is not None]


def accept(month, actor=ANNA, contact="c1", token="t"):
    return accept_ask(actor, month, contact, "review", "NPS 10 on 10 Oct", token, NOW)


def state_of(contact="c1"):
    asks = open_month().next_asks
    return asks.set_index("contact_id").loc[contact, "state"]


def test_the_case_is_what_it_says(company):
    assert list(company.next_asks["state"]) == ["ask", "ask"]
    assert list(company.next_asks["activity"]) == ["review", "review"]


def test_an_accepted_ask_is_logged_with_its_reason_and_an_audit_row(company):
    ask_id = accept(company)
    (row,) = rows(Ask, ask_id=ask_id)
    assert (row.contact_id, row.activity, row.state, row.asked_by) == ("c1", "review", "accepted", "Anna")
    assert row.trigger == "NPS 10 on 10 Oct"
    (entry,) = rows(AuditEntry, act="accept ask")
    assert (entry.actor, entry.record) == ("Anna", f"asks/{ask_id}")
    assert state_of() == "rest"


def test_three_clicks_with_one_token_log_one_ask(company):
    assert len({accept(company) for _ in range(3)}) == 1
    assert len(made()) == 1
    assert len(rows(AuditEntry, act="accept ask")) == 1


def test_an_ask_somebody_accepted_meanwhile_is_refused_with_who_and_when(company):
    accept(company, BEN, token="one")
    with pytest.raises(RuleBroken, match=r"already accepted \(review\) by Ben on 4.Nov.2026, 09:30 UTC"):
        accept(company, ANNA, token="two")
    assert len(made()) == 1


def test_an_imported_accepted_ask_is_refused_without_inventing_who(company, tmp_path):
    text = "ask_id,contact_id,activity,state\nk9,c1,review,accepted\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", asks=text)], NOW)
    with pytest.raises(RuleBroken, match=r"already accepted \(review\) by somebody else; the ask waits"):
        accept(company)


def test_a_ticket_opened_after_the_list_was_drawn_stops_the_ask(company, tmp_path):
    text = "ticket_id,account_id,severity,opened_at,escalated\nt2,a,1,2026-10-30T09:00:00,false\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", tickets=text)], NOW)
    with pytest.raises(RuleBroken, match="1 open ticket of severity 1–2"):
        accept(company)
    assert made() == []
    assert rows(AuditEntry, act="accept ask") == []


def test_a_consent_withdrawn_after_the_list_was_drawn_stops_the_ask(company, tmp_path):
    text = "contact_id,use,status,granted_on\nc1,email,withdrawn,2026-11-03\n"
    run_import(LOCAL_USER, [put(tmp_path / "more", consents=text)], NOW)
    with pytest.raises(RuleBroken, match="opted out"):
        accept(company)


def test_an_old_list_is_no_way_round_the_rules_of_today(company):
    september = open_month(dt.date(2026, 9, 1))
    set_aside(BEN, "c1", "review", "on leave", "aside", NOW, dt.date(2026, 12, 1))
    with pytest.raises(RuleBroken, match=r"already deferred until 1.Dec.2026 by Ben on 4.Nov.2026"):
        accept(september)


def test_what_was_not_proposed_is_refused_with_the_reason(company):
    with pytest.raises(RuleBroken, match="no consent to calls recorded"):
        accept_ask(ANNA, company, "c1", "reference", "", "t", NOW)
    with pytest.raises(RuleBroken, match='"nobody" is not known'):
        accept_ask(ANNA, company, "nobody", "review", "", "t", NOW)
    assert made() == []


@pytest.mark.parametrize("role", ["viewer", "finance", "approver", "assessor", "validator"])
def test_who_does_not_work_with_customers_may_not_act(company, role):
    actor = Actor("Vera", frozenset({role}))
    with pytest.raises(NotAllowed, match="Vera may not accept an ask"):
        accept(company, actor)
    with pytest.raises(NotAllowed, match="Vera may not defer"):
        set_aside(actor, "c1", "review", "why", "t", NOW, None)
    with pytest.raises(NotAllowed, match="Vera may not mark"):
        mark_sent(actor, company, "k1", NOW.date(), NOW)
    assert made() == []


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.parametrize("until", [None, dt.date(2026, 12, 1)])
def test_deferring_and_never_need_a_reason(company, reason, until):
    with pytest.raises(RuleBroken, match="say why"):
        set_aside(ANNA, "c1", "review", reason, "t", NOW, until)
    assert made() == []


def test_a_deferral_rests_the_person_until_its_day(company):
    set_aside(ANNA, "c1", "review", " on leave ", "t", NOW, dt.date(2026, 12, 1))
    (row,) = made()
    assert (row.state, row.deferred_until, row.note) == ("deferred", dt.date(2026, 12, 1), "on leave")
    assert state_of() == "rest"
    (entry,) = rows(AuditEntry, act="defer ask")
    assert entry.detail["reason"] == "on leave"


def test_a_deferral_must_lie_ahead(company):
    with pytest.raises(RuleBroken, match=r"a day after 4.Nov.2026"):
        set_aside(ANNA, "c1", "review", "why", "t", NOW, NOW.date())


def test_never_stops_every_ask_and_is_said_once(company):
    for _ in range(3):
        set_aside(ANNA, "c1", "review", "asked us not to", "t", NOW, None)
    assert [row.state for row in made()] == ["never"]
    assert state_of() == "blocked"
    assert len(rows(AuditEntry, act="never ask")) == 1
    with pytest.raises(RuleBroken, match=r"already set aside for good by Anna on 4.Nov.2026"):
        set_aside(BEN, "c1", "review", "later", "other", NOW, dt.date(2026, 12, 1))


def test_a_sent_ask_counts_from_its_day_and_is_sent_once(company):
    ask_id = accept(company)
    mark_sent(BEN, company, ask_id, dt.date(2026, 11, 3), NOW)
    (row,) = rows(Ask, ask_id=ask_id)
    assert (row.state, row.asked_on, row.delivered, row.asked_by) == ("sent", dt.date(2026, 11, 3), True, "Anna")
    with pytest.raises(RuleBroken, match=r"this ask was marked as sent by Ben on 4.Nov.2026"):
        mark_sent(ANNA, company, ask_id, dt.date(2026, 11, 4), NOW)
    assert [row.asked_on for row in rows(Ask, ask_id=ask_id)] == [dt.date(2026, 11, 3)]
    assert len(rows(AuditEntry, act="send ask")) == 1
    contacts = open_month().advocacy_input.contacts.set_index("contact_id")
    assert contacts.loc["c1", "asks_90d"] == 1


def test_an_ask_cannot_be_sent_tomorrow_or_before_it_is_accepted(company):
    ask_id = accept(company)
    with pytest.raises(RuleBroken, match="lies ahead"):
        mark_sent(ANNA, company, ask_id, dt.date(2026, 11, 5), NOW)
    with pytest.raises(RuleBroken, match="sent or withdrawn by somebody else"):
        mark_sent(ANNA, company, "no such ask", NOW.date(), NOW)
    assert [row.state for row in made()] == ["accepted"]


STOPS = {
    "blocked": ({"tickets": "ticket_id,account_id,severity,opened_at,escalated\nt2,a,1,2026-10-30T09:00:00,false\n"},
                "open ticket of severity 1–2"),
    "declined": ({"interests": "contact_id,activity,stance,values\nc1,review,no,none\n"}, "said no to: Review"),
    "rest": ({"asks": "ask_id,contact_id,activity,state,asked_on,delivered\nk2,c1,reference,sent,2026-10-30,true\n"},
             "asked on 30 Oct"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "reason"), STOPS.values(), ids=list(STOPS))
def test_what_stands_against_an_accepted_ask_meanwhile_stops_its_sending(company, tmp_path, more, reason):
    ask_id = accept(company)
    run_import(LOCAL_USER, [put(tmp_path / "more", **more)], NOW)
    with pytest.raises(RuleBroken, match=f"(?s)cannot be sent now; nothing was saved.*{reason}") as refused:
        mark_sent(ANNA, company, ask_id, NOW.date(), NOW)
    assert "waits to be sent" not in str(refused.value)
    assert [row.state for row in made()] == ["accepted"]
    assert rows(AuditEntry, act="send ask") == []


def test_a_no_to_another_activity_does_not_stop_sending(company, tmp_path):
    ask_id = accept(company)
    run_import(
        LOCAL_USER, [put(tmp_path / "more", interests="contact_id,activity,stance,values\nc1,video,no,none\n")], NOW
    )
    mark_sent(ANNA, company, ask_id, NOW.date(), NOW)
    assert [row.state for row in made()] == ["sent"]


def test_a_withdrawn_ask_counts_nowhere_and_the_person_can_be_asked_again(company):
    before = open_month().advocacy_input.contacts
    ask_id = accept(company)
    withdraw_ask(BEN, ask_id, " wrong person ", NOW)
    (row,) = made()
    assert (row.state, row.note, row.version) == ("proposed", "wrong person", 2)
    (entry,) = rows(AuditEntry, act="withdraw ask")
    assert (entry.actor, entry.detail["reason"]) == ("Ben", "wrong person")
    assert open_month().advocacy_input.contacts.equals(before)
    assert state_of() == "ask"
    assert acted_on("c1", NOW.date()) is None
    with pytest.raises(RuleBroken, match=r"withdrawn by Ben on 4.Nov.2026"):
        withdraw_ask(ANNA, ask_id, "why", NOW)
    with pytest.raises(RuleBroken, match=r"withdrawn by Ben on 4.Nov.2026"):
        mark_sent(ANNA, company, ask_id, NOW.date(), NOW)
    accept(open_month(), token="again")


def test_withdrawing_needs_a_reason_a_role_and_an_ask_that_waits(company):
    ask_id = accept(company)
    with pytest.raises(RuleBroken, match="say why"):
        withdraw_ask(ANNA, ask_id, "  ", NOW)
    with pytest.raises(NotAllowed, match="Vera may not withdraw"):
        withdraw_ask(Actor("Vera", frozenset({"viewer"})), ask_id, "why", NOW)
    mark_sent(BEN, company, ask_id, NOW.date(), NOW)
    with pytest.raises(RuleBroken, match="marked as sent by Ben"):
        withdraw_ask(ANNA, ask_id, "why", NOW)
    assert [row.state for row in made()] == ["sent"]


def test_what_was_done_to_a_person_is_told_with_who_and_when(company):
    assert acted_on("c1", NOW.date()) is None
    set_aside(BEN, "c1", "review", "on leave", "aside", NOW, dt.date(2026, 12, 1))
    assert acted_on("c1", NOW.date()).replace("\N{NO-BREAK SPACE}", " ") == (
        "This person was already deferred until 1 Dec 2026 by Ben on 4 Nov 2026, 09:30 UTC"
    )
    assert acted_on("c1", dt.date(2026, 12, 1)) is None


def test_the_ask_and_its_audit_row_stand_or_fall_together(company, monkeypatch):
    def fails(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr("core.services.asking.audit", fails)
    with pytest.raises(OSError, match="disk full"):
        accept(company)
    assert made() == []


def in_threads(*acts):
    """Run the acts at the same moment; returns what each returned or raised."""
    results = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place, act):
        start.wait()
        try:
            results[place] = act()
        except RuleBroken as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def one_wins(month):
    results = in_threads(lambda: accept(month, ANNA, token="anna"), lambda: accept(month, BEN, token="ben"))
    refused = [item for item in results if isinstance(item, RuleBroken)]
    (won,) = [item for item in results if isinstance(item, str)]
    assert len(refused) == 1
    (row,) = made()
    assert row.ask_id == won
    assert f"(review) by {row.asked_by} on" in str(refused[0])
    assert len(rows(AuditEntry, act="accept ask")) == 1


def test_of_two_people_at_the_same_moment_one_wins(company):
    one_wins(company)


def test_one_token_in_three_threads_is_one_ask(company):
    results = in_threads(*[lambda: accept(company)] * 3)
    assert len(set(results)) == 1
    assert len(made()) == 1


@pytest.fixture
def company_on_postgres(tmp_path, postgres_url, monkeypatch):
    with using(tmp_path / "home"):
        monkeypatch.setenv("DATABASE_URL", postgres_url)
        settings.cache_clear()
        run_import(LOCAL_USER, [put(tmp_path / "inbox", **FILES)], NOW)
        yield open_month()
        database(settings().records_url).close()
        database.cache_clear()


def test_on_postgres_too_one_of_two_people_wins(company_on_postgres):
    one_wins(company_on_postgres)


def test_on_postgres_too_one_token_is_one_ask_and_one_sending(company_on_postgres):
    results = in_threads(*[lambda: accept(company_on_postgres)] * 3)
    assert len(set(results)) == 1
    sent = in_threads(*[lambda: mark_sent(ANNA, company_on_postgres, results[0], NOW.date(), NOW)] * 3)
    assert sorted(type(item).__name__ for item in sent) == ["NoneType", "RuleBroken", "RuleBroken"]
    assert len(rows(AuditEntry, act="send ask")) == 1
