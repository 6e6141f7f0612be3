"""One wrong cell put right: every query sees it, imports keep it, and it retires once the source agrees."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core.errors import InputProblems, NotAllowed, RuleBroken, StaleRecord
from core.services.access import Actor
from core.services.corrections import correct, corrected_keys, corrections, withdraw
from core.services.home import records_database
from core.store.tables import AuditEntry
from tests.homes import NOW, using
from tests.inbox import ACCOUNTS, SUBSCRIPTIONS, Inbox, cells, manifest_hash

FINANCE = Actor("Fay", frozenset({"finance"}))
MRR = {"subscription_id": "S-1", "start_date": "2025-01-01"}


def mrr(key="S-1"):
    return cells("subscriptions", "subscription_id", "mrr_cents")[key]


def fix(new="90000", **words):
    asked = {"table": "subscriptions", "key": MRR, "column": "mrr_cents", "reason": "credit note", **words}
    return correct(FINANCE, asked["table"], asked["key"], asked["column"], new, asked["reason"], NOW)


def subscriptions(cents):
    return SUBSCRIPTIONS.replace("120000", str(cents))


def of_corrections(report):
    """Rules of the warnings of an import that are about corrections; the one on the as-of date is another's."""
    return [item.rule for item in report.warnings if item.rule.startswith("correction_")]


def test_every_query_sees_a_corrected_cell_and_the_rows_can_show_it(inbox):
    inbox.load()
    made = fix()
    assert (made.old, made.new, made.state, made.author) == ("120000", "90000", "active", "Fay")
    assert mrr() == 90_000
    shown = corrected_keys("subscriptions")
    assert shown[["subscription_id", "start_date", "column", "source_says", "corrected_to", "reason"]].to_dict(
        "records"
    ) == [{
        "subscription_id": "S-1", "start_date": "2025-01-01", "column": "mrr_cents", "source_says": "120000",
        "corrected_to": "90000", "reason": "credit note",
    }]  # fmt: skip
    with records_database().read() as session:
        line = session.exec(select(AuditEntry).where(AuditEntry.act == "correct")).one()
    assert (line.detail["old"], line.detail["new"]) == ("120000", "90000")


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.integers(0, 10**9), min_size=3, max_size=3, unique=True))
def test_a_correction_outlives_imports_until_the_source_agrees(tmp_path_factory, values):
    delivered, corrected, third = values
    folder = tmp_path_factory.mktemp("company")
    with using(folder / "home"):
        inbox = Inbox(folder / "inbox").put(accounts=ACCOUNTS, subscriptions=subscriptions(delivered))
        inbox.load()
        fix(corrected)
        again = inbox.load()
        assert (mrr(), again.changed, of_corrections(again)) == (corrected, False, [])

        disputed = inbox.put(subscriptions=subscriptions(third)).load()
        (notice,) = [item for item in disputed.warnings if item.rule == "correction_disputed"]
        assert all(str(value) in notice.message for value in values)
        assert mrr() == corrected
        assert corrections()[0].disputed

        agreed = inbox.put(subscriptions=subscriptions(corrected)).load()
        assert of_corrections(agreed) == ["correction_retired"]
        assert (mrr(), corrections()) == (corrected, ())

        inbox.put(subscriptions=subscriptions(delivered)).load()
        assert mrr() == delivered


def test_a_withdrawn_correction_lets_the_source_speak_again(inbox):
    inbox.load()
    before = manifest_hash()
    made = fix()
    withdraw(FINANCE, made.id, made.version, "it was right after all", NOW)
    assert (mrr(), manifest_hash()) == (120_000, before)
    assert corrections() == ()
    assert "it was right after all" in corrections(active=False)[0].retired_reason
    with pytest.raises(RuleBroken, match="holds no longer"):
        withdraw(FINANCE, made.id, made.version, "twice", NOW)


def test_withdrawing_gives_the_last_value_the_source_delivered(inbox):
    inbox.load()
    fix()
    inbox.put(subscriptions=subscriptions(70_000)).load()
    made = corrections()[0]
    with pytest.raises(StaleRecord):
        withdraw(FINANCE, made.id, made.version - 1, "stale", NOW)
    withdraw(FINANCE, made.id, made.version, "follow the source", NOW)
    assert mrr() == 70_000


