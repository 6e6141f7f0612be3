"""The months one after another: renewals, growth, plays, asks. What happens reacts to what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.demo.asking import Asker, Asks
from core.demo.customers import Accounts, Contacts
from core.demo.money import Spend
from core.demo.signals import Answers, Signals
from core.demo.world import Array, World


@dataclass(frozen=True)
class History:
    """Everything that happened. Arrays are [account, month] unless said otherwise; values hold at month end.

    Attributes:
        active: Whether the account pays.
        seats: Seats of the base platform.
        mrr: MRR in cents, [product, account, month]: base platform, then the add-ons.
        generation: 0 for the first stay, 1 after a first return.
        renewal: Whether a yearly contract fell due in the month.
        contract_month: Month the current contract began. [account]
        churn_logit: Log-odds of leaving at a yearly renewal, without advocacy and plays.
        advocacy: Whether an act of the last months works.
        play_from: Whether the account was first treated by each play in the month. [play, account, month]
        asks: Everything about asks.
        answered: Positions of the NPS answers that were really given.
    """

    active: Array
    seats: Array
    mrr: Array
    generation: Array
    renewal: Array
    contract_month: Array
    churn_logit: Array
    advocacy: Array
    play_from: Array
    asks: Asks
    answered: Array


def churn_logit(world: World, accounts: Accounts, signals: Signals) -> Array:
    """Log-odds of leaving at a yearly renewal, without advocacy and plays, by account and month."""
    model = world.model
    base = np.array([s.churn_logit for s in model.segment])[accounts.segment]
    base = base + model.effects.referred_churn_logit * (accounts.channel == 0)
    logit = base[:, None] + model.churn.satisfaction * signals.satisfaction + model.churn.usage * signals.usage
    hurt = accounts.segment == [s.name for s in model.segment].index(model.shock.segment)
    months = slice(world.shock_month, world.shock_month + model.shock.lasts_months)
    logit[hurt, months] += model.shock.churn_logit
    compact: Array = logit.astype(np.float32)
    return compact


def leave_probability(logit: Array, monthly: Array) -> Array:
    """Probability of leaving when the contract can be left; a monthly contract spreads it over the year."""
    yearly = 1 / (1 + np.exp(-logit))
    return np.where(monthly, 1 - np.power(1 - yearly, 1 / 12), yearly)


def expansion_probability(world: World, signals: Signals, account: Array, month: Array) -> Array:
    """Monthly probability of an expansion without advocacy and plays."""
    lift = 0.25 * signals.satisfaction[account, month] + 0.25 * signals.usage[account, month]
    chance: Array = world.model.growth.expansion * np.exp(lift)
    return chance


class Life:
    """The state of all customers while the months pass."""

    def __init__(
        self, world: World, accounts: Accounts, contacts: Contacts, signals: Signals, answers: Answers, spend: Spend
    ) -> None:
        self.world, self.accounts, self.signals, self.spend = world, accounts, signals, spend
        self.rng = world.rng("life")
        self.play_rng = world.rng("plays")
        shape, plays = (len(accounts), world.total), len(world.model.account_plays)
        self.active = np.zeros(shape, dtype=bool)
        self.seats = np.zeros(shape, dtype=np.int32)
        self.mrr = np.zeros((3, *shape), dtype=np.int64)
        self.generation = np.zeros(shape, dtype=np.int8)
        self.renewal = np.zeros(shape, dtype=bool)
        self.advocacy = np.zeros(shape, dtype=bool)
        self.play_from = np.zeros((plays, *shape), dtype=bool)
        self.logit = churn_logit(world, accounts, signals)
        self.contract = accounts.start_month.copy()
        self.now = np.zeros(len(accounts), dtype=bool)
        self.seat = accounts.seats.copy()
        self.price = accounts.price.copy()
        self.addon = np.zeros((2, len(accounts)))
        self.stay = np.zeros(len(accounts), dtype=np.int8)
        self.left = np.full(len(accounts), -1000)
        self.play_until = np.full((plays, len(accounts)), -1)
        self.asker = Asker(world, accounts, contacts, signals, answers)

    def run(self) -> History:
        """Let all months pass."""
        for month in range(self.world.total):
            self._leave(month)
            self._come_back(month)
            self._grow(month)
            self.now |= self.accounts.start_month == month
            self._write(month)
            self.asker.hear(month, self.now)
            self.asker.ask(month, self.now, self.accounts.start_month)
            self._treat(month)
        return History(
            self.active,
            self.seats,
            self.mrr,
            self.generation,
            self.renewal,
            self.contract,
            self.logit,
            self.advocacy,
            self.play_from,
            self.asker.result(),
            self.asker.answered(),
        )

    def _working(self, month: int) -> Array:
        return self.play_until >= month

    def _leave(self, month: int) -> None:
        effects = self.world.model.effects
        advocate = self.asker.works(month)
        self.advocacy[:, month] = advocate
        weights = np.array([play.churn_logit for play in self.world.model.account_plays])
        logit = self.logit[:, month] + effects.advocacy_churn_logit * advocate + weights @ self._working(month)
        yearly = (month - self.contract) % 12 == 0
        self.renewal[:, month] = self.now & yearly & ~self.accounts.monthly
        exposed = self.now & (yearly | self.accounts.monthly)
        draw = self.rng.random(len(self.now))
        gone = exposed & (draw < leave_probability(logit, self.accounts.monthly))
        uplift = exposed & yearly & ~gone
        self.price[uplift] = np.rint(self.price[uplift] * (1 + self.world.model.churn.annual_uplift))
        if month == self.world.shock_month:
            names = [s.name for s in self.world.model.segment]
            hurt = self.accounts.segment == names.index(self.world.model.shock.segment)
            self.price[hurt] = np.rint(self.price[hurt] * (1 + self.world.model.shock.price_rise))
        self.now &= ~gone
        self.left[gone] = month

    def _come_back(self, month: int) -> None:
        away = month - self.left
        draw = self.rng.random(len(self.now))
        back = ~self.now & (away >= 3) & (away <= 10) & (draw < self.world.model.churn.reactivation)
        self.now |= back
        self.stay[back] += 1
        self.contract[back] = month
        self.seat[back] = np.maximum(np.rint(self.seat[back] * 0.8), 3)
        self.addon[:, back] = 0

    def _grow(self, month: int) -> None:
        growth, count = self.world.model.growth, len(self.now)
        everyone = np.arange(count)
        ratios = np.array([play.expansion_ratio for play in self.world.model.account_plays])[:, None]
        ratio = np.where(self._working(month), ratios, 1.0).prod(axis=0)
        ratio = ratio * self.world.model.effects.advocacy_expansion_ratio ** self.advocacy[:, month]
        chance = expansion_probability(self.world, self.signals, everyone, np.full(count, month)) * ratio
        draw, size = self.rng.random(count), self.rng.random(count)
        settled = self.now & (month > self.contract)
        up = settled & (draw < chance)
        down = (
            settled & ~up & (self.rng.random(count) < growth.contraction * np.exp(-0.4 * self.signals.usage[:, month]))
        )
        more = 1 + growth.expansion_low + (growth.expansion_high - growth.expansion_low) * size
        less = 1 - growth.contraction_low - (growth.contraction_high - growth.contraction_low) * size
        self.seat[up] = np.maximum(np.rint(self.seat[up] * more[up]), self.seat[up] + 1)
        self.seat[down] = np.maximum(np.rint(self.seat[down] * less[down]), 2)
        for position, hazard in enumerate(growth.attach):
            attach = settled & (self.addon[position] == 0) & (self.rng.random(count) < hazard * ratio)
            self.addon[position, attach] = growth.attach_share[position]

    def _write(self, month: int) -> None:
        base = np.rint(self.price * self.seat).astype(np.int64)
        self.active[:, month] = self.now
        self.seats[:, month] = np.where(self.now, self.seat, 0)
        self.mrr[0, :, month] = np.where(self.now, base, 0)
        self.mrr[1:, :, month] = np.where(self.now, np.rint(base * self.addon), 0)
        self.generation[:, month] = self.stay

    def _treat(self, month: int) -> None:
        """Plays pick accounts by chance, somewhat more often those that use the product less."""
        model, world = self.world.model, self.world
        if month < world.first - model.programme_lead_months:
            return
        age = month - self.accounts.start_month
        need = np.exp(-0.2 * self.signals.usage[:, month])
        for position, play in enumerate(model.account_plays):
            row = next(row for row, line in enumerate(model.line) if line.id == play.id)
            eligible = self.now & (self.play_until[position] < month)
            eligible &= (age <= 2) if play.id == "onboarding_path" else (age >= 3)
            weight = np.where(eligible, need, 0.0)
            chance = self.spend.response[row, month] * weight / max(float(weight.sum()), 1e-9)
            treated = self.play_rng.random(len(chance)) < np.minimum(chance, 0.95)
            self.play_from[position, :, month] = treated
            self.play_until[position, treated] = month + model.effects.play_months
