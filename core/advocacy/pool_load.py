"""What the pool carries: a figure with what it rests on, and how few people carry the asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.model.pool import LoadRules
from core.stats.intervals import Interval, wilson
from core.stats.small_sample import judge_proportion


@dataclass(frozen=True)
class Figure:
    """One figure of the pool.

    Attributes:
        value: In its unit; None with `reason`.
        n: What it rests on.
        interval: How sure it is; None for a count of everything there is.
        reason: Why there is no value, or why it is to be read with care; None when it stands plainly.
    """

    value: float | None
    n: int
    interval: Interval | None = None
    reason: str | None = None


def share_of(part: int, n: int) -> Figure:
    """A share with its Wilson interval, shown by the small-sample rule."""
    verdict = judge_proportion(part, n)
    return Figure(part / n if n and verdict.show else None, n, wilson(part, n), verdict.reason)


@dataclass(frozen=True)
class LoadQuarter:
    """Concentration over the window that ended on a day; None where there were too few asks."""

    end: dt.date
    asks: int
    top_share: float | None
    gini: float | None


@dataclass(frozen=True)
class Concentration:
    """How the asks of a year spread over people.

    Attributes:
        top_share: Share of the asks that went to the busiest people.
        gini: 0 when everybody in the pool is asked alike, towards 1 when one person carries everything.
        people: Who was asked or could be.
        asked: Of them, asked.
        trend: The same figures at the end of each of the last quarters, oldest first; this month last.
        rows: contact_id, asks, share, last_ask_on: one row per person asked, busiest first.
    """

    top_share: Figure
    gini: Figure
    people: int
    asked: int
    trend: tuple[LoadQuarter, ...]
    rows: pd.DataFrame


def gini(counts: ArrayLike) -> float | None:
    """How unequally counts are spread.

    G = Σ (2i - n - 1) xᵢ / (n Σ xᵢ)   with x ascending, i from 1 to n

    Returns:
        0 for equal counts, (n - 1)/n when one has them all. None without anything to share.

    Source:
        Gini 1912, in the form of ranks of Dixon et al., Ecology 68, 1987
    """
    values = np.sort(np.asarray(counts, dtype=np.float64))
    if not values.sum() > 0:
        return None
    n = len(values)
    return float(((2 * np.arange(1, n + 1) - n - 1) * values).sum() / (n * values.sum()))


def concentration(asks: pd.DataFrame, open_to_ask: pd.Series, as_of: dt.date, rules: LoadRules) -> Concentration:
    """How the asks of the window spread over people.

    top share = asks to the `top` busiest / asks; both figures count everything there is, so they carry no interval.

    Args:
        asks: contact_id, asked_on of every ask sent.
        open_to_ask: Contacts an ask would be open to, resting or not: they belong to the pool, asked or not.
        as_of: Last day of the window.
        rules: Length of the window, the busiest, the fewest asks.
    """
    inside = within(asks, as_of, rules.days)
    by = inside.groupby("contact_id")["asked_on"].agg(["count", "max"]).sort_index()
    by = by.sort_values("count", ascending=False, kind="stable")
    counts = by["count"].to_numpy(dtype=np.int64)
    total = int(counts.sum())
    idle = int((~open_to_ask.isin(by.index)).sum())
    few = f"too few: {total} asks in {rules.days} days, {rules.least_asks} needed" if total < rules.least_asks else None
    return Concentration(
        top_share=Figure(None if few else int(counts[: rules.top].sum()) / total, total, reason=few),
        gini=Figure(None if few else gini(np.append(counts, np.zeros(idle))), len(counts) + idle, reason=few),
        people=len(counts) + idle,
        asked=len(counts),
        trend=tuple(_quarter(asks, as_of, back, open_to_ask, rules) for back in reversed(range(rules.trend_quarters))),
        rows=pd.DataFrame({"contact_id": by.index.astype("str"), "asks": counts,
                           "share": counts / max(total, 1), "last_ask_on": by["max"].to_numpy()}),
    )  # fmt: skip


def within(asks: pd.DataFrame, end: dt.date, days: int) -> pd.DataFrame:
    """Asks sent in the `days` days that end with a day."""
    last = pd.Timestamp(end)
    return asks[(asks["asked_on"] <= last) & (asks["asked_on"] > last - pd.Timedelta(days=days))]


def _quarter(asks: pd.DataFrame, as_of: dt.date, back: int, open_to_ask: pd.Series, rules: LoadRules) -> LoadQuarter:
    """Who can be asked today stands in for who could be then, which was not kept."""
    end = (pd.Timestamp(as_of) - pd.offsets.MonthEnd(3 * back)).date() if back else as_of
    by = within(asks, end, rules.days)["contact_id"].value_counts()
    counts = by.to_numpy(dtype=np.int64)
    total, idle = int(counts.sum()), int((~open_to_ask.isin(by.index)).sum())
    if total < rules.least_asks:
        return LoadQuarter(end, total, None, None)
    return LoadQuarter(end, total, int(counts[: rules.top].sum()) / total, gini(np.append(counts, np.zeros(idle))))
