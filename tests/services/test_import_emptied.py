"""Columns a file does not hold stay as loaded, empty cells of those it holds clear: told before and after."""

import datetime as dt

import pytest

from core.errors import InputProblems
from core.model.presets import ColumnRule, Preset, TableRule
from core.services.access import LOCAL_USER, Actor
from core.services.corrections import correct, corrections
from core.services.home import current_state, open_engine, open_month, record_frame
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
        "not in the file of these rows: 1 value of parent id, 2 values of segment and 2 values of acquisition channel "
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
        "empty cells clear 1 value of parent id and 1 value of acquisition channel, loaded before. If that is not "
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
        'id = "crm"\nlabel = "CRM"\nsource = "its own"\n[tables.accounts]\nfiles = ["*.csv"]\n'
        f"[tables.accounts.columns]\n{columns}"
    )
    report = loaded.only(north=north, south=south).load(as_of=JUNE, mapping=mapping, source="files")
    assert newest("name")["A-2"] == "Birch Ltd"
    assert newest("segment") == {"A-1": "Not stated", "A-2": "SMB"}
    assert [item.cleared for item in report.tables] == [1]
    assert "1 value of segment" in told(report, "not_carried")[0]
    assert told(report, "not_carried")[0].startswith("not in the file of these rows: ")


def test_the_first_files_speak_of_nothing_that_was_loaded_before(inbox):
    columns = {name: ColumnRule(name) for name in ("account_id", "name", "start_date", "segment")}
    rule = TableRule(files=("accounts.csv",), columns=columns)
    mapping = Preset(id="files", label="CRM", source="its own", tables={"accounts": rule})
    report = inbox.only(accounts=BARE).load(as_of=JUNE, mapping=mapping)
    said = [item.message for item in report.warnings if item.rule in ("missing_column", "not_carried")]
    assert said == ["the column is not in the file; accounts.segment stays empty in new rows."]


def test_tables_and_columns_are_told_in_words(loaded):
    totals = "month,account_id,arr_cents,new_arr_cents,bookings_cents,revenue_cents\n2025-02,A-1,1,0,0,5\n"
    loaded.only(finance_totals=totals).load()
    report = loaded.only(finance_totals=totals.replace("0,5", "0,")).load()
    (item,) = [item for item in report.warnings if item.rule == "cleared"]
    assert (item.place, "1 value of revenue, loaded before" in item.message) == ("finance totals", True)


def test_days_before_the_first_stated_version_take_what_it_holds(loaded):
    head = "account_id,name,start_date,segment,valid_from\n"
    loaded.only(accounts=head + "A-9,Ash,2025-01-01,SMB,2025-03-01\n").load()
    loaded.only(accounts="account_id,name,start_date\nA-9,Old Ash,2025-01-01\n").load(as_of=dt.date(2025, 2, 1))
    rows = open_engine(current_state()).query(
        "SELECT name, segment FROM accounts WHERE account_id = 'A-9' ORDER BY name"
    )
    assert list(zip(rows["name"], rows["segment"], strict=True)) == [("Ash", "SMB"), ("Old Ash", "SMB")]


def test_a_lacking_part_of_the_key_is_not_said_to_stay(loaded):
    columns = {"month": "month", "product": "line", "rate": "margin"}
    rule = TableRule(files=("margins.csv",), columns={name: ColumnRule(own) for name, own in columns.items()})
    mapping = Preset(id="files", label="ERP", source="its own", tables={"gross_margin": rule})
    loaded.only(margins="month,line,margin\n2025-01,Pro,0.8\n").load(mapping=mapping)
    report = loaded.only(margins="month,margin\n2025-01,0.7\n").load(mapping=mapping)
    assert told(report, "missing_column") == [
        "the column is not in the file; gross_margin.product is empty in all its rows, which are kept apart from rows "
        "loaded with one."
    ]
    assert told(report, "not_carried") == []


def test_of_two_files_of_records_each_speaks_for_its_own_rows(loaded):
    rule = TableRule(
        files=("*.csv",), columns={name: ColumnRule(name) for name in OUTCOMES.partition("\n")[0].split(",")}
    )
    mapping = Preset(id="files", label="CRM", source="its own", tables={"outcomes": rule})
    whole = OUTCOMES.replace("2025-03-01,\n", "2025-03-01,200\n")
    loaded.only(outcomes=whole).load(mapping=mapping)
    north = "outcome_id,account_id,agreed_on,value_cents\nO-1,A-1,2025-03-01,\n"
    south = "outcome_id,account_id,agreed_on\nO-2,A-2,2025-03-02\n"
    report = loaded.only(north=north, south=south).load(mapping=mapping)
    found = record_frame("outcomes").set_index("outcome_id")
    assert found["value_cents"].fillna(0).to_dict() == {"O-1": 0, "O-2": 200}
    assert f"{found.loc['O-2', 'agreed_on']:%Y-%m-%d}" == "2025-03-02"
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


