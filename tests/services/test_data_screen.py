"""What the Data screen says: freshness, what to load next, disagreement, and the log of imports."""

import datetime as dt

import pytest

from core.errors import CouncilError
from core.kpis import REGISTRY
from core.month import build_month
from core.schema import TABLES
from core.services.access import LOCAL_USER, Actor
from core.services.corrections import correct, withdraw
from core.services.data_conflicts import DataConflict
from core.services.data_screen import data_key, sources_view
from core.services.data_screen_conflicts import conflicts_view, finding_rows, month_conflicts
from core.services.data_screen_finance import finance_view, note_with_tie
from core.services.data_screen_runs import edited_rows, run_detail, runs_view, undo_rows, undo_words
from core.services.home import open_month, records_database
from core.services.import_undo import EditedSince, undo_import
from core.services.record_conflicts import resolve_conflict
from core.store import records
from core.store.tables import Outcome
from tests.companies import account, day, source, subscription
from tests.homes import NOW
from tests.inbox import OUTCOMES

FAY = Actor("Fay", frozenset({"finance"}))
TICKETS = "ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-03-01T10:00:00Z,false\n"
MRR = {"subscription_id": "S-1", "start_date": "2025-01-01"}


def test_an_empty_home_names_the_two_tables_to_start_with(in_empty):
    view = sources_view()
    assert view.is_empty
    assert view.answer == "Nothing is loaded yet: accounts and subscriptions are enough to start"
    assert {item.table for item in view.missing[:2]} == {"accounts", "subscriptions"}
    assert {item.table for item in view.missing} == set(TABLES)


def test_missing_tables_stand_in_the_order_of_what_they_unlock_by_themselves(inbox):
    inbox.load(source="crm")
    view = sources_view()
    loaded = {"accounts", "subscriptions"}
    assert [item.table for item in view.tables] == ["accounts", "subscriptions"]
    counts = [len(item.at_once) for item in view.missing]
    assert counts == sorted(counts, reverse=True)
    first = view.missing[0]
    alone = {kpi.label for kpi in REGISTRY.values() if set(kpi.needs) - loaded == {first.table}}
    assert alone
    assert set(first.at_once) == alone
    assert (
        view.answer
        == f"2 of {len(TABLES)} tables are loaded; {first.label} would unlock most: {len(alone)} KPIs at once"
    )
    others = dict(next(item for item in view.missing if item.with_others).with_others)
    assert all(others.values())


def test_a_table_no_figure_needs_says_which_use_it(inbox):
    inbox.load(source="crm")
    stages = next(item for item in sources_view().missing if item.table == "stage_history")
    assert not stages.at_once
    assert REGISTRY["stage_acceleration_rate"].label in stages.also
    assert stages.reading == f"also used by {len(stages.also)} KPIs"


def test_a_loaded_table_counts_the_figures_that_also_use_it(inbox):
    inbox.only(tickets=TICKETS).load(source="desk")
    view = sources_view()
    tickets = view.tables[0]
    assert REGISTRY["healthy_arr_share"].label in tickets.also
    assert list(view.loaded["KPIs"]) == [len(tickets.kpis) + len(tickets.also)]


def test_a_stale_source_is_the_answer_and_the_newest_is_called_newest(inbox):
    inbox.load(source="crm", as_of=dt.date(2025, 6, 30))
    inbox.only(tickets=TICKETS).load(source="desk")
    view = sources_view()
    said = view.answer.replace("\N{NO-BREAK SPACE}", " ")
    assert said == "3 of 26 tables are loaded, and desk is old: 121 days behind the newest, of 1 Mar 2025"
    assert list(view.sources["State"]) == ["▲ old", "✓ newest"]
    assert list(view.sources["Usual rhythm"]) == ["not known yet"] * 2
    assert view.rows.loc["tickets"].to_dict() == {"crm": 0, "desk": 1}
    assert view.rows.loc["subscriptions"].to_dict() == {"crm": 2, "desk": 0}


def test_the_usual_rhythm_of_a_source_is_the_median_gap_of_its_days(inbox):
    for stated in ((2025, 4, 30), (2025, 5, 31), (2025, 6, 30), (2025, 12, 31)):
        inbox.load(as_of=dt.date(*stated))
    assert list(sources_view().sources["Usual rhythm"]) == ["every 31 days"]


def test_one_source_is_never_called_fresh(inbox):
    inbox.load(as_of=dt.date(2025, 6, 30))
    assert "fresh" not in sources_view().answer


def test_the_key_of_what_is_kept_changes_with_every_import_and_every_undo(inbox):
    keys = [data_key()]
    inbox.load()
    keys.append(data_key())
    inbox.load(as_of=dt.date(2025, 7, 1))
    keys.append(data_key())
    undo_import(LOCAL_USER, NOW)
    keys.append(data_key())
    assert len(set(keys)) == len(keys)
    assert data_key() == keys[-1]


