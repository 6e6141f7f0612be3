"""For what share of cases a thing is done, by touch: sends, nudges, paths and executive reviews.

Evidence measures of the maturity matrices; none of them is a KPI of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd

from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import proportion
from core.kpis.registry import measure
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_of, shift_month


def share(done: float, of: float) -> float | None:
    """Share of cases in which a thing is done.

    share = done / of

    Args:
        done: Cases in which it is.
        of: All cases.

    Returns:
        A ratio. None without a case.
    """
    return None if of == 0 else done / of


def touches_known(months: int) -> Callable[[KpiInput, dt.date], str | None]:
    """Says why the touches of the months up to a month are not all known: the data begin later."""

    def gap(data: KpiInput, month: dt.date) -> str | None:
        known = data.table("touch_months")["month"].min()
        first = shift_month(month, 1 - months)
        if pd.isna(known) or month_of(known.date()) <= first:
            return None
        return f"touches are known from {known:%Y-%m}, the window begins {first:%Y-%m}"

    return gap


@windowed(by="month", months=3)
def touches_quarter(data: KpiInput) -> pd.DataFrame:
    """One row per month with touches after the sale; a month sees three.

    Returns:
        month, post_sale_touches, resolved_touches, sends, event_sends, nudges, targeted_nudges.
    """
    return data.table("touch_months")


@measure(
    label="Sends started by an event",
    frame="touches_quarter",
    needs=("interactions",),
    interval=proportion("event_sends", "sends", "sends"),
    covered=touches_known(3),
)
def cov_event_started_sends(*, event_sends: float, sends: float) -> float | None:
    """Share of sends after the sale that something the customer did has started.

    coverage = sends started by a product or lifecycle event / sends, three months

    Args:
        event_sends: Sends started by a product or lifecycle event.
        sends: All sends after the sale.

    Returns:
        A ratio between 0 and 1. None when nothing was sent.

    Source:
        Maturity matrices, milestone mapping.
    """
    return share(event_sends, sends)


@measure(
    label="Nudges by outcome or usage",
    frame="touches_quarter",
    needs=("interactions",),
    interval=proportion("targeted_nudges", "nudges", "nudges"),
    covered=touches_known(3),
)
def cov_targeted_nudges(*, targeted_nudges: float, nudges: float) -> float | None:
    """Share of adoption nudges that were chosen by what the customer uses or has reached.

    coverage = nudges started by a product or lifecycle event / nudges, three months

    Args:
        targeted_nudges: Nudges started by a product or lifecycle event.
        nudges: All nudges.

    Returns:
        A ratio between 0 and 1. None without a nudge.

    Source:
        Maturity matrices, adoption programmes.
    """
    return share(targeted_nudges, nudges)


@measure(
    label="Touches resolved",
    frame="touches_quarter",
    needs=("interactions", "milestones"),
    interval=proportion("resolved_touches", "post_sale_touches", "touches"),
    covered=touches_known(3),
)
def cov_touches_resolved(*, resolved_touches: float, post_sale_touches: float) -> float | None:
    """Share of touches after the sale of which the account and its stage are known.

    coverage = touches of an account with a milestone by that day / touches after the sale, three months

    Args:
        resolved_touches: Touches of a known account that had reached a milestone by that day.
        post_sale_touches: All touches but marketing touches and views of content.

    Returns:
        A ratio between 0 and 1. None without a touch.

    Source:
        Maturity matrices, measurement and attribution.
    """
    return share(resolved_touches, post_sale_touches)


@windowed(by="due_on", months=12)
def new_accounts_year(data: KpiInput) -> pd.DataFrame:
    """One row per counted account whose first days are over; a month sees those of twelve months.

    Returns:
        account_id, account_name, start_date, enrolled_on, task_on, due_on, new_accounts (1), onboarded (0 or 1).
    """
    accounts, days = data.table("accounts"), data.table("account_days")
    steps = data.table("onboarding_steps").merge(accounts[["account_id", "unit_id"]], on="account_id")
    first = steps.groupby("unit_id")[["enrolled_on", "task_on"]].min()
    rows = accounts.loc[accounts["account_id"] == accounts["unit_id"], ["account_id", "name"]]
    rows = rows.merge(days[["account_id", "start_date"]], on="account_id").rename(columns={"name": "account_name"})
    rows = rows.merge(first, left_on="account_id", right_index=True, how="left")
    due = rows["start_date"] + pd.to_timedelta(kpi_rules().coverage.onboarding_days, unit="D")
    done = (rows["enrolled_on"] <= due) & (rows["task_on"] <= due)
    return rows.assign(due_on=due, new_accounts=1, onboarded=done.astype("int64"))


@measure(
    label="New accounts on a path",
    frame="new_accounts_year",
    needs=("accounts", "interactions"),
    interval=proportion("onboarded", "new_accounts", "new accounts"),
    covered=touches_known(12),
)
def cov_accounts_on_role_path(*, onboarded: float, new_accounts: float) -> float | None:
    """Share of new accounts that were put on a path and got a first task in their first seven days.

    coverage = accounts enrolled and with a task within 7 days of the start / new accounts, twelve months

    Args:
        onboarded: New accounts with an enrolment and a task in their first days.
        new_accounts: Accounts whose first days ended in the twelve months.

    Returns:
        A ratio between 0 and 1. None without a new account.

    Source:
        Maturity matrices, onboarding.
    """
    return share(onboarded, new_accounts)


@frame
def planned_reviews_year(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """Executive reviews planned for the twelve months to month end and held by then, by pair of months."""
    rows = data.table("executive_reviews")
    first, last = pd.Timestamp(shift_month(month, -11)), pd.Timestamp(month)
    return rows[rows["planned_month"].between(first, last) & (rows["held_month"] <= last)]


@measure(
    label="Executive reviews held",
    frame="planned_reviews_year",
    needs=("interactions",),
    interval=proportion("held_reviews", "planned_reviews", "planned reviews"),
    covered=touches_known(12),
)
def cov_exec_reviews_held(*, held_reviews: float, planned_reviews: float) -> float | None:
    """Share of planned executive reviews held in time with a value in figures.

    coverage = reviews at most 7 days late with a stated value / reviews planned, twelve months

    Args:
        held_reviews: Planned reviews held in time with a value stated.
        planned_reviews: Planned reviews that took place at all; one that never did leaves no row.

    Returns:
        A ratio between 0 and 1. None when no review was planned.

    Source:
        Maturity matrices, value realisation.
    """
    return share(held_reviews, planned_reviews)
