"""A company in New York: what it imports counts on its own days, by whatever way it comes in."""

import datetime as dt
from types import SimpleNamespace

import pytest

from core.services.access import LOCAL_USER
from core.services.corrections import correct
from core.services.home import current_state, open_engine
from core.services.request_log import moment
from core.services.templates import template_notes
from core.settings import settings
from tests.homes import NOW
from tests.inbox import cells

HEAD = "ticket_id,account_id,severity,escalated,opened_at\n"
OCTOBER = HEAD + "T-1,A-1,1,true,2025-10-01 00:30\nT-2,A-1,1,true,2025-10-31 23:30\n"
NOVEMBER = HEAD + "T-3,A-1,1,true,2025-11-01T00:30:00-04:00\nT-4,A-1,1,true,2025-11-30 23:30\n"


@pytest.fixture
def in_new_york(inbox, monkeypatch):
    monkeypatch.setenv("COUNCIL_ZONE", "America/New_York")
    settings.cache_clear()
    yield inbox
    monkeypatch.undo()
    settings.cache_clear()


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
