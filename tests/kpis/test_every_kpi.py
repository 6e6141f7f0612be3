"""Laws that every registered KPI keeps, whatever it measures."""

import datetime as dt
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.kpis import MEASURES, REGISTRY, evaluate
from core.kpis.registry import kpi_rows
from core.kpis.result import State
from core.month import build_month
from core.rollups.engine import Engine
from core.schema import TABLES, Kind
from core.services.home import current_state, manifest_of, open_engine, open_source
from core.services.rows import rows_behind
from core.settings import settings
from tests.companies import account, source, subscription
from tests.homes import SHARED, using

CATALOGUE = SHARED / "reference" / "kpi_catalogue.json"
OCTOBER, JUNE = dt.date(2026, 10, 1), dt.date(2026, 6, 1)
EVERY = REGISTRY | MEASURES

ONLY_REVENUE = {"mrr", "arr", "expansion_arr", "churn_logo_rate", "churn_revenue_rate", "gross_revenue_retention",
                "net_revenue_retention", "attach_rate", "retention_referred_vs_other"}  # fmt: skip
"""KPIs that need nothing but subscriptions, so that such a company may have them."""

ALL_CUSTOMERS = {
    "mrr", "arr", "net_revenue_retention", "gross_revenue_retention", "churn_logo_rate", "churn_revenue_rate",
    "attach_rate", "advocacy_rate", "advocacy_touches_per_customer", "reference_review_rate", "customer_lifetime_value",
    "ltv_to_cac", "nrr_lift_pp", "return_on_marketing_investment", "retention_referred_vs_other",
}  # fmt: skip
"""KPIs whose base is every paying account: one more of them, silent as it may be, changes these alone."""


@pytest.fixture(scope="module")
def demo(demo_home):
    """The source of the demo company."""
    with using(demo_home):
        state = current_state()
        yield open_source(state, open_engine(state))


@pytest.fixture(scope="module")
def facts(demo_home):
    """Its fact tables as frames, and their schemas."""
    with using(demo_home):
        manifest, folder = manifest_of(current_state()), settings().facts_dir
        parts = {name: [pq.read_table(folder / part) for part in manifest.files(name)] for name in manifest.tables}
    return {name: pa.concat_tables(tables, promote_options="default") for name, tables in parts.items()}


@pytest.fixture(scope="module")
def october(demo):
    return build_month(dt.date(2026, 10, 31), demo)


@pytest.fixture(scope="module")
def figures(october):
    """Every KPI of October, without history."""
    return values(october)


def values(month, at=None):
    return {name: evaluate(item, month.kpi_input, at or month.month, history=False) for name, item in REGISTRY.items()}


def changed(folder, demo, facts, change, records=None, reporting=""):
    """The demo company with other rows: `change` gets a table's name and frame and gives its frame."""
    parts = {}
    for name, table in facts.items():
        before = table.to_pandas(types_mapper=pd.ArrowDtype)
        after = change(name, before)
        path = folder / f"{name}.parquet"
        pq.write_table(
            table if after is before else pa.Table.from_pandas(after, table.schema, preserve_index=False), path
        )
        parts[name] = [path]
    return replace(
        demo,
        engine=Engine(parts),
        records=records or demo.records,
        reporting=reporting or demo.reporting,
        facts_key=f"{demo.facts_key}{folder.name}",
    )


def different(before, after, scale=1.0):
    """KPIs whose figure differs; figures of money are expected `scale` times as large."""
    found = {}
    for name, result in before.items():
        factor = scale if result.unit == "money" else 1.0
        expected = None if result.value is None else result.value * factor
        other = after[name].value
        if (expected is None) != (other is None) or (
            expected is not None and other != pytest.approx(expected, rel=1e-9, abs=1e-9)
        ):
            found[name] = (result.value, other, after[name].reason)
    return found


def test_every_kpi_of_the_catalogue_is_registered():
    if not CATALOGUE.exists():
        pytest.skip("the reference catalogue is not beside the project")
    listed = {entry["function"] for entry in json.loads(CATALOGUE.read_text(encoding="utf-8"))["kpis"]}
    assert len(listed) == 61
    assert listed - set(REGISTRY) == set()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.sampled(3)
