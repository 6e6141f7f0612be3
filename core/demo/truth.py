"""The planted truth, in words and figures: what an honest analysis of the data should find."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.demo.customers import Accounts, Contacts
from core.demo.deals import Deals
from core.demo.effects import expect, first_act, followed, naive_gap, plays_at_work
from core.demo.life import History
from core.demo.money import Spend, respond
from core.demo.signals import Signals
from core.demo.world import Array, World
from core.model.demo import Line

RECENT = 3


def advocacy_truth(
    world: World, accounts: Accounts, contacts: Contacts, history: History, signals: Signals
) -> dict[str, Any]:
    """True and naive effect of the first completed act on the next twelve months."""
    first = first_act(world, contacts, history, len(accounts))
    treated = np.flatnonzero(first < 10**6)
    treated = treated[followed(world, history, first[treated], treated)]
    naive = naive_gap(world, history, first)
    effects = world.model.effects
    retention, arr_ratio = _true_effect(world, accounts, history, signals, treated, first)
    return {
        "meaning": "Treated: a paying account in the month of its first completed act. True effect: expected outcome "
        "twelve months later with the act minus without it, averaged over the treated. Naive: the same accounts "
        "minus all paying accounts that have not advocated by the end of that month.",
        "confounders": "Who is asked depends on own and mean NPS answers, active seats and segment; who stays depends "
        "on the satisfaction behind those answers, active seats, segment and referral. Saying yes depends on the "
        "person's own last answer and willingness alone.",
        "churn_log_odds": effects.advocacy_churn_logit,
        "expansion_probability_ratio": effects.advocacy_expansion_ratio,
        "works_for_months": effects.advocacy_months,
        "treated_accounts": len(treated),
        "naive_retention_12_months": _rounded(naive.retention_gap),
        "naive_arr_ratio_12_months": _rounded(naive.arr_gap),
        "naive_treated": naive.treated,
        "naive_others": naive.others,
        "true_retention_12_months": _rounded(retention),
        "true_arr_ratio_12_months": _rounded(arr_ratio),
    }


def _true_effect(
    world: World, accounts: Accounts, history: History, signals: Signals, treated: Array, first: Array
) -> tuple[float | None, float | None]:
    """Expected gain in retention and, weighted by ARR, in the ARR ratio; None when nobody was followed for a year."""
    if not len(treated):
        return None, None
    works, month = plays_at_work(world, history), first[treated]
    arms = [
        expect(world, accounts, history, signals, works, treated, month, advocacy=np.full(len(treated), act))
        for act in (1.0, 0.0)
    ]
    weight = history.mrr.sum(axis=0)[treated, month]
    gap = np.average(arms[0].arr_ratio - arms[1].arr_ratio, weights=weight)
    return float(np.mean(arms[0].retained - arms[1].retained)), float(gap)


def lines_truth(
    world: World, accounts: Accounts, deals: Deals, history: History, signals: Signals, spend: Spend
) -> list[dict[str, Any]]:
    """True response of every line: units a month, what a unit is worth, and the return today."""
    works = plays_at_work(world, history)
    entries = []
    for row, line in enumerate(world.model.line):
        worth, unit = _worth(world, accounts, deals, history, signals, works, line)
        entries.append(_line_truth(world, line, spend.actual[row], worth, unit))
    return entries


def _line_truth(world: World, line: Line, spend: Array, worth: float, unit: str) -> dict[str, Any]:
    today = float(spend[-RECENT:].mean())
    steady = [float(respond(world, line, np.full(2, x))[-1]) for x in (today, today * 1.01)]
    factor = world.demand if line.kind == "acquisition" else world.size
    return {
        "line": line.id,
        "unit": unit,
        "ceiling_units": _rounded(line.ceiling * factor),
        "margin_per_unit_eur": _rounded(worth, 2),
        "ceiling_margin_eur": _rounded(line.ceiling * factor * worth, 2),
        "half_at_eur": _rounded(line.half_at * line.spend * world.size, 2),
        "exponent": line.exponent,
        "carry_over": line.carry_over,
        "spend_today_eur": _rounded(today, 2),
        "margin_today_eur": _rounded(steady[0] * worth, 2),
        "return_today": _rounded(steady[0] * worth / today),
        "marginal_return_today": _rounded((steady[1] - steady[0]) * worth / (0.01 * today)),
        "churn_log_odds": line.churn_logit,
        "expansion_probability_ratio": line.expansion_ratio,
    }


def _worth(
    world: World,
    accounts: Accounts,
    deals: Deals,
    history: History,
    signals: Signals,
    works: Array,
    line: Line,
) -> tuple[float, str]:
    margin = world.model.gross_margin
    if line.kind == "acquisition":
        number = world.model.acquisition.index(line)
        own = deals.line == number
        return _deal_worth(world, accounts, deals, history, own), "new opportunity"
    if line.id == "reference_programme":
        given = deals.reference
        kept = _first_year_share(world, accounts, deals, history)
        amount = float(deals.amount[given].mean()) / 100 if given.any() else 0.0
        return world.model.effects.reference_win * amount * margin * kept, "deal with a reference"
    position = [play.id for play in world.model.account_plays].index(line.id)
    return _play_worth(world, accounts, history, signals, works, position), "account treated"


def _first_year_share(world: World, accounts: Accounts, deals: Deals, history: History) -> float:
    """Revenue of the first twelve months over the amount of the deal, for accounts followed that long."""
    rows = np.flatnonzero((accounts.deal >= 0) & (accounts.start_month + 12 <= world.total))
    if not len(rows):
        return 1.0
    months = accounts.start_month[rows][:, None] + np.arange(12)
    paid = history.mrr.sum(axis=0)[rows[:, None], months].sum()
    return float(paid / deals.amount[accounts.deal[rows]].sum())


def _deal_worth(world: World, accounts: Accounts, deals: Deals, history: History, own: Array) -> float:
    """Expected first-year margin of one opportunity of a line: mean of win probability x amount x margin."""
    if not own.any():
        return 0.0
    expected = float((deals.win_probability[own] * deals.amount[own]).mean()) / 100
    return expected * world.model.gross_margin * _first_year_share(world, accounts, deals, history)


def _play_worth(
    world: World, accounts: Accounts, history: History, signals: Signals, works: Array, position: int
) -> float:
    """Expected margin a year from now of one treated account: mean of (ARR ratio gained) x ARR x margin."""
    who, month = np.nonzero(history.play_from[position])
    keep = followed(world, history, month, who)
    who, month = who[keep], month[keep]
    if not len(who):
        return 0.0
    ratios = []
    for treated in (True, False):
        toggled = works[:, who, month + 1].copy()
        toggled[position] = treated
        advocacy = history.advocacy[who, month + 1].astype(float)
        result = expect(world, accounts, history, signals, works, who, month, advocacy=advocacy, plays=toggled)
        ratios.append(result.arr_ratio)
    arr = 12 * history.mrr.sum(axis=0)[who, month] / 100
    return float(((ratios[0] - ratios[1]) * arr).mean()) * world.model.gross_margin


def referral_truth(world: World, deals: Deals) -> dict[str, Any]:
    """True effect of a referral on deals and customers, beside what a plain comparison shows."""
    effects = world.model.effects
    referred = np.array([line.channel == "referral" for line in world.model.acquisition])[deals.line]
    ended = deals.closed <= world.as_of
    rates = [
        float(deals.won[ended & group].mean()) if (ended & group).any() else None for group in (referred, ~referred)
    ]
    gap = None if rates[0] is None or rates[1] is None else rates[0] - rates[1]
    return {
        "meaning": "A referral adds to the probability of winning in every segment, industry and region alike; "
        "referred deals come from segments and industries that win more often anyway, so the plain gap is larger. "
        "Cycle: multiplies the median days from creation to close. Retention: added to the log-odds of leaving.",
        "true_win_rate_pp": effects.referred_win,
        "naive_win_rate_gap_pp": _rounded(gap),
        "cycle_days_ratio": effects.referred_cycle_ratio,
        "churn_log_odds": effects.referred_churn_logit,
        "closed_referred": int((ended & referred).sum()),
        "closed_others": int((ended & ~referred).sum()),
        "reference_win_rate_pp_from_proposal": effects.reference_win,
        "reference_meaning": "References go more often to deals with momentum, which no column holds.",
    }


def world_truth(world: World, history: History) -> dict[str, Any]:
    """Fatigue, season, shock and the widening of the programme at the end."""
    shock, effects, asks = world.model.shock, world.model.effects, world.model.asks
    return {
        "fatigue": {
            "meaning": "The probability of a yes is multiplied by the factor once for each other ask the contact got "
            "in the 90 days before.",
            "factor": effects.fatigue_factor,
            "completed_within_30_days_of_a_yes": effects.completion_30_days,
        },
        "season": {
            "meaning": "Factors by calendar month, January first, on new opportunities and on active seats.",
            "opportunities": list(world.model.season.opportunities),
            "usage": list(world.model.season.usage),
        },
        "shock": {
            "meaning": "A price rise for one segment; for the months after it, its customers leave more readily.",
            "month": str(world.starts[world.shock_month]),
            "segment": shock.segment,
            "price_rise": shock.price_rise,
            "churn_log_odds": shock.churn_logit,
            "lasts_months": shock.lasts_months,
        },
        "final_wave": {
            "meaning": "In the last months the programme asks more people, and rather those never asked before.",
            "months": asks.final_wave_months,
            "volume_ratio": asks.final_wave_ratio,
        },
        "arr_at_end_eur": _rounded(12 * float(history.mrr[:, :, -1].sum()) / 100, 2),
    }


def moves_truth(world: World) -> dict[str, Any]:
    """The money that was moved between lines, and since when."""
    return {
        "meaning": "What the council moved: spend of the line is multiplied by the factor from that month on.",
        "lines": [
            {"line": move.line, "factor": move.factor, "from": str(world.starts[world.total - move.last_months])}
            for move in world.model.move
        ],
    }


def _rounded(value: float | None, digits: int = 6) -> float | None:
    return None if value is None else round(float(value), digits)
