"""Who is asked for what, who says yes, who does it; and what that leaves behind for later asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.demo.customers import Accounts, Contacts
from core.demo.signals import Answers, Signals
from core.demo.world import NEVER, Array, World

RESPONSES = ("yes", "no", "later")


@dataclass(frozen=True)
class Asks:
    """Asks that were sent, one cell each, in order of the month.

    Attributes:
        contact: Position of the contact.
        activity: Position in the model's list.
        asked: Day it was sent.
        delivered: Whether it arrived.
        prior: Asks to the same contact in the 90 days before.
        chance: True probability of a yes, fatigue included.
        response: Position in RESPONSES; -1 for none.
        responded, completed: Days, or empty.
    """

    contact: Array
    activity: Array
    asked: Array
    delivered: Array
    prior: Array
    chance: Array
    response: Array
    responded: Array
    completed: Array


class Asker:
    """The advocacy programme: it sees NPS answers and usage, asks contacts, and remembers."""

    def __init__(
        self, world: World, accounts: Accounts, contacts: Contacts, signals: Signals, answers: Answers
    ) -> None:
        self.world, self.accounts, self.contacts, self.signals, self.answers = (
            world,
            accounts,
            contacts,
            signals,
            answers,
        )
        self.rng = world.rng("asks")
        count = len(contacts)
        self.score = np.zeros(count)
        self.heard = np.full(count, -1000)
        self.last = np.full((3, count), np.datetime64("1900-01-01", "D"))
        self.ever = np.zeros(count, dtype=bool)
        self.acted = np.zeros(count, dtype=bool)
        self.last_act = np.full(len(accounts), -1000)
        self.due: dict[int, list[tuple[int, Array]]] = {}
        self.parts: list[dict[str, Array]] = []
        self.given: list[Array] = []
        self.bounds = np.searchsorted(answers.month, np.arange(world.total + 1))

    def works(self, month: int) -> Array:
        """Accounts in which an act of an earlier month still works."""
        since = month - self.last_act
        return (since > 0) & (since <= self.world.model.effects.advocacy_months)

    def hear(self, month: int, active: Array) -> None:
        """Take in the NPS answers of the month's active accounts, and complete what was promised for it."""
        rows = np.arange(self.bounds[month], self.bounds[month + 1])
        rows = rows[active[self.contacts.account[self.answers.contact[rows]]]]
        self.given.append(rows)
        contact = self.answers.contact[rows]
        self.score[contact] = self.answers.score[rows]
        self.heard[contact] = month
        for part, asks in self.due.pop(month, []):
            contact = self.parts[part]["contact"][asks]
            account, left = self.contacts.account[contact], self.contacts.left[contact]
            there = active[account] & (np.isnat(left) | (left > self.parts[part]["completed"][asks]))
            self.parts[part]["completed"][asks[~there]] = NEVER
            self.last_act[account[there]] = month
            self.acted[contact[there]] = True

    def ask(self, month: int, active: Array, start_month: Array) -> None:
        """Send the month's asks and draw what becomes of them."""
        world, rules = self.world, self.world.model.asks
        if month < world.first - world.model.programme_lead_months:
            return
        contacts = self.contacts
        end = world.day(np.array(month + 1), np.array(1))
        present = active[contacts.account] & (start_month[contacts.account] <= month - 2)
        present &= (contacts.joined < world.starts[month]) & (np.isnat(contacts.left) | (contacts.left >= end))
        wave = month >= world.total - rules.final_wave_months
        weight = np.where(present, np.exp(np.minimum(self._appeal(month), 2.2)), 0.0)
        weight = weight * np.where(~self.ever, rules.final_wave_new, 1.0) if wave else weight
        volume = rules.monthly_share * present.sum() * (rules.final_wave_ratio if wave else 1.0)
        chance = np.minimum(volume * weight / max(weight.sum(), 1e-9), 0.7)
        self._send(month, np.flatnonzero(self.rng.random(len(chance)) < chance))

    def _appeal(self, month: int) -> Array:
        """Log-weight with which a contact is chosen; built on what the company can observe."""
        rules, account = self.world.model.asks, self.contacts.account
        fresh = (month - self.heard) <= 12
        own = np.where(fresh, (self.score - 8) / 2, -0.3)
        answers = np.bincount(account, weights=fresh, minlength=len(self.accounts))
        total = np.bincount(account, weights=np.where(fresh, self.score, 0), minlength=len(self.accounts))
        mean = np.where(answers > 0, (total / np.maximum(answers, 1) - 8) / 1.5, -0.3)
        size = np.array([s.ask_weight for s in self.world.model.segment])[self.accounts.segment]
        appeal: Array = (
            rules.nps_contact * own
            + (rules.nps_account * mean + rules.usage * self.signals.usage[:, month] + size)[account]
        )
        return appeal + rules.again * self.acted

    def _send(self, month: int, contact: Array) -> None:
        world, rules, effects = self.world, self.world.model.asks, self.world.model.effects
        rng, count = self.rng, len(contact)
        length = int((world.day(np.array(month + 1), np.array(1)) - world.starts[month]).astype(np.int64))
        asked = world.starts[month] + rng.integers(0, length, count)
        prior = ((asked - self.last[:, contact]).astype(np.int64) <= 90).sum(axis=0)
        activity = rng.choice(len(world.model.activity), count, p=[a.share for a in world.model.activity])
        own = np.where((month - self.heard[contact]) <= 12, (self.score[contact] - 8) / 2, -0.3)
        logit = rules.accept_logit + 0.35 * own + rules.willingness * self.contacts.willingness[contact]
        accept = np.array([a.accept for a in world.model.activity])[activity]
        chance = accept * effects.fatigue_factor**prior / (1 + np.exp(-logit))
        delivered = rng.random(count) < 0.96
        draw, other = rng.random(count), rng.random(count)
        response = np.where(draw < chance, 0, np.where(other < 0.3, 1, np.where(other < 0.5, 2, -1)))
        response = np.where(delivered, response, -1)
        responded = np.where(response >= 0, asked + 1 + np.floor(rng.exponential(3.5, count)).astype(np.int64), NEVER)
        responded = np.minimum(responded, asked + 14)
        completed = self._completion(response, asked, responded)
        part = {"contact": contact, "activity": activity, "asked": asked, "delivered": delivered, "prior": prior}
        part |= {"chance": chance, "response": response, "responded": responded, "completed": completed}
        self._remember(month, part)

    def _completion(self, response: Array, asked: Array, responded: Array) -> Array:
        quick = self.rng.random(len(asked)) < self.world.model.effects.completion_30_days
        late = self.rng.random(len(asked)) < 0.4
        wait = (30 - (responded - asked).astype(np.int64)).clip(1)
        soon = responded + np.floor(self.rng.random(len(asked)) * wait).astype(np.int64)
        later = asked + 31 + self.rng.integers(0, 25, len(asked))
        done = np.where(quick, soon, np.where(late, later, NEVER))
        return np.where(response == 0, done, NEVER)

    def _remember(self, month: int, part: dict[str, Array]) -> None:
        contact = part["contact"]
        self.last[:, contact] = np.stack([part["asked"], self.last[0, contact], self.last[1, contact]])
        self.ever[contact] = True
        self.parts.append(part)
        done = np.flatnonzero(~np.isnat(part["completed"]))
        when = self.world.month_of(part["completed"][done])
        self.last_act[self.contacts.account[contact[done[when == month]]]] = month
        self.acted[contact[done[when == month]]] = True
        for later in np.unique(when[when > month]):
            self.due.setdefault(int(later), []).append((len(self.parts) - 1, done[when == later]))

    def result(self) -> Asks:
        """All asks, with what would lie after the window emptied."""
        columns = {name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]}
        late = columns["responded"] > self.world.as_of
        columns["response"] = np.where(late, -1, columns["response"])
        for name in ("responded", "completed"):
            columns[name] = self.world.until_today(columns[name])
        return Asks(**columns)

    def answered(self) -> Array:
        """Positions of the NPS answers that were really given."""
        return np.concatenate(self.given)