def test_an_empty_company_has_no_figure_and_says_why(name, tmp_path):
    data = build_month(dt.date(2025, 12, 31), source(tmp_path, {"subscriptions": []})).kpi_input
    result = evaluate(EVERY[name], data, dt.date(2025, 12, 1))
    assert result.value is None
    assert result.reason
    assert not result.shown


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.sampled(3)
def test_accounts_and_subscriptions_alone_give_the_revenue_and_say_of_the_rest_why_not(name, tmp_path):
    rows = {"accounts": [account("a")], "subscriptions": [subscription("a", "2023-01-01", None, 10)]}
    data = build_month(dt.date(2025, 12, 31), source(tmp_path, rows)).kpi_input
    result = evaluate(REGISTRY[name], data, dt.date(2025, 12, 1))
    if name not in ONLY_REVENUE:
        assert result.value is None
    if result.value is None:
        assert result.reason


def test_every_figure_of_the_demo_company_that_is_missing_says_why(figures):
    for result in figures.values():
        assert result.shown or result.reason, result.id
        assert result.value is None or np.isfinite(result.value), result.id


def test_money_three_times_as_large_leaves_ratios_days_and_counts_as_they_are(tmp_path, demo, facts, figures):
    def tripled(name, frame):
        money = [column.name for column in TABLES[name].columns if column.kind is Kind.CENTS]
        return frame.assign(**{column: frame[column] * 3 for column in money}) if money else frame

    records = {name: tripled(name, frame) for name, frame in demo.records.items()}
    other = build_month(dt.date(2026, 10, 31), changed(tmp_path, demo, facts, tripled, records))
    assert different(figures, values(other), scale=3.0) == {}


def test_another_currency_with_its_rate_leaves_every_figure_as_it_is(tmp_path, demo, facts, figures, october):
    home = october.currency

    def renamed(name, frame):
        money = [column.name for column in TABLES[name].columns if column.kind is Kind.CENTS]
        if name == "fx_rates":
            months = pd.date_range("2022-01-01", "2026-12-01", freq="MS").date
            extra = pd.DataFrame({"month": months, "currency": "CHF", "rate": 0.5})
            return pd.concat([frame, extra.astype(frame.dtypes.to_dict())], ignore_index=True)
        if not money or "currency" not in frame:
            return frame
        ours = frame["currency"] == home
        doubled = {column: frame[column].where(~ours, frame[column] * 2) for column in money}
        return frame.assign(**doubled, currency=frame["currency"].where(~ours, "CHF"))

    records = {name: renamed(name, frame) for name, frame in demo.records.items()}
    other = build_month(dt.date(2026, 10, 31), changed(tmp_path, demo, facts, renamed, records, reporting=home))
    assert other.currency == home
    assert different(figures, values(other)) == {}


def with_account(tmp_path, demo, facts, *, pays):
    """The demo company and one more account nobody ever spoke to."""

    def added(name, frame):
        if name == "accounts" or (pays and name == "subscriptions"):
            row = frame.iloc[[0]].copy()
            blank = {"account_id": "silent", "name": "Silent", "parent_id": None, "referrer_contact_id": None}
            if name == "subscriptions":
                blank = {"account_id": "silent", "subscription_id": "silent", "end_date": None, "is_trial": False}
            start = {"start_date": dt.date(2023, 1, 1)}
            for column, value in {**blank, **start}.items():
                row[column] = pd.Series([value], index=row.index, dtype=frame[column].dtype)
            return pd.concat([frame, row], ignore_index=True)
        return frame

    return build_month(dt.date(2026, 10, 31), changed(tmp_path, demo, facts, added))


def test_an_account_that_never_paid_changes_no_figure(tmp_path, demo, facts, figures):
    assert different(figures, values(with_account(tmp_path, demo, facts, pays=False))) == {}


