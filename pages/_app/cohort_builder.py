"""The choices of the Cohorts screen, all of them in the address, and the customers behind a cell."""

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from core.charts.base import CONFIG
from core.cohorts.groups import SPLITS, Split
from core.cohorts.triangle import Width
from core.model.cohorts import MeasureId, cohort_rules
from core.services.cohort_rows import CellRows, cohort_labels, triangle_frame
from core.services.cohort_words import age_words, curve_title, nothing_drawn
from core.services.cohorts import SHOWN_WIDTHS, WIDTH_LABELS, Choices, CohortQuery, Cohorts, choices
from core.services.export import csv_bytes
from core.services.home import Month
from pages._app import cached
from pages._app.tables import csv_download, row_table
from pages._app.widgets import chart, md

FIT, ANY, EVERY, NO_CELL = "Fits the data", "Any", "All groups", "No cohort"
MILESTONES, MONTHLY = "Milestones", "First year, monthly"
TRIANGLE, CLICKS = "cohort_triangle", "cohort_clicks"
NARROWEST = 520
"""Width in px below which the counts in the cells of the triangle would run into each other."""


def build(month: Month) -> CohortQuery:
    """Draw the choices and return what they ask for."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        split = _split()
        measure = _measure()
        known = cached.kept("cohort choices", (month.key, split), lambda: choices(month, split))
        since = _one("Started from", [ANY, *known.quarters], "started_from", 118)
        until = _one("Started to", [ANY, *known.quarters], "started_to", 118)
        width = _one("Cohort length", [FIT, *(WIDTH_LABELS[name] for name in SHOWN_WIDTHS)], "width", 135)
        first, second, age = _compared(known)
    return CohortQuery(
        split=split,
        measure=measure,
        width=_width(width),
        since=None if since == ANY else since,
        until=None if until == ANY else until,
        first=first,
        second=second,
        age=next((other for other in known.ages if age_words(other) == age), None),
        group=_group(known),
        monthly=_beside("ages") == MONTHLY,
    )


def _split() -> Split:
    names: list[Split] = list(SPLITS)
    label = _one("Group by", list(SPLITS.values()), "split", 165, names.index("channel"))
    return next(name for name in names if SPLITS[name] == label)


def _measure() -> MeasureId:
    measures = cohort_rules().measures
    label = _one("Measure", [measure.label for measure in measures], "measure", 190)
    return next(measure.id for measure in measures if measure.label == label)


def _compared(known: Choices) -> tuple[str | None, str | None, str]:
    age = _one("Age", [FIT, *(age_words(other) for other in known.ages)], "age", 135)
    if len(known.groups) < 2:
        return None, None, age
    first = _one("Compare", known.groups, "first", 138)
    second = _one("compared with", [name for name in known.groups if name != first], "second", 138)
    return first, second, age


def _group(known: Choices) -> str | None:
    """The group the triangle shows."""
    name = _beside("shown")
    return name if name in known.groups and len(known.groups) > 1 else None


def _beside(key: str) -> str | None:
    """What is chosen beside the triangle, read before it is drawn so that the whole choice is known first."""
    chosen: str | None = st.session_state.get(key, st.query_params.get(key))
    return chosen


def choose_group(month: Month, split: Split) -> None:
    """Which group the triangle shows, and at which ages."""
    _one("Triangle ages", [MILESTONES, MONTHLY], "ages", 150)
    known = cached.kept("cohort choices", (month.key, split), lambda: choices(month, split))
    if len(known.groups) > 1:
        _one("Triangle of", [EVERY, *known.groups], "shown", 165)


def choose_cell(view: Cohorts) -> tuple[str, int] | None:
    """The cell whose customers are wanted: clicked in the triangle, or chosen here."""
    ages = view.triangle.ages if view.triangle else ()
    cohort = _one("Customers of", [NO_CELL, *cohort_labels(view)], "cohort", 150)
    after = _one("who reached", [age_words(age) for age in ages], "after", 130)
    if cohort == NO_CELL:
        return None
    return cohort, next(age for age in ages if age_words(age) == after)


def curves_card(view: Cohorts, figure: go.Figure) -> None:
    """Each group by age; where no group may be drawn, a sentence instead of empty axes."""
    why = nothing_drawn(view)
    if not why:
        chart(figure, "cohort_curves", fill=True)
        return
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"## {md(curve_title(view))}\n\n{md(why)}", anchors=False)


def triangle_chart(figure: go.Figure) -> None:
    """The triangle in a card; a click on a cell chooses it. Where the card is too narrow for it, it scrolls inside.

    Every click draws it anew under another key: the browser forgets the click, fades nothing, and takes the next one.
    """
    words, key = figure.layout.meta, f"{TRIANGLE}_{st.session_state.get(CLICKS, 0)}"
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"## {md(words['title'])}\n\n:small[{md(words['subtitle'])}]", anchors=False)
        st.grid(1, min_column_width=NARROWEST, wrap=False).plotly_chart(
            figure,
            key=key,
            on_select=partial(_take_click, key),
            selection_mode="points",
            alt=f"{words['title']}. {words['subtitle']}",
            config=CONFIG,
        )


def _take_click(key: str) -> None:
    """Remember the clicked cell; runs before the screen does."""
    points = st.session_state[key]["selection"]["points"]
    if points:
        cohort, age = points[0]["customdata"]
        st.session_state["cohort"], st.session_state["after"] = cohort, age_words(int(age))
        st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1


def customer_table(rows: CellRows) -> None:
    """The customers behind a cell, how the figure follows from them, and their download."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"## {md(rows.title)}: {len(rows.frame):,} customers\n\n:small[{md(rows.tie)}]", anchors=False)
        started = {"Started": st.column_config.DateColumn("Started", format="MMM YYYY")}
        row_table(rows.shown, rows.title, money=rows.money, config=started, most=360)
        csv_download(rows.frame, "cohort customers", "cohort_customers_csv", "Download customers")


def download_triangle(key: object, view: Cohorts) -> None:
    """The triangle as a file.

    Args:
        key: Everything the triangle depends on.
        view: What holds it.
    """
    content = cached.kept("cohort triangle csv", key, lambda: csv_bytes(triangle_frame(view)))
    csv_download(content, "cohorts", "cohort_triangle_csv", "Download triangle")


def _one(label: str, options: Sequence[str], key: str, width: int, index: int = 0) -> str:
    """One of some texts; an earlier choice that is not among them any more gives way to the first."""
    names = list(options)
    if key in st.session_state and st.session_state[key] not in names:
        st.session_state[key] = names[index]
    return str(st.selectbox(label, names, index=index, key=key, bind="query-params", width=width))


def _width(label: str) -> Width | None:
    return next((name for name in SHOWN_WIDTHS if WIDTH_LABELS[name] == label), None)
