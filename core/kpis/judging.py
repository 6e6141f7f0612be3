"""How sure a KPI is: one judge a kind of figure, giving interval, sample size and state."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from core.kpis.columns import Columns
from core.kpis.result import Part, State
from core.stats.intervals import Interval, newcombe, poisson_exact, wilson
from core.stats.medians import interval_of_median
from core.stats.ratios import interval_of_ratio, interval_of_share
from core.stats.small_sample import Verdict, judge_money_average, judge_proportion, judge_ratio, judge_two_arms
from core.stats.survival import TimeToReach, kaplan_meier, median_time


class Band(IntEnum):
    """How much is to be worked out of how sure a figure is."""

    NONE = 0
    """Nothing but whether it may be shown, which no interval decides: for lines over time."""
    QUICK = 1
    """Its interval, where that needs no draws."""
    FULL = 2
    """Its interval, draws included."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judge sees: the formula, the columns of its frame, sums of the arguments, the value, and whose it is."""

    function: Callable[..., float | None]
    columns: Columns
    sums: dict[str, float]
    value: float
    figure: tuple[object, ...]

    @property
    def rng(self) -> np.random.Generator:
        """The random draws of this figure, from the first on, the same at any time; for the few judges that draw."""
        return np.random.default_rng(zlib.crc32("|".join(str(part) for part in self.figure).encode()))


@dataclass(frozen=True)
class Ruling:
    """Interval, sample and state of one figure; `counts` says both groups of a comparison."""

    low: float | None
    high: float | None
    n: int
    state: State
    reason: str | None
    numerator: int | None = None
    counts: str = ""


WILSON_OVER_ACCOUNTS = "95 % Wilson interval at the effective number of accounts"
LINEARISED_OVER_ACCOUNTS = "95 %, linearised over accounts"


@dataclass(frozen=True)
class Judge:
    """One way to judge a figure.

    Attributes:
        noun: What the figure rests on, in the plural.
        method: How the interval is made, in words.
        rule: Judges evidence; without a band the state alone is meant, and only whether it is one that is shown.
    """

    noun: str
    method: str
    rule: Callable[[Evidence, Band], Ruling]


def census(noun: str, counted: str) -> Judge:
    """A complete count: no interval, no small-sample rule; `counted` is the column whose rows are n."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        n = int((evidence.columns[counted] > 0).sum()) if band else 0
        return Ruling(None, None, n, State.OK, None)

    return Judge(noun, "complete count, no interval", rule)


def ratio_over_accounts(base: str, *, per: str | None = None, part: bool = False) -> Judge:
    """A ratio of sums over accounts.

    Args:
        base: Column that is above 0 where an account is part of the base.
        per: Argument that is the denominator; None when it is `base`.
        part: Whether the numerator is part of the denominator, so that the ratio lies between 0 and 1.
    """

    def rule(evidence: Evidence, band: Band) -> Ruling:
        n = int((evidence.columns[base] > 0).sum())
        interval = _of_ratio(evidence, per or base, part) if band else None
        return _ruling(judge_ratio(n, evidence.value, interval, part=part), interval, n)

    return Judge("accounts", WILSON_OVER_ACCOUNTS if part else LINEARISED_OVER_ACCOUNTS, rule)


def proportion(successes: str, of: str, noun: str) -> Judge:
    """A share of units, with Wilson's interval."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        hits, n = int(evidence.sums[successes]), int(evidence.sums[of])
        return _ruling(judge_proportion(hits, n), wilson(hits, n) if band else None, n, numerator=hits)

    return Judge(noun, "95 % Wilson interval", rule)


def difference(first: tuple[str, str], second: tuple[str, str], noun: str, events: str) -> Judge:
    """A difference of two shares, each (successes, of), with Newcombe's interval."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        counts = [int(evidence.sums[name]) for name in (*first, *second)]
        interval = newcombe(*counts) if band else None
        units, hits = (counts[1], counts[3]), (counts[0], counts[2])
        verdict = judge_two_arms(units, hits, interval, noun=noun, events_noun=events)
        words = f"{counts[0]:,} of {counts[1]:,} and {counts[2]:,} of {counts[3]:,}"
        return replace(_ruling(verdict, interval, counts[1]), counts=words)

    return Judge(noun, "95 % Newcombe interval", rule)


def cost_per_unit(cost: str, count: str, noun: str) -> Judge:
    """A known cost over a number that could have come out otherwise: exact Poisson limits of the number."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        n = int(evidence.sums[count])
        limits = poisson_exact(n) if band else None
        interval = None
        if limits is not None and limits.low > 0:
            interval = Interval(evidence.sums[cost] / limits.high, evidence.sums[cost] / limits.low, limits.method)
        return _ruling(judge_money_average(n, evidence.value, interval, noun=noun), interval, n)

    return Judge(noun, "95 %, exact Poisson on the number of customers", rule)


