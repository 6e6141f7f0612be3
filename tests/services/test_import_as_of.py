"""The day the data describe: what an import says of it, what lies after it, and a later day stated without files."""

import datetime as dt

import pytest

from core.errors import NotAllowed, RuleBroken
from core.services.access import LOCAL_USER, Actor
from core.services.home import current_state, open_engine, open_source
from core.services.import_as_of import AsOf, day_words, later_in_store, state_as_of
from core.services.import_check import check
from core.services.import_draft import open_draft, with_settings
from core.services.import_screen import import_view
from core.services.import_undo import undo_import
from core.services.importing import ImportRefused, import_runs
from tests.homes import NOW
from tests.inbox import ACCOUNTS, SUBSCRIPTIONS, Inbox, manifest_hash

DEALS = (
    "opportunity_id,account_id,name,kind,source,amount_cents,currency,created_on,closed_on,outcome\n"
    "D-1,A-1,One,expansion,crm,100,EUR,2025-03-01,2025-07-10,won\n"
    "D-2,A-2,Two,expansion,crm,100,EUR,2025-03-02,2025-05-20,lost\n"
    "D-3,A-2,Three,expansion,crm,100,EUR,2025-03-03,,open\n"
)
JUNE = dt.date(2025, 6, 15)


@pytest.fixture
def inbox(in_empty, tmp_path):
    return Inbox(tmp_path / "inbox").put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS, opportunities=DEALS)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def months():
    state = current_state()
    return open_source(state, open_engine(state)).months


def told(report):
    return [(item.table, item.what, item.rows, item.last) for item in report.day.later]


def test_the_day_is_read_from_what_happened_and_ends_beyond_it_are_told(inbox):
    report = inbox.load()
    assert (report.as_of, report.day.stated) == (dt.date(2025, 7, 10), False)
    assert told(report) == [("subscriptions", "ends", 1, dt.date(2025, 8, 1))]
    assert (report.day.newest_month, months()[0]) == (dt.date(2025, 6, 1), dt.date(2025, 6, 1))
    (warning,) = [item for item in report.warnings if item.rule == "as_of"]
    assert "1 subscription ends after 10 Jul 2025 (the last on 1 Aug 2025) and counts as running" in plain(
        warning.message
    )
    assert "choose the day they were exported" in warning.message


def accounts(segment):
    return ACCOUNTS.replace("Birch,2025-02-01,SMB", f"Birch,2025-02-01,{segment}")


def deals(outcome):
    return DEALS.replace("2025-03-03,,open", f"2025-03-03,{outcome}")


def tickets(day):
    return f"ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,{day}T10:00:00Z,false\n"


def versions(table="accounts", column="segment", value="Enterprise"):
    """Days from which a value holds, the beginning aside."""
    found = open_engine(current_state()).query(f'SELECT t.{column} AS value, t.valid_from AS day FROM "{table}" AS t')
    return [f"{day:%Y-%m-%d}" for day in found.loc[found["value"] == value, "day"].dropna()]


def test_changed_attributes_hold_from_the_newest_event_where_no_day_is_stated(inbox):
    inbox.load()
    inbox.put(accounts=accounts("Enterprise"), tickets=tickets("2025-07-20")).load()
    assert versions() == ["2025-07-20"]