def totals(arr, **more):
    return {
        "month": day("2025-03-01"),
        "account_id": None,
        "arr_cents": arr,
        "new_arr_cents": 0,
        "bookings_cents": 0,
        **more,
    }


def month_with(tmp_path, *finance):
    tables = {"accounts": [account("A"), account("B")]}
    tables["subscriptions"] = [subscription(name, "2024-01-01", None, 100) for name in ("A", "B")]
    if finance:
        tables["finance_totals"] = list(finance)
    return build_month(day("2025-03-31"), source(tmp_path, tables))


def test_without_finance_the_tie_out_says_what_is_missing(tmp_path):
    view = finance_view(month_with(tmp_path))
    assert view.missing
    assert (view.lines, view.answer) == ((), "Not known for March 2025: finance totals are not loaded")


def test_a_difference_is_told_with_what_explains_it(tmp_path):
    finance = [totals(120_000, account_id="A"), totals(60_000, account_id="B")]
    view = finance_view(month_with(tmp_path, *finance))
    arr = view.lines[0]
    assert (
        view.answer.replace("\N{NO-BREAK SPACE}", " ") == "ARR is €600 above finance's for March 2025, €600 unexplained"
    )
    assert (arr.state, arr.accounts, arr.total) == ("▲ differs", "1 account differs", 600.0)
    assert sum(part.amount for part in arr.parts) == pytest.approx(arr.total)
    assert list(view.accounts("arr", differing=True)["Account"]) == ["B"]
    assert len(view.accounts("arr", differing=False)) == 2


def test_differences_that_cancel_out_are_said(tmp_path):
    swapped = [totals(180_000, account_id="A"), totals(60_000, account_id="B")]
    view = finance_view(month_with(tmp_path, *swapped))
    assert view.answer == (
        "ARR and new ARR tie with finance for March 2025, though 2 differences of accounts cancel out"
    )
    assert view.lines[0].finding == "ARR at month end: nothing to explain"


def test_parts_that_pull_both_ways_are_told_with_both_sides(tmp_path):
    finance = [totals(60_000, account_id="A"), totals(120_000, account_id="B"), totals(90_000, account_id="C")]
    view = finance_view(month_with(tmp_path, *finance))
    assert "partly cancel out" in view.answer
    assert "partly cancelled by" in view.lines[0].finding


def test_what_ties_is_listed_and_what_is_not_compared_is_not(tmp_path):
    view = finance_view(month_with(tmp_path, totals(240_000)))
    assert view.answer == "ARR and new ARR tie with finance for March 2025"
    assert [line.state for line in view.lines] == ["✓ ties", "✓ ties", "? not compared"]
    assert view.lines[0].difference == "no difference"
    assert view.rows.empty


@pytest.mark.parametrize(
    ("finance", "said"),
    [
        pytest.param((), "Finance: not compared for March 2025, finance totals are not loaded · Beside", id="none"),
        pytest.param((240_000,), "ARR and new ARR tie with finance for March 2025 · Beside", id="compared"),
    ],
)
def test_beside_other_views_the_tie_out_says_what_it_is_about(tmp_path, finance, said):
    assert note_with_tie(finance_view(month_with(tmp_path, *map(totals, finance))), "Beside") == said


def test_without_a_month_nothing_is_said_of_finance():
    assert note_with_tie(None, "Beside") == "Beside"


def edited(inbox):
    inbox.put(outcomes=OUTCOMES).load(source="crm")
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 1, {"value_cents": 20_000})


def test_a_cell_in_dispute_shows_both_sides_as_amounts_and_then_who_decided(inbox):
    edited(inbox)
    inbox.put(outcomes=OUTCOMES.replace("2025-03-01,100", "2025-03-01,30050")).load(source="crm")
    view = conflicts_view(None, ())
    (item,) = view.disputes
    assert (item.label, item.ours, item.theirs) == ("outcomes O-1: value", "200.00", "300.50")
    assert view.answer == "1 cell edited here differs from the source and waits for a decision"
    resolve_conflict(FAY, item.conflict.id, "theirs", NOW)
    after = conflicts_view(None, ())
    assert after.disputes == ()
    assert after.decided[["Decision", "By"]].to_dict("records") == [{"Decision": "took theirs", "By": "Fay"}]


