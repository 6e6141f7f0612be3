"""Imports: all of it visible in one transaction, or nothing; again changes nothing; what people edited stays."""

import datetime as dt

import pytest
from sqlmodel import select

from core.errors import CouncilError, InputProblems, NotAllowed
from core.services import importing
from core.services.access import LOCAL_USER, Actor
from core.services.home import current_state, manifest_of, open_month, records_database
from core.services.importing import ensure_demo, run_import
from core.store import records
from core.store.tables import AuditEntry, ImportRun, ManifestRow, Outcome
from tests.homes import NOW

ACCOUNTS = "account_id,name,start_date,segment\nA,Alpha,2024-01-01,SMB\nB,Beta,2024-01-01,SMB\n"
SUBSCRIPTIONS = (
    "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "S1,A,base,1,10000,EUR,2024-01-01,,false\n"
    "S2,B,base,1,5000,EUR,2024-01-01,2024-06-01,false\n"
)
OUTCOMES = "outcome_id,account_id,agreed_on\nO1,A,2024-02-01\n"


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "accounts.csv").write_text(ACCOUNTS)
    (folder / "subscriptions.csv").write_text(SUBSCRIPTIONS)
    (folder / "outcomes.csv").write_text(OUTCOMES)
    return folder


def rows(model):
    with records_database().read() as session:
        return session.exec(select(model)).all()


def test_facts_records_run_and_audit_become_visible_together(in_empty, files):
    report = run_import(LOCAL_USER, [files], NOW)
    assert report.changed
    assert {item.table: item.new for item in report.tables} == {"accounts": 2, "subscriptions": 2, "outcomes": 1}
    assert len(rows(ManifestRow)) == len(rows(ImportRun)) == len(rows(AuditEntry)) == 1
    assert rows(ImportRun)[0].changes["accounts"]["new"] == 2
    assert manifest_of(current_state()).tables == ("accounts", "subscriptions")


def test_importing_again_leaves_no_trace(in_empty, files):
    run_import(LOCAL_USER, [files], NOW)
    before = current_state()
    report = run_import(LOCAL_USER, [files], NOW)
    assert not report.changed
    assert current_state() == before
    assert len(rows(ImportRun)) == 1


def test_a_dry_run_counts_and_writes_nothing(in_empty, files):
    report = run_import(LOCAL_USER, [files], NOW, dry_run=True)
    assert report.changed and report.dry_run
    assert current_state().is_empty
    assert rows(Outcome) == [] and rows(AuditEntry) == []


def test_a_failure_in_the_records_leaves_the_facts_invisible(in_empty, files, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "upsert", stop)
    with pytest.raises(KeyboardInterrupt):
        run_import(LOCAL_USER, [files], NOW)
    assert current_state().is_empty
    assert rows(ManifestRow) == []


def test_one_wrong_cell_keeps_everything_out(in_empty, files):
    (files / "subscriptions.csv").write_text(SUBSCRIPTIONS.replace("2024-06-01", "2024-06-31"))
    with pytest.raises(InputProblems) as refused:
        run_import(LOCAL_USER, [files], NOW)
    (problem,) = refused.value.problems
    assert (problem.place, problem.line, problem.column, problem.found) == (
        "subscriptions.csv", 3, "end_date", "2024-06-31",
    )  # fmt: skip
    assert current_state().is_empty


def test_what_people_edited_is_reported_and_kept(in_empty, files):
    run_import(LOCAL_USER, [files], NOW)
    with records_database().write() as session:
        records.save(session, Outcome, {"outcome_id": "O1"}, 1, {"account_id": "B"})
    (files / "outcomes.csv").write_text(OUTCOMES.replace("2024-02-01", "2024-03-01"))
    report = run_import(LOCAL_USER, [files], NOW)
    assert ("outcomes", "O1", "agreed_on", "2024-02-01", "2024-03-01") in report.conflicts
    assert rows(Outcome)[0].agreed_on == dt.date(2024, 2, 1)


def test_a_corrected_file_changes_the_figure(in_empty, files):
    run_import(LOCAL_USER, [files], NOW)
    (files / "subscriptions.csv").write_text(SUBSCRIPTIONS.replace("10000", "12000"))
    report = run_import(LOCAL_USER, [files], NOW)
    assert {item.table: item.changed for item in report.tables}["subscriptions"] == 1
    assert open_month(dt.date(2024, 1, 1)).kpis["mrr"].value == 170.0


def test_only_finance_and_admin_may_import(in_empty, files):
    with pytest.raises(NotAllowed, match="finance"):
        run_import(Actor("Ann", frozenset({"viewer"})), [files], NOW)
    assert current_state().is_empty


def test_a_preset_and_a_mapping_together_are_refused(in_empty, files):
    with pytest.raises(CouncilError, match="not both"):
        run_import(LOCAL_USER, [files], NOW, preset="ravenstack", mapping=files / "mapping.toml")


def test_somebody_elses_import_in_between_is_noticed(in_empty, files, monkeypatch):
    load = importing.load

    def load_while_another_imports(*words):
        monkeypatch.setattr(importing, "load", load)
        (files / "accounts.csv").write_text(ACCOUNTS.replace("Alpha", "Other"))
        run_import(LOCAL_USER, [files], NOW)
        return load(*words)

    monkeypatch.setattr(importing, "load", load_while_another_imports)
    with pytest.raises(CouncilError, match="somebody else imported"):
        run_import(LOCAL_USER, [files], NOW)
    assert len(rows(ManifestRow)) == 1


def test_the_demo_company_never_overwrites_a_company(in_empty, files):
    run_import(LOCAL_USER, [files], NOW)
    assert ensure_demo(LOCAL_USER, NOW) is None
    assert manifest_of(current_state()).rows("accounts") == 2
