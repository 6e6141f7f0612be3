"""Referral leads, their quality, conversion and speed, on companies small enough to work by hand."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import REGISTRY, evaluate
from core.kpis.leads import lead_wins, referred, repeats
from core.kpis.result import State
from core.model.kpi_rules import kpi_rules
from core.stats.working_hours import due_by
from tests.companies import account, subscription
from tests.kpis.dealing import BASE, DECEMBER, by, deal, referral

JUNE = dt.date(2025, 6, 1)
RULES = kpi_rules().fast_lane


def result(data, name, month=DECEMBER, **other):
    return evaluate(REGISTRY[name], data, month, **other)


def test_a_referred_company_is_counted_once_and_only_while_it_is_new(company):
    rows = {
        "accounts": [*BASE["accounts"], account("customer"), account("former"), account("child", parent_id="customer")],
        "subscriptions": [
            *BASE["subscriptions"],
            subscription("customer", "2025-01-01", None, 5),
            subscription("former", "2024-01-01", "2025-01-01", 5),
        ],
        "opportunities": [
            deal("open before", created="2025-05-01", outcome="open", closed=None),
            deal("lost before", created="2025-01-01", closed="2025-05-01", outcome="lost", account_id="lost company"),
            deal("later", created="2025-06-05", outcome="open", closed=None),
            deal("by account", created="2025-05-01", outcome="open", closed=None, account_id="talking"),
        ],
        "referrals": [
            referral("plain"),
            referral("to a customer", company="customer"),
            referral("to its child", company="child"),
            referral("to one who left", company="former"),
            referral("in talks", opportunity_id="open before"),
            referral("in talks by name", company="talking"),
            referral("lost once", company="lost company"),
            referral("brings a deal", opportunity_id="later"),
            referral("by a stranger", contact="nobody"),
        ],
    }
    data = company(BASE | rows)
    frame = referred(data)
    assert by(frame, "referral_id", "standing") == {
        "plain": "counted",
        "to a customer": "customer already",
        "to its child": "customer already",
        "to one who left": "counted",
        "in talks": "deal open already",
        "in talks by name": "deal open already",
        "lost once": "counted",
        "brings a deal": "counted",
        "by a stranger": "referrer not known",
    }
    found = result(data, "referral_leads", JUNE)
    assert (found.value, found.n, found.state) == (4, 4, State.OK)
    # Garwood's exact limits of a count of 4
    assert (found.low, found.high) == (pytest.approx(1.0899, abs=1e-3), pytest.approx(10.2416, abs=1e-3))
    assert found.parts[0].value == pytest.approx(100 * 4 / 2), "two paying customers"
    assert (found.parts[1].value, found.parts[2].value) == (4, 5)


def test_a_company_whose_deal_was_won_before_is_a_customer_until_it_leaves(company):
    rows = {
        "accounts": [*BASE["accounts"], *(account(name) for name in ("since the 10th", "left"))],
        "subscriptions": [
            *BASE["subscriptions"],
            subscription("since the 10th", "2025-06-10", None, 5),
            subscription("left", "2024-03-01", "2025-03-01", 5),
        ],
        "opportunities": [
            deal("not paid yet", created="2025-04-01", closed="2025-05-20"),
            deal("of this month", created="2025-04-01", closed="2025-06-05", account_id="since the 10th"),
            deal("of old", created="2024-01-01", closed="2024-02-20", account_id="left"),
            deal("lost", created="2025-04-01", closed="2025-05-20", outcome="lost"),
        ],
        "referrals": [
            referral("names a deal won", "2025-06-20 10:00", opportunity_id="not paid yet"),
            referral("pays since this month", "2025-06-20 10:00", company="since the 10th"),
            referral("names the deal of one who left", "2025-06-20 10:00", opportunity_id="of old"),
            referral("names a deal lost", "2025-06-20 10:00", opportunity_id="lost"),
        ],
    }
    data = company(BASE | rows)
    assert by(referred(data), "referral_id", "standing") == {
        "names a deal won": "customer already",
        "pays since this month": "customer already",
        "names the deal of one who left": "counted",
        "names a deal lost": "counted",
    }
    assert lead_wins(data)["won_on"].isna().all(), "a win before the referral came of something else"


def test_referrals_that_name_one_deal_are_one_lead(company):
    rows = {
        "opportunities": [deal("one", created="2025-02-05", closed="2025-03-05")],
        "referrals": [
            referral("first", "2025-02-03 10:00", company="acme", opportunity_id="one"),
            referral("second", "2025-02-04 10:00", company="Acme Inc.", contact="c2", opportunity_id="one"),
        ],
    }
    data = company(BASE | rows)
    assert by(referred(data), "referral_id", "standing") == {"first": "counted", "second": "referred before"}
    found = result(data, "referral_conversion_rate")
    assert (found.numerator, found.n) == (1, 1), "one deal won, credited once"


@pytest.mark.parametrize(
    ("submitted", "first"),
    [
        pytest.param("2025-02-03 10:00", "Acme Ltd.", id="the first of the deal repeats a company"),
        pytest.param("2024-06-04 10:00", "acme", id="the first of the deal is older than the credit"),
    ],
)
def test_a_deal_is_the_lead_of_one_referral_however_long_ago_and_under_any_name(company, submitted, first):
    rows = {
        "opportunities": [deal("one", created="2025-02-05", closed="2025-03-05")],
        "referrals": [
            referral("company", "2024-06-03 10:00" if first == "acme" else "2025-02-02 10:00", company="Acme Ltd."),
            referral("first", submitted, company=first, opportunity_id="one"),
            referral("again", "2025-02-04 10:00", company="Acme Inc.", contact="c2", opportunity_id="one"),
        ],
    }
    assert by(referred(company(BASE | rows)), "referral_id", "standing")["again"] == "referred before"


def test_the_first_referrer_keeps_the_credit_for_180_days(company):
    rows = [
        referral("first", "2025-01-10 09:00", company="x"),
        referral("second", "2025-07-08 09:00", company="x", contact="c2"),
        referral("after the credit", "2025-07-09 09:00", company="x", contact="c2"),
        referral("again", "2025-12-09 09:00", company="x"),
    ]
    data = company(BASE | {"referrals": rows})
    assert by(referred(data), "referral_id", "standing") == {
        "first": "counted",
        "second": "referred before",
        "after the credit": "counted",
        "again": "referred before",
    }
    july = result(data, "referral_leads", dt.date(2025, 7, 1))
    assert july.value == 1, "people referring the same company are not two leads"


@given(days=st.lists(st.integers(0, 900), min_size=1, max_size=12))
def test_companies_that_count_lie_at_least_the_credit_apart(days):
    rows = pd.DataFrame(
        {"prospect_id": "x", "submitted_on": pd.Timestamp("2024-01-01") + pd.to_timedelta(sorted(days), "D")}
    )
    repeated = repeats(rows, 180)
    kept = rows.loc[~repeated, "submitted_on"]
    assert not repeated.iloc[0]
    assert (kept.diff().dropna().dt.days >= 180).all()
    for lead in rows.loc[repeated, "submitted_on"]:
        assert ((lead - kept).dt.days.between(0, 179)).any()


def test_leads_need_contacts_and_months_from_the_first_referral_on(company):
    data = company(BASE | {"referrals": [referral("r")]})
    early = result(data, "referral_leads", dt.date(2025, 5, 1))
    assert (early.value, early.reason) == (None, "referrals are known from 2025-06")
    later = result(data, "referral_leads")
    assert (later.value, later.state, later.reason) == (None, State.UNDEFINED, "no company was referred in the month")


def test_leads_of_unknown_contacts_are_not_guessed(company):
    without = {name: rows for name, rows in BASE.items() if name != "contacts"}
    found = result(company(without | {"referrals": [referral("r")]}), "referral_leads", JUNE)
    assert (found.state, found.reason) == (State.MISSING, "not loaded: contacts")


def test_quality_counts_acceptance_within_fourteen_days(company):
    rows = [
        referral("in time", "2025-06-02 10:00", accepted="2025-06-16 10:00"),
        referral("a minute late", "2025-06-02 10:00", accepted="2025-06-16 10:01"),
        referral("undecided"),
        referral("accepted, then rejected", accepted="2025-06-03 10:00", rejected_reason="too small"),
        referral("rejected", rejected_reason="no need"),
        referral("14 days on the last day", "2025-12-17 23:00", accepted="2025-12-18 10:00"),
        referral("too young", "2025-12-18 01:00", accepted="2025-12-18 10:00"),
        referral("too old", "2024-12-17 10:00", accepted="2024-12-18 10:00"),
    ]
    found = result(company(BASE | {"referrals": rows}), "referral_quality_rate")
    assert (found.numerator, found.n, found.value) == (3, 6, pytest.approx(3 / 6))
    assert (found.state, found.reason) == (State.TOO_FEW, "too few: 3 of 6, about 39 needed to show such a rate")
    assert (found.low, found.high) == (pytest.approx(0.1876, abs=1e-3), pytest.approx(0.8124, abs=1e-3)), "Wilson"


@pytest.mark.parametrize(("accepted", "in_time"), [("2025-06-16 18:00", 1), ("2025-06-17 09:00", 0)])
def test_a_referral_without_an_hour_may_be_accepted_at_any_hour_of_its_last_day(company, accepted, in_time):
    rows = [referral("no hour", "2025-06-02 00:00", accepted=accepted)]
    data = company(BASE | {"referrals": rows})
    assert data.frame("leads_accepted_year", DECEMBER)["accepted_leads"].tolist() == [in_time]


def test_conversion_follows_cohorts_not_the_wins_of_a_month(company):
    rows = {
        "opportunities": [
            deal("180 days", created="2025-01-20", closed="2025-07-09"),
            deal("181 days", created="2025-01-20", closed="2025-07-10"),
            deal("young", created="2025-11-10", closed="2025-12-10"),
            deal("lost", created="2025-02-10", closed="2025-03-10", outcome="lost"),
        ],
        "referrals": [
            referral("won at 180 days", "2025-01-10 10:00", opportunity_id="180 days"),
            referral("won at 181 days", "2025-01-10 10:00", opportunity_id="181 days"),
            referral("no deal", "2025-01-10 10:00"),
            referral("deal lost", "2025-01-10 10:00", opportunity_id="lost"),
            referral("won, but young", "2025-11-01 10:00", opportunity_id="young"),
        ],
    }
    data = company(BASE | rows)
    found = result(data, "referral_conversion_rate")
    assert (found.numerator, found.n) == (1, 4), "wins of December over leads of the cohort would be 1 of none"
    shares = {part.label: part.value for part in found.parts}
    # at 39 days one of five followed is won; at 180 and 181 days one of the four followed so long each
    assert shares["Won within 30 days"] == pytest.approx(0.0)
    assert shares["Won within 90 days"] == pytest.approx(1 / 5)
    assert shares["Won within 180 days"] == pytest.approx(1 - 4 / 5 * 3 / 4)
    assert shares["Won within 365 days"] is None, "nobody was followed for a year"


@pytest.mark.parametrize(
    ("written", "due"),
    [
        pytest.param("2025-06-02 10:00", "2025-06-03 10:00", id="Monday morning to Tuesday morning"),
        pytest.param("2025-06-06 16:00", "2025-06-09 16:00", id="Friday afternoon to Monday afternoon"),
        pytest.param("2025-06-07 12:00", "2025-06-09 17:00", id="Saturday counts from Monday 9, ends at its close"),
        pytest.param("2025-06-02 06:30", "2025-06-02 17:00", id="before opening: the same day's close"),
        pytest.param("2025-06-02 17:00", "2025-06-03 17:00", id="at closing time: the next day's close"),
        pytest.param("2025-06-02 09:00", "2025-06-02 17:00", id="at opening time: the same day's close"),
        pytest.param("2025-06-06 23:59", "2025-06-09 17:00", id="Friday night: Monday's close"),
    ],
)
def test_a_working_day_has_eight_hours_on_weekdays(written, due):
    found = due_by(pd.Series([pd.Timestamp(written)]), RULES)
    assert found.iloc[0] == pd.Timestamp(due)


def test_the_hours_are_those_of_the_team_that_calls():
    rules = replace(RULES, zone="America/New_York", within_hours=2.5)
    found = due_by(pd.Series([pd.Timestamp("2025-06-02 20:00"), pd.Timestamp("2025-01-06 20:00")]), rules)
    # 16:00 in New York in summer, 15:00 in winter
    assert found.tolist() == [pd.Timestamp("2025-06-03 10:30"), pd.Timestamp("2025-01-07 09:30")]


@given(minutes=st.lists(st.integers(0, 60 * 24 * 28), min_size=1, max_size=20))
def test_whoever_writes_later_is_never_due_earlier(minutes):
    written = pd.Series(pd.Timestamp("2025-06-02") + pd.to_timedelta(sorted(minutes), "min"))
    due = due_by(written, RULES)
    assert due.is_monotonic_increasing
    assert (due - written >= pd.Timedelta(hours=8)).all()
    assert (due.dt.day_of_week < 5).all()


def test_called_in_time_late_and_never(company):
    rows = [
        referral("in time", "2025-06-02 10:00", called="2025-06-03 10:00"),
        referral("over the weekend", "2025-06-06 16:00", called="2025-06-09 15:00"),
        referral("late", "2025-06-02 10:00", called="2025-06-03 10:01"),
        referral("never", "2025-06-02 10:00"),
        referral("still running", "2025-12-31 12:00"),
        referral("called before it ran out", "2025-12-31 11:00", called="2025-12-31 12:00"),
        referral("called next year", "2025-12-31 12:00", called="2026-01-01 12:00"),
    ]
    data = company(BASE | {"referrals": rows})
    found = result(data, "fast_lane_sla_rate")
    assert (found.numerator, found.n) == (3, 5), "leaving out those never called would show 3 of 4"
    frame = data.frame("leads_called_year", DECEMBER)
    assert frame["counted_leads"].sum() == 5 and frame["prompt_leads"].sum() == 3
    assert frame["settled_on"].max() == pd.Timestamp("2025-12-31")


@pytest.mark.parametrize("name", ["referral_quality_rate", "referral_conversion_rate", "fast_lane_sla_rate"])
def test_no_lead_gives_no_rate_and_a_reason(company, name):
    rows = {"referrals": [referral("today", "2025-12-31 16:59")], "opportunities": [deal("d")]}
    found = result(company(BASE | rows), name)
    assert (found.value, found.state, found.reason) == (None, State.UNDEFINED, REGISTRY[name].text.when_empty)
    missing = result(company({name: BASE[name] for name in ("accounts", "subscriptions")}), name)
    assert missing.state is State.MISSING and "not loaded: referrals" in missing.reason


def test_a_month_shows_what_was_known_then(company):
    later = [
        referral("accepted later", "2025-06-02 10:00", accepted="2025-08-01 10:00", called="2025-08-01 10:00"),
        referral("submitted later", "2025-07-02 10:00"),
    ]
    first = [referral("accepted later", "2025-06-02 10:00")]
    full, then = company(BASE | {"referrals": later}), company(BASE | {"referrals": first}, JUNE)
    for name in ("referral_leads", "referral_quality_rate", "fast_lane_sla_rate"):
        assert result(full, name, JUNE) == result(then, name, JUNE)


def test_a_lead_is_not_won_while_no_deal_is_known(company):
    """Deals are loaded, all of them created after the month."""
    later = deal("later", created="2026-01-05", outcome="open", closed=None)
    data = company(BASE | {"opportunities": [later], "referrals": [referral("plain")]})
    assert data.table("deals").empty
    assert lead_wins(data)["won_on"].isna().tolist() == [True]
    assert not result(data, "referral_conversion_rate").value
