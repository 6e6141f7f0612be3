"""How old the data are, what is loaded, what the rest would unlock, and where tables contradict each other."""

import datetime as dt

import pytest

from core.errors import ModelError
from core.kpis import REGISTRY
from core.model.data_state import data_state, load_data_state
from core.month import build_month
from core.schema import TABLES
from core.services.access import LOCAL_USER
from core.services.data_conflicts import RULES, data_conflicts
from core.services.data_state import coverage, freshness
from core.services.home import open_month
from core.services.import_undo import undo_import
from core.settings import MODEL_DIR
from tests.companies import account, day, source, subscription
from tests.homes import NOW
from tests.inbox import OUTCOMES

TICKETS = "ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-03-01T10:00:00Z,false\n"


def test_the_age_of_a_source_is_told_by_the_newest_source(inbox):
    inbox.load(source="crm", as_of=dt.date(2025, 6, 30))
    inbox.only(tickets=TICKETS).load(source="desk")
    desk, crm = freshness()
    assert (desk.source, desk.as_of, desk.age_days, desk.limit_days, desk.stale) == (
        "desk", dt.date(2025, 3, 1), 121, 14, True,
    )  # fmt: skip
    assert (crm.age_days, crm.stale, crm.tables, crm.rows) == (0, False, ("accounts", "subscriptions"), 4)


def test_a_source_without_events_says_so_instead_of_an_age(inbox):
    inbox.only(accounts="account_id,name,start_date\nA-1,Aster,2025-01-01\n").load(source="crm")
    (crm,) = freshness()
    assert (crm.as_of, crm.age_days, crm.stale) == (None, None, None)
    assert "no event" in crm.reason


def test_a_run_that_was_taken_back_is_no_longer_fresh(inbox):
    inbox.load(as_of=dt.date(2025, 6, 30))
    undo_import(LOCAL_USER, NOW)
    assert freshness() == ()


def test_every_table_says_what_is_loaded_and_what_it_unlocks(inbox):
    inbox.put(outcomes=OUTCOMES).load(source="crm")
    tables = {item.table: item for item in coverage()}
    assert list(tables) == list(TABLES)
    paid, outcomes, tickets = tables["subscriptions"], tables["outcomes"], tables["tickets"]
    assert (paid.rows, paid.first_day, paid.last_day) == (2, dt.date(2025, 1, 1), dt.date(2025, 2, 1))
    assert (paid.sources, paid.as_of) == (("crm",), dt.date(2025, 3, 1))
    assert set(paid.kpis) == {item.label for item in REGISTRY.values() if "subscriptions" in item.needs}
    assert (outcomes.rows, outcomes.first_day, outcomes.sources) == (2, dt.date(2025, 3, 1), ("crm",))
    assert (tickets.loaded, tickets.rows, tickets.sources, tickets.empty_columns) == (False, 0, (), ())
    assert tickets.screens
    assert tables["asks"].rules


def test_an_empty_column_that_blocks_something_is_named(inbox):
    inbox.load()
    accounts = next(item for item in coverage() if item.table == "accounts")
    empty = {item.column: item.blocks for item in accounts.empty_columns}
    assert "segment" not in empty
    assert "referred" in empty["acquisition_channel"]


def month(folder, **tables):
    rows = {
        "accounts": [account("a"), account("b")],
        "contacts": [
            {"contact_id": "c1", "account_id": "a", "joined_on": day("2024-01-01"), "left_on": day("2025-02-01")},
            {"contact_id": "c2", "account_id": "a", "joined_on": day("2024-01-01")},
        ],
        "subscriptions": [subscription("a", "2024-01-01", None, 100), subscription("a", "2024-02-01", None, 40)],
        **tables,
    }
    return build_month(day("2025-06-30"), source(folder, rows))


def found(data, name):
    return next(item for item in data_conflicts(data) if item.id == name)


@pytest.fixture(autouse=True)
def _home(in_empty):
    """Counts of imports are read from a home."""


def renewal(name, renewed, **other):
    return {
        "renewal_id": name, "account_id": "a", "subscription_id": "a-2024-01-01", "due_on": day("2025-01-01"),
        "mrr_due_cents": 10_000, "mrr_renewed_cents": renewed, "currency": "EUR", "closed_on": day("2025-01-05"),
        **other,
    }  # fmt: skip


