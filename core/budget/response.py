"""Response curves: what a line's spend brings within 12 months, as draws of what is believed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from core.budget.lines import BudgetLine, Evidence, read_lines
from core.model.plays import Interval, Play

Array = NDArray[np.float64]
ONE_CENT = 1.0
"""Marginal returns are those of a spend of at least one cent: a concave Hill curve is infinitely steep at 0."""


@dataclass(frozen=True, slots=True, eq=False)
class HillDraws:
    """Scale-free parameters of response curves, each of shape (lines, draws).

    Attributes:
        average_return: 12-month gross margin per unit of money at today's spend. [ratio]
        half_multiple: Spend at half of the ceiling over today's spend. [ratio]
        exponent: Hill exponent. [1]
    """

    average_return: Array
    half_multiple: Array
    exponent: Array


@dataclass(frozen=True, eq=False)
class ResponseDraws:
    """Yearly gross margin by yearly spend, per line and draw.

    margin(s) = ceiling * s^h / (s^h + half_at^h)

    Draws of different lines are independent: what all lines have in common (a bad year) is not in them; the
    halved-effect question stands for it. A line never spent on has a ceiling of 0 and says why in its `reason`.

    Attributes:
        lines: The lines, in the order of every array.
        ceiling: Margin at endless spend, shape (lines, draws). [cents/year]
        half_at: Spend that brings half of the ceiling, shape (lines, draws). [cents/year]
        exponent: Hill exponent h, shape (lines, draws). [1]
        evidence: What each line's draws rest on.
    """

    lines: tuple[BudgetLine, ...]
    ceiling: Array
    half_at: Array
    exponent: Array
    evidence: tuple[Evidence, ...]

    @property
    def draws(self) -> int:
        """Draws a line."""
        return int(self.ceiling.shape[1])

    @cached_property
    def current(self) -> Array:
        """Today's spend per line. [cents/year]."""
        return np.array([line.current_cents for line in self.lines], dtype=np.float64)

    def margin_draws(self, spend: Array) -> Array:
        """Margin of every draw. `spend` of shape (lines, ...) gives (lines, ..., draws). [cents/year]."""
        ceiling, half_at, exponent = self._shaped(spend)
        powered = _powered(spend[..., None], half_at, exponent)
        return np.asarray(ceiling * powered / (1 + powered))

    def slope_draws(self, spend: Array) -> Array:
        """Margin of one more unit of money, of every draw; shapes as `margin_draws`. [ratio]."""
        ceiling, half_at, exponent = self._shaped(spend)
        at = np.maximum(spend, ONE_CENT)[..., None]
        powered = _powered(at, half_at, exponent)
        return np.asarray(ceiling * exponent / at * powered / (1 + powered) ** 2)

    def expected(self, spend: Array) -> Array:
        """Mean margin over draws; the shape of `spend`. [cents/year]."""
        return np.asarray(self.margin_draws(spend).mean(axis=-1))

    def marginal(self, spend: Array) -> Array:
        """Mean margin of one more unit of money over draws; above 1 it earns more than it costs. [ratio]."""
        return np.asarray(self.slope_draws(spend).mean(axis=-1))

    def half(self, which: int) -> ResponseDraws:
        """First (0) or second (1) half of the draws: two independent samples of the same belief.

        Raises:
            ValueError: The number of draws is odd.
        """
        size, odd = divmod(self.draws, 2)
        if odd:
            raise ValueError(f"{self.draws} draws cannot be halved; use an even number")
        part = slice(which * size, (which + 1) * size)
        return replace(
            self, ceiling=self.ceiling[:, part], half_at=self.half_at[:, part], exponent=self.exponent[:, part]
        )

    def only(self, row: int) -> ResponseDraws:
        """The draws of one line alone."""
        part = slice(row, row + 1)
        return ResponseDraws(
            self.lines[part], self.ceiling[part], self.half_at[part], self.exponent[part], self.evidence[part]
        )

    def replaced(self, line: str, parameters: HillDraws, evidence: Evidence) -> ResponseDraws:
        """The same belief with one line's draws replaced by a measured result.

        Args:
            line: Id of the line.
            parameters: Its new draws, each array of shape (1, draws).
            evidence: What they rest on.
        """
        row = [entry.line for entry in self.lines].index(line)
        new = curves_of(self.lines[row : row + 1], parameters, evidence)
        arrays = {name: getattr(self, name).copy() for name in ("ceiling", "half_at", "exponent")}
        for name, array in arrays.items():
            array[row] = getattr(new, name)[0]
        kinds = (*self.evidence[:row], evidence, *self.evidence[row + 1 :])
        return replace(self, **arrays, evidence=kinds)

    def _shaped(self, spend: Array) -> tuple[Array, Array, Array]:
        shape = (len(self.lines), *(1,) * (spend.ndim - 1), self.draws)
        return self.ceiling.reshape(shape), self.half_at.reshape(shape), self.exponent.reshape(shape)


