"""Taking back the last import: everything as before, nothing of other people's work lost."""

import datetime as dt

import pandas as pd
import pytest
from sqlmodel import select

from core.errors import CouncilError, InputProblems, NotAllowed
from core.services.access import LOCAL_USER, Actor
from core.services.corrections import correct, corrections, withdraw
from core.services.home import current_state, record_frame, records_database
from core.services.import_undo import EditedSince, undo_import
from core.services.importing import import_runs
from core.settings import settings
from core.store import records
from core.store.facts import sweep
from core.store.import_runs import kept_manifests
from core.store.tables import AuditEntry, Outcome
from tests.homes import NOW
from tests.inbox import ACCOUNTS, OUTCOMES, SUBSCRIPTIONS, cells, manifest_hash

MRR = {"subscription_id": "S-1", "start_date": "2025-01-01"}


def outcomes():
    frame = record_frame("outcomes").set_index("outcome_id")
    return frame["account_id"].to_dict()


def undo(**words):
    return undo_import(LOCAL_USER, NOW, **words)


def mrr():
    return cells("subscriptions", "subscription_id", "mrr_cents")["S-1"]


def test_facts_and_records_are_as_before_the_import(inbox):
    inbox.put(outcomes=OUTCOMES).load()
    facts, worked = manifest_hash(), outcomes()
    inbox.put(
        subscriptions=SUBSCRIPTIONS.replace("120000", "99000"),
        outcomes=OUTCOMES.replace("O-1,A-1", "O-1,A-2") + "O-3,A-1,2025-05-01,7\n",
    ).load()
    assert (mrr(), len(outcomes())) == (99_000, 3)
    report = undo()
    assert [(item.table, item.rows_now, item.rows_then) for item in report.facts] == [("subscriptions", 2, 2)]
    assert [(item.table, item.removed, item.restored) for item in report.records] == [("outcomes", 1, 1)]
    assert (manifest_hash(), outcomes()) == (facts, worked)
    with records_database().read() as session:
        line = session.exec(select(AuditEntry).where(AuditEntry.act == "undo")).one()
    assert (line.actor, line.record) == (LOCAL_USER.name, f"import_runs/{report.run_id}")


def test_imports_go_back_one_after_the_other_to_an_empty_home(inbox):
    inbox.load()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "99000")).load()
    undo()
    undo()
    assert [run.undone_by for run in import_runs()] == [LOCAL_USER.name] * 2
    assert cells("accounts", "account_id", "name") == {}
    with pytest.raises(CouncilError, match="no import to take back"):
        undo()


def test_importing_again_undoes_an_undo(inbox):
    inbox.put(outcomes=OUTCOMES).load()
    facts, worked = manifest_hash(), outcomes()
    undo()
    assert outcomes() == {}
    inbox.load()
    assert (manifest_hash(), outcomes()) == (facts, worked)


def test_what_another_source_brought_since_stays(inbox):
    inbox.load(source="crm")
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "99000")).load(source="crm")
    tickets = "ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-03-01T10:00:00Z,false\n"
    inbox.only(tickets=tickets).load(source="desk")
    undo(source="crm")
    assert mrr() == 120_000
    assert cells("tickets", "ticket_id", "severity") == {"T-1": 1}


def test_rows_others_refer_to_are_not_taken_away(inbox):
    inbox.load(source="crm")
    tickets = "ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-03-01T10:00:00Z,false\n"
    inbox.only(tickets=tickets).load(source="desk")
    before = manifest_hash()
    with pytest.raises(InputProblems, match="nothing was taken back"):
        undo(source="crm")
    assert manifest_hash() == before


def test_a_row_another_source_brought_since_does_not_come_back_beside_it(inbox):
    inbox.load(source="crm")
    inbox.put(accounts=ACCOUNTS.replace("A-2,Birch,2025-02-01,SMB\n", ""))
    inbox.put(subscriptions=SUBSCRIPTIONS[: SUBSCRIPTIONS.index("S-2")]).load(source="crm", mode="replace_table")
    inbox.only(accounts=ACCOUNTS.replace("A-1,Aster,2025-01-01,SMB\n", "")).load(source="billing")
    with pytest.raises(InputProblems, match=r'another source already \(billing\), for example account_id "A-2"'):
        undo(source="crm")
    assert cells("accounts", "account_id", "name") == {"A-1": "Aster", "A-2": "Birch"}


def test_a_period_another_source_went_on_with_does_not_lose_its_end(inbox):
    inbox.load(source="crm")
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("2025-01-01,,", "2025-01-01,2025-07-01,")).load(source="crm")
    header, first, _ = SUBSCRIPTIONS.splitlines()
    inbox.only(subscriptions=f"{header}\n{first.replace('2025-01-01', '2025-07-01')}\n").load(source="billing")
    before = manifest_hash()
    with pytest.raises(InputProblems, match=r"would overlap.*Take back the import of that source first"):
        undo(source="crm")
    assert manifest_hash() == before
    undo(source="billing")
    undo(source="crm")
    assert cells("subscriptions", "subscription_id", "end_date")["S-1"] is pd.NaT


