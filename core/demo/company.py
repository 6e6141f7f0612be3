"""The demo company as a whole: all tables of the contract and the truth planted in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.demo import (
    contracts,
    finance,
    money,
    observed,
    people,
    pipeline,
    programme,
    references,
    referring,
    touches,
    truth,
    voices,
)
from core.demo.customers import Accounts, Contacts, draw_accounts, draw_contacts
from core.demo.deals import Deals, draw_deals
from core.demo.life import History, Life
from core.demo.names import Names, name_everything
from core.demo.signals import Answers, Signals, draw_answers, draw_signals
from core.demo.world import World, build_world
from core.schema import TABLES


@dataclass(frozen=True)
class Company:
    """A generated company.

    Attributes:
        tables: Every table of the contract by name, with the contract's columns in their order.
        truth: What is planted in them; plain values that JSON can hold.
    """

    tables: dict[str, pd.DataFrame]
    truth: dict[str, Any]


@dataclass(frozen=True)
class _Simulated:
    world: World
    spend: money.Spend
    deals: Deals
    accounts: Accounts
    contacts: Contacts
    signals: Signals
    answers: Answers
    history: History
    names: Names


def generate(accounts: int, months: int, seed: int, end_month: dt.date = dt.date(2026, 10, 1)) -> Company:
    """Generate a company selling software to businesses, in EUR.

    Spend brings opportunities, opportunities become customers, customers stay, grow, are asked and leave; every
    table is read off that one course of events. The same arguments give the same company.

    Args:
        accounts: Customers that exist at any time of the data, 30 to 200,000.
        months: Months of the window, 13 to 120.
        seed: Seed of all chance.
        end_month: First day of the window's last month; nothing is dated after its end but plans.

    Raises:
        InputProblems: When an argument is out of range.
    """
    world = build_world(accounts, months, seed, end_month)
    spend = money.plan_spend(world)
    deals = draw_deals(world, spend)
    customers = draw_accounts(world, deals)
    contacts = draw_contacts(world, customers)
    signals = draw_signals(world, customers)
    answers = draw_answers(world, contacts, signals)
    history = Life(world, customers, contacts, signals, answers, spend).run()
    names = name_everything(world, customers, contacts, deals)
    simulated = _Simulated(world, spend, deals, customers, contacts, signals, answers, history, names)
    tables, disagreements = _tables(simulated)
    return Company({name: tables[name] for name in TABLES}, _truth(simulated, disagreements))


def _tables(s: _Simulated) -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    bookings = pipeline.bookings_of(s.world, s.accounts, s.deals, s.history)
    totals, disagreements = finance.finance_table(s.world, s.accounts, s.history, bookings, s.names)
    tables = {
        "spend": money.spend_table(s.world, s.spend),
        "gross_margin": money.margin_table(s.world),
        "fx_rates": money.rates_table(s.world),
        "finance_totals": totals,
    }
    return tables | _customer_tables(s) | _advocacy_tables(s), disagreements


def _customer_tables(s: _Simulated) -> dict[str, pd.DataFrame]:
    w, a, h, n = s.world, s.accounts, s.history, s.names
    renewals = contracts.list_renewals(w, a, h)
    days = observed.milestone_days(w, a, h)
    leads = referring.draw_leads(w, s.deals, a, s.contacts, h)
    helped = references.draw_helped(w, s.deals, a, s.contacts, h)
    told = referring.told_days(w, s.deals, leads, len(h.asks.contact))
    referrer = referring.referrers(w, a, s.contacts, s.deals, leads, h)
    return {
        "accounts": people.accounts_table(w, a, referrer, days["go_live"], n),
        "contacts": people.contacts_table(w, s.contacts, n),
        "people": people.people_table(n, int((leads.deal < 0).sum())),
        "subscriptions": contracts.subscriptions_table(w, a, h, renewals, n),
        "renewals": contracts.renewals_table(w, a, h, renewals, n),
        "survey_responses": voices.surveys_table(w, a, s.contacts, h, s.signals, s.answers, n),
        "usage": observed.usage_table(w, a, h, s.signals, n),
        "feature_usage": observed.feature_table(w, a, h, s.signals, n),
        "milestones": observed.milestones_table(w, a, h, s.signals, renewals, days, n),
        "tickets": voices.tickets_table(w, a, h, s.signals, n),
        "opportunities": pipeline.opportunities_table(w, a, s.deals, helped, h, renewals, n),
        "stage_history": pipeline.stages_table(w, s.deals, n),
        "outcomes": people.outcomes_table(w, a, h, s.signals, days["first_value"], n),
        "referrals": referring.referrals_table(w, s.contacts, leads, n),
        "reference_requests": references.requests_table(w, s.deals, helped, n),
        "asks": programme.asks_table(w, h, programme.draw_assets(w, h.asks), helped, told, s.contacts, n),
    }


def _advocacy_tables(s: _Simulated) -> dict[str, pd.DataFrame]:
    w, h, n = s.world, s.history, s.names
    assets = programme.draw_assets(w, h.asks)
    return {
        "interactions": touches.interactions_table(w, s.accounts, s.contacts, s.deals, h, assets, n),
        "consents": people.consents_table(w, s.contacts, n),
        "interests": people.interests_table(w, s.contacts, n),
        "assets": programme.assets_table(w, h.asks, assets, s.contacts, n),
        "enrolments": programme.enrolments_table(w, h, s.contacts, n),
        "rewards": programme.rewards_table(w, h.asks, n),
    }


def _truth(s: _Simulated, disagreements: list[dict[str, Any]]) -> dict[str, Any]:
    w = s.world
    return {
        "arguments": {
            "accounts": w.accounts,
            "months": w.months,
            "seed": w.seed,
            "end_month": w.end_month.isoformat(),
            "as_of": str(w.as_of),
        },
        "source": w.model.source,
        "advocacy": truth.advocacy_truth(w, s.accounts, s.contacts, s.history, s.signals),
        "lines_meaning": "Units a month = ceiling x a^e / (half_at^e + a^e), with a the spend that works: "
        "a_t = (1 - carry_over) x spend_t + carry_over x a_(t-1). New opportunities are also multiplied by the "
        "season. Margin = units x margin per unit, over 12 months. Returns are margin per EUR at steady spend, "
        "today = mean of the last 3 months; marginal = of the next 1 %.",
        "lines": truth.lines_truth(w, s.accounts, s.deals, s.history, s.signals, s.spend),
        "referrals": truth.referral_truth(w, s.deals),
        "finance_disagreements": disagreements,
        "moves": truth.moves_truth(w),
        **truth.world_truth(w, s.history),
    }
