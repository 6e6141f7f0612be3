"""The figures of a look-back as they are written: then, promised and now to one place, so that they add up."""

from __future__ import annotations

from dataclasses import dataclass

from core.glossary import SPACE, display_interval
from core.glossary_steps import Step, common_step
from core.store.tables import Decision


@dataclass(frozen=True, slots=True)
class Written:
    """Then, promised, now and the change since, each as it is written.

    Attributes:
        then: The figure before.
        promised: The figure that was to be reached: `then` as it is written, and the promise.
        now: The figure since; empty without one.
        change: `now` less `then`, both as they are written; empty without the former.
    """

    then: str
    promised: str
    now: str
    change: str


def change_unit(unit: str) -> str:
    """The unit a change of a figure is spoken of: points for ratios, its own unit for the rest."""
    return "pp" if unit == "ratio" else unit


def promise(expected: float, low: float | None, high: float | None, unit: str, currency: str) -> str:
    """An expected change with its range, as it is written."""
    text = common_step((), (expected,), unit, currency).written(expected, signed=True, change=True)
    if low is None or high is None:
        return text
    return f"{text} ({display_interval(low, high, change_unit(unit), currency)})"


def band_words(low: float | None, high: float | None, unit: str, currency: str) -> str:
    """A 95 % interval as a look-back writes it; empty where there is none."""
    return "" if low is None or high is None else f"95{SPACE}%: {display_interval(low, high, unit, currency)}"


def step_of(item: Decision, then: float, now: float | None) -> Step:
    """The place to which the figures of a decision are written.

    Args:
        item: The decision; its promise keeps all its digits.
        then: The figure before.
        now: The figure since; None without one.
    """
    unit, currency = str(item.seen["unit"]), str(item.seen["currency"])
    changes = [item.expected]
    if now is not None and unit == "money":
        changes.append(now - then)
    return common_step([then] if now is None else [then, now], changes, unit, currency)


def written(item: Decision, then: float, now: float | None) -> Written:
    """The figures of a decision to one place; the change is that of the figures as they stand there."""
    step = step_of(item, then, now)
    first = step.rounded(then)
    promised = step.written(first + item.expected)
    if now is None:
        return Written(step.written(first), promised, "", "")
    last = step.rounded(now)
    return Written(
        step.written(first), promised, step.written(last), step.written(last - first, signed=True, change=True)
    )