DEALS = {
    "account_id": {"column": "account_id"},
    "name": {"column": "name"},
    "amount_cents": {"column": "amount", "default": "0"},
    "kind": {"column": "type", "default": "new"},
    "currency": {"constant": "EUR"},
    "created_on": {"column": "created"},
    "outcome": {"column": "outcome"},
    "closed_on": {"column": "close_date", "when": {"is_closed": ["true"]}},
    "opportunity_id": {"column": "id"},
}
DEALS_HEAD = "id,account_id,name,amount,type,created,outcome,close_date,is_closed\n"


@pytest.fixture
def deals(loaded):
    """One deal that was won, read by a mapping that has defaults."""
    rule = TableRule(files=("deals.csv",), columns={name: ColumnRule(**own) for name, own in DEALS.items()})
    mapping = Preset(id="files", label="CRM", source="its own", tables={"opportunities": rule})
    row = "D-1,A-1,Roof,5000,renewal,2025-02-01,won,2025-02-20,true\n"
    loaded.only(deals=DEALS_HEAD + row).load(as_of=dt.date(2025, 3, 1), mapping=mapping)
    return lambda text: loaded.only(deals=text).load(as_of=JUNE, mapping=mapping)


def deal(column):
    return cells("opportunities", "opportunity_id", column)


def test_a_default_is_for_new_rows_and_leaves_stored_values_alone(deals):
    bare = "id,account_id,name,created,outcome,close_date\n"
    report = deals(bare + "D-1,A-1,Big roof,2025-02-01,won,2025-02-20\nD-2,A-1,Door,2025-03-01,open,2025-09-01\n")
    assert (deal("name"), deal("amount_cents"), deal("kind")) == (
        {"D-1": "Big roof", "D-2": "Door"},
        {"D-1": 5000, "D-2": 0},
        {"D-1": "renewal", "D-2": "new"},
    )
    (stays,) = told(report, "not_carried")
    assert stays.count("1 value") == 3, "of the new deal nothing was loaded before"
    assert f"{deal('closed_on')['D-1']:%Y-%m-%d}" == "2025-02-20", "no column says which of the dates are meant"


def test_a_deal_said_to_be_open_again_keeps_no_day_it_closed_on(deals):
    deals("id,account_id,name,created,outcome\nD-1,A-1,Roof,2025-02-01,open\n")
    rows = open_engine(current_state()).query(
        "SELECT outcome, closed_on FROM opportunities WHERE valid_from IS NOT NULL"
    )
    assert rows["outcome"].tolist() == ["open"]
    assert rows["closed_on"].isna().all()


def test_a_value_that_stays_and_breaks_a_rule_of_the_row_is_refused(deals):
    with pytest.raises(InputProblems) as caught:
        deals("id,account_id,name,created,outcome\nD-1,A-1,Roof,2025-05-01,won\n")
    (problem,) = caught.value.problems
    assert (problem.place, problem.column, problem.rule) == ("opportunities", "closed_on", "order")
    assert problem.message == (
        'opportunity_id "D-1": expected closed_on on or after created_on, found 2025-02-20 before 2025-05-01. Correct '
        "one of the two. The file of this row has no closed_on, so that the value loaded before stays: add the column "
        "to it."
    )


