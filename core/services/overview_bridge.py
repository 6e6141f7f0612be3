"""ARR from one month end to another: what came, what grew, what went, and which segment lost most."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from core.glossary import MINUS, SPACE, display, display_month
from core.kpis.retention import movements
from core.month import Month
from core.services.overview_bars import LISTED, Bar, bar, largest, listing
from core.services.rows import RowsBehind
from core.stats.months import shift_month

Since = Literal["month", "quarter", "year", "to_date"]
MONTHS_BACK: dict[Since, int] = {"month": 1, "quarter": 3, "year": 12}
"""What a month can be compared with, as an address says it, and how many months that is ago."""
TO_DATE: Since = "to_date"
"""Since the calendar quarter of the month began: in its last month, the whole quarter."""
WINDOWS: tuple[Since, ...] = (*MONTHS_BACK, TO_DATE)
QUARTER = 3
MOVES = {
    "New": ("new_mrr", 1),
    "Won back": ("reactivated_mrr", 1),
    "Expansion": ("expansion_mrr", 1),
    "Contraction": ("contraction_mrr", -1),
    "Churn": ("churned_mrr", -1),
}
"""Label, column and sign of every movement."""
NAMED = 3
"""Accounts that a sentence names."""
YEARLY = 12 / 100
"""From MRR in cents to ARR in units of the currency."""


@dataclass(frozen=True)
class SegmentMoves:
    """What one segment lost and won between the ends of a bridge; units of the currency.

    Attributes:
        segment: Its name; accounts are in the segment they are in now.
        lost_arr: Churn and contraction.
        new_arr: Customers won and won back.
    """

    segment: str
    lost_arr: float
    new_arr: float


@dataclass(frozen=True)
class Bridge:
    """ARR from an earlier month end to this one: one net movement per account; units of the currency.

    Attributes:
        title: The finding.
        subtitle: What is drawn.
        bars: The first and the last are levels, the others changes.
        currency: ISO code.
        sentence: Which segment lost most, and by which accounts; the largest loss of all if that is elsewhere.
        segments: Every segment, the one that lost most first; they sum to the bars. Empty when one was chosen.
        segments_title: Which of them lost most.
    """

    title: str
    subtitle: str
    bars: tuple[Bar, ...]
    currency: str
    sentence: str
    segments: tuple[SegmentMoves, ...]
    segments_title: str


def base_month(month: Month, since: Since) -> dt.date:
    """First day of the month that `month` is compared with: its end is where the window begins."""
    in_quarter = (month.month.month - 1) % QUARTER + 1
    return shift_month(month.month, -MONTHS_BACK.get(since, in_quarter))


def quarter_words(month: dt.date) -> str:
    """Which months of its calendar quarter "quarter to date" holds; in the first it is the same as one month."""
    in_quarter = (month.month - 1) % QUARTER + 1
    first, last = (display_month(day).split()[0] for day in (shift_month(month, 1 - in_quarter), month))
    if in_quarter == 1:
        return f"Quarter to date: {first} alone, the same as 1 month"
    return f"Quarter to date: {first} {'and' if in_quarter < QUARTER else 'to'} {last}"


def bridge(month: Month, segment: str | None, since: Since) -> Bridge | None:
    """The bridge of a month; None when there was no revenue at either end.

    Args:
        month: The month.
        segment: Only accounts that are in this segment now; None for all.
        since: What it is compared with.
    """
    rows = moved_accounts(month, segment, since)
    if rows.empty:
        return None
    base, sums = base_month(month, since), rows.select_dtypes("number").sum()
    segments = _by_segment(rows, month.facts.segments) if segment is None else ()
    bars = (
        _level(base, rows, "starting_mrr"),
        *(_movement(label, rows, column, sign) for label, (column, sign) in MOVES.items()),
        _level(month.month, rows, "ending_mrr"),
    )
    return Bridge(
        title=_finding(sums, month.currency),
        subtitle=f"ARR, end of {display_month(base)} to end of {display_month(month.month)}, net per account"
        + (f", accounts that are {segment} now" if segment else "")
        + (f". {quarter_words(month.month)}" if since == TO_DATE else ""),
        bars=bars,
        currency=month.currency,
        sentence=_losses(rows, month.currency, display_month(base)),
        segments=segments,
        segments_title=_most_lost(segments, month.currency, display_month(base)),
    )


def moved_accounts(month: Month, segment: str | None, since: Since) -> pd.DataFrame:
    """One row per account with revenue at either end: `movements` in ARR, units of the currency."""
    rows = movements(month.facts.kpi_input, base_month(month, since), month.month, segment_at_end=True)
    if segment is not None:
        rows = rows[rows["segment"] == segment]
    money = [name for name in rows.columns if name.endswith("_mrr")]
    texts = dict.fromkeys(("account_id", "account_name", "segment"), "str")
    return rows.astype(texts).assign(**{name: rows[name] * YEARLY for name in money})


def bridge_rows(month: Month, segment: str | None, since: Since) -> RowsBehind:
    """Every account behind the bridge; the sums of its columns are the bars."""
    rows = moved_accounts(month, segment, since).rename(columns=_yearly)
    rows = rows.drop(columns=["base_accounts", "lost_accounts"])
    base = base_month(month, since)
    labels = {
        "account_name": "Account",
        "segment": "Segment",
        "starting_arr": f"ARR {_short(base)}",
        **{_yearly(column): label for label, (column, _) in MOVES.items()},
        "ending_arr": f"ARR {_short(month.month)}",
    }
    money = tuple(name for name in rows.columns if name.endswith("_arr"))
    change = rows["ending_arr"] - rows["starting_arr"]
    order = (-change.abs()).argsort(kind="stable")
    return RowsBehind(
        result=replace(month.kpis["arr"], label="ARR bridge"),
        title=f"What moved since {display_month(base)}",
        frame=rows.iloc[order].reset_index(drop=True),
        sums={name: float(rows[name].sum()) for name in money},
        labels=labels,
        money=money,
        tie=f"{labels['starting_arr']} + new + won back + expansion {MINUS} contraction {MINUS} churn "
        f"= {labels['ending_arr']}; a year of the MRR of the last day, one net movement per account.",
    )


def _yearly(column: str) -> str:
    """Name of a column of MRR once it holds ARR, as files carry it."""
    return column.replace("_mrr", "_arr")


def _level(at: dt.date, rows: pd.DataFrame, column: str) -> Bar:
    named = rows.rename(columns={"account_name": "name"})
    own = largest(named, named[column])
    return bar(_short(at), float(rows[column].sum()), "level", own, f"{len(own):,} accounts", _places(own))


def _movement(label: str, rows: pd.DataFrame, column: str, sign: int) -> Bar:
    named = rows.rename(columns={"account_name": "name"})
    own = largest(named, sign * named[column])
    noun = "account" if len(own) == 1 else "accounts"
    kind: Literal["good", "bad"] = "good" if sign > 0 else "bad"
    return bar(label, sign * float(rows[column].sum()), kind, own, f"{len(own):,} {noun}", _places(own))


def _places(rows: pd.DataFrame) -> list[str]:
    """The segment of each account that is named behind a bar."""
    return rows["segment"].head(LISTED).tolist()


def _by_segment(rows: pd.DataFrame, names: tuple[str, ...]) -> tuple[SegmentMoves, ...]:
    sums = rows.groupby("segment").sum(numeric_only=True)
    sums = sums.reindex(sums.index.union(list(names)), fill_value=0.0)
    lost, new = sums["contraction_mrr"] + sums["churned_mrr"], sums["new_mrr"] + sums["reactivated_mrr"]
    order = (-lost).argsort(kind="stable")
    return tuple(SegmentMoves(str(sums.index[at]), float(lost.iloc[at]), float(new.iloc[at])) for at in order)


def _most_lost(segments: tuple[SegmentMoves, ...], currency: str, since: str) -> str:
    if not segments:
        return ""
    if not segments[0].lost_arr:
        return f"No segment lost revenue since {since}"
    return f"{segments[0].segment} lost most since {since}: {display(segments[0].lost_arr, 'money', currency)}"


def _finding(sums: pd.Series, currency: str) -> str:
    gained, lost = sums["expansion_mrr"], sums["contraction_mrr"] + sums["churned_mrr"]
    if sums["starting_mrr"] == 0:
        return f"All {display(sums['ending_mrr'], 'money', currency)} of ARR is from new customers"
    if not gained and not lost:
        return "No customer moved"
    words = "more than covered" if gained > lost else "did not cover"
    if not lost:
        return f"Expansion of {display(gained, 'money', currency)}, and nothing was lost"
    return f"Expansion of {display(gained, 'money', currency)} {words} losses of {display(lost, 'money', currency)}"


def _losses(rows: pd.DataFrame, currency: str, since: str) -> str:
    """Which segment lost most since a month, and its largest losses; the largest of all where that is elsewhere."""
    lost = rows.assign(lost=rows["contraction_mrr"] + rows["churned_mrr"])
    lost = lost[lost["lost"] > 0].sort_values("lost", ascending=False, kind="stable")
    if lost.empty:
        return f"No account left or pays less than in {since}."
    totals = lost.groupby("segment")["lost"].sum().sort_values(ascending=False, kind="stable")
    own = lost[lost["segment"] == totals.index[0]]
    left = int((own["churned_mrr"] > 0).sum())
    named = [f"{row.account_name} ({display(row.lost, 'money', currency)})" for row in own.head(NAMED).itertuples()]
    words = "lost most" if len(totals) > 1 else "lost"
    amount = display(float(totals.iloc[0]), "money", currency)
    weight = ""
    if len(own) > NAMED:
        weight = ", most of it" if own["lost"].head(NAMED).sum() > totals.iloc[0] / 2 else ", the largest of them"
    said = f"{totals.index[0]} {words}: {amount} of ARR; {_counts(left, len(own) - left)}{weight or ':'}"
    return f"{said} {listing(named)}.{_elsewhere(lost, str(totals.index[0]), currency)}"


def _elsewhere(lost: pd.DataFrame, worst: str, currency: str) -> str:
    """The largest loss of one account, where it is not in the segment that lost most."""
    first = lost.iloc[0]
    if first["segment"] == worst:
        return ""
    amount = display(float(first["lost"]), "money", currency)
    return f" The largest single loss is in {first['segment']}: {first['account_name']} ({amount})."


def _counts(left: int, less: int) -> str:
    """How many accounts left, and how many pay less."""
    accounts = "account" if left + less == 1 else "accounts"
    if not left:
        return f"{less} {accounts} {'pays' if less == 1 else 'pay'} less"
    if not less:
        return f"{left} {accounts} left"
    return f"{left} {'account' if left == 1 else 'accounts'} left, {less} {'pays' if less == 1 else 'pay'} less"


def _short(month: dt.date) -> str:
    name, year = display_month(month).split()
    return f"{name[:3]}{SPACE}{year}"
