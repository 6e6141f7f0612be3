"""What customers say: survey answers and support tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.demo.customers import Accounts, Contacts
from core.demo.frames import contract_frame, ids, instants, optional_int, pick, take
from core.demo.life import History
from core.demo.names import Names
from core.demo.signals import Answers, Signals
from core.demo.world import Array, World


def someone(contacts: Contacts, account: Array, day: Array, rng: np.random.Generator, count: int) -> Array:
    """A contact of each account who was there on the day; -1 where the one drawn was not.

    Args:
        contacts: All contacts, ordered by account.
        account: Positions of accounts.
        day: Their days.
        rng: Source of chance.
        count: Number of accounts.
    """
    edges = np.searchsorted(contacts.account, np.arange(count + 1))
    people = edges[account + 1] - edges[account]
    drawn = edges[account] + np.floor(rng.random(len(account)) * people).astype(np.int64)
    left = contacts.left[drawn]
    there = (contacts.joined[drawn] <= day) & (np.isnat(left) | (left > day))
    return np.where(there, drawn, -1)


def active_days(
    world: World, accounts: Accounts, history: History, rate: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Accounts and days of events that happen at a monthly rate in the window while the account pays.

    Args:
        world: The frame of the company.
        accounts: All accounts.
        history: What happened.
        rate: Expected events. [account, month of the window]
        rng: Source of chance.
    """
    active = history.active[:, world.first :]
    counts = rng.poisson(np.where(active, rate, 0.0))
    account = np.repeat(np.arange(len(accounts)), counts.sum(axis=1))
    month = np.repeat(np.tile(np.arange(world.first, world.total), len(accounts)), counts.ravel())
    begins = np.maximum(world.starts[month], accounts.start[account])
    length = (world.day(month + 1, np.array(1)) - begins).astype(np.int64)
    return account, begins + np.floor(rng.random(len(account)) * length).astype(np.int64)


def surveys_table(
    world: World,
    accounts: Accounts,
    contacts: Contacts,
    history: History,
    signals: Signals,
    answers: Answers,
    names: Names,
) -> pd.DataFrame:
    """The table `survey_responses`: the NPS answers given in the window and CSAT after contacts with the company."""
    rng = world.rng("csat")
    given = history.answered[answers.day[history.answered] >= world.begin]
    account, day = active_days(world, accounts, history, np.array([[0.2]]), rng)
    contact = someone(contacts, account, day, rng, len(accounts))
    account, day, contact = account[contact >= 0], day[contact >= 0], contact[contact >= 0]
    latent = signals.satisfaction[account, world.month_of(day)] + contacts.warmth[contact]
    csat = np.clip(np.rint(4.05 + 0.6 * latent + rng.normal(0, 0.6, len(day))), 1, 5).astype(np.int64)
    who = np.r_[answers.contact[given], contact]
    days = np.r_[answers.day[given], day]
    minutes = rng.integers(7 * 60, 19 * 60, len(who))
    order = np.argsort(instants(days, minutes), kind="stable")
    waited = rng.integers(0, 8, len(who))
    kind = np.r_[np.zeros(len(given), int), np.ones(len(contact), int)]
    return contract_frame(
        "survey_responses",
        len(who),
        response_id=ids("V", np.arange(1, len(who) + 1), 7),
        account_id=take(names.account, contacts.account[who][order]),
        contact_id=take(names.contact, who[order]),
        survey=pick(["nps", "csat"], kind[order]),
        score=np.r_[answers.score[given], csat][order],
        answered_at=instants(days, minutes)[order],
        sent_at=instants(days - waited, np.full(len(who), 6 * 60))[order],
    )


def tickets_table(world: World, accounts: Accounts, history: History, signals: Signals, names: Names) -> pd.DataFrame:
    """The table `tickets`: the less satisfied and the larger write more; the last ones may still be open."""
    rng = world.rng("tickets")
    rate = np.array([0.16, 0.32, 0.65])[accounts.segment][:, None]
    rate = rate * np.exp(-0.35 * signals.satisfaction[:, world.first :])
    account, day = active_days(world, accounts, history, rate, rng)
    order = np.argsort(day, kind="stable")
    account, day, count = account[order], day[order], len(day)
    severity = 1 + (rng.random(count)[:, None] > np.array([0.03, 0.15, 0.6])).sum(axis=1)
    opened = instants(day, rng.integers(6 * 60, 20 * 60, count))
    replied, closed = _handled(world, opened, severity, rng)
    rated = ~np.isnat(closed) & (rng.random(count) < 0.4)
    latent = signals.satisfaction[account, world.month_of(day)] - 0.3 * (severity <= 2)
    csat = np.clip(np.rint(4.1 + 0.5 * latent + rng.normal(0, 0.8, count)), 1, 5).astype(np.int64)
    return contract_frame(
        "tickets",
        count,
        ticket_id=ids("T", np.arange(1, count + 1), 7),
        account_id=take(names.account, account),
        severity=severity,
        opened_at=opened,
        first_response_at=replied,
        closed_at=closed,
        escalated=rng.random(count) < np.array([0.35, 0.12, 0.015, 0.005])[severity - 1],
        csat=optional_int(csat, rated),
    )


def _handled(world: World, opened: Array, severity: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """When tickets were answered and closed, as far as that has happened; a few recent ones hang."""
    count, never = len(opened), np.datetime64("NaT", "s")
    reply = np.rint(np.array([45, 150, 420, 800])[severity - 1] * np.exp(rng.normal(0, 0.8, count)))
    solve = np.rint(reply + np.array([2200, 6500, 9000, 11000])[severity - 1] * np.exp(rng.normal(0, 0.9, count)))
    today = world.as_of.astype("datetime64[s]") + np.timedelta64(24 * 3600 - 1, "s")
    replied = opened + (reply * 60).astype("timedelta64[s]")
    closed = opened + (solve * 60).astype("timedelta64[s]")
    stuck = (rng.random(count) < 0.05) & (opened > today - np.timedelta64(150, "D"))
    return np.where(replied <= today, replied, never), np.where((closed <= today) & ~stuck, closed, never)
