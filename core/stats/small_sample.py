"""Whether a figure may be shown: plainly, only with its band, or only as counts."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from core.glossary import plain_number
from core.model.small_samples import ProportionRule, SmallSamples, WideRule, small_samples
from core.stats.intervals import Interval, wilson
from core.stats.weighted import weighted_wilson

_PLURAL = re.compile(r"\b(?:people|(\w+?)(ies|s))\b")
NO_BAND = "no band: the data do not scatter enough to say how sure this is"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be shown of a figure.

    Attributes:
        show: Whether the figure itself may stand on a screen; counts and rows always may.
        state: `ok`; `wide`: with its band, without colour or rank; `too_few`: counts only.
        reason: Why it is not plainly shown, in the reader's words; None when `state` is ok.
    """

    show: bool
    state: Literal["ok", "wide", "too_few"]
    reason: str | None


OK = Verdict(show=True, state="ok", reason=None)


def judge_proportion(successes: int, n: int, rules: SmallSamples | None = None) -> Verdict:
    """Whether successes / n may be shown as a rate.

    Too few: n < 30, or a Wilson interval of 30 points or more, or one of more than 5 points that is
    wider than 130 % of the rate (so always for 0 of n). Up to 5 points: ok. Between: wide when over
    20 points or over 130 % of the smaller of rate and complement; else ok.

    Args:
        successes: Units that have the property.
        n: Units asked about.
        rules: Thresholds; None takes the product's own.

    Raises:
        ValueError: `successes` is not between 0 and `n`.

    Source:
        `data/model/small_samples.toml`, tables proportion and wide
    """
    rules = rules or small_samples()
    interval = wilson(successes, n)
    rate = successes / n if n else None
    if interval is None or rate is None or n < rules.proportion.least_units or not _fits(interval.width, rate, rules):
        return _too_few(f"{successes} of {n}, {_needed(rate, rules)}")
    if _spreads_as_share(interval, rate, rules):
        return _wide(f"{successes} of {n} could be {_percents(interval)}")
    return OK


def judge_ratio(
    accounts: int,
    value: float,
    interval: Interval | None,
    rules: SmallSamples | None = None,
    *,
    noun: str = "accounts",
    part: bool = False,
) -> Verdict:
    """Whether a ratio of sums over accounts may be shown (NRR, GRR, expansion rate: 1.0 is all of the base).

    Too few: fewer than 30 base accounts. Wide: there is no interval, or it exceeds 5 points and either 20 points or
    65 % of the value; of a part of a whole, as GRR is, 130 % of the smaller of it and its complement, so that GRR and
    revenue churn are judged alike. Multiples such as LTV:CAC have no points: `judge_money_average`.

    Args:
        accounts: Accounts in the base of the ratio.
        value: The ratio, as a fraction.
        interval: Its interval; None when none could be given.
        rules: Thresholds; None takes the product's own.
        noun: What the units are, in the plural.
        part: Whether the ratio lies between 0 and 1 by its nature.

    Source:
        `data/model/small_samples.toml`, tables account_ratio and wide
    """
    rules = rules or small_samples()
    least = rules.account_ratio.least_accounts
    if accounts < least:
        return _too_few(f"{units_words(accounts, noun)}, at least {least} needed")
    if interval is None:
        return Verdict(show=True, state="wide", reason=NO_BAND)
    spreads = _spreads_as_share(interval, value, rules) if part else _spreads(interval, value, rules.wide)
    if interval.width > rules.proportion.shown_width and spreads:
        return _wide(f"anything from {_percents(interval)} fits the data")
    return OK


