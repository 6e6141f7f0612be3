"""The rows behind a line of the Budget: what it cost in each of the twelve months that make today's spend."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.errors import CouncilError
from core.glossary import display, display_month
from core.model.plays import load_plays
from core.month import Month
from core.services.budget import Budget
from core.stats.months import shift_month

YEAR = 12
MONEY = ("Cost",)
"""Columns of the rows that hold amounts."""


@dataclass(frozen=True, eq=False)
class LineRows:
    """The spend behind one line.

    Attributes:
        title: The line and its year.
        tie: What the rows sum to, what the line is meant to move, and where its return comes from.
        frame: Month, Kind, Channel, Journey stage, Cost (units of the currency), the newest month first.
    """

    title: str
    tie: str
    frame: pd.DataFrame


def line_rows(month: Month, budget: Budget, line: str) -> LineRows:
    """The months behind today's spend of a line.

    Args:
        month: The month.
        budget: Its budget.
        line: Id of the line.

    Raises:
        CouncilError: There is no such line.
    """
    found = next((item for item in budget.lines if item.line == line), None)
    if found is None:
        raise CouncilError(f'line: expected one of {", ".join(item.line for item in budget.lines)}; found "{line}"')
    spend = month.facts.spend
    year = spend["month"] > pd.Timestamp(shift_month(month.month, -YEAR))
    rows = spend[(spend["line"] == line) & year & (spend["month"] <= pd.Timestamp(month.month))]
    rows = rows.sort_values(["month", "journey_stage"], ascending=[False, True], kind="stable")
    frame = pd.DataFrame(
        {
            "Month": [display_month(day.date()) for day in rows["month"]],
            "Kind": rows["kind"].str.replace("_", " ").to_numpy(),
            "Channel": rows["channel"].fillna("").str.replace("_", " ").to_numpy(),
            "Journey stage": rows["journey_stage"].str.replace("_", " ").to_numpy(),
            "Cost": rows["cost_cents"].to_numpy() / 100,
        }
    )
    total = display(found.current_cents / 100, "money", budget.currency)
    tie = (
        f"Now is the actual cost of the twelve months to {display_month(month.month)}, sum {total}. "
        f"What the next unit of money earns is an estimate from the play {load_plays()[found.play].label}."
    )
    return LineRows(f"{found.label}, twelve months to {display_month(month.month)}", tie, frame)
