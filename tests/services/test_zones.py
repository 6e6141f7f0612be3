"""A company in New York: what it imports counts on its own days, by whatever way it comes in."""

import datetime as dt
from types import SimpleNamespace

import pytest

from core.errors import InputProblems, Problem, Remedy, RuleBroken
from core.glossary import display_day
from core.services.access import LOCAL_USER
from core.services.clock import event_day, moment_words
from core.services.corrections import correct
from core.services.data_state import coverage
from core.services.home import current_state, open_engine, records_database
from core.services.import_remedies import questions
from core.services.referral_acts import contact_referral
from core.services.request_log import moment
from core.services.templates import template_notes
from core.settings import settings
from core.store.tables import Referral
from tests.homes import NOW
from tests.inbox import cells

HEAD = "ticket_id,account_id,severity,escalated,opened_at\n"
OCTOBER = HEAD + "T-1,A-1,1,true,2025-10-01 00:30\nT-2,A-1,1,true,2025-10-31 23:30\n"
NOVEMBER = HEAD + "T-3,A-1,1,true,2025-11-01T00:30:00-04:00\nT-4,A-1,1,true,2025-11-30 23:30\n"
REFERRALS = "referral_id,contact_id,prospect_id,submitted_at\n"


@pytest.fixture
def in_zone(inbox, monkeypatch):
    """Lets the company live in a zone; gives what it imports."""

    def live(zone):
        monkeypatch.setenv("COUNCIL_ZONE", zone)
        settings.cache_clear()
        return inbox

    yield live
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def in_new_york(in_zone):
    return in_zone("America/New_York")


def opened():
    return {name: str(day.date()) for name, day in cells("tickets", "ticket_id", "opened_at_day").items()}


def test_a_deal_closed_late_in_the_evening_closed_on_that_day(in_new_york):
    head = "opportunity_id,name,kind,amount_cents,currency,created_on,closed_on,outcome\n"
    deals = (
        "O-1,One,new,100,EUR,2025-10-01,2025-10-31T23:30:00-04:00,won\nO-2,Two,new,100,EUR,2025-10-01,2025-11-01,won\n"
    )
    rule = '[tables.opportunities]\nfiles = ["opportunities.csv"]\ntimes = true\n'
    mapping = in_new_york.folder.parent / "mapping.toml"
    mapping.write_text('id = "crm"\nlabel = "CRM"\nsource = "its own"\n' + rule)
    in_new_york.only(opportunities=head + deals).load(mapping=mapping)
    found = {name: str(day.date()) for name, day in cells("opportunities", "opportunity_id", "closed_on").items()}
    assert found == {"O-1": "2025-10-31", "O-2": "2025-11-01"}


def test_replacing_the_months_of_a_file_leaves_the_month_its_last_evening_reaches_into(in_new_york):
    in_new_york.put(tickets=OCTOBER).load()
    in_new_york.only(tickets=NOVEMBER).load()
    report = in_new_york.only(tickets=OCTOBER.replace("T-2", "T-5")).load(mode="replace_months")
    assert [(item.new, item.same, item.disappeared) for item in report.tables] == [(1, 1, 1)]
    assert opened() == {"T-1": "2025-10-01", "T-3": "2025-11-01", "T-4": "2025-11-30", "T-5": "2025-10-31"}


def test_a_last_evening_says_nothing_of_the_day_after(in_new_york):
    report = in_new_york.put(tickets=OCTOBER).load()
    assert report.as_of == dt.date(2025, 10, 31)


def test_the_same_file_again_changes_nothing_and_a_correction_is_told_in_utc(in_new_york):
    in_new_york.put(tickets=OCTOBER).load()
    before = current_state().manifest_hash
    in_new_york.load()
    assert current_state().manifest_hash == before
    correct(LOCAL_USER, "tickets", {"ticket_id": "T-1"}, "opened_at", "2025-10-02 04:00:00", "typing error", NOW)
    assert opened()["T-1"] == "2025-10-02"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("2025-10-02T00:00:00-04:00", id="with an offset"),
        pytest.param("2025-10-02 04:00:00+00:00", id="with that of UTC"),
        pytest.param("2025-10-02 4:00", id="without one"),
    ],
)
def test_a_corrected_moment_is_what_its_offset_says_else_utc(in_new_york, typed):
    in_new_york.put(tickets=OCTOBER).load()
    correct(LOCAL_USER, "tickets", {"ticket_id": "T-1"}, "opened_at", typed, "typing error", NOW)
    assert str(cells("tickets", "ticket_id", "opened_at")["T-1"]) == "2025-10-02 04:00:00"


def test_a_corrected_moment_with_am_or_pm_is_refused(in_new_york):
    in_new_york.put(tickets=OCTOBER).load()
    with pytest.raises(RuleBroken, match='without am and pm, found "2025-10-01 11:30 PM"'):
        correct(LOCAL_USER, "tickets", {"ticket_id": "T-1"}, "opened_at", "2025-10-01 11:30 PM", "typing error", NOW)


