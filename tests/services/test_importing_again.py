"""Imports after the first: rows left out on request, records edited here, the day the files describe."""

import datetime as dt

import pytest
from sqlmodel import select

from core.errors import CouncilError, NotAllowed, RuleBroken, StaleRecord
from core.services.access import LOCAL_USER, Actor
from core.services.home import current_state, has_database, open_engine, open_source, record_frame, records_database
from core.services.importing import ImportRefused, Skip, import_runs, run_import
from core.services.record_conflicts import open_conflicts, resolve_conflict
from core.settings import settings
from core.store import records
from core.store.tables import ImportRun, Outcome
from tests.homes import NOW
from tests.inbox import ACCOUNTS, OUTCOMES, SUBSCRIPTIONS, cells

BROKEN = ACCOUNTS + "A-3,Cedar,2025-13-01,SMB\n"
REFERRING = SUBSCRIPTIONS + "S-3,A-3,Pro,1,5000,EUR,2025-03-01,,false\n"


def refusal(inbox, **options):
    with pytest.raises(ImportRefused) as refused:
        inbox.load(**options)
    return refused.value


def test_only_listed_rows_are_left_out_and_rows_that_refer_to_them_are_problems_again(inbox):
    inbox.put(accounts=BROKEN, subscriptions=REFERRING)
    first = refusal(inbox)
    assert [(row.file, row.line, row.value) for row in first.skippable] == [("accounts.csv", 4, "2025-13-01")]
    second = refusal(inbox, skip=first.leave_out())
    assert [(row.file, row.line, row.rule) for row in second.skippable] == [("subscriptions.csv", 4, "reference")]
    report = inbox.load(skip=second.leave_out())
    assert [(item.table, item.new) for item in report.tables] == [("accounts", 2), ("subscriptions", 2)]
    assert set(cells("accounts", "account_id", "name")) == {"A-1", "A-2"}
    logged = [(row["file"], row["line"], row["rule"], row["value"]) for row in import_runs()[0].skipped]
    assert logged == [("accounts.csv", 4, "date", "2025-13-01"), ("subscriptions.csv", 4, "reference", "A-3")]


def test_a_row_that_cannot_be_split_can_be_left_out(inbox):
    inbox.put(accounts=ACCOUNTS + "A-3,Cedar\nA-4,Dogwood,2025-04-01,SMB\n")
    refused = refusal(inbox)
    assert [row.line for row in refused.skippable] == [4]
    inbox.load(skip=refused.leave_out())
    assert set(cells("accounts", "account_id", "name")) == {"A-1", "A-2", "A-4"}


def test_a_list_of_other_files_is_refused(inbox):
    inbox.put(accounts=BROKEN)
    skip = refusal(inbox).leave_out()
    inbox.put(accounts=BROKEN.replace("Cedar", "Cedrus"))
    with pytest.raises(CouncilError, match="no longer those of the list"):
        inbox.load(skip=skip)
    assert current_state().is_empty


def test_a_row_that_was_not_on_the_list_is_not_left_out(inbox):
    inbox.put(accounts=BROKEN)
    refused = refusal(inbox)
    (row,) = refused.skippable
    other = type(row)(row.file, 2, row.rule, row.column, row.value)
    with pytest.raises(CouncilError, match="no longer those of the list"):
        inbox.load(skip=Skip((row, other), refused.digest))


def test_rows_that_are_kept_are_checked_again(inbox):
    inbox.put(accounts=BROKEN + "A-4,Dogwood,2025-14-01,SMB\n")
    refused = refusal(inbox)
    again = refusal(inbox, skip=refused.leave_out([("accounts.csv", 4)]))
    assert [row.line for row in again.skippable] == [5]


def edited(inbox):
    inbox.put(outcomes=OUTCOMES).load()
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"account_id": "A-2"})


def account_of(outcome):
    return record_frame("outcomes").set_index("outcome_id").loc[outcome, "account_id"]


def theirs(inbox, account, **options):
    return inbox.put(outcomes=OUTCOMES.replace("O-1,A-1", f"O-1,{account}")).load(**options)


def test_a_conflict_is_kept_with_both_sides_until_somebody_decides(inbox):
    edited(inbox)
    report = theirs(inbox, "A-1")
    assert report.conflicts == (("outcomes", "O-1", "account_id", "A-2", "A-1"),)
    theirs(inbox, "A-1")
    (conflict,) = open_conflicts()
    assert (conflict.key, conflict.column, conflict.ours, conflict.theirs) == ("O-1", "account_id", "A-2", "A-1")
    assert account_of("O-1") == "A-2"


