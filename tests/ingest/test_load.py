"""What an import makes of the facts: idempotent, whole, and the same in a dry run."""

import datetime as dt
from dataclasses import astuple

import pyarrow.parquet as pq
import pytest

from core.errors import InputProblems
from core.model.presets import Preset, TableRule
from tests.ingest.conftest import ACCOUNTS, SUBSCRIPTIONS

EVENTS = "account_id,subscription_id,day,feature,count\n"


def rows(company, table):
    return [row for file in company.manifest.files(table) for row in pq.read_table(company.facts / file).to_pylist()]


def weeks(company):
    return {
        (row["account_id"], str(row["week_start"])): (row["core_events"], row["features_used"])
        for row in rows(company, "usage")
    }


def changes(loaded, table):
    return astuple(loaded.changes[table])[1:]


def test_a_second_import_changes_nothing_even_when_rows_are_reordered(company):
    company.load()
    before = company.manifest.hash
    header, *body = SUBSCRIPTIONS.splitlines()
    company.put(subscriptions="\n".join((header, *reversed(body))) + "\n")
    loaded = company.load()
    assert loaded.manifest.hash == before
    assert changes(loaded, "subscriptions") == (0, 0, 2, 0)


def test_a_dry_run_counts_like_the_real_run_and_writes_nothing(company):
    company.load()
    files = sorted(company.facts.rglob("*"))
    company.put(
        subscriptions=SUBSCRIPTIONS.replace("60000", "70000") + "S-3,A-1,Pro,1,100,EUR,2025-05-01,,false\n",
        usage_events=EVENTS + "A-1,,2025-03-03,search,2\n",
    )
    dry = company.load(dry_run=True)
    assert sorted(company.facts.rglob("*")) == files
    real = company.load()
    assert dry.changes == real.changes
    assert dry.manifest.hash == real.manifest.hash
    assert changes(real, "subscriptions") == (1, 1, 1, 0)


def test_problems_are_raised_before_anything_is_written(company):
    company.put(accounts=ACCOUNTS.replace("2025-01-01", "soon"))
    with pytest.raises(InputProblems, match="nothing was imported"):
        company.load()
    assert not company.facts.exists()


def test_a_new_period_that_overlaps_a_stored_one_is_refused(company):
    company.load()
    header = SUBSCRIPTIONS.splitlines()[0]
    company.put(subscriptions=f"{header}\nS-1,A-1,Pro,20,200000,EUR,2025-06-01,,false\n")
    with pytest.raises(InputProblems, match=r'subscription "S-1": the period from 2025-06-01 would overlap'):
        company.load()
    closed = "S-1,A-1,Pro,10,120000,EUR,2025-01-01,2025-06-01,false"
    company.put(subscriptions=f"{header}\n{closed}\nS-1,A-1,Pro,20,200000,EUR,2025-06-01,,false\n")
    assert changes(company.load(), "subscriptions") == (1, 1, 0, 0)


def test_a_group_that_two_imports_close_to_a_circle_is_refused(company):
    head = "account_id,name,start_date,parent_id\n"
    company.put(accounts=head + "A-1,Aster,2025-01-01,A-2\nA-2,Birch,2025-02-01,\n")
    company.load()
    company.put(accounts=head + "A-2,Birch,2025-02-01,A-1\n")
    with pytest.raises(InputProblems, match=r'account "A-1" would be its own parent'):
        company.load(as_of=dt.date(2025, 6, 1))
    company.put(accounts=head + "A-1,Aster,2025-01-01,\nA-2,Birch,2025-02-01,A-1\n")
    company.load(as_of=dt.date(2025, 6, 1))


def test_replacing_a_table_that_others_still_refer_to_is_refused(company):
    company.load()
    (company.inbox / "subscriptions.csv").unlink()
    company.put(accounts="account_id,name,start_date\nA-1,Aster,2025-01-01\n")
    with pytest.raises(InputProblems, match=r'1 stored rows of subscriptions would refer .* "A-2"'):
        company.load(mode="replace_table")


def test_changed_accounts_hold_from_the_day_of_the_file(company):
    company.load()
    company.put(accounts=ACCOUNTS.replace("Birch", "Birch Ltd"))
    company.load(as_of=dt.date(2025, 6, 1))
    assert {(row["name"], row["valid_from"]) for row in rows(company, "accounts")} == {
        ("Aster", None),
        ("Birch", None),
        ("Birch Ltd", dt.date(2025, 6, 1)),
    }


def test_types_in_the_parts_are_those_of_the_contract(company):
    company.load()
    schema = pq.read_schema(company.facts / company.manifest.files("subscriptions")[0])
    kinds = {field.name: str(field.type) for field in schema}
    assert kinds["mrr_cents"] == kinds["quantity"] == "int64"
    assert kinds["start_date"] == "date32[day]"
    assert kinds["is_trial"] == "bool"
    assert kinds["subscription_id"] == "string"


