"""The customers behind a cell of the triangle, and the triangle as rows for export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.cohorts.calendar import calendar
from core.cohorts.compare import Comparison
from core.cohorts.figures import Figure, figure
from core.cohorts.groups import Grouping, segment_codes
from core.cohorts.measures import AtAge, measured
from core.cohorts.triangle import Cell, Cohort, Width, period_of
from core.errors import CouncilError
from core.glossary import QUANTITIES, display
from core.model.cohorts import Measure
from core.month import Month
from core.services.cohort_words import age_words, column_period, column_words, figure_words
from core.services.cohorts import Cohorts, chosen, within

ALL = "All cohorts"
RATIO, KAPLAN_MEIER = "numerator / denominator", "Kaplan-Meier"
"""How a value follows from the rows of its customers."""


@dataclass(frozen=True, eq=False)
class CellRows:
    """The customers behind a cell.

    Attributes:
        title: Cohort, age and group.
        stem: What a file of them is, in words: the measure as well.
        tie: How the figure follows from the sums of the columns.
        frame: One row per customer: account_id, name, started, segment, group, and the two quantities of the measure.
            [money: units of the currency]
        shown: The frame with readers' column names, without ids.
        money: Columns of `shown` that hold money.
    """

    title: str
    stem: str
    tie: str
    frame: pd.DataFrame
    shown: pd.DataFrame
    money: tuple[str, ...]


def cell_rows(month: Month, view: Cohorts, cohort: str, age: int) -> CellRows:
    """The customers of a cohort who reached an age, with what the measure counts of each.

    Args:
        month: The month.
        view: The choice that is looked at.
        cohort: Label of a row of the triangle, or `ALL`.
        age: Months since the start; along the calendar, place of the month in the revenue matrix.

    Raises:
        CouncilError: There is no such cohort.
    """
    query = view.query
    groups = chosen(month, query)
    measure = measured(month.cohort_input, groups.customers, query.measure)
    found = measure.at(age) if query.along == "age" else calendar(measure, (age,)).at(0)
    rows = np.flatnonzero(within(groups, query.group) & found.counted & _of_cohort(view, groups, cohort))
    frame = _frame(month, groups, measure.measure, rows, found)
    rule = measure.measure
    value = figure(rule.kind, found.numerator[rows], found.denominator[rows])
    when = age_words(age, view.offset) if query.along == "age" else f"end of {column_words(view, age)}"
    names = {name: QUANTITIES[name].label for name in (rule.numerator, rule.denominator)}
    labels = {"name": "Customer", "started": "Started", "segment": "Segment at start", "group": "Group"} | names
    who = f", {query.group}" if query.group else ""
    hidden = ["account_id", "group"] if query.split in ("all", "segment") else ["account_id"]
    title = f"{cohort}, {when}{who}"
    return CellRows(
        title=title,
        stem=f"cohort {title} {rule.label}",
        tie=_tie(value, rule, frame, month.currency) + (_pooled_words(view, age) if cohort == ALL else ""),
        frame=frame,
        shown=frame.drop(columns=hidden).rename(columns=labels),
        money=tuple(label for name, label in names.items() if QUANTITIES[name].unit == "money"),
    )


def cohort_labels(view: Cohorts) -> tuple[str, ...]:
    """All customers together, then every row of the triangle."""
    rows = view.triangle.cohorts if view.triangle else ()
    return (ALL, *(row.period.label for row in rows if row.period))


def triangle_frame(view: Cohorts) -> pd.DataFrame:
    """The triangle as one row per cohort and age; money in units of the currency.

    Returns:
        cohort, first_month, last_month, age_months, customers, reached, kept, n, value, low, high, state, reason,
        estimator, numerator, denominator; value and its ends are empty where the small-sample rule forbids them. Along
        the calendar `at_end_of`, the last month of the column, stands for age_months, and reached are those who had
        started by then. Where estimator is `RATIO` the value is numerator / denominator; where it is `KAPLAN_MEIER`,
        as of a share of all cohorts, customers too young for the age count as well and the two sums are only those of
        who reached it.
    """
    if view.triangle is None:
        return pd.DataFrame(columns=["cohort", *(("age_months",) if view.query.along == "age" else ("at_end_of",))])
    cohorts = (*view.triangle.cohorts, view.triangle.all)
    return pd.DataFrame([_cell_row(view, cohort, cell) for cohort in cohorts for cell in cohort.cells])


def cohorts_json(view: Cohorts) -> dict[str, Any]:
    """The view as plain values: triangle, curves and comparison."""
    cohorts = (*view.triangle.cohorts, view.triangle.all) if view.triangle else ()
    return {
        "measure": view.measure.id,
        "by": view.query.split,
        "width": view.query.width,
        "unit": view.measure.unit,
        "currency": view.currency or None,
        "customers": view.customers,
        "left_out": view.left_out,
        "age_zero_months_after_start": view.offset,
        "gap": view.gap,
        "comparison": _pair(view, view.comparison),
        "triangle": [_cell_row(view, cohort, cell) for cohort in cohorts for cell in cohort.cells],
        "curves": [
            {
                "group": curve.name,
                "customers": curve.customers,
                "points": [
                    {**_column(view, point.age), **_values(view, point.figure, pooled=True)} for point in curve.points
                ],
            }
            for curve in view.curves
        ],
    }


def _pair(view: Cohorts, pair: Comparison | None) -> dict[str, Any] | None:
    if pair is None:
        return None
    scale = _scale(view)
    differences = {
        name: {
            "value": _scaled(found.value, scale),
            "low": _scaled(found.low, scale),
            "high": _scaled(found.high, scale),
            "outcome": found.outcome,
            "reason": found.reason,
            "method": found.method,
        }
        for name, found in (("as_they_are", pair.raw), ("alike", pair.alike))
    }
    return {
        "first": {"group": pair.first, **_values(view, pair.figures[0])},
        "second": {"group": pair.second, **_values(view, pair.figures[1])},
        "age_months": pair.age,
        "alike_customers": pair.alike_customers,
        **differences,
    }


def _cell_row(view: Cohorts, cohort: Cohort, cell: Cell) -> dict[str, Any]:
    period = cohort.period
    return {
        "cohort": period.label if period else ALL,
        "first_month": f"{period.first:%Y-%m}" if period else None,
        "last_month": f"{period.last:%Y-%m}" if period else None,
        **_column(view, cell.age),
        "customers": cell.customers,
        "reached": cell.reached,
        "kept": cell.kept,
        **_values(view, cell.figure, pooled=period is None),
    }


def _column(view: Cohorts, at: int) -> dict[str, Any]:
    """Where a figure stands: its age, or the last month of its quarter or month."""
    if view.query.along == "age":
        return {"age_months": at}
    return {"at_end_of": f"{column_period(view, at).last:%Y-%m}"}


def _values(view: Cohorts, found: Figure, *, pooled: bool = False) -> dict[str, Any]:
    """A figure in units of the currency; `pooled` for one of customers of several starts, as the curves are."""
    scale = _scale(view)
    sums = 100 if QUANTITIES[view.measure.numerator].unit == "money" else 1
    base = 100 if QUANTITIES[view.measure.denominator].unit == "money" else 1
    return {
        "n": found.n,
        "value": _scaled(found.value, scale),
        "low": _scaled(found.low, scale),
        "high": _scaled(found.high, scale),
        "state": found.state,
        "reason": found.reason,
        "estimator": KAPLAN_MEIER if pooled and view.measure.kind == "share" and view.query.along == "age" else RATIO,
        "numerator": found.numerator / sums,
        "denominator": found.denominator / base,
    }


def _scale(view: Cohorts) -> int:
    return 100 if view.measure.unit == "money" else 1


def _scaled(value: float | None, scale: int) -> float | None:
    return None if value is None else value / scale


def _of_cohort(view: Cohorts, groups: Grouping, cohort: str) -> np.ndarray:
    customers = groups.customers
    if cohort == ALL:
        return np.ones(len(customers), dtype=bool)
    labels = cohort_labels(view)
    if cohort not in labels:
        raise CouncilError(f'cohort: expected one of {", ".join(labels)}; found "{cohort}"')
    width: Width = view.query.width or "year"
    months = {
        int(column): period_of(customers.month(int(column)), width).label for column in np.unique(customers.start)
    }
    return np.array([months[int(column)] == cohort for column in customers.start], dtype=bool)


def _frame(month: Month, groups: Grouping, rule: Measure, rows: np.ndarray, found: AtAge) -> pd.DataFrame:
    data, customers = month.cohort_input, groups.customers
    place = customers.place[rows]
    units = data.revenue.units
    segments = sorted({str(name) for name in data.revenue.segments["segment"].dropna()})
    codes = segment_codes(data, customers)[rows]
    columns = pd.DatetimeIndex(data.revenue.wide.columns)
    frame = pd.DataFrame(
        {
            "account_id": units["account_id"].to_numpy()[place],
            "name": units["name"].to_numpy()[place],
            "started": columns[customers.start[rows]],
            "segment": [segments[code] if code >= 0 else "" for code in codes],
            "group": [groups.names[code] for code in groups.codes[rows]],
        }
    )
    for name, values in ((rule.numerator, found.numerator[rows]), (rule.denominator, found.denominator[rows])):
        frame[name] = values / 100 if QUANTITIES[name].unit == "money" else values.astype(np.int64)
    # who was lost first, or the largest first
    first, rising = (rule.numerator, True) if rule.kind == "share" else (rule.denominator, False)
    return frame.sort_values([first, "name"], ascending=[rising, True], kind="stable").reset_index(drop=True)


def _pooled_words(view: Cohorts, age: int) -> str:
    """Why the row of all cohorts shows another share than the sums give; empty where it does not."""
    cells = view.triangle.all.cells if view.triangle else ()
    found = next((cell.figure for cell in cells if cell.age == age), None)
    if view.query.along != "age" or view.measure.kind != "share" or found is None or found.value is None:
        return ""
    value = figure_words(found, view.measure, view.currency)
    return f" The triangle shows {value}: Kaplan-Meier, which also counts customers too young for this age."


def _tie(figure: Figure, rule: Measure, frame: pd.DataFrame, currency: str) -> str:
    sums = " · ".join(
        f"{QUANTITIES[name].label} {display(float(frame[name].sum()), QUANTITIES[name].unit, currency)}"
        for name in (rule.numerator, rule.denominator)
    )
    value = figure_words(figure, rule, currency) if figure.value is not None else (figure.reason or "no figure")
    return f"{rule.says} Sums: {sums}. {rule.label}: {value}."