def test_a_cell_corrected_again_has_one_correction_that_holds(inbox):
    inbox.load()
    fix(90_000)
    fix(80_000)
    assert mrr() == 80_000
    assert [(item.old, item.new) for item in corrections()] == [("120000", "80000")]
    with pytest.raises(RuleBroken, match="withdraw"):
        fix(120_000)


@pytest.mark.parametrize(
    ("words", "new", "message"),
    [
        pytest.param({}, "-5", "mrr_cents", id="below the range"),
        pytest.param({}, "12.5", "mrr_cents", id="not a whole number"),
        pytest.param({}, None, "mrr_cents", id="a required cell emptied"),
        pytest.param({"column": "is_trial"}, "perhaps", "is_trial", id="not a flag"),
        pytest.param({"column": "account_id"}, "A-9", "no row of accounts", id="an account nobody knows"),
        pytest.param({"column": "end_date"}, "2024-06-01", "on or after", id="an end before its start"),
        pytest.param({"column": "currency"}, "Euro", "currency", id="not a currency"),
    ],
)
def test_a_correction_keeps_the_rules_of_an_import(inbox, words, new, message):
    inbox.load()
    before = manifest_hash()
    with pytest.raises(InputProblems, match=message) as refused:
        fix(new, **words)
    assert "nothing was corrected" in str(refused.value)
    assert (manifest_hash(), corrections()) == (before, ())


def test_a_correction_may_not_make_two_periods_of_a_subscription_overlap(inbox):
    later = SUBSCRIPTIONS + "S-2,A-2,Pro,5,70000,EUR,2025-08-01,,false\n"
    inbox.put(subscriptions=later).load()
    key = {"subscription_id": "S-2", "start_date": dt.date(2025, 2, 1)}
    with pytest.raises(InputProblems, match="overlap"):
        fix("2025-09-01", key=key, column="end_date")


def test_a_correction_may_not_close_a_group_to_a_circle(inbox):
    head = "account_id,name,start_date,parent_id\n"
    inbox.put(accounts=head + "A-1,Aster,2025-01-01,A-2\nA-2,Birch,2025-02-01,\n").load()
    with pytest.raises(InputProblems, match="own parent"):
        fix("A-1", table="accounts", key={"account_id": "A-2"}, column="parent_id")


@pytest.mark.parametrize(
    ("words", "new", "message"),
    [
        pytest.param({"reason": " "}, "1", "reason", id="no reason"),
        pytest.param({"column": "start_date"}, "2025-02-01", "names the row", id="a key column"),
        pytest.param({"column": "colour"}, "red", "no column", id="no such column"),
        pytest.param({"key": {**MRR, "subscription_id": "S-9"}}, "1", "no row", id="no such row"),
        pytest.param({"table": "asks"}, "1", "facts", id="a record table"),
        pytest.param({}, "120000", "already", id="nothing to correct"),
    ],
)
def test_what_cannot_be_corrected_is_said(inbox, words, new, message):
    inbox.load()
    with pytest.raises(RuleBroken, match=message):
        fix(new, **words)


def test_only_finance_and_admin_correct(inbox):
    inbox.load()
    with pytest.raises(NotAllowed, match="finance"):
        correct(Actor("Vi", frozenset({"viewer"})), "subscriptions", MRR, "mrr_cents", "1", "why not", NOW)


def test_a_corrected_attribute_stays_when_another_attribute_gets_a_new_version(inbox):
    inbox.load()
    fix("Enterprise", table="accounts", key={"account_id": "A-1"}, column="segment")
    assert cells("accounts", "account_id", "segment")["A-1"] == "Enterprise"
    inbox.put(accounts=ACCOUNTS.replace("Aster", "Aster Group")).load(as_of=dt.date(2025, 6, 1))
    versions = cells("accounts", "valid_from", "segment")
    inbox.load(as_of=dt.date(2025, 7, 1))
    assert cells("accounts", "valid_from", "segment") == versions
    assert [value for key, value in versions.items() if "2025-06" in str(key)] == ["Enterprise"]


def test_a_corrected_event_date_moves_the_row_and_stays(inbox):
    inbox.put(tickets="ticket_id,account_id,severity,opened_at,escalated\nT-1,A-1,1,2025-03-01T10:00:00Z,false\n")
    inbox.load()
    fix("2025-04-02T08:00:00Z", table="tickets", key={"ticket_id": "T-1"}, column="opened_at")
    inbox.load()
    assert str(cells("tickets", "ticket_id", "opened_at")["T-1"]) == "2025-04-02 08:00:00"