def test_a_day_is_in_order_with_every_hour_of_it(in_zone):
    head, inbox = HEAD.replace("opened_at", "opened_at,first_response_at"), in_zone("Asia/Tokyo")
    rows = "T-1,A-1,1,true,2025-11-03,2025-11-03 08:30\nT-2,A-1,1,true,2025-11-03 08:30,2025-11-03\n"
    inbox.put(tickets=head + rows).load()
    assert opened() == {"T-1": "2025-11-03", "T-2": "2025-11-03"}
    with pytest.raises(InputProblems, match="expected first_response_at on or after opened_at"):
        inbox.put(tickets=head + "T-3,A-1,1,true,2025-11-04,2025-11-03 23:30\n").load()


def test_minutes_after_a_moment_are_a_moment_and_none_after_a_day_is_that_day(in_new_york):
    columns = "".join(f'{name} = {{ column = "{name}" }}\n' for name in HEAD.strip().split(","))
    mapping = in_new_york.folder.parent / "mapping.toml"
    mapping.write_text(
        'id = "desk"\nlabel = "Desk"\nsource = "its own"\n[tables.tickets]\nfiles = ["tickets.csv"]\n'
        f'[tables.tickets.columns]\n{columns}first_response_at = {{ column = "opened_at", plus_minutes = "wait" }}\n'
    )
    in_new_york.load()
    head = HEAD.replace("opened_at", "opened_at,wait")
    rows = "T-1,A-1,1,true,2025-10-31 19:00,60\nT-2,A-1,1,true,2025-11-01,0\n"
    in_new_york.only(tickets=head + rows).load(mapping=mapping)
    found = cells("tickets", "ticket_id", "first_response_at_day")
    assert {name: str(day.date()) for name, day in found.items()} == {"T-1": "2025-10-31", "T-2": "2025-11-01"}


def test_an_import_with_a_last_day_and_a_last_evening_describes_the_later_day(in_new_york):
    rows = "f1,C-1,x@one.example,2025-11-01\nf2,C-1,x@two.example,2025-10-31 23:30\n"
    in_new_york.put(contacts="contact_id,account_id\nC-1,A-1\n").load()
    assert in_new_york.only(referrals=REFERRALS + rows).load().as_of == dt.date(2025, 11, 1)


def test_the_last_day_of_referrals_is_the_companys(in_new_york):
    in_new_york.put(contacts="contact_id,account_id\nC-1,A-1\n")
    in_new_york.put(referrals=REFERRALS + "f2,C-1,x@two.example,2025-10-31 23:30\n").load()
    (found,) = [item for item in coverage() if item.table == "referrals"]
    assert (found.first_day, found.last_day) == (dt.date(2025, 10, 31), dt.date(2025, 10, 31))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        pytest.param("05/03/2024 23:30:00-04:00", 6, id="an evening elsewhere"),
        pytest.param("05/03/2024 9:30 UTC", 5, id="the same day"),
        pytest.param("05/03/2024 00:00:00Z", 5, id="a day"),
        pytest.param("05/03/2024 23:30", 5, id="no offset"),
    ],
)
def test_a_question_shows_the_day_a_time_would_count_on(in_zone, cell, day):
    in_zone("Asia/Tokyo")
    remedies = tuple(Remedy("dates", style, "closed_on", times=True) for style in ("DD/MM/YYYY", "MM/DD/YYYY"))
    (question,) = questions([Problem("o.csv", "two ways", None, "closed_on", cell, "date_style", remedies)], ())
    shown = display_day(dt.date(2024, 3, day))
    assert question.options[0][0] == f"{shown} (DD/MM/YYYY, of a time the company's own day)"


def test_a_contact_in_the_minute_of_the_referral_that_is_midnight_in_utc_keeps_its_hour(in_new_york):
    in_new_york.put(referrals=REFERRALS + "R-1,C-1,x,2025-10-31T20:00:00-04:00\n").load()
    midnight = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)
    contact_referral(LOCAL_USER, "R-1", 1, midnight, "once", midnight)
    with records_database().read() as session:
        kept = session.get_one(Referral, "R-1").first_contact_at
    assert event_day(kept) == dt.date(2025, 10, 31)
    assert moment_words(kept).endswith("20:00 America/New_York")


def test_a_template_names_the_zone_of_times_without_an_offset(in_new_york):
    (note,) = [item for item in template_notes("tickets") if item.column == "opened_at"]
    assert note.kind == "time as YYYY-MM-DD HH:MM:SS, America/New_York where it has no offset"


def test_another_zone_is_another_state_of_the_figures(in_new_york, monkeypatch):
    in_new_york.put(tickets=OCTOBER).load()
    before = current_state().facts_key
    monkeypatch.setenv("COUNCIL_ZONE", "Asia/Tokyo")
    settings.cache_clear()
    assert current_state().facts_key != before
    assert open_engine(current_state()).query("SELECT MAX(t.opened_at_day) AS d FROM tickets AS t")["d"][0].day == 1


def test_clocks_of_a_month_that_ended_are_read_at_its_end_where_the_company_is(in_new_york):
    october = SimpleNamespace(as_of=dt.date(2025, 10, 31))
    assert moment(october) == dt.datetime(2025, 11, 1, 4, tzinfo=dt.UTC)