def test_records_are_handed_over_as_plain_values(company):
    company.put(
        contacts="contact_id,account_id,joined_on\nC-1,A-1,2025-01-01\n",
        asks="ask_id,contact_id,activity,state,asked_on,delivered,reach\nK-2,C-1,review,sent,2025-03-01,yes,5\nK-1,C-1,video,proposed,,,\n",
    )
    loaded = company.load()
    first, second = loaded.records["asks"].to_dict("records")
    assert (first["ask_id"], first["asked_on"], first["delivered"], first["reach"]) == ("K-1", None, None, None)
    assert (second["asked_on"], second["delivered"], second["reach"]) == (dt.date(2025, 3, 1), True, 5)
    assert "asks" not in loaded.manifest.tables


def test_events_become_weeks_of_accounts(company):
    company.put(
        usage_events=EVENTS
        + "A-1,,2025-03-03,search,2\nA-1,,2025-03-09,export,1\nA-1,,2025-03-10,search,4\n,S-2,2025-03-05,search,\n"
        + "A-2,,2025-03-06,import,0\n"
    )
    company.load()
    assert weeks(company) == {
        ("A-1", "2025-03-03"): (3, 2),
        ("A-1", "2025-03-10"): (4, 1),
        ("A-2", "2025-03-03"): (1, 1),
    }


def test_a_week_loaded_twice_is_replaced_and_a_split_week_adds_up(company):
    first = "A-1,,2025-03-31,search,2\nA-1,,2025-04-01,search,3\n"
    company.put(usage_events=EVENTS + first)
    company.load()
    before = company.manifest.hash
    company.load()
    assert company.manifest.hash == before
    company.put(usage_events=EVENTS + "A-1,,2025-04-01,search,5\nA-1,,2025-04-02,export,1\n")
    loaded = company.load()
    assert weeks(company) == {("A-1", "2025-03-31"): (8, 2)}
    assert changes(loaded, "usage") == (0, 1, 0, 0)


def test_replacing_a_month_of_events_takes_its_days_out_of_the_weeks(company):
    company.put(usage_events=EVENTS + "A-1,,2025-03-31,search,2\nA-1,,2025-04-01,search,3\nA-1,,2025-04-14,search,9\n")
    company.load()
    company.put(usage_events=EVENTS + "A-2,,2025-04-08,search,1\n")
    loaded = company.load(mode="replace_months")
    assert weeks(company) == {("A-1", "2025-03-31"): (2, 1), ("A-2", "2025-04-07"): (1, 1)}
    assert changes(loaded, "usage") == (1, 1, 0, 1)


def test_a_day_keeps_its_features_where_a_file_of_events_has_no_such_column(company):
    company.put(usage_events=EVENTS + "A-1,,2025-03-31,search,2\nA-1,,2025-04-01,export,3\n")
    company.load()
    company.put(usage_events="account_id,day,count\nA-1,2025-04-01,7\n")
    company.load()
    assert weeks(company) == {("A-1", "2025-03-31"): (9, 2)}
    company.put(usage_events=EVENTS + "A-1,,2025-04-02,search,1\n")
    company.load()
    assert weeks(company) == {("A-1", "2025-03-31"): (10, 2)}


def test_of_two_files_of_events_only_the_one_without_features_leaves_them(company):
    company.put(usage_events=EVENTS + "A-1,,2025-04-01,export,3\nA-2,,2025-04-08,export,3\nA-2,,2025-04-08,search,1\n")
    company.load(source="logs")
    company.put(usage_events=EVENTS + "A-2,,2025-04-08,search,4\n", more_events="account_id,day\nA-1,2025-04-01\n")
    rule = TableRule(files=("*events.csv",))
    company.load(mapping=Preset(id="logs", label="Logs", source="its own", tables={"usage_events": rule}))
    assert weeks(company) == {("A-1", "2025-03-31"): (1, 1), ("A-2", "2025-04-07"): (4, 1)}


def test_usage_by_week_and_by_event_in_one_import_is_refused(company):
    company.put(
        usage_events=EVENTS + "A-1,,2025-03-31,search,2\n",
        usage="account_id,week_start,core_events\nA-1,2025-01-06,5\n",
    )
    assert [p.rule for p in company.problems()] == ["same_table"]


def test_parquet_in_the_form_of_the_contract_gives_the_same_rows(company, tmp_path):
    company.load()
    with company.prepare() as prepared:
        tables = {name: prepared.arrow(name) for name in ("accounts", "subscriptions")}
    for name, table in tables.items():
        (company.inbox / f"{name}.csv").unlink()
        pq.write_table(table, company.inbox / f"{name}.parquet")
    before = company.manifest.hash
    loaded = company.load()
    assert loaded.manifest.hash == before


def test_a_broken_parquet_file_is_a_problem(company):
    (company.inbox / "accounts.csv").unlink()
    (company.inbox / "accounts.parquet").write_bytes(b"PAR1 nonsense")
    assert [(p.place, p.rule) for p in company.problems()] == [("accounts.parquet", "not_readable")]


def test_the_temporary_folder_is_gone_after_closing(company):
    with company.prepare() as prepared:
        scratch = prepared.scratch
        assert scratch.is_dir()
    assert not scratch.exists()