def judge_money_average(
    deals: int, value: float, interval: Interval | None, rules: SmallSamples | None = None, *, noun: str = "deals"
) -> Verdict:
    """Whether an average of money, or a multiple made of some, may be shown (CAC, deal size, payback, LTV:CAC).

    Too few: fewer than 10 deals. Wide: the interval exceeds 65 % of the value, or there is none.

    Args:
        deals: Deals or customers averaged over.
        value: The average, in any unit.
        interval: Its interval in the same unit; None when none could be given.
        rules: Thresholds; None takes the product's own.
        noun: What the units are, in the plural.

    Source:
        `data/model/small_samples.toml`, tables money_average and wide
    """
    rules = rules or small_samples()
    least = rules.money_average.least_deals
    if deals < least:
        return _too_few(f"{units_words(deals, noun)}, at least {least} needed")
    if interval is None:
        return Verdict(show=True, state="wide", reason=NO_BAND)
    if interval.width > rules.wide.relative_width * abs(value):
        return _wide(f"the band is {100 * interval.width / abs(value):.0f} % of the value" if value else "it may be 0")
    return OK


def judge_two_arms(
    units: tuple[int, int],
    events: tuple[int, int],
    difference: Interval | None = None,
    rules: SmallSamples | None = None,
    *,
    noun: str = "units",
    events_noun: str = "events",
) -> Verdict:
    """Whether the difference between two groups may be shown.

    Too few: fewer than 50 units or 10 events on either side. Wide: the interval exceeds 20 points.

    Args:
        units: Units of the first and the second group.
        events: Events (wins, renewals lost) of each.
        difference: Interval of a difference of proportions, as a fraction; None leaves its width unjudged
            (differences of money or days have no points).
        rules: Thresholds; None takes the product's own.
        noun: What the units are, in the plural.
        events_noun: What the events are, in the plural.

    Source:
        `data/model/small_samples.toml`, tables two_arms and wide
    """
    rules = rules or small_samples()
    for found, least, what in (
        (units, rules.two_arms.least_units, noun),
        (events, rules.two_arms.least_events, events_noun),
    ):
        if min(found) < least:
            return _too_few(f"{found[0]} and {found[1]} {what}, at least {least} needed on each side")
    if difference is not None and difference.width > rules.wide.width:
        return _wide(f"the difference could be {_points(difference.low)} to {_points(difference.high)} points")
    return OK


def _spreads(interval: Interval, value: float, wide: WideRule) -> bool:
    return interval.width > wide.width or interval.width > wide.relative_width * abs(value)


def _spreads_as_share(interval: Interval, share: float, rules: SmallSamples) -> bool:
    """Whether the band of a share is wide; of its complement it then is too."""
    if interval.width <= rules.proportion.shown_width:
        return False
    limit = rules.wide.share_relative_width * min(share, 1 - share)
    return interval.width > rules.wide.width or interval.width > limit


def _fits(width: float, rate: float, rules: SmallSamples) -> bool:
    """Whether the band of a share is narrow enough for the share to be shown."""
    rule: ProportionRule = rules.proportion
    relative = rule.suppressed_relative_width * rate
    return width <= rule.shown_width or (width < rule.suppressed_width and width <= relative)


def _needed(rate: float | None, rules: SmallSamples) -> str:
    """How many units would do, at the rate found: the fewest whose band is narrow enough."""
    least = rules.proportion.least_units

    def fits(units: int) -> bool:
        band = weighted_wilson(rate or 0.0, units)
        return band is not None and _fits(band.width, rate or 0.0, rules)

    if rate is None or fits(least):
        return f"at least {least} needed to show a rate"
    enough = 2 * least
    while not fits(enough):
        enough *= 2
    found = bisect_left(range(enough), True, lo=least, key=fits)
    return f"about {found} needed to show such a rate"


def units_words(number: int, noun: str) -> str:
    """A number of units with their noun, given in the plural: of one the singular, as in `1 customer followed`."""
    return f"{number} {_PLURAL.sub(_singular, noun, count=1) if number == 1 else noun}"


def _singular(word: re.Match[str]) -> str:
    return f"{word[1]}y" if word[2] == "ies" else "person" if word[0] == "people" else word[1]


def _too_few(found: str) -> Verdict:
    return Verdict(show=False, state="too_few", reason=f"too few: {found}")


def _wide(found: str) -> Verdict:
    return Verdict(show=True, state="wide", reason=f"wide: {found}")


def _percents(interval: Interval) -> str:
    return f"{100 * interval.low:.0f} % to {100 * interval.high:.0f} %"


def _points(fraction: float) -> str:
    return plain_number(100 * fraction, signed=True)