def test_the_first_channel_of_an_account_stays_and_a_correction_still_changes_it(loaded):
    changed = FULL.replace("referral", "paid").replace("Birch,2025-02-01,A-1,SMB,paid", "Birch Ltd,2025-02-01,A-1,SMB,")
    words = (
        "the first acquisition channel stays: 1 row has another one than loaded before, which is left out (for example "
        'A-1: "referral" stays, the file says "paid"). If the first one was wrong, correct it on the row.'
    )
    for dry_run in (True, False):
        report = loaded.only(accounts=changed).load(as_of=JUNE, dry_run=dry_run)
        assert told(report, "frozen") == [words]
        (accounts,) = report.tables
        assert (accounts.new, accounts.changed, accounts.same, accounts.cleared) == (0, 1, 1, 1)
    assert newest("acquisition_channel")["A-1"] == "referral"
    assert newest("acquisition_channel")["A-2"] != "paid"
    refilled = changed.replace("A-1,SMB,\n", "A-1,SMB,partner\n")
    loaded.only(accounts=refilled).load(as_of=dt.date(2025, 7, 31))
    assert newest("acquisition_channel") == {"A-1": "referral", "A-2": "partner"}
    correct(
        FINANCE,
        "accounts",
        {"account_id": "A-1", "valid_from": None},
        "acquisition_channel",
        "paid",
        "CRM was wrong",
        NOW,
    )
    report = loaded.only(
        accounts=refilled.replace("A-1,Aster,2025-01-01,,SMB,paid", "A-1,Aster,2025-01-01,,SMB,event")
    ).load(as_of=dt.date(2025, 8, 31))
    assert newest("acquisition_channel")["A-1"] == "paid"


RULED = {
    "outcomes": (
        "outcome_id,account_id,agreed_on,verified_on\nO-1,A-1,2025-03-01,2025-04-01\nO-2,A-1,2025-03-01,\n",
        "outcome_id,account_id,agreed_on\nO-1,A-1,2025-05-01\nO-2,A-1,2025-05-01\n",
        'outcome_id "O-1": expected verified_on on or after agreed_on, found 2025-04-01 before 2025-05-01. Correct one '
        "of the two. The file of this row has no verified_on, so that the value loaded before stays: add the column to "
        "it.",
    ),
    "referrals": (
        "referral_id,contact_id,prospect_id,submitted_at,first_contact_at\n"
        "R-1,C-1,P-1,2025-03-01 09:00,2025-03-02 10:00\n",
        "referral_id,contact_id,prospect_id,submitted_at\nR-1,C-1,P-1,2025-03-03 09:00\n",
        'referral_id "R-1": expected first_contact_at on or after submitted_at, found 2025-03-02 10:00:00 before '
        "2025-03-03 09:00:00. Correct one of the two. The file of this row has no first_contact_at, so that the value "
        "loaded before stays: add the column to it.",
    ),
}


@pytest.mark.parametrize("table", RULED)
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_value_of_a_record_that_stays_and_breaks_a_rule_is_refused(loaded, table, dry_run):
    whole, bare, message = RULED[table]
    contacts = "contact_id,account_id,joined_on\nC-1,A-1,2025-01-01\n"
    loaded.only(contacts=contacts, **{table: whole}).load()
    before = record_frame(table)
    with pytest.raises(InputProblems) as caught:
        loaded.only(**{table: bare}).load(dry_run=dry_run)
    assert [(problem.place, problem.message) for problem in caught.value.problems] == [(table, message)]
    assert record_frame(table).equals(before)


def test_events_leave_alone_what_only_weekly_files_count(loaded):
    head = "account_id,week_start,active_users,licensed_seats,core_events,features_used,features_entitled\n"
    loaded.only(usage=head + "A-1,2025-03-03,7,20,50,3,8\n").load()
    report = loaded.only(usage_events="account_id,day,count\nA-1,2025-03-04,9\n").load()
    week = [cells("usage", "account_id", name)["A-1"] for name in head.strip().split(",")[2:]]
    assert week == [7, 20, 9, 3, 8]
    assert [item.place for item in report.warnings if item.rule == "not_carried"] == ["usage"]


def test_stored_ends_of_periods_are_heeded_where_a_file_lacks_them(loaded):
    head = "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    first, second = "S-1,A-1,Pro,1,100,EUR,2025-01-01,2025-06-01,false\n", "S-1,A-1,Pro,2,200,EUR,2025-06-01,,false\n"
    loaded.only(subscriptions=head + first + second).load()
    bare = "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,is_trial\n"
    rows = "S-1,A-1,Pro,1,100,EUR,2025-01-01,false\nS-1,A-1,Pro,3,300,EUR,2025-06-01,false\n"
    report = loaded.only(subscriptions=bare + rows).load()
    assert [(item.new, item.changed, item.cleared) for item in report.tables] == [(0, 1, 0)]
    earlier = "S-1,A-1,Pro,3,300,EUR,2025-05-01,false\n"
    with pytest.raises(InputProblems, match="overlap"):
        loaded.only(subscriptions=bare + rows + earlier).load()
