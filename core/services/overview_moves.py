"""What moved retention and acquisition cost since an earlier month, and why: only as far as the intervals go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from core.glossary import SPACE, Unit, display, display_month
from core.kpis import REGISTRY, evaluate
from core.kpis.change import Change, Part
from core.kpis.change_cost import cost_change
from core.kpis.change_retention import retention_change
from core.kpis.result import KpiResult, State
from core.month import Month
from core.services.overview_bars import Bar, bar, largest, listing
from core.services.overview_bridge import NAMED, YEARLY, Bridge, Since, base_month, bridge, bridge_rows
from core.services.rows import RowsBehind
from core.stats.small_sample import judge_money_average

AMOUNTS = {
    "moved_before": "ARR moved in the year to {then}",
    "moved_now": "ARR moved in the year to now",
    "spend_before": "Spend for the year to {then}",
    "spend_now": "Spend for the year to now",
}
"""Columns of money behind a part, and what readers call them."""


@dataclass(frozen=True)
class Moves:
    """The change of one figure in parts that sum to it.

    Attributes:
        id: KPI id behind it.
        title: The finding; "no clear change" where the interval of the change holds zero.
        subtitle: What the bars are.
        bars: One a segment or class of channel, the mix last; empty with `sentence` saying why.
        unit: Unit of the bars.
        currency: ISO code of money.
        sentence: Who drove it, or why nothing can be said.
    """

    id: Literal["net_revenue_retention", "cac_shift"]
    title: str
    subtitle: str
    bars: tuple[Bar, ...]
    unit: Unit
    currency: str
    sentence: str


@dataclass(frozen=True)
class Moved:
    """What moved since an earlier month: ARR, None without revenue, and each figure that is split."""

    bridge: Bridge | None
    moves: tuple[Moves, ...]


def moved(month: Month, segment: str | None, since: Since, nrr: KpiResult) -> Moved:
    """The bridge and what moved each figure.

    Args:
        month: The month.
        segment: Only this segment; None for all.
        since: What the month is compared with.
        nrr: Net revenue retention of the month and segment; nothing is split that may not be shown.
    """
    return Moved(bridge(month, segment, since), moves(month, segment, since, nrr))


def moves(month: Month, segment: str | None, since: Since, nrr: KpiResult) -> tuple[Moves, ...]:
    """What moved net revenue retention and, for the whole company, the cost of a new customer.

    Args:
        month: The month.
        segment: Only this segment, split by movement; None for all, split by segment.
        since: What it is compared with.
        nrr: Net revenue retention of the month; nothing is split that may not be shown.
    """
    first = _retention(month, segment, since, nrr)
    return (first,) if segment is not None else (first, _cost(month, since))


def moved_rows(month: Month, segment: str | None, since: Since) -> tuple[RowsBehind, ...]:
    """Every row behind the bridge and behind the parts of each change that can be split; effects sum to the change."""
    base = base_month(month, since)
    found = [("net_revenue_retention", "Net revenue retention", _retention_told(month, segment, base, None))]
    if segment is None:
        found.append(("cac_shift", "Acquisition cost", _cost_told(month, base)))
    parts = (
        _rows(replace(month.kpis[kpi], label=label, currency=month.currency), change, display_month(base))
        for kpi, label, change in found
        if isinstance(change, Change)
    )
    return (bridge_rows(month, segment, since), *parts)


def _retention(month: Month, segment: str | None, since: Since, nrr: KpiResult) -> Moves:
    base = base_month(month, since)
    label, then = "net revenue retention", display_month(base)
    change = _retention_told(month, segment, base, nrr)
    if isinstance(change, str):
        return _untold("net_revenue_retention", label, change)
    by_segment = any(part.kind == "rate" for part in change.parts)
    what = "By what each segment kept, and the shift of weights (mix)" if by_segment else "By kind of movement"
    return Moves(
        id="net_revenue_retention",
        title=_title(label, change, then, "pp", ""),
        subtitle=f"{_band(change, 'pp', '')}. {what}",
        bars=tuple(_retention_bar(part, change, month.currency) for part in change.parts),
        unit="pp",
        currency="",
        sentence=_sentence(change, "kept more", "kept less", 1.0, "pp", "", "accounts"),
    )


def _retention_told(month: Month, segment: str | None, base: dt.date, nrr: KpiResult | None) -> Change | str:
    """The change of net revenue retention, or why it is not told: a change of what may not be shown is no figure.

    Args:
        month: The month.
        segment: Only this segment; None for all.
        base: First day of the earlier month.
        nrr: The figure of the month; None looks it up.
    """
    kpi, data = REGISTRY["net_revenue_retention"], month.facts.kpi_input
    now = nrr or evaluate(kpi, data, month.month, segment=segment, history=False)
    for result, when in ((now, ""), (evaluate(kpi, data, base, segment=segment, history=False), display_month(base))):
        at = f"in {when}: " if when else ""
        if result.state is State.IMPLAUSIBLE:
            return f"{at}it is implausible"
        if not result.shown:
            return f"{at}{result.reason or 'no figure'}"
    change = retention_change(data, month.month, base, segment)
    return change.reason or change


def _cost_told(month: Month, base: dt.date) -> Change | str:
    """The change of the cost of a new customer, or why it is not told: both are averages of money over customers."""
    change = cost_change(month.facts.kpi_input, month.month, base)
    if change.reason is not None:
        return change.reason
    rates = [part for part in change.parts if part.kind == "rate"]
    won = min(sum(part.n_before for part in rates), sum(part.n_now for part in rates))
    verdict = judge_money_average(won, change.now or 0.0, None, noun="customers won in twelve months")
    return change if verdict.show else (verdict.reason or "too few")


def _cost(month: Month, since: Since) -> Moves:
    base = base_month(month, since)
    label, then = "the cost of a new customer", display_month(base)
    change = _cost_told(month, base)
    if isinstance(change, str):
        return _untold("cac_shift", label, change)
    return Moves(
        id="cac_shift",
        title=_title(label, change, then, "money", month.currency),
        subtitle=f"{_band(change, 'money', month.currency)}. By what each channel costs, and the shift of shares (mix)",
        bars=tuple(_cost_bar(part, change, month.currency) for part in change.parts),
        unit="money",
        currency=month.currency,
        sentence=_sentence(change, "got dearer", "got cheaper", 0.01, "money", month.currency, "customers"),
    )


def _untold(kpi: Literal["net_revenue_retention", "cac_shift"], label: str, reason: str) -> Moves:
    said = reason.removeprefix("not loaded: ")
    words = f"Needs {said}." if said != reason else f"Not split: {reason}."
    return Moves(kpi, f"What moved {label} is not known", "", (), "pp", "", words)


def _title(label: str, change: Change, then: str, unit: Unit, currency: str) -> str:
    if not change.clear:
        return f"No clear change in {label} since {then}"
    value = (change.value or 0.0) * (0.01 if unit == "money" else 1.0)
    size = display(abs(value), unit, currency).lstrip("+")
    return f"{label[0].upper()}{label[1:]} {'rose' if value > 0 else 'fell'} by {size} since {then}"


def _band(change: Change, unit: Unit, currency: str) -> str:
    """The change with its interval."""
    scale = 0.01 if unit == "money" else 1.0
    text = display((change.value or 0.0) * scale, unit, currency, signed=True)
    if change.low is None or change.high is None:
        return f"{text}, no interval"
    low, high = (display(end * scale, unit, currency, signed=True) for end in (change.low, change.high))
    return f"{text}, 95 %: {low.removesuffix(f'{SPACE}pp')} to {high}"


def _kind(part: Part, change: Change, good: int) -> Literal["good", "bad", "unclear"]:
    """A colour only where both the whole change and this part of it can be told from chance."""
    if not (change.clear and part.clear):
        return "unclear"
    return "good" if part.value * good > 0 else "bad"


def _retention_bar(part: Part, change: Change, currency: str) -> Bar:
    notes = None
    if "moved_now" in part.rows:
        words = (display(float(amount) * YEARLY, "money", currency, signed=True) for amount in part.rows["moved_now"])
        notes = [f"{said} ARR in its year" for said in words]
    rows = largest(part.rows, part.rows["effect"])
    return bar(part.name, part.value, _kind(part, change, 1), rows, _note(part, "accounts"), notes)


def _cost_bar(part: Part, change: Change, currency: str) -> Bar:
    notes = None
    if "spend_now" in part.rows:
        notes = [f"{display(float(amount) / 100, 'money', currency)} spent" for amount in part.rows["spend_now"]]
    rows = largest(part.rows, part.rows["effect"] / 100)
    return bar(part.name, part.value / 100, _kind(part, change, -1), rows, _note(part, "customers"), notes)


def _note(part: Part, noun: str) -> str:
    if part.kind == "mix":
        return "shift of weights"
    if part.is_small:
        return f"too few: {part.n_before} then, {part.n_now} now"
    return f"{part.n_before} {noun} then, {part.n_now} now"


def _sentence(change: Change, more: str, less: str, scale: float, unit: Unit, currency: str, noun: str) -> str:
    """Who drove a clear change; of one that is none, that it could be chance."""
    if not change.clear:
        return "The change could be chance: read no cause into these bars."
    clear = sorted((part for part in change.parts if part.clear), key=lambda part: -abs(part.value))
    if not clear:
        return f"No part of it alone can be told from chance; together the {noun} moved it."
    lead = clear[0]
    amount = display(lead.value * scale, unit, currency, signed=True)
    if lead.kind == "mix":
        return f"Weights shifted ({amount}): what each part did otherwise is not clear."
    way = lead.rows[(lead.rows["effect"] > 0) == (lead.value > 0)]
    named = listing(str(name) for name in way["name"].head(NAMED))
    words = (more if lead.value > 0 else less) if lead.kind == "rate" else ("added" if lead.value > 0 else "took away")
    return f"{lead.name} {words} ({amount}), most of it {named}."


def _rows(result: KpiResult, change: Change, then: str) -> RowsBehind:
    """All parts of one change in one list."""
    is_money = result.id == "cac_shift"
    scale, unit = (0.01, "money") if is_money else (100.0, "pp")
    frame = _listed(change, scale)
    effect = f"Effect, {result.currency} a customer" if is_money else "Effect, pp"
    labels = {"account_name": "Line" if is_money else "Account", "part": "Part", "effect": effect}
    labels |= {name: label.format(then=then) for name, label in AMOUNTS.items()}
    value = (change.value or 0.0) * (0.01 if is_money else 1.0)
    said = display(value, unit, result.currency if is_money else "", signed=True)
    return RowsBehind(
        result=result,
        title=f"What moved {result.label} since {then}",
        frame=frame,
        sums={"effect": float(frame["effect"].sum())},
        labels={name: label for name, label in labels.items() if name in frame},
        # Effects are written with two decimals, as money is.
        money=tuple(name for name in ("effect", *AMOUNTS) if name in frame),
        tie=f"The effects sum to the change since {then}, {said}: rate = mean share x change of the ratio, "
        "mix = change of the share x distance of the mean ratio from that of all.",
    )


def _listed(change: Change, scale: float) -> pd.DataFrame:
    """The rows of every part with its name; effects scaled, amounts in units of the currency."""
    tables = [part.rows.assign(part=part.name, effect=part.rows["effect"] * scale) for part in change.parts]
    frame = pd.concat(tables, ignore_index=True)
    for name in AMOUNTS:
        if name in frame:
            frame[name] = frame[name].fillna(0.0) * (YEARLY if name.startswith("moved") else 0.01)
    wanted = ["account_id", "name", "part", "effect", *AMOUNTS]
    return frame[[name for name in wanted if name in frame]].rename(columns={"name": "account_name"})
