"""Spend by month and line, and the response each line truly has to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.frames import contract_frame, pick
from core.demo.world import Array, World
from core.model.demo import Line


@dataclass(frozen=True)
class Spend:
    """Spend of all lines, in EUR. Arrays are [line, month] over all simulated months.

    Attributes:
        planned: Planned.
        actual: Spent.
        response: Expected opportunities, accounts or deals a month, before seasonality.
    """

    planned: Array
    actual: Array
    response: Array


def carried_over(spend: Array, carry_over: float) -> Array:
    """Spend that works in each month: a_t = (1 - c) * x_t + c * a_(t-1), started at the first month's spend.

    Args:
        spend: x, by month. [EUR/month]
        carry_over: c, in [0, 1).
    """
    works = np.empty_like(spend)
    level = spend[0]
    for month, amount in enumerate(spend):
        level = (1 - carry_over) * amount + carry_over * level
        works[month] = level
    return works


def saturating(works: Array, half_at: float, exponent: float) -> Array:
    """Share of the ceiling reached: works^e / (half_at^e + works^e)."""
    powered = np.power(works, exponent)
    share: Array = powered / (half_at**exponent + powered)
    return share


def respond(world: World, line: Line, spend: Array) -> Array:
    """Expected opportunities, accounts or deals a month that a line brings at this path of spend."""
    works = carried_over(spend, line.carry_over)
    factor = world.demand if line.kind == "acquisition" else world.size
    return line.ceiling * factor * saturating(works, line.half_at * line.spend * world.size, line.exponent)


def plan_spend(world: World) -> Spend:
    """Draw planned and actual spend of every line for all simulated months.

    Lines grow over the window, wander, and are now and then cut or raised by a third for two months: without such
    movement no curve could be learned from the data. At the end stands what the council moved.
    """
    rng = world.rng("spend")
    lines, total = world.model.line, world.total
    level = np.array([line.spend for line in lines])[:, None] * world.size
    growth = np.array([line.growth for line in lines])[:, None]
    trend = (1 + growth) ** ((np.arange(total) - world.total + 7) / world.months)
    wander = np.exp(np.cumsum(rng.normal(0, 0.06, (len(lines), total)), axis=1))
    wander = wander / np.exp(np.log(wander[:, -12:]).mean(axis=1, keepdims=True))
    pulse = rng.random((len(lines), total)) < 0.06
    pulse = pulse | np.roll(pulse, 1, axis=1)
    jump = np.where(pulse, rng.choice([0.6, 0.7, 1.3, 1.4], (len(lines), total)), 1.0)
    planned = np.round(level * trend * np.clip(wander, 0.5, 2.0) * jump * _moved(world), -2)
    actual = np.round(planned * np.clip(rng.normal(0.965, 0.035, planned.shape), 0.85, 1.05), 2)
    response = np.stack([respond(world, line, actual[row]) for row, line in enumerate(lines)])
    return Spend(planned, actual, response)


def _moved(world: World) -> Array:
    """Factors of the money the council moved, by line and month."""
    factors = np.ones((len(world.model.line), world.total))
    ids = [line.id for line in world.model.line]
    for move in world.model.move:
        factors[ids.index(move.line), world.total - move.last_months :] *= move.factor
    return factors


def spend_table(world: World, spend: Spend) -> pd.DataFrame:
    """The table `spend`: one row per month of the window and line."""
    lines = world.model.line
    months = np.arange(world.first, world.total)
    line = np.tile(np.arange(len(lines)), len(months))
    month = np.repeat(months, len(lines))
    planned = np.rint(spend.planned[line, month] * 100).astype(np.int64)
    actual = np.rint(spend.actual[line, month] * 100).astype(np.int64)
    splits = [[s.split.media, s.split.people, s.split.platform, s.split.rewards] for s in lines]
    bounds = np.rint(actual[:, None] * np.cumsum(splits, axis=1)[line]).astype(np.int64)
    parts = np.diff(bounds, axis=1, prepend=0)
    committed = np.rint(planned * np.array([item.committed for item in lines])[line]).astype(np.int64)
    return contract_frame(
        "spend",
        len(line),
        month=world.starts[month],
        line=pick([item.id for item in lines], line),
        kind=pick([item.kind for item in lines], line),
        channel=pick([item.channel for item in lines], line),
        play=pick([item.play for item in lines], line),
        journey_stage=pick([item.journey_stage for item in lines], line),
        planned_cents=planned,
        committed_cents=committed,
        media_cents=parts[:, 0],
        people_cents=parts[:, 1],
        platform_cents=parts[:, 2],
        rewards_cents=parts[:, 3],
        currency=world.model.currency,
    )


def margin_table(world: World) -> pd.DataFrame:
    """The table `gross_margin`: one rate for all products a month."""
    months = np.arange(world.first, world.total)
    rates = world.model.gross_margin + world.rng("margin").normal(0, 0.006, len(months))
    return contract_frame("gross_margin", len(months), month=world.starts[months], rate=np.round(rates, 4))


def rates_table(world: World) -> pd.DataFrame:
    """The table `fx_rates`: the company has one currency, so its rate is 1 throughout."""
    months = np.arange(world.first, world.total)
    return contract_frame(
        "fx_rates", len(months), month=world.starts[months], currency=world.model.currency, rate=np.ones(len(months))
    )
