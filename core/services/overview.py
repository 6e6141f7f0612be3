"""The Overview: what advocacy did for revenue this month, on six cards and a bridge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.glossary import SPACE, display, display_day, display_interval, display_month
from core.kpis import REGISTRY, evaluate
from core.kpis.registry import series
from core.kpis.result import KpiResult, State
from core.kpis.retention import movements
from core.model.kpis import kpi_texts
from core.month import Month
from core.month.lazy import Lazy
from core.schema import TABLES
from core.services.definition_text import definition_words
from core.services.importing import import_conflicts
from core.services.overview_words import answer
from core.services.targets import Targets, standing
from core.stats.months import shift_month

QUESTION = "How much of last year's revenue is still here, and what do referrals add?"
ORDER = ("net_revenue_retention", "gross_revenue_retention", "cac_referral", "win_rate_referred",
         "invite_to_action_rate", "arr")  # fmt: skip
BESIDE = {"cac_referral": "cac_paid", "win_rate_referred": "win_rate_baseline"}
SHOWN = tuple(dict.fromkeys((*ORDER, *BESIDE.values(), "win_rate_gap")))
"""Every KPI the screen says something about."""


@dataclass(frozen=True)
class Card:
    """One card: a KPI, its definition, its last thirteen months, and what it is compared with.

    Attributes:
        result: The figure.
        definition: Its definition with the interval's method, for the help text.
        spark: The last thirteen months, oldest first.
        status: One or two words on its state; empty when there is nothing to say.
        tone: What the status means.
        target: The figure agreed on; None while no target is set.
        beside: The figure it is compared with, in one line; empty when there is none.
        rows_of: KPIs whose rows are behind the card.
    """

    result: KpiResult
    definition: str
    spark: tuple[float | None, ...]
    status: str
    tone: Literal["good", "bad", "neutral"]
    target: float | None
    beside: str
    rows_of: tuple[str, ...]


@dataclass(frozen=True)
class Bridge:
    """ARR from twelve months ago to now: one net movement per account; units of the currency.

    Attributes:
        title: The finding.
        subtitle: What is drawn.
        steps: Label and amount of each bar; the first and the last are levels, the others changes.
        currency: ISO code.
    """

    title: str
    subtitle: str
    steps: tuple[tuple[str, float], ...]
    currency: str


@dataclass(frozen=True)
class Gap:
    """A table that is not loaded, and what it would unlock."""

    table: str
    unlocks: str


@dataclass(frozen=True)
class SegmentLine:
    """One segment: ARR now, what was lost and won in twelve months, and its retention in words."""

    segment: str
    customers: int
    arr: float
    lost_arr: float
    new_arr: float
    net_retention: str
    gross_retention: str


@dataclass(frozen=True)
class Overview:
    """Everything on the screen; `doubts` says of each figure that cannot be true what in the data may make it."""

    question: str
    answer: str
    note: str
    cards: tuple[Card, ...]
    bridge: Bridge | None
    gaps: tuple[Gap, ...]
    doubts: tuple[str, ...]
    segments: tuple[SegmentLine, ...]
    method: tuple[tuple[str, str], ...]


def segments(month: Month) -> tuple[str, ...]:
    """Segments of accounts with revenue, in alphabetical order."""
    return month.facts.segments


def overview(month: Month, segment: str | None = None, targets: Targets | None = None) -> Overview:
    """The Overview of a month.

    Args:
        month: The month.
        segment: Only this segment; figures that cannot be split say so. None for all.
        targets: What the figures are to reach; None where nobody has set anything.
    """
    results, aims = month_kpis(month, segment), targets or Targets()
    cards = tuple(_card(month, results, name, segment, aims) for name in ORDER)
    return Overview(
        question=QUESTION,
        answer=answer(results),
        note=_note(month, results, segment),
        cards=cards,
        bridge=_bridge(month, segment),
        gaps=gaps(month, SHOWN),
        doubts=_doubts(results) + import_conflicts(),
        segments=_segments(month) if segment is None else (),
        method=tuple(_method(name) for name in SHOWN),
    )


def _doubts(results: Mapping[str, KpiResult]) -> tuple[str, ...]:
    return tuple(
        f"{result.label} is implausible, {result.reason} All figures of revenue rest on the same subscriptions."
        for result in (results[name] for name in SHOWN)
        if result.state is State.IMPLAUSIBLE and result.reason
    )


def _segments(month: Month) -> tuple[SegmentLine, ...]:
    """Every segment, the one that lost most first; empty when there is only one."""
    names = segments(month)
    if len(names) < 2:
        return ()
    return tuple(sorted((_segment(month, name) for name in names), key=lambda line: -line.lost_arr))


def _segment(month: Month, name: str) -> SegmentLine:
    data = month.kpi_input
    arr = evaluate(REGISTRY["arr"], data, month.month, segment=name, history=False)
    year = data.frame("account_year", month.month)
    own = year[year["segment"] == name]
    words = {
        kpi: _in_words(evaluate(REGISTRY[kpi], data, month.month, segment=name))
        for kpi in ("net_revenue_retention", "gross_revenue_retention")
    }
    return SegmentLine(
        segment=name,
        customers=arr.n,
        arr=arr.value or 0.0,
        lost_arr=0.12 * float((own["contraction_mrr"] + own["churned_mrr"]).sum()),
        new_arr=0.12 * float((own["new_mrr"] + own["reactivated_mrr"]).sum()),
        net_retention=words["net_revenue_retention"],
        gross_retention=words["gross_revenue_retention"],
    )


def _in_words(result: KpiResult) -> str:
    if not result.shown:
        return result.reason or "no figure"
    band = display_interval(result.low, result.high, result.unit)
    return f"{display(result.value, result.unit)} ({band})"


def month_kpis(month: Month, segment: str | None = None) -> Mapping[str, KpiResult]:
    """Every KPI of a month, of one segment or of all, each computed when asked for."""
    if segment is None:
        return month.kpis
    return Lazy(REGISTRY, lambda name: evaluate(REGISTRY[name], month.kpi_input, month.month, segment=segment))


def gaps(month: Month, kpis: tuple[str, ...]) -> tuple[Gap, ...]:
    """Tables those KPIs need that are not loaded."""
    missing = dict.fromkeys(table for name in kpis for table in REGISTRY[name].needs if table not in month.loaded)
    return tuple(Gap(name, TABLES[name].unlocks) for name in missing)


def _method(kpi: str) -> tuple[str, str]:
    text, item = kpi_texts()[kpi], REGISTRY[kpi]
    return (
        item.label,
        f"{item.formula}. {text.population} {text.window} Left out: {text.left_out} Source: {text.source}",
    )


def _card(month: Month, results: Mapping[str, KpiResult], name: str, segment: str | None, targets: Targets) -> Card:
    result = results[name]
    target = targets.value(name, month.month, month.currency, segment)
    status, tone = _status(result, target)
    other = BESIDE.get(name)
    spark = month.history[name] if segment is None else series_of(month, name, segment)
    return Card(
        result=result,
        definition=definition_words(name) + (f"\n\nWhy {status}: {result.reason}." if status and result.reason else ""),
        spark=spark,
        status=status,
        tone=tone,
        target=target,
        beside=_beside(results[other]) if other else "",
        rows_of=(name, other) if other else (name,),
    )


def series_of(month: Month, kpi: str, segment: str) -> tuple[float | None, ...]:
    """The last thirteen months of a KPI in one segment, oldest first."""
    return series(REGISTRY[kpi], month.kpi_input, month.month, segment=segment)


def _status(result: KpiResult, target: float | None) -> tuple[str, Literal["good", "bad", "neutral"]]:
    if result.state is State.IMPLAUSIBLE:
        return "implausible", "bad"
    if result.state is State.WIDE:
        return "wide band", "neutral"
    return standing(result, target)


def _beside(other: KpiResult) -> str:
    label = {"cac_paid": "paid", "win_rate_baseline": "other deals"}[other.id]
    if not other.shown:
        return f"{label}: {other.reason}"
    value = display(other.value, other.unit, other.currency)
    band = display_interval(other.low, other.high, other.unit, other.currency)
    return f"{label} {value} ({band}, n {other.n})"


def _note(month: Month, results: Mapping[str, KpiResult], segment: str | None) -> str:
    customers = results["arr"].n
    parts = [month.facts.company] if month.facts.company else []
    parts += [
        f"{display_month(month.month)}, as of {display_day(month.as_of)}, not closed",
        f"{month.currency}, constant currency" if month.currency else "several currencies",
        f"{customers:,} customers" + (f" in {segment}" if segment else ""),
    ]
    return " · ".join(parts)


def _bridge(month: Month, segment: str | None) -> Bridge | None:
    rows = movements(month.kpi_input, shift_month(month.month, -12), month.month, segment_at_end=True)
    if segment is not None:
        rows = rows[rows["segment"] == segment]
    if rows.empty:
        return None
    year = {name: 12 * float(rows[name].sum()) / 100 for name in rows.columns if name.endswith("_mrr")}
    then, now = display_month(shift_month(month.month, -12)), display_month(month.month)
    steps = (
        (_short(then), year["starting_mrr"]),
        ("New", year["new_mrr"]),
        ("Won back", year["reactivated_mrr"]),
        ("Expansion", year["expansion_mrr"]),
        ("Contraction", -year["contraction_mrr"]),
        ("Churn", -year["churned_mrr"]),
        (_short(now), year["ending_mrr"]),
    )
    return Bridge(
        title=_bridge_finding(year, month.currency),
        subtitle=f"ARR bridge, end of {then} to end of {now}, one net movement per account"
        + (f", accounts that are {segment} now" if segment else ""),
        steps=steps,
        currency=month.currency,
    )


def _bridge_finding(year: dict[str, float], currency: str) -> str:
    gained, lost = year["expansion_mrr"], year["contraction_mrr"] + year["churned_mrr"]
    if year["starting_mrr"] == 0:
        return f"All {display(year['ending_mrr'], 'money', currency)} of ARR is from new customers"
    words = "more than covered" if gained > lost else "did not cover"
    return f"Expansion of {display(gained, 'money', currency)} {words} losses of {display(lost, 'money', currency)}"


def _short(month: str) -> str:
    name, year = month.split()
    return f"{name[:3]}{SPACE}{year}"
