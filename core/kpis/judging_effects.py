"""How sure an effect, a lifetime or a belief is: the judges of the figures that compare, extrapolate or expect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from core.kpis.judging import Band, Evidence, Judge, Ruling
from core.kpis.result import State
from core.model.kpi_rules import kpi_rules
from core.stats.intervals import Interval, compound_poisson, normal_quantile
from core.stats.resampling import interval_of_sums
from core.stats.small_sample import Verdict, judge_money_average, judge_two_arms
from core.stats.stratified import StratifiedDifference, stratified_difference

Floats = NDArray[np.float64]
OfDraws = Callable[[Floats], Floats]
CHANGED = "accounts that left or grew"
OPINION = "rests on opinion: no budget line has been measured yet"


def compared(columns: Mapping[str, np.ndarray], counted: str, base: str) -> StratifiedDifference | None:
    """The accounts of a frame with columns treated and stratum, compared inside strata."""
    rules = kpi_rules().comparison
    return stratified_difference(
        columns[counted],
        columns[base],
        columns["treated"] > 0,
        columns["stratum"],
        least=rules.least_untreated,
    )


def verdict_of(found: StratifiedDifference, columns: Mapping[str, np.ndarray], in_points: bool) -> Verdict:
    """Whether a compared difference may be shown: 50 accounts and 10 that left or grew on either side."""
    arm, changed = columns["treated"] > 0, (columns["changed_accounts"] > 0) & (found.weights > 0)
    events = (int((changed & arm).sum()), int((changed & ~arm).sum()))
    interval = found.interval if in_points else None
    return judge_two_arms((found.treated, found.untreated), events, interval, noun="accounts", events_noun=CHANGED)


def adjusted_difference(counted: str, base: str, treated: str = "enrolled") -> Judge:
    """A difference of two ratios over accounts, treated against untreated of the same strata.

    Args:
        counted: Column above the fraction bar.
        base: Column below it.
        treated: What the treated accounts are, as readers know it.
    """

    def rule(evidence: Evidence, band: Band) -> Ruling:
        found = compared(evidence.columns, counted, base)
        if found is None:
            return _ruling(_nobody_alike(treated), None, 0)
        verdict = observed(verdict_of(found, evidence.columns, in_points=bool(band)))
        interval = found.interval if band else None
        return replace(_ruling(verdict, interval, found.treated), counts=_sides(found, treated))

    return Judge(f"accounts {treated}", "95 %, linearised inside strata", rule)


def return_on_difference(counted: str, base: str, cost: str) -> Judge:
    """(difference x base of the treated - cost) / cost, the interval that of the difference; the cost is known."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        found, spent = compared(evidence.columns, counted, base), evidence.sums[cost]
        if found is None or spent <= 0:
            return _ruling(_nobody_alike("enrolled"), None, 0)
        ends, interval = found.interval if band else None, None
        if ends is not None:
            size = float((evidence.columns[base] * found.weights)[evidence.columns["treated"] > 0].sum())
            low, high = (end * size / spent - 1 for end in (ends.low, ends.high))
            interval = Interval(low, high, ends.method)
        verdict = verdict_of(found, evidence.columns, in_points=False)
        if verdict.show and (interval is None or interval.low <= 0 <= interval.high):
            verdict = Verdict(show=True, state="wide", reason="wide: a loss and a gain both fit the data")
        return replace(_ruling(observed(verdict), interval, found.treated), counts=_sides(found, "enrolled"))

    return Judge("accounts enrolled", "95 %, that of the compared margin; the cost is known", rule)


def _nobody_alike(treated: str) -> Verdict:
    return Verdict(False, "too_few", f"too few: no account {treated} has one alike to compare with")


def _sides(found: StratifiedDifference, treated: str) -> str:
    return f"{found.treated:,} {treated} and {found.untreated:,} alike"


def observed(verdict: Verdict) -> Verdict:
    """A comparison nobody randomised never counts as proven, however narrow its interval."""
    if verdict.state != "ok":
        return verdict
    reason = "not proven: accounts enter a play for reasons that segment, size and tenure do not show"
    return Verdict(show=True, state="wide", reason=reason)


