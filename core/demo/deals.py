"""New-business deals: how many follow from spend, and which of them are won."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from core.demo.money import Spend
from core.demo.world import NEVER, Array, World

STAGES = ("qualified", "discovery", "proposal", "negotiation")


@dataclass(frozen=True)
class Deals:
    """New-business deals, one cell each, in order of creation.

    Attributes:
        line: Position of the acquisition line among the model's acquisition lines.
        segment, industry, region: Positions in the model's lists.
        created, closed: Days; `closed` lies after the window for deals still open.
        proposal: Day the proposal stage was entered; empty if it never was.
        win_probability: True probability of winning, before momentum and references.
        reference: Whether a customer reference was given.
        won: Whether it is won in the end; counts only when closed inside the window.
        amount: First-year amount in cents.
        start: First day of the contract of a won deal.
    """

    line: Array
    segment: Array
    industry: Array
    region: Array
    created: Array
    closed: Array
    proposal: Array
    win_probability: Array
    reference: Array
    won: Array
    amount: Array
    start: Array

    def __len__(self) -> int:
        return len(self.line)

    def only(self, rows: Array) -> Deals:
        """The deals of a mask or an order."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def draw_deals(world: World, spend: Spend) -> Deals:
    """Draw all deals that were open or closed in the window.

    The number a line brings in a month is Poisson around its response to spend times the season.
    """
    rng = world.rng("deals")
    line, created = _arrivals(world, spend, rng)
    referred = np.array([item.channel == "referral" for item in world.model.acquisition])[line]
    segment = _mixed(rng, [(s.share, s.share_referred) for s in world.model.segment], referred)
    industry = _mixed(rng, [(i.share, i.share_referred) for i in world.model.industry], referred)
    region = rng.choice(len(world.model.region), len(line), p=[r.share for r in world.model.region])
    probability = _win_probability(world, segment, industry, referred)
    deals = _outcomes(world, spend, rng, line, created, segment, industry, region, probability, referred)
    deals = deals.only(deals.closed >= world.begin)
    return _limit_wins(world, deals.only(np.argsort(deals.created, kind="stable")))


def _arrivals(world: World, spend: Spend, rng: np.random.Generator) -> tuple[Array, Array]:
    rows = [row for row, line in enumerate(world.model.line) if line.kind == "acquisition"]
    months = np.arange(world.first - world.model.deal_lead_months, world.total)
    season = world.calendar_factor(world.model.season.opportunities)
    counts = rng.poisson(spend.response[rows][:, months] * season[months])
    line = np.repeat(np.repeat(np.arange(len(rows)), len(months)), counts.ravel())
    month = np.repeat(np.tile(months, len(rows)), counts.ravel())
    length = world.day(month + 1, np.array(1)) - world.day(month, np.array(1))
    offset = np.floor(rng.random(len(line)) * length.astype(np.int64)).astype(np.int64)
    return line, world.day(month, 1 + offset)


def _mixed(rng: np.random.Generator, shares: list[tuple[float, float]], referred: Array) -> Array:
    edges = np.cumsum(np.array(shares), axis=0)
    limits = edges[:-1].T[referred.astype(np.int64)] / edges[-1][referred.astype(np.int64)][:, None]
    codes: Array = (rng.random(len(referred))[:, None] >= limits).sum(axis=1)
    return codes


def _win_probability(world: World, segment: Array, industry: Array, referred: Array) -> Array:
    base = np.array([s.win for s in world.model.segment])[segment]
    industry_part = np.array([i.win for i in world.model.industry])[industry]
    chance: Array = np.maximum(base + industry_part, 0.03) + world.model.effects.referred_win * referred
    return chance


def _outcomes(
    world: World,
    spend: Spend,
    rng: np.random.Generator,
    line: Array,
    created: Array,
    segment: Array,
    industry: Array,
    region: Array,
    probability: Array,
    referred: Array,
) -> Deals:
    effects, count = world.model.effects, len(line)
    momentum = rng.normal(size=count)
    median = np.array([s.cycle_days for s in world.model.segment])[segment]
    cycle = median * effects.referred_cycle_ratio**referred * np.exp(rng.normal(0, 0.38, count) - 0.08 * momentum)
    days = np.maximum(np.rint(cycle), 6).astype(np.int64)
    reach = 0.45 + 0.5 * probability
    proposed = rng.random(count) < reach
    wait = np.rint(days * np.clip(0.5 - 0.06 * momentum + rng.normal(0, 0.05, count), 0.2, 0.8)).astype(np.int64)
    proposal = np.where(proposed, created + wait, NEVER)
    reference = _give_references(world, spend, rng, proposal, momentum)
    chance = probability / reach + effects.momentum_win * momentum + effects.reference_win * reference
    won = proposed & (rng.random(count) < np.clip(chance, 0.01, 0.98))
    closed = created + days
    segments = world.model.segment
    sigma = np.array([s.amount_sigma for s in segments])[segment]
    amount = np.array([s.amount_median for s in segments])[segment] * np.exp(rng.normal(0, 1, count) * sigma)
    start = np.where(won, np.minimum(closed + rng.integers(0, 12, count), np.maximum(world.as_of, closed)), NEVER)
    cents = np.rint(amount / 12).astype(np.int64) * 1200
    return Deals(line, segment, industry, region, created, closed, proposal, probability, reference, won, cents, start)


def _give_references(world: World, spend: Spend, rng: np.random.Generator, proposal: Array, momentum: Array) -> Array:
    """References go to deals in the proposal stage, more often to those that are going well anyway."""
    row = next(row for row, line in enumerate(world.model.line) if line.id == "reference_programme")
    month = np.clip(world.month_of(np.where(np.isnat(proposal), world.begin, proposal)), 0, world.total - 1)
    weight = np.where(np.isnat(proposal), 0.0, np.exp(0.7 * momentum))
    per_month = np.bincount(month, weights=weight, minlength=world.total)
    chance = spend.response[row][month] * weight / np.maximum(per_month[month], 1e-9)
    given: Array = (rng.random(len(proposal)) < np.minimum(chance, 0.85)) & ~np.isnat(proposal)
    return given


def _limit_wins(world: World, deals: Deals) -> Deals:
    """Wins beyond four fifths of the accounts are lost instead: some customers must predate the window."""
    wins = np.flatnonzero(deals.won & (deals.closed <= world.as_of))
    surplus = wins[int(world.accounts * 0.8) :]
    won = deals.won.copy()
    won[surplus] = False
    return replace(deals, won=won, start=np.where(won, deals.start, NEVER))
