"""What referrals add: over all other deals and over similar ones, side by side, so that neither is read alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.glossary import display, display_interval
from core.kpis.result import KpiResult, State

RAW, ALIKE, ARR = "win_rate_gap", "win_rate_lift_pp", "incremental_arr"


@dataclass(frozen=True)
class Added:
    """One line: what referrals are said to add to, how much, and the KPI that tells it.

    Attributes:
        about: What it is told of.
        said: How much more, with intervals, and whether it may be chance; or why it cannot be told.
        kpi: Id of the KPI whose definition says how it is adjusted.
    """

    about: str
    said: str
    kpi: str


def added(results: Mapping[str, KpiResult]) -> tuple[Added, ...]:
    """What referrals add to the win rate and to ARR; empty where deals are not loaded.

    Args:
        results: Every KPI of the month and segment.
    """
    raw, alike = results[RAW], results[ALIKE]
    if alike.state is State.MISSING:
        return ()
    lines = [Added("Win rate of referred deals", _side_by_side(raw, alike), ALIKE)]
    if _tells(results[ARR]) and _tells(alike):
        lines.append(Added("Worth in ARR, 12 months", f"{_figure(results[ARR])}{_chance(results[ARR])}", ARR))
    return tuple(lines)


def _side_by_side(raw: KpiResult, alike: KpiResult) -> str:
    first = _figure(raw, "over all others") if _tells(raw) else ""
    if _tells(alike):
        return f"{first}{', ' if first else ''}{_figure(alike, 'over similar deals')}{_chance(alike)}"
    why = alike.reason or "no figure"
    return f"{first}; over similar deals {why}" if first else why


def _tells(result: KpiResult) -> bool:
    """Whether a figure and its interval can be read as what referrals add."""
    return result.shown and result.low is not None and result.state is not State.IMPLAUSIBLE


def _figure(result: KpiResult, how: str = "") -> str:
    """A figure with its interval, after the words that say what it is."""
    value = display(result.value, result.unit, result.currency, signed=True)
    band = display_interval(result.low, result.high, result.unit, result.currency)
    return " ".join(filter(None, (value, how, f"({band})")))


def _chance(result: KpiResult) -> str:
    """Whether the interval holds zero, in words."""
    assert result.low is not None and result.high is not None
    return ": may be chance" if result.low <= 0 <= result.high else ": beyond chance"
