"""Columns a file does not hold stay as loaded, empty cells of those it holds clear: told before and after."""

import datetime as dt

import pytest

from core.services.access import LOCAL_USER, Actor
from core.services.corrections import correct, corrections
from core.services.home import open_month, record_frame
from core.services.import_check import check
from core.services.import_draft import open_draft, with_settings
from core.services.import_screen import import_view
from tests.homes import NOW
from tests.inbox import OUTCOMES, SUBSCRIPTIONS, cells

FINANCE = Actor("Fay", frozenset({"finance"}))
JUNE = dt.date(2025, 6, 30)
HEAD = "account_id,name,start_date,parent_id,segment,acquisition_channel\n"
FULL = HEAD + "A-1,Aster,2025-01-01,,SMB,referral\nA-2,Birch,2025-02-01,A-1,SMB,paid\n"
BARE = "account_id,name,start_date\nA-1,Aster,2025-01-01\nA-2,Birch,2025-02-01\n"


@pytest.fixture
def loaded(inbox):
    """A company with parents, segments and channels."""
    inbox.put(accounts=FULL).load(as_of=dt.date(2025, 3, 1))
    return inbox


def told(report, rule):
    return [item.message for item in report.warnings if item.rule == rule]


def newest(column):
    facts = open_month().facts
    return dict(zip(facts.accounts["account_id"], facts.accounts[column], strict=True))


def test_columns_a_file_does_not_hold_make_no_new_version(loaded):
    report = loaded.put(accounts=BARE).load(as_of=JUNE)
    assert [(item.table, item.changed, item.cleared) for item in report.tables if item.cleared or item.changed] == []
    assert told(report, "not_carried") == [
        "no such column in the files: 1 value of parent_id, 2 values of segment and 2 values of acquisition_channel "
        "stay as loaded before."
    ]
    assert told(report, "cleared") == []


@pytest.mark.parametrize("column", ["parent_id", "segment", "acquisition_channel"])
def test_a_new_version_keeps_what_the_file_does_not_hold(loaded, column):
    before = newest(column)
    left_out = [name for name in HEAD.strip().split(",") if name != column]
    place = HEAD.strip().split(",").index(column)
    lines = [line.split(",") for line in FULL.replace("Birch", "Birch Ltd").splitlines()[1:]]
    rows = [",".join(cell for number, cell in enumerate(line) if number != place) for line in lines]
    loaded.put(accounts="\n".join([",".join(left_out), *rows, ""])).load(as_of=JUNE)
    assert newest("name")["A-2"] == "Birch Ltd"
    assert newest(column) == before


def test_an_account_that_leaves_its_group_counts_for_itself(loaded):
    assert newest("unit_id") == {"A-1": "A-1", "A-2": "A-1"}
    report = loaded.put(accounts=FULL.replace("A-1,SMB,paid", ",SMB,")).load(as_of=JUNE, dry_run=True)
    assert [item.cleared for item in report.tables] == [2, 0]
    assert told(report, "cleared") == [
        "empty cells clear 1 value of parent_id and 1 value of acquisition_channel, loaded before. If that is not "
        "meant, fill them in, or leave the column out: what is loaded then stays."
    ]
    loaded.load(as_of=JUNE)
    assert newest("unit_id") == {"A-1": "A-1", "A-2": "A-2"}
    assert newest("channel_class") == {"A-1": "referral", "A-2": "other"}
    assert told(loaded.load(as_of=JUNE), "cleared") == [], "what is cleared already is not cleared again"


def test_of_two_files_each_speaks_for_its_own_rows(loaded):
    """Exports of two regions, one of which lacks a column."""
    north = "account_id,name,start_date,segment\nA-1,Aster,2025-01-01,\n"
    south = "account_id,name,start_date\nA-2,Birch Ltd,2025-02-01\n"
    mapping = loaded.folder.parent / "mapping.toml"
    columns = "".join(f'{name} = {{ column = "{name}" }}\n' for name in ("account_id", "name", "start_date", "segment"))
    mapping.write_text(
        'id = "crm"\nlabel = "CRM"\nsource = "its own"\n[tables.accounts]\nfiles = ["north.csv", "south.csv"]\n'
        f"[tables.accounts.columns]\n{columns}"
    )
    report = loaded.only(north=north, south=south).load(as_of=JUNE, mapping=mapping, source="files")
    assert newest("segment") == {"A-1": "Not stated", "A-2": "SMB"}
    assert [item.cleared for item in report.tables] == [1]


def test_a_version_stated_in_a_file_takes_what_held_on_its_day(loaded):
    rows = "A-1,Aster,2025-01-01,\nA-2,Birch,2025-02-01,\nA-2,Birch Ltd,2025-02-01,2025-05-01\n"
    loaded.put(accounts="account_id,name,start_date,valid_from\n" + rows).load(as_of=JUNE)
    assert (newest("name")["A-2"], newest("segment")["A-2"]) == ("Birch Ltd", "SMB")


def test_rows_without_versions_and_records_keep_their_columns_too(loaded):
    loaded.put(outcomes=OUTCOMES).load()
    head = "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,is_trial\n"
    bare = head + "S-2,A-2,Pro,5,70000,EUR,2025-02-01,false\n"
    outcomes = "outcome_id,account_id,agreed_on\nO-1,A-1,2025-03-01\nO-2,A-2,2025-03-01\n"
    report = loaded.only(subscriptions=bare, outcomes=outcomes).load(as_of=JUNE)
    assert cells("subscriptions", "subscription_id", "mrr_cents")["S-2"] == 70_000
    assert f"{cells('subscriptions', 'subscription_id', 'end_date')['S-2']:%Y-%m-%d}" == "2025-08-01"
    assert record_frame("outcomes").set_index("outcome_id").loc["O-1", "value_cents"] == 100
    assert [item.place for item in report.warnings if item.rule == "not_carried"] == ["subscriptions", "outcomes"]
    emptied = loaded.only(
        subscriptions=SUBSCRIPTIONS.replace("2025-08-01", ""), outcomes=OUTCOMES.replace(",100", ",")
    ).load(as_of=JUNE)
    assert [(item.table, item.cleared) for item in emptied.tables] == [("subscriptions", 1), ("outcomes", 1)]


def test_a_file_without_the_corrected_column_says_nothing_of_the_correction(loaded):
    correct(FINANCE, "accounts", {"account_id": "A-2"}, "segment", "Enterprise", "signed a group contract", NOW)
    report = loaded.put(accounts=BARE.replace("Birch", "Birch Ltd")).load(as_of=JUNE)
    assert [item.rule for item in report.warnings if item.rule.startswith("correction_")] == []
    assert (newest("segment")["A-2"], len(corrections())) == ("Enterprise", 1)
    disputed = loaded.put(accounts=FULL.replace("A-1,SMB", "A-1,Start-up")).load(as_of=JUNE)
    assert [item.rule for item in disputed.warnings if item.rule.startswith("correction_")] == ["correction_disputed"]


def test_the_screen_says_beside_the_counts_what_is_emptied_and_what_stays(loaded):
    loaded.only(accounts="account_id,name,start_date,segment\nA-1,Aster,2025-01-01,\nA-2,Birch,2025-02-01,SMB\n")
    draft = with_settings(open_draft(LOCAL_USER, loaded.folder, None), "update", JUNE)
    view = import_view(draft, check(LOCAL_USER, draft, NOW))
    assert dict(zip(view.counts["Table"], view.counts["Cells emptied"], strict=True)) == {"Accounts": 1}
    assert [item.rule for item in view.emptied] == ["cleared", "not_carried"]
    assert not [item for item in view.warnings if item in view.emptied]
