"""Whether a promise was kept: what the intervals of two figures, or of two means of months, allow to say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from core.kpis.result import State
from core.services.look_back_windows import Windows

Verdict = Literal["in line", "more than promised", "less than promised", "other way", "not told yet", "no figure"]
Ends = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """A figure that is compared: its value and the least and most it may be."""

    value: float
    ends: Ends | None


def figure(value: float, low: float | None, high: float | None, state: str) -> Figure:
    """A figure with its ends: without a band only a complete count is known exactly, the rest may be anything."""
    if low is not None and high is not None:
        return Figure(value, (low, high))
    return Figure(value, (value, value) if state == State.OK else None)


def promised_changes(expected: float, low: float | None, high: float | None) -> Ends:
    """The changes that keep a promise: its range, or without one anything at least as far."""
    if low is not None and high is not None:
        return low, high
    return (expected, math.inf) if expected > 0 else (-math.inf, expected)


def judge(then: Figure, now: Figure, promised: Ends, *, is_rise: bool) -> tuple[Verdict, str]:
    """What the intervals support, and the same as a sentence."""
    if then.ends is None or now.ends is None:
        return "not told yet", "One of the figures has no interval, so no change can be told."
    # Nine places: a promise met to the cent must not fail by the last digit of a float.
    low, high = (round(end - then.value, 9) for end in now.ends)
    is_short = high < promised[0] if is_rise else low > promised[1]
    is_far = low > promised[1] if is_rise else high < promised[0]
    way = "rose" if now.value > then.value else "fell"
    if then.ends == now.ends and then.ends[0] == then.ends[1]:
        return "less than promised", "It did not move."
    if now.ends[0] <= then.ends[1] and then.ends[0] <= now.ends[1]:
        if is_short:
            return "less than promised", "No change can be told, and today's interval ends short of the promise."
        both = "" if is_far else "; the promise still fits"
        return "not told yet", f"The two intervals overlap: no change can be told{both}."
    if (way == "rose") != is_rise:
        return "other way", f"It {way}; the promise was a {'rise' if is_rise else 'fall'}."
    if is_short or is_far:
        return (
            ("less than promised", f"It {way}, short of the promise.")
            if is_short
            else ("more than promised", f"It {way}, beyond the promised range.")
        )
    is_exact = now.ends[0] == now.ends[1]
    return "in line", f"It {way} as promised." if is_exact else f"It {way}; today's interval reaches the promise."


def judge_means(found: Windows, promised: Ends, *, is_rise: bool) -> tuple[Verdict, str]:
    """What the interval of a difference of means supports, and the same in words.

    Args:
        found: The months before and since.
        promised: The changes that keep the promise.
        is_rise: Whether a rise was promised.

    Returns:
        "not told yet" wherever the interval holds zero, or there is none.
    """
    if found.doubt or found.ends is None:
        told = f"{found.doubt}, so no change can be told"
        if found.ends is not None and _out_of_reach((found.ends.low, found.ends.high), promised, is_rise=is_rise):
            told += "; the interval ends short of the promise"
        return "not told yet", told
    # The scatter of both sides is in the interval of the difference, so it is held against an exact zero.
    change = Figure(found.change, (found.ends.low, found.ends.high))
    verdict, _ = judge(Figure(0.0, (0.0, 0.0)), change, promised, is_rise=is_rise)
    way = "rose" if found.change > 0 else "fell"
    words: dict[Verdict, str] = {
        "in line": f"it {way}, and its interval reaches the promise",
        "more than promised": f"it {way}, beyond the promised range",
        "less than promised": f"it {way}, short of the promise",
        "other way": f"it {way}; the promise was a {'rise' if is_rise else 'fall'}",
    }
    return verdict, words[verdict]


def _out_of_reach(ends: Ends, promised: Ends, *, is_rise: bool) -> bool:
    """Whether even the best end of an interval falls short of the least that was promised."""
    return ends[1] < promised[0] if is_rise else ends[0] > promised[1]