def duration(days: str, reached: str, noun: str) -> Judge:
    """A Kaplan-Meier median over units, some of which have not got there yet, with its log(-log) band.

    Args:
        days: Column with the days until a unit got there, or until it was last seen.
        reached: Column that says which, 1 or 0.
        noun: What the units are, in the plural.
    """

    def rule(evidence: Evidence, band: Band) -> Ruling:
        arrived = evidence.columns[reached] > 0
        found = median_time(kaplan_meier(evidence.columns[days], arrived)) if band else TimeToReach(None, None, None)
        closed = found.low is not None and found.high is not None
        interval = Interval(found.low or 0.0, found.high or 0.0, "Kaplan-Meier") if closed else None
        verdict = judge_money_average(int(arrived.sum()), evidence.value, interval, noun=f"{noun} that got there")
        if verdict.show and not closed:
            verdict = replace(verdict, reason=f"no upper end of the band: too many {noun} are still waiting")
        ruling = _ruling(verdict, interval, len(arrived))
        return replace(ruling, low=found.low, high=found.high)

    return Judge(noun, "95 % Kaplan-Meier band (log-log)", rule)


def event_count(noun: str) -> Judge:
    """A count that could have come out otherwise, with its exact Poisson limits; shown however small it is."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        n = round(evidence.value)
        limits = poisson_exact(n) if band else None
        low, high = (None, None) if limits is None else (limits.low, limits.high)
        return Ruling(low, high, n, State.OK, None)

    return Judge(noun, "95 % exact Poisson interval", rule)


def median_over_rows(column: str, noun: str) -> Judge:
    """A median over the rows whose `column` is above 0; judged as an average of money is."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        values = evidence.columns[column]
        values = values[values > 0]
        interval = interval_of_median(values) if band else None
        verdict = judge_money_average(len(values), evidence.value, interval, noun=noun)
        return _ruling(verdict, interval, len(values))

    return Judge(noun, "95 %, between order statistics", rule)


def mean_per_unit(base: str, noun: str) -> Judge:
    """A sum over units per unit; `base` is above 0 where a unit counts."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        n = int((evidence.columns[base] > 0).sum())
        interval = _of_ratio(evidence, base, part=False) if band else None
        return _ruling(judge_money_average(n, evidence.value, interval, noun=noun), interval, n)

    return Judge(noun, f"95 %, linearised over {noun}", rule)


def averaged_proportion(successes: str, of: str, noun: str) -> Judge:
    """A share of an average number of units, with Wilson's interval on both rounded to whole units."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        n = round(evidence.sums[of])
        hits = min(round(evidence.sums[successes]), n)
        return _ruling(judge_proportion(hits, n), wilson(hits, n) if band else None, n, numerator=hits)

    return Judge(noun, "95 % Wilson interval", rule)


def share_part(label: str, hits: int, n: int) -> Part:
    """A share beside a figure; without a value where it rests on too few units to be shown."""
    shown = n > 0 and judge_proportion(hits, n).show
    return Part(label, hits / n if shown else None, "ratio", n)


def _of_ratio(evidence: Evidence, per: str, part: bool) -> Interval | None:
    base = np.asarray(evidence.columns[per], dtype=np.float64)
    counted = _numerator(evidence, per, base)
    if part and ((counted >= 0) & (counted <= base)).all():
        return interval_of_share(counted, base)
    return interval_of_ratio(counted, base)  # faulty rows can make a part larger than its whole


def _numerator(evidence: Evidence, per: str, base: np.ndarray) -> np.ndarray:
    """What each unit adds to the numerator, read off the formula: it is linear in all that is not the denominator.

    Raises:
        ValueError: The formula is not such a ratio.
    """
    one = dict.fromkeys(evidence.sums, 0.0) | {per: 1.0}
    own = evidence.function(**one) or 0.0
    counted: np.ndarray = own * base
    for name in evidence.sums:
        if name != per:
            counted = counted + ((evidence.function(**one | {name: 1.0}) or 0.0) - own) * evidence.columns[name]
    if not np.isclose(counted.sum(), evidence.value * base.sum(), rtol=1e-9):
        raise ValueError(f"{evidence.function.__name__} is not a ratio of sums over {per}")
    return counted


def _ruling(verdict: Verdict, interval: Interval | None, n: int, numerator: int | None = None) -> Ruling:
    band = (interval.low, interval.high) if interval is not None else (None, None)
    return Ruling(band[0], band[1], n, State(verdict.state), verdict.reason, numerator)
