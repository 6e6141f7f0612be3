"""The rows behind a figure: what they are, what they sum to, and how the figure follows from the sums."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from core.errors import CouncilError
from core.glossary import QUANTITIES, display, display_month
from core.kpis import MEASURES, REGISTRY, Kpi
from core.kpis.registry import evaluate, kpi_rows, totals
from core.kpis.result import KpiResult, State
from core.month import Month

IDS = ("account_id", "contact_id", "opportunity_id")


@dataclass(frozen=True)
class RowsBehind:
    """The rows of one figure.

    Attributes:
        result: The figure.
        title: What the rows are, in words.
        frame: One row per unit, money in units of the currency, columns named as in code.
        sums: Arguments of the formula: sums of the frame's columns. [money: units of the currency]
        labels: What readers call each column; ids of the company are left out of a screen.
        money: Columns that hold money.
        tie: How the figure follows from the sums, in one line.
    """

    result: KpiResult
    title: str
    frame: pd.DataFrame
    sums: dict[str, float]
    labels: dict[str, str]
    money: tuple[str, ...]
    tie: str

    @property
    def shown(self) -> pd.DataFrame:
        """The frame for a screen: readers' column names, no ids, no column that is 0 on every row."""
        empty = [
            name
            for name in self.frame.select_dtypes("number").columns
            if name not in self.sums and (self.frame[name] == 0).all()
        ]
        return self.frame.drop(columns=[*empty, *(name for name in IDS if name in self.frame)]).rename(
            columns=self.labels
        )


def rows_behind(month: Month, kpi: str, segment: str | None = None, at: dt.date | None = None) -> RowsBehind:
    """The rows of a KPI.

    Args:
        month: The month that is looked at.
        kpi: Id of the KPI, or of an evidence measure of maturity.
        segment: Only this segment; None for all.
        at: Another month of the same company, first day; None is the month itself.

    Raises:
        CouncilError: No KPI has that id; the message lists those there are.
    """
    item = MEASURES.get(kpi) or find_kpi(kpi)
    day = at or month.month
    data = month.kpi_input
    result = evaluate(item, data, day, segment=segment, history=False)
    known = result.state is not State.MISSING
    rows = kpi_rows(item, data, day, segment) if known else pd.DataFrame(columns=list(item.arguments))
    money = tuple(name for name in rows.columns if _unit(name) == "money")
    heaviest = next((name for name in item.arguments if name in rows), None)
    frame = rows.sort_values(heaviest, ascending=False, kind="stable") if heaviest else rows
    frame = frame.assign(**{name: frame[name] / 100 for name in money}).reset_index(drop=True)
    sums = {name: float(value) / (100 if name in money else 1) for name, value in totals(item, rows).items()}
    return RowsBehind(
        result=result,
        title=f"{item.label}, {display_month(day)}",
        frame=frame,
        sums=sums,
        labels={name: _label(name) for name in frame.columns},
        money=money,
        tie=_tie(item, result, sums, month.currency),
    )


def find_kpi(kpi: str) -> Kpi:
    """The KPI with that id.

    Raises:
        CouncilError: There is none; the message lists those there are.
    """
    if kpi not in REGISTRY:
        raise CouncilError(f'KPI: expected one of {", ".join(sorted(REGISTRY))}; found "{kpi}"')
    return REGISTRY[kpi]


def _unit(name: str) -> str:
    if name in QUANTITIES:
        return QUANTITIES[name].unit
    return "money" if name.endswith(("_spend", "_cents", "_mrr")) else "count"


def _label(name: str) -> str:
    if name in QUANTITIES:
        return QUANTITIES[name].label
    return name.removesuffix("_cents").replace("_", " ").capitalize()


def _tie(item: Kpi, result: KpiResult, sums: dict[str, float], currency: str) -> str:
    """The formula, this month's figures filled in, and the figure; without data, why there is none."""
    if result.state is State.MISSING:
        return f"{item.formula}. {item.label}: {result.reason}."
    filled = " · ".join(f"{_label(name)} {display(value, _unit(name), currency)}" for name, value in sums.items())
    value = display(result.value, result.unit, result.currency) if result.shown else (result.reason or "no figure")
    return f"{item.formula}. Sums: {filled}. {item.label}: {value}."
