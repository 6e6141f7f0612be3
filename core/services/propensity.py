"""Propensity: the learned chance that an ask is completed, how it did on later asks, and whether it ranks."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.advocacy.back_test import BackTest, Group
from core.advocacy.propensity import Propensity
from core.glossary import NOTHING, display, display_day, display_interval, plain_number
from core.model.pool import pool_rules
from core.month import Month
from core.services.pool_words import Card
from core.stats.intervals import Interval

QUESTION = "Does the learned chance know better than the readiness score who will do it?"
METHODS = {"regression": "a logistic regression", "trees": "boosted trees that never move against a known sign"}

CHANCE = 0.5
"""Share of pairs put in the right order by a toss."""


@dataclass(frozen=True)
class PropensityView:
    """Everything the screen of the learned chance says.

    Attributes:
        question: What it answers.
        answer: The answer in one sentence.
        used: Whether the learned chance ranks the next asks.
        reason: Why, or why not.
        cards: Error against the rule and one chance for everybody, calibration, ranking, what one more ask does.
        groups: Group, Asks, Done, Foretold, Rate, Low, High, Lift: one row per group of later asks, likeliest first.
        test: What the charts draw; None where there is no test.
        method: How it is learned and tested, as label and text.
    """

    question: str
    answer: str
    used: bool
    reason: str
    cards: tuple[Card, ...]
    groups: pd.DataFrame
    test: BackTest | None
    method: tuple[tuple[str, str], ...]


def propensity_view(month: Month) -> PropensityView:
    """The learned chance of a month with its back-test."""
    found = month.propensity
    return PropensityView(
        question=QUESTION,
        answer=_answer(found),
        used=found.used,
        reason=_reason(found),
        cards=_cards(found),
        groups=_groups(found.test.groups if found.test else ()),
        test=found.test,
        method=_method(found),
    )


def _answer(found: Propensity) -> str:
    if found.test is None:
        return f"Not tested: {found.reason}"
    return _reason(found)


def _reason(found: Propensity) -> str:
    """Why the learned chance ranks or does not, and how well readiness does, in plain words."""
    if found.test is None:
        return found.reason
    tried = f"A learned chance was tried on {found.test.asks:,} later asks"
    if found.used:
        return f"{tried}: it foretold them better than readiness and than one chance for all, so it ranks the next asks"
    rivals = {"rule": "readiness", "constant": "one chance for all"}
    named = " or ".join(rivals[name] for name, gain in found.test.gains.items() if not gain.better)
    return f"{tried}: it foretold them not clearly better than {named}, so readiness ranks{_pairs(found.test)}"


def _pairs(test: BackTest) -> str:
    """How often readiness put the right one of two first; empty where that is not known."""
    rank = test.ranks.get("rule")
    if rank is None:
        return ""
    share, band = rank
    chance = "which is no better than chance" if band.low <= CHANCE <= band.high else "where chance is 50 %"
    return f"; readiness itself put the right person first in {display(share, 'ratio')} of pairs, {chance}"


def order_worth(found: Propensity) -> str:
    """What the order of the list foretells, in plain words for who reads it.

    Args:
        found: What was learned, with its test on later asks.
    """
    if found.test is None:
        return f"Not tested against later asks: {found.reason}. Take the order as a place to begin, not as a forecast."
    if found.used:
        return f"{_reason(found)}."
    tested = _pairs(found.test).removeprefix("; ")
    said = f": on {found.test.asks:,} later asks {tested}" if tested else ""
    return f"The order is a place to begin, not a forecast of who says yes{said}."


def _cards(found: Propensity) -> tuple[Card, ...]:
    asks = Card("Asks to learn from", f"{found.asks:,}", f"{found.done:,} of them completed in time",
                "Asks old enough that their time to be completed is over.")  # fmt: skip
    if found.test is None:
        return (asks,)
    return (asks, *_error_cards(found.test), *_shape_cards(found.test), *_fatigue_cards(found))


def _error_cards(test: BackTest) -> tuple[Card, ...]:
    titles = {"rule": "Error less than by readiness", "constant": "Error less than one chance for all"}
    about = (
        "Mean squared error of the rival minus that of the learned chance (Brier score), on later asks it never saw."
    )
    return tuple(
        Card(
            titles[name],
            plain_number(gain.gain, 4, signed=True),
            f"{test.asks:,} asks · {_band(gain.interval, 4)}",
            about,
        )
        for name, gain in test.gains.items()
    )


def _band(interval: Interval | None, places: int) -> str:
    return (
        "no interval"
        if interval is None
        else f"{plain_number(interval.low, places)} to {plain_number(interval.high, places)}"
    )


def _shape_cards(test: BackTest) -> tuple[Card, ...]:
    slope = NOTHING if test.slope is None else plain_number(test.slope, 2)
    cards = [Card("Calibration slope", slope, _band(test.slope_interval, 2),
                  "1 when a difference in chance is borne out, under 1 when the chances are too bold.")]  # fmt: skip
    titles = {"learned": "Ranked right, learned", "rule": "Ranked right, readiness"}
    for name, rank in test.ranks.items():
        if rank is not None:
            cards.append(Card(titles[name], display(rank[0], "ratio"), _interval(rank[1]),
                              "How often a completed ask stood above one that was not; 50 % is chance."))  # fmt: skip
    return tuple(cards)


def _interval(interval: Interval) -> str:
    return display_interval(interval.low, interval.high, "ratio")


def _fatigue_cards(found: Propensity) -> tuple[Card, ...]:
    more = found.one_more
    if more is None:
        return ()
    about = "Chance with one more ask in the 90 days before / chance as it was, the rest equal; under 1 is fatigue."
    again = f"{more.people_asked_again:,} of {more.asks:,} asks came within 90 days of another"
    band = more.interval
    reach = "no interval" if band is None else f"{_likelier(band.high)} to {_likelier(band.low)}"
    return (Card("A second ask in a quarter", f"{_likelier(more.ratio)} likely", f"{reach} · {again}", about),)


def _likelier(ratio: float) -> str:
    """A ratio of chances as people say it: 25 % less for 0.75."""
    return f"{100 * abs(1 - ratio):.0f} % {'less' if ratio < 1 else 'more'}"


def _groups(groups: tuple[Group, ...]) -> pd.DataFrame:
    names = ["Group", "Asks", "Done", "Foretold", "Rate", "Low", "High", "Lift"]
    rows = [
        (place, group.n, group.done, group.foretold, group.rate, group.interval.low, group.interval.high, group.lift)
        for place, group in enumerate(groups, start=1)
    ]
    return pd.DataFrame(rows, columns=names)


def _method(found: Propensity) -> tuple[tuple[str, str], ...]:
    rules = pool_rules().propensity
    learned = METHODS[found.method] if found.method else "nothing yet"
    since = ""
    if found.test:
        since = f" The later asks begin on {display_day(found.test.first_on)}; it was learned from "
        since += f"{found.test.earlier:,} earlier asks whose outcome was known by then."
    return (
        ("Learned", f"The chance that an ask is completed within {rules.completed_within_days} days, by {learned}; "
                    "features as of the day before each ask: answers, usage, outcomes, tenure, fit, earlier asks and "
                    "what became of them, the activity, who asks. What carries no day, such as stated interest, is "
                    "left out."),
        ("Tested", f"On the latest {100 * rules.later_share:.0f} % of the asks, never on a random split.{since} "
                   "Rivals: the chance that belongs to a readiness, and one chance for everybody."),
        ("Used", "Only where the error is smaller than that of both rivals by more than chance; else readiness ranks. "
                 f"Under {rules.least_asks} asks nothing is learned."),
        ("Thresholds", "data/model/pool.toml, each with its source."),
    )  # fmt: skip
