"""What the Cohorts screen keeps between runs; as in `pages._app.cached`, every key names what it was built from."""

import plotly.graph_objects as go

from core.charts.base import Sent
from core.charts.cohort_curves import age_curves
from core.charts.cohorts import TriangleCell, cohort_triangle
from core.services.cohort_cells import (
    cell_lines,
    cell_text,
    cell_tint,
    column_ticks,
    row_name,
    triangle_subtitle,
    triangle_title,
)
from core.services.cohort_curves import curve_subtitle, curve_title
from core.services.cohort_rows import ALL
from core.services.cohort_words import column_words
from core.services.cohorts import Cohorts
from pages._app import cached


def curves_figure(view: Cohorts) -> go.Figure:
    """Each group by age, or along the calendar; built where it is drawn, which is kept."""
    mark = view.query.age if view.comparison is not None and view.query.along == "age" else None
    ages = view.triangle.ages if view.triangle and view.query.along != "age" else ()
    months = [(age, column_words(view, age)) for age in ages]
    pair = (view.query.first, view.query.second)
    title, subtitle = curve_title(view), curve_subtitle(view)
    return age_curves(
        view.curves, view.measure.unit, view.currency, mark, pair, title=title, subtitle=subtitle, months=months
    )


def triangle_figure(key: object, view: Cohorts, chosen: tuple[str, int] | None) -> go.Figure:
    """The triangle of a choice with one cell outlined; never changed after it is built."""
    return cached.kept("cohort triangle", (key, chosen), lambda: Sent(_triangle(view, chosen)))


def _triangle(view: Cohorts, chosen: tuple[str, int] | None) -> go.Figure:
    shown = view.triangle
    cohorts = (*shown.cohorts, shown.all) if shown else ()
    ages = shown.ages if shown else ()
    names = [cohort.period.label if cohort.period else ALL for cohort in cohorts]
    cells = [
        TriangleCell(
            row=row,
            column=ages.index(cell.age),
            text=cell_text(view, cell),
            value=cell_tint(view, cell),
            hatched=cell.figure.state == "unripe",
            lines=cell_lines(view, names[row], cell),
            key=(names[row], column_words(view, cell.age)),
        )
        for row, cohort in enumerate(cohorts)
        for cell in cohort.cells
    ]
    rows = [row_name(name, cohort.customers) for name, cohort in zip(names, cohorts, strict=True)]
    outlined = None if chosen is None else (chosen[0], column_words(view, chosen[1]))
    title, subtitle = triangle_title(view), triangle_subtitle(view)
    return cohort_triangle(cells, rows, column_ticks(view), outlined, title=title, subtitle=subtitle)
