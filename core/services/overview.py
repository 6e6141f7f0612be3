"""The Overview: what advocacy did for revenue this month, what moved it, and what needs a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.glossary import display, display_day, display_interval, display_month
from core.kpis import REGISTRY, evaluate
from core.kpis.result import KpiResult
from core.model.kpis import kpi_texts
from core.month import Month
from core.month.lazy import Lazy
from core.schema import TABLES
from core.services.decision_marks import decision_marks, marks_of
from core.services.look_back import LookBack, due_look_backs
from core.services.overview_added import Added, added
from core.services.overview_cards import BESIDE, Card, cards_of
from core.services.overview_exceptions import Exceptional, exceptions
from core.services.overview_words import SHORT_FORMS, answer
from core.services.targets import Targets, standing_words
from core.stats.months import shift_month

QUESTION = "How much of last year's revenue is still here, and what do referrals add?"
ORDER = ("net_revenue_retention", "gross_revenue_retention", "cac_referral", "win_rate_referred",
         "invite_to_action_rate", "arr")  # fmt: skip
YEAR = 12
SHOWN = tuple(dict.fromkeys((*ORDER, *(kpi for kpi, _ in BESIDE.values()), "win_rate_gap")))
"""Every KPI the screen says something about."""


@dataclass(frozen=True)
class Gap:
    """A table that is not loaded, and what it would unlock."""

    table: str
    unlocks: str


@dataclass(frozen=True)
class SegmentLine:
    """One segment: ARR now, and its retention over twelve months in words."""

    segment: str
    customers: int
    arr: float
    net_retention: str
    gross_retention: str


@dataclass(frozen=True)
class Overview:
    """Everything the screen says of the figures of a month.

    Attributes:
        question: What the screen answers.
        answer: The answer, no more than the intervals support.
        note: Period, as-of day, currency, customers.
        cards: The figures.
        added: What referrals add, over all other deals and over similar ones.
        gaps: Tables that would unlock more.
        segments: Every segment, in alphabetical order; empty when there is one, or one was chosen.
        currency: ISO code.
        method: Label and words of how each figure is made, and of how it is judged.
        segment: The segment chosen; None for all.
    """

    question: str
    answer: str
    note: str
    cards: tuple[Card, ...]
    added: tuple[Added, ...]
    gaps: tuple[Gap, ...]
    segments: tuple[SegmentLine, ...]
    currency: str
    method: tuple[tuple[str, str], ...]
    segment: str | None = None


@dataclass(frozen=True)
class Attention:
    """What needs a word before the figures.

    Attributes:
        look_backs: Those that are due.
        exceptions: The gravest first.
        decisions: By card, the place among its thirteen months and the words of every decision on its figure.
    """

    look_backs: tuple[LookBack, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()
    decisions: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)


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
    return Overview(
        question=QUESTION,
        answer=answer(results),
        note=_note(month, results, segment),
        cards=cards_of(month, results, ORDER, segment, aims),
        added=added(results),
        gaps=gaps(month, SHOWN),
        segments=_segments(month) if segment is None else (),
        currency=month.currency,
        method=(
            ("Short forms", SHORT_FORMS),
            ("Against the target", standing_words()),
            *(_method(name) for name in SHOWN),
        ),
        segment=segment,
    )


def attention(month: Month, targets: Targets | None = None) -> Attention:
    """Look-backs that are due in a month, its exceptions, and the decisions of the last thirteen months.

    Args:
        month: The month.
        targets: What the figures are to reach; None where nobody has set anything.
    """
    marks, months = decision_marks(), [shift_month(month.month, back) for back in range(-YEAR, 1)]
    decided = {kpi: marks_of(marks, kpi, months) for kpi in ORDER}
    return Attention(due_look_backs(month), exceptions(month, SHOWN, targets or Targets()), decided)


def _segments(month: Month) -> tuple[SegmentLine, ...]:
    """Every segment; empty when there is only one."""
    names = segments(month)
    return tuple(_segment(month, name) for name in names) if len(names) > 1 else ()


def _segment(month: Month, name: str) -> SegmentLine:
    data = month.kpi_input
    arr = evaluate(REGISTRY["arr"], data, month.month, segment=name, history=False)
    words = {
        kpi: _in_words(evaluate(REGISTRY[kpi], data, month.month, segment=name))
        for kpi in ("net_revenue_retention", "gross_revenue_retention")
    }
    return SegmentLine(
        segment=name,
        customers=arr.n,
        arr=arr.value or 0.0,
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
    return Lazy(REGISTRY, lambda name: evaluate(REGISTRY[name], month.input_of(name), month.month, segment=segment))


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


def _note(month: Month, results: Mapping[str, KpiResult], segment: str | None) -> str:
    arr = results["arr"]
    parts = [month.facts.company] if month.facts.company else []
    parts += [
        f"{display_month(month.month)}, as of {display_day(month.as_of)}, not closed",
        f"{month.currency}, constant currency" if month.currency else "several currencies",
    ]
    if arr.value is not None:
        parts.append(f"{arr.n:,} customers" + (f" in {segment}" if segment else ""))
    return " · ".join(parts)
