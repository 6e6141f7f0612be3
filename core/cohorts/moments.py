"""Which calendar period was the weakest, and whether it was: a dip of a moment, told from that of a cohort."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.cohorts.calendar import Calendar, begun
from core.cohorts.measures import Flags, Floats, Measured
from core.model.cohorts import cohort_rules
from core.stats.intervals import LEVEL, Interval
from core.stats.ratios import interval_of_ratio, interval_of_share
from core.stats.small_sample import judge_two_arms
from core.stats.stratified import comparison_weights, strata
from core.stats.weighted import difference_of, effective_units, weighted_wilson

Codes = NDArray[np.int64]
Outcome = Literal["lower", "chance", "not_shown"]
"""`lower` where a period is it beyond chance, `chance` where it may be chance, `not_shown` where too few tell."""
STEPS = ("logo", "gross", "net", "arr")
"""Measures whose figure at the end of a period can be set against that of the same customers at its beginning."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The weakest of some periods against the others.

    Attributes:
        place: Its place among the columns.
        outcome: Whether it is lower than the others.
        without: `lower` where it is lower whichever cohort is left out; else what it is without `carrier`. None where
            it is not lower with all cohorts.
        carrier: First month in which customers started of the cohort without which it is not lower; None where there
            is none.
    """

    place: int
    outcome: Outcome
    without: Outcome | None = None
    carrier: dt.date | None = None


@dataclass(frozen=True, eq=False)
class _Steps:
    """One row per customer and period, of those with something to lose at its beginning."""

    unit: NDArray[np.intp]
    period: NDArray[np.intp]
    base: Floats
    got: Floats
    age: Codes

    def only(self, rows: Flags) -> _Steps:
        """Some of them."""
        return _Steps(self.unit[rows], self.period[rows], self.base[rows], self.got[rows], self.age[rows])


def weakest(seen: Calendar, cohort: Codes, within: Flags) -> Moment | None:
    """The period over which customers kept least, for their ages, of what they had at its beginning.

    The weakest is the period that lies furthest below what customers of the same ages keep over all periods together.
    It is set against the other periods, weighted to the ages of its customers. Since it was chosen as the weakest of
    k, its interval has a level of 1 - 5 % / k. A customer counts once a period, as if its periods were independent.
    Ages are equal where they lie in the same stretch as long as a period: at a yearly renewal the month before it must
    not be compared with the month after.

    A period that is lower is looked at again without each cohort that kept less in it than its ages did in the others.
    Where it is lower every time, more than one cohort lost in it. Where it once is not, that cohort carries it, or the
    rest are too few to tell.

    Args:
        seen: A measure at the ends of periods.
        cohort: Number of each customer's cohort.
        within: Which of the customers to take.

    Returns:
        The weakest; None for measures without a beginning to compare with, and with fewer than three columns.

    Source:
        Equal ages: post-stratification, Holt and Smith, J. R. Statist. Soc. A 142, 1979; choosing one of k: Bonferroni,
        as in Dunn, J. Am. Statist. Assoc. 56, 1961
    """
    if seen.measured.measure.id not in STEPS or len(seen.columns) < 3:
        return None
    steps = _steps(seen, within)
    if not len(steps.unit):
        return None
    # renewals come at certain ages: a stretch longer than a period would mix those before one with those after it
    stratum, periods = strata(steps.age // (seen.columns[-1] - seen.columns[-2])), len(seen.columns) - 1
    place = _lowest(steps, stratum, periods)
    chosen = steps.period == place
    outcome = _outcome(seen.measured, steps, stratum, chosen, periods)
    if outcome != "lower":
        return Moment(place + 1, outcome)
    own, customers = cohort[steps.unit], seen.measured.customers
    for code in _behind(steps, own, stratum, chosen):
        rest = own != code
        without = _outcome(seen.measured, steps.only(rest), stratum[rest], chosen[rest], periods)
        if without != "lower":
            began = int(customers.start[within & (cohort == code)].min())
            return Moment(place + 1, outcome, without, customers.month(began))
    return Moment(place + 1, outcome, outcome)


def _steps(seen: Calendar, within: Flags) -> _Steps:
    before, after = seen.numerator[:, :-1], seen.numerator[:, 1:]
    if seen.measured.measure.kind == "part":
        after = np.minimum(after, before)
    held = within[:, None] & seen.counted[:, :-1] & seen.counted[:, 1:] & (before > 0)
    unit, period = np.nonzero(held)
    age = np.asarray(seen.columns, dtype=np.int64)[period] - begun(seen.measured.customers)[unit]
    return _Steps(unit, period, before[unit, period], after[unit, period], age)


def _lowest(steps: _Steps, stratum: Codes, periods: int) -> int:
    """The period furthest below what customers of the same ages kept over all of them."""
    had = np.bincount(stratum, steps.base)
    rate = np.divide(np.bincount(stratum, steps.got), had, out=np.zeros(len(had)), where=had > 0)
    base = np.bincount(steps.period, steps.base, minlength=periods)
    short = np.bincount(steps.period, steps.got - rate[stratum] * steps.base, minlength=periods)
    return int(np.argmin(np.divide(short, base, out=np.full(periods, np.inf), where=base > 0)))


def _outcome(measure: Measured, steps: _Steps, stratum: Codes, chosen: Flags, periods: int) -> Outcome:
    least = cohort_rules().comparison.least_untreated
    weights = comparison_weights(None, chosen, stratum, least)[0]
    sides = [(weights > 0) & chosen, (weights > 0) & ~chosen]
    is_share = measure.measure.kind == "share"
    told = steps.got <= 0 if is_share else np.ones(len(chosen), dtype=bool)
    verdict = judge_two_arms(
        (int(sides[0].sum()), int(sides[1].sum())), (int((told & sides[0]).sum()), int((told & sides[1]).sum()))
    )
    ends = [_end(measure, steps, weights, side, 1 - (1 - LEVEL) / periods) for side in sides] if verdict.show else []
    (one, other) = ends if len(ends) == 2 else (None, None)
    if one is None or other is None:
        return "not_shown"
    return "lower" if difference_of(*one, *other).high < 0 else "chance"


def _end(measure: Measured, steps: _Steps, weights: Floats, side: Flags, level: float) -> tuple[float, Interval] | None:
    """Weighted rate of one side and its interval; None where it has none."""
    weight = weights[side]
    got, base = steps.got[side] * weight, steps.base[side] * weight
    rate = float(got.sum() / base.sum())
    if measure.measure.kind == "share":
        band = weighted_wilson(rate, effective_units(weight), level)
    elif measure.measure.kind == "part":
        band = interval_of_share(got, base, level=level)
    else:
        band = interval_of_ratio(got, base, level=level)
    return None if band is None else (rate, band)


def _behind(steps: _Steps, own: Codes, stratum: Codes, chosen: Flags) -> list[int]:
    """Cohorts that in the chosen period fell short of what their ages kept in the others, the furthest behind first."""
    size = int(stratum.max()) + 1
    got, base = (np.bincount(stratum[~chosen], values[~chosen], minlength=size) for values in (steps.got, steps.base))
    told = chosen & (base > 0)[stratum]
    rate = np.divide(got, base, out=np.zeros(size), where=base > 0)
    short = np.bincount(own[told], rate[stratum[told]] * steps.base[told] - steps.got[told])
    return [int(code) for code in np.argsort(-short, kind="stable") if short[code] > 0]