def test_accounts_do_not_become_their_own_parents_beside_what_another_source_brought_since(inbox):
    days = [dt.date(2025, month, 28) for month in (2, 3, 4)]
    head, first, second = "account_id,name,start_date,parent_id\n", "A-1,Aster,2025-01-01,", "A-2,Birch,2025-02-01,"
    inbox.only(accounts=f"{head}{second}\n").load(source="billing", as_of=days[0])
    inbox.only(accounts=f"{head}{first}A-2\n").load(source="crm", as_of=days[0])
    inbox.only(accounts=f"{head}{first}\n").load(source="crm", as_of=days[1])
    inbox.only(accounts=f"{head}{second}A-1\n").load(source="billing", as_of=days[2])
    before = manifest_hash()
    with pytest.raises(InputProblems, match=r"its own parent.*Take back the import of that source first"):
        undo(source="crm")
    assert manifest_hash() == before
    undo(source="billing")
    undo(source="crm")
    assert cells("accounts", "account_id", "parent_id")["A-1"] == "A-2"


def test_a_row_somebody_edited_since_stops_the_undo_with_both_sides(inbox):
    inbox.put(outcomes=OUTCOMES).load()
    inbox.put(outcomes=OUTCOMES.replace("O-1,A-1", "O-1,A-2")).load()
    facts, state = manifest_hash(), current_state()
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O-1"}, 2, {"account_id": "A-9"})
    with pytest.raises(EditedSince, match="O-1, account_id: now A-9, before the import A-1"):
        undo()
    assert manifest_hash() == facts
    assert outcomes() == {"O-1": "A-9", "O-2": "A-2"}
    assert current_state().facts_key == state.facts_key
    assert all(run.undone_at is None for run in import_runs())


def test_a_dry_run_counts_and_changes_nothing(inbox):
    inbox.put(outcomes=OUTCOMES).load()
    before = current_state()
    report = undo(dry_run=True)
    assert (report.records[0].removed, report.dry_run) == (2, True)
    assert current_state() == before
    assert outcomes() == {"O-1": "A-1", "O-2": "A-2"}


def test_only_finance_and_admin_take_back(inbox):
    inbox.load()
    with pytest.raises(NotAllowed, match="finance"):
        undo_import(Actor("Vi", frozenset({"customer_marketing"})), NOW)


def test_sweeping_leaves_every_part_an_undo_or_a_closed_month_needs(inbox):
    inbox.load()
    first = manifest_hash()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "99000")).load()
    undone = manifest_hash()
    undo()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "70000")).load()

    def swept(*pinned):
        with records_database().read() as session:
            return sweep(settings().facts_dir, kept_manifests(session, pinned))

    assert swept(undone) == ()
    (gone,) = swept()
    assert gone.startswith("subscriptions/")
    undo()
    assert (manifest_hash(), mrr()) == (first, 120_000)


def fix(new):
    return correct(LOCAL_USER, "subscriptions", MRR, "mrr_cents", new, "credit note", NOW)


def told():
    return [(item.old, item.new, item.delivered) for item in corrections()]


def test_a_correction_made_before_the_import_holds_after_the_undo(inbox):
    inbox.load()
    fix(90_000)
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "70000")).load()
    assert told() == [("120000", "90000", "70000")]
    undo()
    assert (mrr(), told()) == (90_000, [("120000", "90000", "120000")])


def test_a_correction_the_import_retired_holds_again(inbox):
    inbox.load()
    fix(90_000)
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "90000")).load()
    assert corrections() == ()
    undo()
    assert (mrr(), told()) == (90_000, [("120000", "90000", "120000")])
    made = corrections()[0]
    withdraw(LOCAL_USER, made.id, made.version, "follow the source", NOW)
    assert mrr() == 120_000


def test_a_correction_made_after_the_import_holds_over_the_older_value(inbox):
    inbox.load()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "70000")).load()
    fix(90_000)
    undo()
    assert (mrr(), told()) == (90_000, [("70000", "90000", "120000")])


def test_a_correction_made_after_the_import_ends_where_the_older_value_is_the_right_one(inbox):
    inbox.load()
    inbox.put(subscriptions=SUBSCRIPTIONS.replace("120000", "70000")).load()
    fix(120_000)
    undo()
    assert (mrr(), corrections()) == (120_000, ())


def test_a_correction_withdrawn_after_the_import_does_not_come_back(inbox):
    inbox.load()
    made = fix(90_000)
    inbox.put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS.replace("60000", "61000")).load()
    withdraw(LOCAL_USER, made.id, made.version, "it was right", NOW)
    undo()
    assert (mrr(), corrections()) == (120_000, ())


def test_the_months_known_shrink_with_the_import_that_said_so(inbox):
    inbox.load(as_of=dt.date(2025, 3, 31))
    inbox.load(as_of=dt.date(2025, 5, 31))
    assert current_state().known_until == dt.date(2025, 5, 31)
    undo()
    assert current_state().known_until == dt.date(2025, 3, 31)
