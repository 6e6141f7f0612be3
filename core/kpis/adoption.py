"""Use of the product: how many people work with it each week, how many use what they may use."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame
from core.kpis.judging import census, ratio_over_accounts
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.kpis.units import Grid, grid_of, units_of
from core.stats.months import month_end, month_numbers, month_starts

WEEK = 7
SUNDAY = 6
WEEKS_APART = 8
"""More weeks than end in any month: keeps months apart when one and its weeks are one number."""
USAGE = ("user_weeks", "seated_user_weeks", "seat_weeks")
FEATURES = ("feature_users", "feature_adopters")


@lru_cache(maxsize=512)
def weeks_ending_in(month: dt.date) -> int:
    """Number of ISO weeks whose Sunday lies in a month: 4 or 5."""
    first_sunday = month + dt.timedelta(days=SUNDAY - month.weekday())
    return (month_end(month) - first_sunday).days // WEEK + 1


def usage_grid(data: KpiInput) -> Grid:
    """Sums over the weeks that end in a month, by unit and month."""
    return _usage(data)[0]


def _usage(data: KpiInput) -> tuple[Grid, dict[dt.date, int]]:
    """Use by unit and month, and the most weeks of each month that any account has rows of."""

    def read(facts: KpiInput) -> tuple[Grid, dict[dt.date, int]]:
        rows = facts.once("usage_month")
        return grid_of(units_of(facts), rows, USAGE), _most(rows["weeks_known"].to_numpy(), rows["month"])

    return data.kept_of_facts("usage grid", read)


def _most(weeks: NDArray[np.int64], days: pd.Series) -> dict[dt.date, int]:
    """The most weeks of each month that has any; there are few different numbers of weeks."""
    months = month_numbers(days.to_numpy())
    first = months.min() if len(months) else 0
    found = np.flatnonzero(np.bincount((months - first) * WEEKS_APART + weeks))  # the most of a month stand last
    starts = month_starts(first + found // WEEKS_APART).tolist()
    return dict(zip(starts, (found % WEEKS_APART).tolist(), strict=True))


def _use_of_features(data: KpiInput) -> tuple[Grid, pd.DataFrame]:
    """Use of features by unit and month; and of each feature by month: month, name, feature_users, feature_adopters."""

    def read(facts: KpiInput) -> tuple[Grid, pd.DataFrame]:
        rows = facts.once("feature_month")
        names, of_features = rows["name"].array, (rows["kind"] != "account").to_numpy(dtype=bool)
        features = rows.take(np.flatnonzero(of_features)).drop(columns="kind").astype({"name": "str"})
        accounts = pd.Categorical.from_codes(np.where(of_features, -1, names.codes), dtype=names.dtype, validate=False)
        grid = grid_of(units_of(facts), rows.assign(account_id=accounts), FEATURES)
        return grid, features.sort_values(["month", "name"])

    return data.kept_of_facts("feature grid", read)


@frame
def usage_weeks(data: KpiInput, month: dt.date) -> Columns:
    """One row per account with use or seats in a month, as means over the complete ISO weeks that end in it.

    Returns:
        account_id, account_name, segment (at month end), weekly_users, weekly_seated_users (in weeks whose seats are
        known) and weekly_seats.
    """
    units, grid = units_of(data), usage_grid(data)
    users, seated, seats = (grid.at(name, month) / weeks_ending_in(month) for name in USAGE)
    used = np.flatnonzero((users > 0) | (seats > 0))
    numbers = {"weekly_users": users[used], "weekly_seated_users": seated[used], "weekly_seats": seats[used]}
    return Columns({**units.labels(used, month_end(month)), **numbers}, len(used))


def weeks_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why a month has no mean over its weeks: a week is missing altogether."""
    found, needed = _usage(data)[1].get(month, 0), weeks_ending_in(month)
    return (
        None if found >= needed else f"active users are known for {found} of the {needed} weeks that end in the month"
    )


def usage_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Users per licensed seat: what is left of the growth when customers grow."""
    columns = data.columns("usage_weeks", month, segment)
    seats = float(columns["weekly_seats"].sum())
    share = float(columns["weekly_seated_users"].sum()) / seats if seats > 0 else None
    return (Part("Per licensed seat", share, "ratio", int((columns["weekly_seats"] > 0).sum())),)


@frame
def feature_accounts(data: KpiInput, month: dt.date) -> Columns:
    """One row per account with users who were active in a month and may use a feature.

    Returns:
        account_id, account_name, segment (at month end), feature_users and feature_adopters: users of each feature
        added up over features, so that a large feature weighs more than a small one.
    """
    units, grid = units_of(data), _use_of_features(data)[0]
    users, adopters = (grid.at(name, month) for name in FEATURES)
    used = np.flatnonzero(users > 0)
    numbers = {"feature_users": users[used], "feature_adopters": adopters[used]}
    return Columns({**units.labels(used, month_end(month)), **numbers}, len(used))


def feature_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Adoption of each feature over all segments, most used first; one first seen this month says so."""
    if segment is not None:
        return ()
    rows = _use_of_features(data)[1]
    day = pd.Timestamp(month)
    older = set(rows.loc[rows["month"] < day, "name"])
    found = rows[(rows["month"] == day) & (rows["feature_users"] > 0)]
    users, adopters = found["feature_users"].to_numpy(), found["feature_adopters"].to_numpy()
    named = sorted(zip(-adopters / users, found["name"].tolist(), users.tolist(), strict=True))
    return tuple(
        Part(name + ("" if name in older or not older else " (new, partial)"), -float(share), "ratio", count)
        for share, name, count in named
    )


@kpi(
    label="Weekly active users",
    unit="count",
    better="higher",
    frame="usage_weeks",
    needs=("accounts", "usage"),
    interval=census("accounts", "weekly_users"),
    version=1,
    covered=weeks_gap,
    parts=usage_parts,
)
def weekly_active_users(*, weekly_users: float) -> float | None:
    """People with at least one core event in a week, on average over the complete ISO weeks that end in the month.

    WAU = sum over accounts and weeks of active users / weeks that end in the month

    An account without a row in a week had no active user in it.

    Args:
        weekly_users: Mean weekly active users, summed over accounts.

    Returns:
        People a week.

    Source:
        Complete ISO weeks instead of a rolling 7 days (Mozilla, Statsig): one holiday at the end moves the last
        rolling value, not the mean of four or five weeks.
    """
    return weekly_users


@kpi(
    label="Feature adoption",
    unit="ratio",
    better="higher",
    frame="feature_accounts",
    needs=("accounts", "feature_usage"),
    interval=ratio_over_accounts("feature_users", part=True),
    version=1,
    parts=feature_parts,
)
def feature_adoption_rate(*, feature_adopters: float, feature_users: float) -> float | None:
    """Share of the active users entitled to a feature who used it, all features together.

    rate = sum over features of users who used it / sum over features of entitled active users

    Args:
        feature_adopters: Users who used the feature in the month, once per feature.
        feature_users: Users entitled to the feature and active in the month, once per feature.

    Returns:
        A ratio between 0 and 1. None when nobody entitled to a feature was active.

    Source:
        Ratio of sums, not the mean of percentages over features; entitled users, so that the mix of plans moves
        nothing.
    """
    if feature_users == 0:
        return None
    return feature_adopters / feature_users