def prior_draws(
    lines: pd.DataFrame, plays: Mapping[str, Play], rng: np.random.Generator, draws: int = 400
) -> ResponseDraws:
    """What is believed of every line before anything is measured: draws from the prior of its play.

    Draws are stratified (Latin hypercube) within each half, so that 400 of them know a mean to 2 % or better and the
    halves stay independent. A line's draws depend on `rng` and its own id only: adding, dropping or reordering
    lines never changes another line's curve.

    Args:
        lines: One row a line; columns in `core.budget.lines.COLUMNS`.
        plays: Known plays by id.
        rng: Source of chance.
        draws: Draws a line, even. [count]

    Raises:
        InputProblems: The frame of lines is wrong.
        ValueError: `draws` is odd.
    """
    if draws % 2:
        raise ValueError(f"{draws} draws cannot be halved; use an even number")
    read = read_lines(lines, plays)
    stem = int(rng.integers(2**63))
    rows = [_prior_of(plays[line.play], np.random.default_rng([stem, *line.line.encode()]), draws) for line in read]
    stacked = np.array(rows).reshape(len(read), 3, draws)
    return curves_of(read, HillDraws(stacked[:, 0], stacked[:, 1], stacked[:, 2]), "opinion")


def curves_of(lines: Sequence[BudgetLine], parameters: HillDraws, evidence: Evidence) -> ResponseDraws:
    """Put scale-free parameters on the scale of each line's spend today.

    ceiling = average_return * current * (1 + half_multiple^h), so that margin(current) = average_return * current

    Args:
        lines: The lines.
        parameters: Draws, each array of shape (lines, draws).
        evidence: What they rest on.
    """
    current = np.array([line.current_cents for line in lines], dtype=np.float64)[:, None]
    grown = 1 + parameters.half_multiple**parameters.exponent
    return ResponseDraws(
        lines=tuple(lines),
        ceiling=parameters.average_return * current * grown,
        half_at=np.where(current > 0, parameters.half_multiple * current, ONE_CENT),
        exponent=np.asarray(parameters.exponent, dtype=np.float64),
        evidence=(evidence,) * len(lines),
    )


def _powered(spend: Array, half_at: Array, exponent: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(exponent * (np.log(spend) - np.log(half_at))))


def _prior_of(play: Play, rng: np.random.Generator, draws: int) -> Array:
    prior = play.response
    uniform = np.array([np.concatenate([_stratified(rng, draws // 2) for _ in range(2)]) for _ in range(3)])
    exponent = prior.exponent.low + uniform[2] * (prior.exponent.high - prior.exponent.low)
    return np.array([_lognormal(prior.average_return, uniform[0]), _lognormal(prior.half_at, uniform[1]), exponent])


def _stratified(rng: np.random.Generator, size: int) -> Array:
    return np.asarray((rng.permutation(size) + rng.random(size)) / size)


def _lognormal(interval: Interval, uniform: Array) -> Array:
    """Quantiles of the log-normal whose 5th and 95th percentiles are the ends of the interval."""
    middle = (np.log(interval.low) + np.log(interval.high)) / 2
    sigma = (np.log(interval.high) - np.log(interval.low)) / (2 * ndtri(0.95))
    return np.asarray(np.exp(middle + sigma * ndtri(uniform)))
