"""How sure a KPI is: one judge a kind of figure, giving interval, sample size and state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.kpis.result import State
from core.stats.intervals import Interval, newcombe, poisson_exact, wilson
from core.stats.resampling import interval_of_sums
from core.stats.small_sample import Verdict, judge_money_average, judge_proportion, judge_ratio, judge_two_arms


@dataclass(frozen=True)
class Evidence:
    """What a judge sees: the formula, numeric columns of its frame, sums of the arguments, the value."""

    function: Callable[..., float | None]
    columns: Mapping[str, np.ndarray]
    sums: dict[str, float]
    value: float
    rng: np.random.Generator


@dataclass(frozen=True)
class Ruling:
    """Interval, sample and state of one figure."""

    low: float | None
    high: float | None
    n: int
    state: State
    reason: str | None
    numerator: int | None = None


@dataclass(frozen=True)
class Judge:
    """One way to judge a figure.

    Attributes:
        noun: What the figure rests on, in the plural.
        method: How the interval is made, in words.
        rule: Judges evidence; the second argument says whether an interval by resampling is wanted.
    """

    noun: str
    method: str
    rule: Callable[[Evidence, bool], Ruling]


def census(noun: str, counted: str) -> Judge:
    """A complete count: no interval, no small-sample rule; `counted` is the column whose rows are n."""

    def rule(evidence: Evidence, _resample: bool) -> Ruling:
        return Ruling(None, None, int((evidence.columns[counted] > 0).sum()), State.OK, None)

    return Judge(noun, "complete count, no interval", rule)


def ratio_over_accounts(base: str) -> Judge:
    """A ratio of sums over accounts; `base` is the column that makes an account part of the base."""

    def rule(evidence: Evidence, resample: bool) -> Ruling:
        n = int((evidence.columns[base] > 0).sum())
        interval = _resampled(evidence) if resample else None
        return _ruling(judge_ratio(n, evidence.value, interval), interval, n)

    return Judge("accounts", "95 % bootstrap over accounts", rule)


def proportion(successes: str, of: str, noun: str) -> Judge:
    """A share of units, with Wilson's interval."""

    def rule(evidence: Evidence, _resample: bool) -> Ruling:
        hits, n = int(evidence.sums[successes]), int(evidence.sums[of])
        return _ruling(judge_proportion(hits, n), wilson(hits, n), n, numerator=hits)

    return Judge(noun, "95 % Wilson interval", rule)


def difference(first: tuple[str, str], second: tuple[str, str], noun: str, events: str) -> Judge:
    """A difference of two shares, each (successes, of), with Newcombe's interval."""

    def rule(evidence: Evidence, _resample: bool) -> Ruling:
        counts = [int(evidence.sums[name]) for name in (*first, *second)]
        interval = newcombe(*counts)
        units, hits = (counts[1], counts[3]), (counts[0], counts[2])
        verdict = judge_two_arms(units, hits, interval, noun=noun, events_noun=events)
        return _ruling(verdict, interval, counts[1])

    return Judge(noun, "95 % Newcombe interval", rule)


def cost_per_unit(cost: str, count: str, noun: str) -> Judge:
    """A known cost over a number that could have come out otherwise: exact Poisson limits of the number."""

    def rule(evidence: Evidence, _resample: bool) -> Ruling:
        n = int(evidence.sums[count])
        limits = poisson_exact(n)
        interval = None
        if limits is not None and limits.low > 0:
            interval = Interval(evidence.sums[cost] / limits.high, evidence.sums[cost] / limits.low, limits.method)
        return _ruling(judge_money_average(n, evidence.value, interval, noun=noun), interval, n)

    return Judge(noun, "95 %, exact Poisson on the number of customers", rule)


def _resampled(evidence: Evidence) -> Interval | None:
    names = list(evidence.sums)

    def formula(draws: np.ndarray) -> np.ndarray:
        values = (evidence.function(**dict(zip(names, row, strict=True))) for row in draws.tolist())
        return np.array([np.nan if value is None else value for value in values])

    table = np.column_stack([evidence.columns[name] for name in names])
    units = table[(table != 0).any(axis=1)]
    return interval_of_sums(units[np.lexsort(units.T)], formula, evidence.rng)  # names and order of rows move nothing


def _ruling(verdict: Verdict, interval: Interval | None, n: int, numerator: int | None = None) -> Ruling:
    band = (interval.low, interval.high) if interval is not None else (None, None)
    return Ruling(band[0], band[1], n, State(verdict.state), verdict.reason, numerator)