def test_a_lost_renewal_whose_subscription_runs_on_is_a_finding(tmp_path):
    rows = [renewal("lost", 0), renewal("kept", 10_000), renewal("later", 0, closed_on=day("2025-12-01"))]
    result = found(month(tmp_path, renewals=rows), "lost_but_paying")
    assert (result.count, result.rows["renewal_id"].tolist()) == (1, ["lost"])
    assert result.sentence.startswith("One renewal")
    assert result.rows["account_name"].tolist() == ["A"]


def test_a_renewal_at_another_amount_than_subscription_and_account_is_a_finding(tmp_path):
    rows = [renewal("same", 10_000), renewal("whole", 14_000), renewal("near", 10_500), renewal("above", 20_000)]
    result = found(month(tmp_path, renewals=rows), "renewed_otherwise")
    assert result.rows["renewal_id"].tolist() == ["above"]


def deal(name, who, closed):
    return {
        "opportunity_id": name, "account_id": who, "name": name, "kind": "new", "source": "event",
        "amount_cents": 100, "currency": "EUR", "created_on": day("2024-01-02"), "closed_on": day(closed),
        "outcome": "won",
    }  # fmt: skip


def test_a_won_deal_without_a_subscription_in_time_is_a_finding(tmp_path):
    deals = [
        deal("billed", "a", "2024-01-03"), deal("unbilled", "b", "2025-01-10"), deal("young", "b", "2025-06-01"),
        deal("nobody", None, "2025-01-10"),
    ]  # fmt: skip
    result = found(month(tmp_path, opportunities=deals), "won_without_subscription")
    assert sorted(result.rows["opportunity_id"]) == ["nobody", "unbilled"]


def test_contacts_referrals_and_asks_of_nobody_known_are_findings(tmp_path):
    data = month(
        tmp_path,
        contacts=[{"contact_id": "c2", "account_id": "gone", "joined_on": day("2024-01-01")}],
        referrals=[
            {
                "referral_id": "r",
                "contact_id": "cx",
                "prospect_id": "p",
                "submitted_at": dt.datetime(2025, 3, 1, tzinfo=dt.UTC),
            }
        ],
        asks=[
            {"ask_id": "k", "contact_id": "cy", "activity": "review", "state": "sent", "asked_on": day("2025-03-01")}
        ],
    )
    assert found(data, "unknown_account").rows["contact_id"].tolist() == ["c2"]
    assert found(data, "referral_without_contact").rows["referral_id"].tolist() == ["r"]
    assert found(data, "asked_unknown").rows["ask_id"].tolist() == ["k"]


def test_an_ask_to_a_person_who_had_left_is_a_finding(tmp_path):
    asks = [
        {"ask_id": name, "contact_id": who, "activity": "review", "state": "sent", "asked_on": day(on)}
        for name, who, on in (
            ("late", "c1", "2025-03-01"),
            ("early", "c1", "2025-01-01"),
            ("other", "c2", "2025-03-01"),
        )
    ]
    assert found(month(tmp_path, asks=asks), "asked_after_leaving").rows["ask_id"].tolist() == ["late"]


def test_what_cannot_be_checked_names_the_table(tmp_path):
    result = found(month(tmp_path), "lost_but_paying")
    assert (result.count, result.missing) == (None, ("renewals",))
    assert "needs renewals" in result.sentence


def test_a_company_whose_tables_agree_has_no_finding(in_demo):
    results = data_conflicts(open_month())
    assert [item.id for item in results] == [rule.id for rule in RULES]
    assert all(item.count == 0 for item in results)


def test_files_that_disagree_on_a_count_are_findings(in_ravenstack):
    assert data_conflicts(open_month())[0].id == "counts"


def test_every_limit_names_its_source():
    state = data_state()
    assert state.freshness.source and state.tie_out.source and state.conflicts.source
    assert state.freshness.limit("usage") < state.freshness.limit("accounts")


OPTIONAL = {name: {item.name for item in table.columns if not item.required} for name, table in TABLES.items()}


def test_every_table_and_column_named_is_one_of_the_contract():
    assert load_data_state(optional=OPTIONAL) == data_state()


def test_a_table_the_contract_does_not_have_is_refused(tmp_path):
    text = (MODEL_DIR / "data_state.toml").read_text()
    (tmp_path / "data_state.toml").write_text(text.replace("[freshness.tables]", "[freshness.tables]\nusages = 3"))
    with pytest.raises(ModelError, match="no such table: usages"):
        load_data_state(tmp_path, OPTIONAL)
