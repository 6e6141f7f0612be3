"""A line's response as it is drawn: mean, band, and where nothing was ever observed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.budget.response import Array, ResponseDraws
from core.model.budget import BudgetRules, load_budget


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """Yearly gross margin by yearly spend of one line.

    Attributes:
        line: Id of the line.
        label: Name on screens.
        spend_cents: Spend at the points. [cents/year]
        expected_cents: Mean 12-month margin there. [cents/year]
        low_cents: Lower end of the outer interval. [cents/year]
        high_cents: Upper end of it. [cents/year]
        extrapolated: Whether each point lies outside what was ever observed.
        reason: Why there are no points, in words; None when there are.
    """

    line: str
    label: str
    spend_cents: tuple[int, ...]
    expected_cents: tuple[int, ...]
    low_cents: tuple[int, ...]
    high_cents: tuple[int, ...]
    extrapolated: tuple[bool, ...]
    reason: str | None = None


def curve_of(
    curves: ResponseDraws, line: str, proposed_cents: int = 0, rules: BudgetRules | None = None
) -> ResponseCurve:
    """Points of one line's curve, from nothing to beyond the larger of today's and the proposed spend.

    Args:
        curves: Response of every line.
        line: Id of the line.
        proposed_cents: Proposed spend, so that it lies on the curve. [cents/year]
        rules: Settings; None means those of `data/model/budget.toml`.

    Returns:
        The curve, without points and with the reason for a line never spent on.
    """
    settings = rules or load_budget()
    row = [entry.line for entry in curves.lines].index(line)
    entry = curves.lines[row]
    if entry.reason is not None:
        return ResponseCurve(line, entry.label, (), (), (), (), (), entry.reason)
    end = settings.curve.reach * max(entry.current_cents, proposed_cents, entry.observed_high_cents or 0)
    spend = np.linspace(0, end, settings.curve.points).round()
    spend = np.unique(np.append(spend, [entry.current_cents, proposed_cents]))
    margin = curves.only(row).margin_draws(spend[None, :])[0]
    outer = settings.interval.outer
    low, high = np.quantile(margin, [(1 - outer) / 2, (1 + outer) / 2], axis=1)
    return ResponseCurve(
        line,
        entry.label,
        spend_cents=_cents(spend),
        expected_cents=_cents(margin.mean(axis=1)),
        low_cents=_cents(low),
        high_cents=_cents(high),
        extrapolated=tuple(entry.extrapolated(at) for at in spend),
    )


def _cents(values: Array) -> tuple[int, ...]:
    return tuple(round(float(value)) for value in values)
