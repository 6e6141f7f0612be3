"""What the triangle of the Cohorts screen says: its finding, and each cell."""

from __future__ import annotations

from core.cohorts.triangle import Cell, Width, period_of
from core.glossary import NOTHING, SPACE, display, display_interval
from core.model.small_samples import small_samples
from core.services.cohort_curves import rises
from core.services.cohort_rows import ALL
from core.services.cohort_words import age_words, begin_words, column_words, ends_of, figure_words, reason_of
from core.services.cohorts import Cohorts

PERIODS: dict[Width, str] = {"month": "month", "quarter": "quarter", "half": "half-year", "year": "year"}


def triangle_title(view: Cohorts) -> str:
    """What the triangle shows: by age its newest ripe cohort against its oldest, else the weakest period."""
    if view.query.along != "age":
        return _moment_title(view)
    pair, age = view.trend, age_words(view.query.age or 0, view.offset)
    if pair is None or pair.raw.outcome == "not_shown":
        return f"Too early or too few to compare cohorts at {age}"
    if pair.raw.outcome == "none":
        return f"Cohorts {pair.second} and {pair.first} at {age}: the difference may be chance"
    one, other = (figure_words(item, view.measure, view.currency) for item in pair.figures)
    return f"Cohort {pair.first} {one}, {pair.second} {other} at {age}: apart beyond chance"


def _moment_title(view: Cohorts) -> str:
    """Whether one period of the calendar was weaker than the others; where that has no meaning, where all stand."""
    found, shown, along = view.moment, view.triangle, view.query.along
    if shown is None:
        return view.measure.label
    if found is None:
        newest = shown.all.cells[-1]
        when = f"at the end of {column_words(view, newest.age)}"
        if newest.figure.value is None:
            return f"Too few customers for a figure {when}"
        each = " per customer won" if view.measure.kind == "mean" else ""
        return f"All cohorts {when}: {figure_words(newest.figure, view.measure, view.currency)}{each}"
    label = column_words(view, shown.ages[found.place])
    if found.outcome == "not_shown":
        return f"Too few losses to tell one {along} from the others"
    if found.outcome == "chance":
        return f"No {along} stands out: the weakest, {label}, may be chance"
    weaker = f"{label} was weaker than other {along}s at equal ages"
    if found.carrier is None:
        return f"{weaker}, beyond chance, not of one cohort alone"
    name = period_of(found.carrier, view.query.width or "year").label
    rest = "it may be chance" if found.without == "chance" else "too few losses are left to tell"
    return f"{weaker}; without cohort {name} {rest}"


def triangle_subtitle(view: Cohorts) -> str:
    """What a cell is."""
    who = view.query.group or "all customers"
    people = "who got there" if view.measure.id == "value" else "customers kept"
    pool = "; all cohorts: Kaplan-Meier, as on the curves" if view.measure.kind == "share" else ""
    what = "ARR of the cohort" if view.measure.id == "arr" else view.measure.label
    if view.query.along != "age":
        return (
            f"{what}, {who}, by {PERIODS[view.query.width or 'year']} of the start, at the end of each "
            f"{view.query.along}; hatched: not all had started; no tint: wide band; 4 of 9: too few for a rate, "
            f"{people}"
        )
    return (
        f"{what}, {who}, by {PERIODS[view.query.width or 'year']} of the start and months since {begin_words(view)}; "
        f"hatched: not all have come to the age; no tint: wide band; 4 of 9: too few for a rate, {people}{pool}"
        f"{_why_rows_rise(view)}"
    )


def _why_rows_rise(view: Cohorts) -> str:
    """What makes a cohort rise of which every customer has come to both ages; empty where none does."""
    rows = view.triangle.cohorts if view.triangle and view.measure.id == "gross" else ()
    if not any(rises([cell.figure.value for cell in row.cells]) for row in rows):
        return ""
    return ". Where a row rises, lost revenue came back"


def cell_text(view: Cohorts, cell: Cell) -> str:
    """What stands in a cell."""
    found = cell.figure
    if found.state == "unripe":
        return ""
    if view.measure.id == "arr":
        return display(found.numerator / 100, "money", view.currency)
    if found.state == "unknown":
        return NOTHING
    if found.value is None:
        return counts(view, cell)
    if view.measure.unit == "money":
        return display(found.value / 100, "money", view.currency)
    return f"{100 * found.value:.0f}{SPACE}%"


def counts(view: Cohorts, cell: Cell) -> str:
    """What stands for a figure of too few: how many of how many, or how many there are."""
    found = cell.figure
    if view.measure.kind == "share":
        return f"{found.numerator:,.0f} of {found.n:,}"
    return f"{cell.kept} of {cell.reached}" if found.n == cell.reached else f"n {found.n}"


def cell_tint(view: Cohorts, cell: Cell) -> float | None:
    """What the tint of a cell says; None where it has no figure or so wide a band that a tint would say nothing.

    A tint tells points, so the band's points decide: 98 % may be known well though its complement is not.
    """
    found = cell.figure
    if view.measure.id == "arr" and found.state != "unripe":
        return found.numerator
    if found.low is None or found.high is None:
        return None
    narrow = view.measure.unit == "ratio" and found.high - found.low <= small_samples().wide.width
    return found.value if narrow or found.state == "ok" else None


def row_name(name: str, customers: int) -> str:
    """Name of a row with its customers."""
    return f"{name} · {customers:,}"


def cell_lines(view: Cohorts, label: str, cell: Cell) -> tuple[str, ...]:
    """What is told of a cell, line by line: cohort and age, figure with band, customers."""
    found = cell.figure
    by_age = view.query.along == "age"
    head = f"{label}, {age_words(cell.age, view.offset)}" if by_age else f"{label}, {_end_words(view, cell.age)}"
    come = "have come to this age" if by_age else "had started by then"
    people = f"{cell.reached:,} of {cell.customers:,} customers {come}, {cell.kept:,} kept"
    if found.value is None:
        return head, reason_of(found), people
    band = display_interval(*ends_of(found, view.measure), view.measure.unit, view.currency)
    value = figure_words(found, view.measure, view.currency)
    each = " per customer won" if view.measure.kind == "mean" else ""
    how = ", Kaplan-Meier" if by_age and label == ALL and view.measure.kind == "share" else ""
    return head, f"{view.measure.label} {value}{each}{how}, 95 %: {band}, n {found.n:,}", people


def _end_words(view: Cohorts, at: int) -> str:
    """The end of a quarter or month."""
    return f"end of {column_words(view, at)}"


def column_ticks(view: Cohorts) -> tuple[str, ...]:
    """What stands above each column: months since the start, or the quarter or month that ends."""
    ages = view.triangle.ages if view.triangle else ()
    return tuple(str(age) if view.query.along == "age" else column_words(view, age) for age in ages)