def test_a_silent_customer_changes_only_figures_over_all_customers(tmp_path, demo, facts, figures):
    found = different(figures, values(with_account(tmp_path, demo, facts, pays=True)))
    assert set(found) == ALL_CUSTOMERS
    assert {"mrr", "arr"} <= set(found)


def test_figures_of_june_do_not_depend_on_what_came_later(tmp_path, demo, facts):
    last = pd.Timestamp("2026-06-30 23:59:59")

    def cut(name, frame):
        event = TABLES[name].event_date
        # A deal may be won before the contract of its account starts: who bought is known from the deal on.
        if event is None or name == "accounts":
            return frame
        day = pd.to_datetime(frame[event])
        return frame[(day <= last) | day.isna()]

    before = values(build_month(dt.date(2026, 6, 30), demo))
    records = {name: cut(name, frame) for name, frame in demo.records.items()}
    after = values(build_month(dt.date(2026, 6, 30), changed(tmp_path, demo, facts, cut, records)))
    assert different(before, after) == {}


@pytest.mark.parametrize("name", REGISTRY)
def test_the_rows_of_a_figure_sum_to_its_arguments_and_give_it_again(name, october, figures):
    item, result = REGISTRY[name], figures[name]
    if not result.shown:
        assert result.reason
        return
    rows = kpi_rows(item, october.kpi_input, OCTOBER)
    behind = rows_behind(october, name)
    whole = october.kpi_input.frame(item.frame, OCTOBER)
    for argument in item.arguments:
        scale = 100 if argument in behind.money else 1
        assert behind.sums[argument] * scale == pytest.approx(float(whole[argument].sum()))
        assert float(behind.frame[argument].sum()) == pytest.approx(behind.sums[argument])
    arguments = {
        argument: float(rows[argument].sum()) if item.of == "sums" else rows[argument].to_numpy()
        for argument in item.arguments
    }
    again = item.function(**arguments) / (100 if item.unit == "money" else 1)
    assert again == pytest.approx(result.value)


def test_what_may_be_shown_does_not_depend_on_the_interval_wanted_for_it(october, figures):
    for name, plain in figures.items():
        whole = evaluate(REGISTRY[name], october.kpi_input, OCTOBER)
        assert (whole.value, whole.shown) == (plain.value, plain.shown), name


@pytest.mark.parametrize("name", REGISTRY)
def test_every_segment_has_a_figure_or_says_why_not(name, october):
    for segment in october.facts.segments:
        result = evaluate(REGISTRY[name], october.kpi_input, OCTOBER, segment=segment, history=False)
        if not REGISTRY[name].by_segment:
            assert result.state is State.MISSING
        assert result.shown or result.reason


@pytest.mark.parametrize("name", ["mrr", "arr", "expansion_arr", "referral_revenue", "referral_sourced_pipeline"])
def test_the_segments_of_a_sum_of_money_sum_to_the_company(name, october, figures):
    parts = [
        evaluate(REGISTRY[name], october.kpi_input, OCTOBER, segment=segment, history=False).value or 0.0
        for segment in october.facts.segments
    ]
    assert sum(parts) == pytest.approx(figures[name].value)


def test_every_reason_is_in_words_without_ids(october, figures, tmp_path):
    two = {"accounts": [account("a")], "subscriptions": [subscription("a", "2023-01-01", None, 10)]}
    bare = build_month(dt.date(2025, 12, 31), source(tmp_path, two)).kpi_input
    results = list(figures.values())
    results += [evaluate(item, bare, dt.date(2025, 12, 1), history=False) for item in EVERY.values()]
    for segment in october.facts.segments:
        results += [
            evaluate(item, october.kpi_input, OCTOBER, segment=segment, history=False) for item in REGISTRY.values()
        ]
    reasons = {result.reason for result in results if result.reason}
    assert len(reasons) > 20
    for reason in reasons:
        assert len(reason.split()) >= 2, reason
        assert not re.search(r"[a-z]_[a-z]|\bNone\b|\bnan\b|[{}\[\]]", reason), reason
        assert "\n" not in reason