def test_the_same_files_without_a_day_change_nothing_of_what_a_stated_day_brought(inbox):
    inbox.load(as_of=JUNE)
    inbox.put(accounts=accounts("Enterprise"), tickets=tickets("2025-06-20")).load(as_of=dt.date(2025, 9, 30))
    before = manifest_hash()
    report = inbox.load()
    assert (sum(item.new + item.changed for item in report.tables), manifest_hash()) == (0, before)
    assert versions() == ["2025-09-30"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"accounts": accounts("Mid"), "tickets": tickets("2024-02-01")}, id="a backfill"),
        pytest.param({"opportunities": deals("2025-08-01,lost")}, id="an earlier export of deals"),
        pytest.param({"accounts": accounts("Mid"), "tickets": tickets("2025-09-30")}, id="the same day"),
        pytest.param({"accounts": accounts("Mid"), "tickets": tickets("2062-02-01")}, id="a day to come"),
    ],
)
def test_a_change_needs_a_day_where_the_files_tell_none_that_follows_what_is_loaded(inbox, files):
    inbox.load(as_of=JUNE)
    inbox.put(accounts=accounts("Enterprise"), opportunities=deals("2025-09-01,won"), tickets=tickets("2025-09-10"))
    inbox.load(as_of=dt.date(2025, 9, 30))
    before = manifest_hash()
    with pytest.raises(ImportRefused, match="does not say from which day they hold"):
        inbox.only(**files).load()
    assert manifest_hash() == before
    draft = open_draft(LOCAL_USER, inbox.folder, None)
    asked = import_view(draft, check(LOCAL_USER, draft, NOW))
    assert (asked.day, asked.ready) == (AsOf(), False), "an empty day is shown to be filled in"
    draft = with_settings(draft, "update", dt.date(2025, 10, 15))
    assert import_view(draft, check(LOCAL_USER, draft, NOW)).ready
    inbox.load(as_of=dt.date(2025, 10, 15))
    assert versions("opportunities", "outcome", "lost") + versions(value="Mid") == ["2025-10-15"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        pytest.param(
            "subscriptions", SUBSCRIPTIONS + "S-3,A-1,Pro,1,5000,EUR,2027-01-01,,false\n", id="next year's term"
        ),
        pytest.param(
            "contacts", "contact_id,account_id,joined_on\nC-1,A-1,2025-03-01\nC-2,A-1,2027-02-01\n", id="a start agreed"
        ),
    ],
)
def test_what_was_agreed_to_begin_later_is_no_event(inbox, table, row):
    report = inbox.put(**{table: row}).load()
    assert report.as_of == dt.date(2025, 7, 10)
    assert "has not come yet" not in "".join(item.message for item in report.warnings)


def test_an_earlier_day_hides_what_came_after_it_and_says_so(inbox):
    report = inbox.load(as_of=JUNE)
    assert told(report) == [
        ("subscriptions", "ends", 1, dt.date(2025, 8, 1)),
        ("opportunities", "closed", 1, dt.date(2025, 7, 10)),
    ]
    assert report.day.newest_month == dt.date(2025, 5, 1) == months()[0]
    assert "1 deal closed after 15 Jun 2025 (the last on 10 Jul 2025) and counts as open" in plain(
        report.warnings[-1].message
    )


def test_a_dry_run_promises_the_month_the_import_gives(inbox):
    promised = inbox.load(as_of=dt.date(2025, 9, 30), dry_run=True)
    assert day_words(promised.day, True) == "The newest month will be September 2025."
    done = inbox.load(as_of=dt.date(2025, 9, 30))
    assert (done.day, months()[0]) == (promised.day, dt.date(2025, 9, 1))
    assert not [item for item in done.warnings if item.rule == "as_of"], "nothing lies after that day"


def test_events_after_the_day_are_counted_by_table(inbox):
    usage = "account_id,week_start,core_events\nA-1,2025-06-09,5\nA-1,2025-06-16,5\n"
    report = inbox.put(usage=usage).load(as_of=JUNE)
    assert ("usage", "rows", 1, dt.date(2025, 6, 16)) in told(report)
    assert "rows after 15 Jun 2025 are not seen (1 of usage" in plain(report.warnings[-1].message)


@pytest.mark.parametrize(
    ("week", "day"),
    [
        pytest.param("2025-09-15", dt.date(2025, 9, 21), id="a week is seen to its end"),
        pytest.param("2025-09-29", dt.date(2025, 9, 30), id="within its month"),
    ],
)
def test_a_week_of_usage_says_how_far_the_data_go(inbox, week, day):
    report = inbox.put(usage=f"account_id,week_start,core_events\nA-1,{week},5\n").load()
    assert report.as_of == day


def test_files_without_an_event_say_nothing_of_the_day(inbox):
    report = inbox.only(accounts=ACCOUNTS).load()
    assert (report.as_of, report.day.newest_month) == (None, None)
    assert "no event" in day_words(report.day, False)


