"""A month as an object: what it shares, what it hides, which months there are."""

import datetime as dt

import pandas as pd
import pytest

from core.errors import CouncilError
from core.month import build_month
from core.services import home
from core.services.home import current_state, open_engine, open_month, open_source
from tests.companies import source, subscription


def test_a_month_whose_facts_are_the_same_keeps_them(in_demo):
    state = current_state()
    company = open_source(state, open_engine(state))
    first = build_month(dt.date(2026, 10, 31), company)
    again = build_month(dt.date(2026, 10, 31), company, first.facts)
    other = build_month(dt.date(2026, 9, 30), company, first.facts)
    assert again.facts is first.facts
    assert other.facts is not first.facts


def test_months_run_from_the_first_revenue_to_the_last_complete_month(in_demo):
    state = current_state()
    months = open_source(state, open_engine(state)).months
    assert months[0] == dt.date(2026, 10, 1)
    assert list(months) == sorted(months, reverse=True)


def test_a_month_that_cannot_be_shown_is_refused_with_those_that_can(in_demo):
    with pytest.raises(CouncilError, match="to 2026-10, found 2027-01"):
        open_month(dt.date(2027, 1, 1))


def test_an_empty_home_says_what_to_import(in_empty):
    with pytest.raises(CouncilError, match="import accounts and subscriptions"):
        open_month()


def test_an_unfinished_month_is_not_offered(tmp_path):
    rows = [subscription("a", "2025-01-01", None, 5), subscription("b", "2025-03-14", None, 5)]
    assert source(tmp_path, {"subscriptions": rows}).months[0] == dt.date(2025, 2, 1)


def test_what_happened_later_is_invisible(in_demo):
    """Every figure of an earlier month is the same whether later rows exist or not."""
    october = open_month(dt.date(2026, 10, 1))
    june = open_month(dt.date(2026, 6, 1))
    assert june.facts.deals["closed_on"].max() <= pd.Timestamp("2026-6-30")
    assert june.kpi_input.revenue.wide.columns.max() == pd.Timestamp("2026-6-1")
    assert (june.facts.deals["outcome"] == "open").sum() > 0
    assert october.facts.contacts["joined_on"].max() <= pd.Timestamp("2026-10-31")
    assert june.facts.spend.query("month > '2026-06-30'")["cost_cents"].sum() == 0


def test_the_arr_of_the_demo_company_ties_to_finance(in_demo):
    """The planted disagreements aside, ARR per account equals finance's own figure."""
    month = open_month(dt.date(2026, 10, 1))
    finance = month.facts.engine.query(
        "SELECT f.arr_cents AS arr_cents FROM finance_totals AS f WHERE f.month = :month AND f.account_id IS NULL",
        {"month": month.month},
    )
    ours = 12 * int(month.kpi_input.revenue.mrr_at(month.month).sum())
    assert ours == pytest.approx(int(finance["arr_cents"].iloc[0]), rel=0.01)


def test_readiness_of_the_home_is_checked(in_demo):
    home.ready()