def test_rules_are_told_apart_by_found_nothing_and_not_checked(inbox):
    inbox.load()
    month = open_month()
    rules = month_conflicts(month)
    view = conflicts_view(month, rules)
    assert (view.found, view.clean) == ((), ())
    assert len(view.unchecked) == len(rules)
    assert view.answer == "Nothing is known to disagree, and no check of the tables could be made"
    hit = [DataConflict("x", "X", "s", 2, rules[0].rows, "a"), DataConflict("y", "Y", "s", 0, rules[0].rows, "a")]
    told = conflicts_view(month, hit)
    assert (told.answer, told.clean) == ("1 check finds tables that contradict", ("Y",))


def test_rows_of_a_finding_name_the_account_instead_of_its_id(in_demo):
    item = next(rule for rule in month_conflicts(open_month()) if "account_name" in rule.rows)
    assert {"account_id", "Account id"}.isdisjoint(finding_rows(item).columns)
    assert "Account" in finding_rows(item).columns


def test_corrections_are_listed_in_amounts_and_move_to_the_ended_ones(inbox):
    inbox.load()
    made = correct(FAY, "subscriptions", MRR, "mrr_cents", "90000", "credit note", NOW)
    view = conflicts_view(None, ())
    assert view.corrected[["Cell", "Was", "Corrected to"]].to_dict("records") == [
        {"Cell": "subscriptions S-1 · 2025-01-01: MRR", "Was": "1,200.00", "Corrected to": "900.00"}
    ]
    withdraw(FAY, made.id, made.version, "it was right", NOW)
    after = conflicts_view(None, ())
    assert after.active == ()
    assert "it was right" in after.retired["Ended because"][0]


def test_a_disputed_correction_is_the_answer_when_nothing_else_disagrees(inbox):
    inbox.load()
    correct(FAY, "subscriptions", MRR, "mrr_cents", "90000", "credit note", NOW)
    inbox.put(subscriptions=inbox.folder.joinpath("subscriptions.csv").read_text().replace("120000", "70000")).load()
    assert conflicts_view(None, ()).answer == "1 of 1 corrections is disputed by the source"


def test_the_log_says_who_imported_what_and_what_can_be_taken_back(inbox):
    assert runs_view().answer == "Nothing was imported yet"
    inbox.load(source="crm", as_of=dt.date(2025, 6, 30))
    inbox.only(tickets=TICKETS).load(source="desk")
    view = runs_view()
    assert view.answer.replace("\N{NO-BREAK SPACE}", " ") == (
        "Last import: desk on 4 Nov 2026 by Local user, 1 row new or changed"
    )
    assert [(item.source, item.run_id) for item in view.undoable] == [("desk", 2), ("crm", 1)]
    detail = run_detail(1)
    assert list(detail.files["File"]) == ["accounts.csv", "subscriptions.csv"]
    assert all(len(text) == 12 for text in detail.files["SHA-256"])
    assert detail.tables.set_index("Table").loc["subscriptions", "New"] == 2
    with pytest.raises(CouncilError, match="no such import"):
        run_detail(99)


def test_a_file_of_two_tables_is_one_file_and_a_warning_names_its_column(inbox):
    inbox.only(
        account="Id,Name,CreatedDate\nA1,Aster,2024-01-01\n",
        contact="Id,AccountId,Name,Email,CreatedDate\nC1,A1,Fay,fay@aster.example,2024-02-01\n",
    ).load(preset="salesforce")
    assert runs_view().log["Files"].to_list() == [2]
    detail = run_detail(1)
    assert detail.file_count == 2 < len(detail.files)
    assert (
        'account.csv: column "industry": the column is not in the file; accounts.industry stays empty in new rows.'
        in (detail.warnings)
    )


def test_a_dry_run_of_taking_back_counts_and_only_the_import_that_was_shown_goes(inbox):
    inbox.load(source="crm")
    inbox.load(source="crm", as_of=dt.date(2025, 9, 1))
    second, first = runs_view().ids
    report = undo_import(LOCAL_USER, NOW, source="crm", dry_run=True, run_id=second)
    assert "The import of crm" in undo_words(report)
    undo_import(LOCAL_USER, NOW, source="crm", run_id=second)
    with pytest.raises(CouncilError, match="not the newest any more"):
        undo_import(LOCAL_USER, NOW, source="crm", run_id=second)
    rows = undo_rows(undo_import(LOCAL_USER, NOW, source="crm", dry_run=True, run_id=first))
    assert rows.set_index("Table").loc["subscriptions"].to_dict() == {"Now": "2 rows", "After": "0 rows"}


def test_what_stands_in_the_way_of_taking_back_shows_both_sides(inbox):
    edited(inbox)
    with pytest.raises(EditedSince) as refused:
        undo_import(LOCAL_USER, NOW, dry_run=True)
    rows = edited_rows(refused.value)
    assert {"O-1"} == set(rows["Row"])
    assert set(rows["Before the import"]) == {"(empty)"}