def over_accounts(
    table: Callable[[Mapping[str, np.ndarray]], tuple[Floats, Floats | None]],
    formula: Callable[[Evidence], OfDraws],
    verdict: Callable[[Evidence, Interval | None], tuple[Verdict, int]],
    noun: str,
    count_varies: bool = False,
) -> Judge:
    """A figure of column sums that a formula of single rows cannot give: bootstrap over accounts, all refitted.

    The bootstrap holds the number of all accounts fixed. Where the figure is proportional to how many there are,
    as value over a known cost is, its logarithm has 1 / n more variance (Poisson).

    Args:
        table: Columns of a frame as units x quantities; and, where units alike are one row, how many each row is.
        formula: Gives the figure as a function of the sums of these quantities.
        verdict: Whether it may be shown, and n.
        noun: What n counts.
        count_varies: Whether the number of accounts itself moves the figure.
    """

    def rule(evidence: Evidence, band: Band) -> Ruling:
        interval = None
        if band is Band.FULL:
            rows, counts = table(evidence.columns)
            interval = interval_of_sums(rows, formula(evidence), evidence.rng, counts=counts)
            if interval is not None and count_varies:
                interval = _with_count(interval, evidence.value, int(evidence.sums["followed_accounts"]))
        decided, n = verdict(evidence, interval)
        return _ruling(decided, interval, n)

    return Judge(noun, "95 % bootstrap over accounts, survival fitted anew in each draw", rule)


def _with_count(interval: Interval, value: float, n: int) -> Interval:
    """The interval of a positive figure, its logarithm with the variance of a Poisson count of n added."""
    if interval.low <= 0 or not interval.contains(value):
        return interval
    extra = normal_quantile() ** 2 / n
    low, high = (sqrt(log(end / value) ** 2 + extra) for end in (interval.low, interval.high))
    return Interval(value * exp(-low), value * exp(high), interval.method)


def cost_over_total(cost: str, total: str, count: str, noun: str) -> Judge:
    """A known cost over what a random number of customers brings: cost over the limits of a compound Poisson total."""

    def rule(evidence: Evidence, band: Band) -> Ruling:
        counted = evidence.columns[count] > 0
        n, spent, interval = int(counted.sum()), evidence.sums[cost], None
        amounts = evidence.columns[total][counted].astype(np.float64) if band else np.zeros(0)
        brings = compound_poisson(np.maximum(amounts, 0.0))
        if brings is not None and spent > 0:
            interval = Interval(spent / brings.high, spent / brings.low, brings.method)
        return _ruling(judge_money_average(n, evidence.value, interval, noun=noun), interval, n)

    return Judge(noun, "95 %, number and size of customers vary (compound Poisson)", rule)


def change_of_cost(count_now: str, count_before: str, noun: str) -> Judge:
    """Relative change of a known cost per unit between two periods; both counts could have come out otherwise.

    (1 + value) · exp(±z √(1 / n + 1 / m)) - 1
    """

    def rule(evidence: Evidence, _band: Band) -> Ruling:
        now, before = int(evidence.sums[count_now]), int(evidence.sums[count_before])
        interval = None
        if now and before and evidence.value > -1:
            spread = normal_quantile() * sqrt(1 / now + 1 / before)
            ends = [exp(log(1 + evidence.value) + side * spread) - 1 for side in (-1, 1)]
            interval = Interval(ends[0], ends[1], "log-normal")
        verdict = judge_money_average(
            min(now, before), 1 + evidence.value, interval, noun=f"{noun} in one of the years"
        )
        return _ruling(verdict, interval, now)

    return Judge(noun, "95 %, both numbers of customers vary (Poisson)", rule)


def belief(mean: str, spread: str, cost: str, counted: str, measured: str, extrapolated: str, noun: str) -> Judge:
    """A return expected from response curves; lines are independent, their sum about log-normal.

    Source:
        Sum of log-normals by its two moments: Fenton, IRE Transactions on Communications Systems 8, 1960
    """

    def rule(evidence: Evidence, _band: Band) -> Ruling:
        columns, total = evidence.columns, evidence.sums[mean]
        n, known = int(evidence.sums[counted]), int((columns[measured] > 0).sum())
        interval = None
        if total > 0:
            sigma = sqrt(log(1 + float(np.square(columns[spread]).sum()) / total**2))
            middle, half = log(total) - sigma**2 / 2, normal_quantile() * sigma
            low, high = (exp(middle + side * half) / evidence.sums[cost] - 1 for side in (-1, 1))
            interval = Interval(low, high, "log-normal by two moments")
        reason = f"measured for {known} of {n} budget lines, opinion for the rest" if known else OPINION
        beyond = int((columns[extrapolated] > 0).sum())
        if beyond:
            reason += f"; {beyond} of {n} would go beyond any spend observed"
        state = State.WIDE if known < n or beyond else State.OK
        band = (None, None) if interval is None else (interval.low, interval.high)
        return Ruling(band[0], band[1], n, state, reason if state is State.WIDE else None)

    return Judge(noun, "95 % of belief, lines independent", rule)


def _ruling(verdict: Verdict, interval: Interval | None, n: int) -> Ruling:
    band = (None, None) if interval is None else (interval.low, interval.high)
    return Ruling(band[0], band[1], n, State(verdict.state), verdict.reason)
