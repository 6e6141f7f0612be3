"""How a learned chance did on later asks, beside the readiness rule and beside one chance for everybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.advocacy.history import Bools, Floats
from core.model.pool import PropensityRules
from core.stats.concordance import concordance
from core.stats.intervals import Interval, wilson
from core.stats.logistic import fit_logistic, log_odds
from core.stats.resampling import interval_of_sums

Rival = Literal["rule", "constant"]


@dataclass(frozen=True)
class Group:
    """Asks with about the same chance: a row of the lift table and a point of the calibration plot.

    Attributes:
        n: Asks.
        done: Of them, completed.
        foretold: Mean chance. [0-1]
        rate: Completed / asks.
        interval: Of the rate.
        lift: Rate / rate of all later asks; None when none was completed.
    """

    n: int
    done: int
    foretold: float
    rate: float
    interval: Interval
    lift: float | None


@dataclass(frozen=True)
class Gain:
    """How much smaller the mean squared error of the learned chance is than that of a rival.

    Attributes:
        error: Brier score of the rival.
        gain: Brier score of the rival minus that of the learned chance; above 0 the learned chance is better.
        interval: Of the gain, over accounts; None with fewer than two.
    """

    error: float
    gain: float
    interval: Interval | None

    @property
    def better(self) -> bool:
        """Whether the learned chance is better by more than chance."""
        return self.interval is not None and self.interval.low > 0


@dataclass(frozen=True)
class BackTest:
    """The later asks, none of which the chance was learned from.

    Attributes:
        first_on: Day of the first later ask.
        earlier: Asks learned from; their outcome was known before `first_on`.
        asks: Later asks.
        done: Of them, completed.
        error: Brier score of the learned chance.
        gains: Against the rule and against one chance for everybody.
        slope: Of the log-odds of what happened on those foretold: 1 is calibrated, under 1 too bold; None where it
            cannot be told.
        slope_interval: Of the slope, over accounts.
        groups: From the likeliest to the least likely.
        rule_groups: The same, ordered by readiness.
        ranks: How often a completed ask stood above one that was not, by the learned chance and by the rule.
    """

    first_on: dt.date
    earlier: int
    asks: int
    done: int
    error: float
    gains: dict[Rival, Gain]
    slope: float | None
    slope_interval: Interval | None
    groups: tuple[Group, ...]
    rule_groups: tuple[Group, ...]
    ranks: dict[Literal["learned", "rule"], tuple[float, Interval] | None]

    @property
    def wins(self) -> bool:
        """Whether the learned chance is better than both rivals by more than chance."""
        return all(gain.better for gain in self.gains.values())


def back_test(
    chance: Floats,
    rivals: dict[Rival, Floats],
    happened: Bools,
    accounts: NDArray[np.intp],
    days: tuple[dt.date, int],
    rules: PropensityRules,
    rng: np.random.Generator,
) -> BackTest:
    """Compare chances with what became of later asks.

    Brier score = mean (chance - outcome)²; gain = mean ((rival - outcome)² - (chance - outcome)²), pair by pair, its
    interval by resampling accounts, since asks of one account share their luck.

    Args:
        chance: Learned chance of each later ask.
        rivals: The same asks as the rule and as one chance for everybody see them.
        happened: What became of them.
        accounts: Account of each.
        days: Day of the first of them, and how many earlier asks the chance was learned from.
        rules: Number and least size of the groups.
        rng: Source of chance of the resampling.

    Source:
        Brier, Monthly Weather Review 78, 1950; calibration slope: Cox, Biometrika 45, 1958
    """
    own = (chance - happened) ** 2
    gains = {name: _gain(own, (other - happened) ** 2, accounts, rng) for name, other in rivals.items()}
    slope = _slope(chance, happened, accounts)
    return BackTest(
        first_on=days[0],
        earlier=days[1],
        asks=len(chance),
        done=int(happened.sum()),
        error=float(own.mean()),
        gains=gains,
        slope=slope[0] if slope else None,
        slope_interval=slope[1] if slope else None,
        groups=groups_of(chance, chance, happened, rules),
        rule_groups=groups_of(rivals["rule"], rivals["rule"], happened, rules),
        ranks={"learned": concordance(chance, happened), "rule": concordance(rivals["rule"], happened)},
    )


def groups_of(order: Floats, chance: Floats, happened: Bools, rules: PropensityRules) -> tuple[Group, ...]:
    """Rows in groups of equal size, from the highest of `order` down; fewer groups where one would be too small."""
    number = max(min(rules.bins, len(order) // rules.least_in_bin), 1)
    ranked = np.argsort(-order, kind="stable")
    overall = float(happened.mean()) if len(happened) else 0.0
    return tuple(_group(chance[rows], happened[rows], overall) for rows in np.array_split(ranked, number) if len(rows))


def _group(chance: Floats, happened: Bools, overall: float) -> Group:
    n, done = len(happened), int(happened.sum())
    interval = wilson(done, n) or Interval(0.0, 1.0, "Wilson")
    return Group(n, done, float(chance.mean()), done / n, interval, done / n / overall if overall else None)


def _gain(own: Floats, other: Floats, accounts: NDArray[np.intp], rng: np.random.Generator) -> Gain:
    of = np.unique(accounts, return_inverse=True)[1]
    sums = np.column_stack([np.bincount(of, other - own), np.bincount(of)])
    interval = interval_of_sums(sums, lambda rows: rows[:, 0] / rows[:, 1], rng)
    return Gain(float(other.mean()), float((other - own).mean()), interval)


def _slope(chance: Floats, happened: Bools, accounts: NDArray[np.intp]) -> tuple[float, Interval] | None:
    odds = log_odds(chance)
    if not np.ptp(odds) > 0:
        return None
    found = fit_logistic(np.column_stack([np.ones(len(odds)), odds]), happened, units=accounts)
    return None if found is None else (float(found.coefficients[1]), found.interval(1))
