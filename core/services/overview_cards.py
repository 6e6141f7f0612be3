"""The cards of the Overview: a figure, what it is compared with, its target, its counter-figure, its definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.glossary import display, display_interval
from core.kpis import REGISTRY
from core.kpis.result import KpiResult, State
from core.model.exceptions import exception_rules
from core.model.kpis import kpi_texts
from core.month import Month
from core.services.definition_text import benchmark_words, definition_words
from core.services.targets import Targets, standing, status_means

BESIDE = {"cac_referral": ("cac_paid", "paid"), "win_rate_referred": ("win_rate_baseline", "other deals")}
"""The figure that one is compared with, and what it is called there."""


@dataclass(frozen=True)
class Card:
    """One card: a KPI, its definition, its last thirteen months, and what it is compared with.

    Attributes:
        result: The figure.
        definition: Its definition with interval, benchmark and counter-figure; paragraphs parted by an empty line.
        spark: The last thirteen months, oldest first.
        status: One or two words on its state; empty when there is nothing to say.
        means: What the words of the status mean, in a sentence; empty where they say it themselves.
        tone: Whether the status is good or bad news.
        target: The figure agreed on; None while no target is set.
        beside: The figure it is compared with or watched beside, in one line; empty when there is none.
        rows_of: KPIs whose rows are behind the card.
    """

    result: KpiResult
    definition: str
    spark: tuple[float | None, ...]
    status: str
    means: str
    tone: Literal["good", "bad", "neutral"]
    target: float | None
    beside: str
    rows_of: tuple[str, ...]


def cards_of(
    month: Month, results: Mapping[str, KpiResult], names: Sequence[str], segment: str | None, targets: Targets
) -> tuple[Card, ...]:
    """The cards of some KPIs, in their order.

    Args:
        month: The month.
        results: Every KPI of the month and segment.
        names: Ids of the KPIs.
        segment: Only this segment; None for all.
        targets: What figures are to reach.
    """
    past = month.histories(names, segment)
    return tuple(_card(month, results, name, segment, targets, past[name]) for name in names)


def _card(
    month: Month,
    results: Mapping[str, KpiResult],
    name: str,
    segment: str | None,
    targets: Targets,
    past: tuple[float | None, ...],
) -> Card:
    result = results[name]
    target = targets.value(name, month.month, month.currency, segment)
    status, tone = _status(result, target)
    other = BESIDE.get(name)
    pair = exception_rules().pair.get(name)
    watched = results[pair.counter] if pair else None
    return Card(
        result=result,
        definition="\n\n".join(filter(None, (definition_words(name), *_reasons(result, status, watched)))),
        spark=past,
        status=status,
        means=_wide(result) if result.state is State.WIDE else status_means(status),
        tone=tone,
        target=target,
        beside=_compared(results[other[0]], other[1]) if other else _watched(result, watched),
        rows_of=(name, other[0]) if other else (name,),
    )


def _status(result: KpiResult, target: float | None) -> tuple[str, Literal["good", "bad", "neutral"]]:
    if result.state is State.IMPLAUSIBLE:
        return "implausible", "bad"
    if result.state is State.WIDE:
        return "wide band", "neutral"
    return standing(result, target)


def _wide(result: KpiResult) -> str:
    why = (result.reason or "").removeprefix("wide: ")
    return f"The 95 % band is too wide to be held against a target: {why}"


def _reasons(result: KpiResult, status: str, watched: KpiResult | None) -> tuple[str, str, str]:
    """Why it has its status, what others publish, and which figure is watched beside it."""
    benchmark, pair = kpi_texts()[result.id].benchmark, exception_rules().pair.get(result.id)
    return (
        f"Why {status}: {result.reason}." if status and result.reason else "",
        f"Others: {benchmark_words(REGISTRY[result.id], benchmark)}" if benchmark else "",
        f"Watched with {watched.label}: {pair.why}" if pair and watched else "",
    )


def _compared(other: KpiResult, label: str) -> str:
    if not other.shown:
        return f"{label}: {other.reason}"
    value = display(other.value, other.unit, other.currency)
    band = display_interval(other.low, other.high, other.unit, other.currency)
    return f"{label} {value} ({band}, n {other.n})"


def _band(result: KpiResult) -> str:
    """Its interval in brackets; empty for a complete count."""
    if result.low is None or result.high is None:
        return ""
    return f" ({display_interval(result.low, result.high, result.unit, result.currency)})"


def _watched(result: KpiResult, counter: KpiResult | None) -> str:
    """What others publish, where that is one number from a source with a method; behind it the counter-figure.

    The published number belongs to the card's own figure, so it comes first: behind the counter-figure it would be
    read as one of that.
    """
    parts = []
    benchmark = kpi_texts()[result.id].benchmark
    if benchmark is not None and benchmark.value is not None and benchmark.grade in "AB":
        whose = "others' median" if benchmark.is_median else "others say"
        parts.append(f"{whose} {display(benchmark.value, result.unit)}")
    if counter is not None and counter.shown:
        parts.append(f"{counter.label} {display(counter.value, counter.unit, counter.currency)}{_band(counter)}")
    return " · ".join(parts)