@pytest.mark.parametrize(("keep", "account"), [("ours", "A-2"), ("theirs", "A-1")])
def test_what_was_decided_stays_decided_until_the_source_says_something_else(inbox, keep, account):
    edited(inbox)
    theirs(inbox, "A-1")
    resolve_conflict(LOCAL_USER, open_conflicts()[0].id, keep, NOW)
    assert account_of("O-1") == account
    theirs(inbox, "A-1")
    assert open_conflicts() == ()
    inbox.put(accounts=ACCOUNTS + "A-3,Cedar,2025-03-01,SMB\n")
    theirs(inbox, "A-3")
    assert [(item.ours, item.theirs) for item in open_conflicts()] == [(account, "A-3")]


def test_a_conflict_closes_once_both_sides_agree(inbox):
    edited(inbox)
    theirs(inbox, "A-1")
    theirs(inbox, "A-2")
    assert open_conflicts() == ()


def test_a_decided_conflict_and_a_row_edited_meanwhile_are_refused(inbox):
    edited(inbox)
    theirs(inbox, "A-1")
    number = open_conflicts()[0].id
    with pytest.raises(NotAllowed, match="finance"):
        resolve_conflict(Actor("Vi", frozenset({"viewer"})), number, "ours", NOW)
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 2, {"account_id": "A-7"})
    with pytest.raises(StaleRecord, match="A-7"):
        resolve_conflict(LOCAL_USER, number, "theirs", NOW)
    resolve_conflict(LOCAL_USER, number, "ours", NOW)
    with pytest.raises(RuleBroken, match="decided already"):
        resolve_conflict(LOCAL_USER, number, "ours", NOW)


def test_a_column_the_file_does_not_hold_is_neither_emptied_nor_a_conflict(inbox):
    inbox.put(outcomes=OUTCOMES).load()
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"value_cents": 700})
    bare = "outcome_id,account_id,agreed_on\nO-1,A-1,2025-03-01\nO-2,A-1,2025-03-01\nO-3,A-2,2025-03-02\n"
    report = inbox.put(outcomes=bare).load()
    assert (open_conflicts(), report.conflicts) == ((), ())
    frame = record_frame("outcomes").set_index("outcome_id")
    assert frame.loc["O-1", "value_cents"] == 700, "what was edited here stays"
    assert frame.loc["O-2", "account_id"] == "A-1", "what the file says is taken"
    emptied = inbox.put(outcomes=OUTCOMES.replace(",100", ",")).load()
    assert [item[2:] for item in emptied.conflicts] == [("value_cents", "700", "empty")]


def as_of():
    with records_database().read() as session:
        return [run.as_of for run in session.exec(select(ImportRun).order_by(ImportRun.id)).all()]


def months():
    state = current_state()
    return open_source(state, open_engine(state)).months


def test_the_day_the_files_describe_is_the_newest_event_in_them(inbox):
    inbox.load()
    assert as_of() == [dt.date(2025, 2, 1)]


def test_a_stated_day_makes_quiet_months_complete_and_never_takes_one_away(inbox):
    inbox.load()
    assert months()[0] == dt.date(2025, 1, 1)
    key = current_state().facts_key
    inbox.load(as_of=dt.date(2025, 6, 30))
    assert months()[0] == dt.date(2025, 6, 1)
    assert current_state().facts_key != key
    inbox.load(as_of=dt.date(2025, 4, 30))
    assert months()[0] == dt.date(2025, 6, 1)
    assert as_of() == [dt.date(2025, 2, 1), dt.date(2025, 6, 30)]


def test_a_later_day_stated_with_any_table_completes_months_too(inbox):
    inbox.load()
    tickets = "ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-02-01T10:00:00Z,false\n"
    inbox.only(tickets=tickets).load(source="desk", as_of=dt.date(2025, 6, 30))
    assert months()[0] == dt.date(2025, 6, 1)


def test_planned_spend_says_nothing_of_the_day(inbox):
    spend = (
        "month,line,kind,journey_stage,planned_cents,committed_cents,media_cents,people_cents,platform_cents,"
        "rewards_cents,currency\n2025-03,ads,acquisition,awareness,10,0,10,0,0,0,EUR\n"
        "2025-12,ads,acquisition,awareness,10,0,0,0,0,0,EUR\n"
    )
    assert inbox.put(spend=spend).load().as_of == dt.date(2025, 3, 1)


def test_a_dry_run_leaves_no_file_in_a_brand_new_home(inbox):
    report = inbox.put(outcomes=OUTCOMES).load(dry_run=True)
    assert {item.table: item.new for item in report.tables} == {"accounts": 2, "subscriptions": 2, "outcomes": 2}
    assert not has_database()
    assert not settings().council_home.exists()


def test_a_refused_dry_run_leaves_no_file_either(inbox):
    inbox.put(accounts=BROKEN)
    refusal(inbox, dry_run=True)
    assert not settings().council_home.exists()
    with pytest.raises(NotAllowed):
        run_import(Actor("Vi", frozenset({"viewer"})), [inbox.folder], NOW, dry_run=True)