def test_a_day_that_has_not_come_is_warned_of(inbox):
    report = inbox.put(opportunities=DEALS.replace("2025-07-10", "2062-07-10")).load()
    assert "has not come yet" in plain(report.warnings[-1].message)


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"tickets": tickets("2062-02-01")}, id="a fact"),
        pytest.param(
            {"outcomes": "outcome_id,account_id,agreed_on\nO-1,A-1,2025-06-30\nO-2,A-1,2062-02-01\n"}, id="a record"
        ),
        pytest.param({"usage": "account_id,week_start,core_events\nA-1,2062-01-30,5\n"}, id="a week"),
    ],
)
def test_a_mistyped_day_to_come_makes_no_month_complete(inbox, files):
    report = inbox.put(**files).load()
    assert (report.as_of, report.day.known_until) == (dt.date(2025, 7, 10), dt.date(2025, 7, 10))
    assert months()[0] == dt.date(2025, 6, 1)
    assert "2062, has not come yet: a plan or a typing error" in plain(report.warnings[-1].message)


def test_an_import_refuses_a_stated_day_that_has_not_come(inbox):
    inbox.load(as_of=JUNE)
    before = manifest_hash()
    dry = inbox.load(as_of=dt.date(2062, 1, 1), dry_run=True)
    assert any("has not come yet, so the import will be refused" in item.message for item in dry.warnings)
    with pytest.raises(RuleBroken, match="has not come yet; nothing was imported"):
        inbox.load(as_of=dt.date(2062, 1, 1))
    assert (manifest_hash(), months()[0]) == (before, dt.date(2025, 5, 1))


def test_earlier_imports_that_reach_further_are_named(inbox):
    inbox.load(as_of=dt.date(2025, 9, 30))
    report = inbox.only(tickets=tickets("2025-02-01")).load(source="desk")
    assert plain(day_words(report.day, False)) == (
        "Earlier imports reach 30 Sep 2025 already. The newest month is September 2025."
    )


def test_ends_that_earlier_imports_have_passed_are_not_said_to_run(inbox):
    inbox.load(as_of=dt.date(2025, 9, 30))
    report = inbox.load()
    assert report.as_of < report.day.known_until == dt.date(2025, 9, 30)
    assert (report.day.later, report.day.warnings) == ((), ())


def test_what_is_loaded_beyond_the_day_is_found_again_in_the_store(inbox):
    report = inbox.load(as_of=JUNE)
    found = later_in_store()
    assert (found.known_until, found.rows, found.sources) == (JUNE, report.day.later, ("files",))
    assert plain(found.words).startswith("1 subscription ends after 15 Jun 2025")


def test_a_later_day_is_stated_without_files_and_taken_back_like_an_import(inbox):
    inbox.load(as_of=JUNE)
    assert state_as_of(LOCAL_USER, dt.date(2025, 9, 30), NOW) == dt.date(2025, 9, 1)
    assert (months()[0], later_in_store().rows) == (dt.date(2025, 9, 1), ())
    newest = import_runs()[0]
    assert (newest.as_of, newest.files, newest.undoable) == (dt.date(2025, 9, 30), (), True)
    undo_import(LOCAL_USER, NOW)
    assert (months()[0], current_state().known_until) == (dt.date(2025, 5, 1), JUNE)


@pytest.mark.parametrize(
    ("day", "source", "words"),
    [
        pytest.param(JUNE, None, "known up to 15 Jun 2025 already", id="not later"),
        pytest.param(dt.date(2062, 1, 1), None, "has not come yet", id="to come"),
        pytest.param(dt.date(2025, 9, 30), "crm", 'no source "crm": expected files', id="unknown source"),
    ],
)
def test_a_day_that_cannot_be_stated_is_refused(inbox, day, source, words):
    inbox.load(as_of=JUNE)
    with pytest.raises(RuleBroken) as refused:
        state_as_of(LOCAL_USER, day, NOW, source)
    assert words in plain(str(refused.value))


def test_only_finance_states_a_day_and_only_of_something_loaded(in_empty):
    with pytest.raises(RuleBroken, match="Nothing is loaded yet"):
        state_as_of(LOCAL_USER, JUNE, NOW)
    with pytest.raises(NotAllowed):
        state_as_of(Actor("Vi", frozenset({"viewer"})), JUNE, NOW)
