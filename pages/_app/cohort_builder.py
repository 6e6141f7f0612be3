"""The choices of the Cohorts screen, all of them in the address, and the customers behind a cell."""

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from core.charts.base import CONFIG
from core.charts.cohort_compare import comparison_html
from core.cohorts.calendar import Along
from core.cohorts.groups import SPLITS, Split
from core.model.cohorts import MeasureId, cohort_rules
from core.services.cohort_choices import Choices, choices
from core.services.cohort_curves import curve_title, nothing_drawn
from core.services.cohort_rows import CellRows, cohort_labels, triangle_frame
from core.services.cohort_words import age_words, apart_words, caution, column_words, facts
from core.services.cohorts import SHOWN_WIDTHS, WIDTH_LABELS, CohortQuery, Cohorts, opening
from core.services.export import csv_bytes
from core.services.home import Month
from pages._app import cached
from pages._app.folded import folded_choice, told
from pages._app.tables import csv_download, row_table
from pages._app.widgets import chart, md, piece

FIT, ANY, EVERY, NO_CELL = "Fits the data", "Any", "All groups", "No cohort"
MILESTONES, MONTHLY = "Milestones", "First year, monthly"
TRIANGLE, CLICKS = "cohort_triangle", "cohort_clicks"
AGES = (MILESTONES, MONTHLY)
ALONG: dict[Along, str] = {"age": "Age since start", "quarter": "Calendar quarters", "month": "Calendar months"}
"""What triangle and curves go by, with its name in the address."""
LENGTHS = (FIT, *(WIDTH_LABELS[name] for name in SHOWN_WIDTHS))


def build(month: Month) -> CohortQuery:
    """Draw the choices and return what they ask for."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first_look = cached.kept("cohort opening", month.key, lambda: opening(month))
        split = _split(first_look.split)
        measure = _measure(first_look.measure)
        along = _along()
        known = cached.kept("cohort choices", (month.key, split), lambda: choices(month, split))
        first, second = _pair(known)
        since, until, width, age = _range(known, first)
    return CohortQuery(
        split=split,
        measure=measure,
        width=next((name for name in SHOWN_WIDTHS if WIDTH_LABELS[name] == width), None),
        since=None if since == ANY else since,
        until=None if until == ANY else until,
        first=first,
        second=second,
        age=next((other for other in known.ages if age_words(other) == age), None),
        group=_group(known),
        monthly=along == "age" and told("ages", AGES) == MONTHLY,
        along=along,
    )


def _split(at_first: Split) -> Split:
    names: list[Split] = list(SPLITS)
    label = _one("Group by", list(SPLITS.values()), "split", 165, names.index(at_first))
    return next(name for name in names if SPLITS[name] == label)


def _measure(at_first: MeasureId) -> MeasureId:
    measures = cohort_rules().measures
    place = [measure.id for measure in measures].index(at_first)
    label = _one("Measure", [measure.label for measure in measures], "measure", 190, place)
    return next(measure.id for measure in measures if measure.label == label)


def _along() -> Along:
    label = _one("Along", list(ALONG.values()), "along", 165)
    return next(name for name in ALONG if ALONG[name] == label)


def _pair(known: Choices) -> tuple[str | None, str | None]:
    """The two groups that are compared; groups of another split leave the address."""
    for key in ("first", "second", "shown"):
        if st.query_params.get(key, EVERY) not in (EVERY, *known.groups):
            st.query_params.pop(key)
    if len(known.groups) < 2:
        return None, None
    first = told("first", known.groups)
    return first, told("second", _others(known, first))


def _others(known: Choices, first: str) -> tuple[str, ...]:
    return tuple(name for name in known.groups if name != first)


def _range(known: Choices, first: str | None) -> tuple[str, str, str, str]:
    """Whose start counts, from and to, length of a start period, age of the comparison.

    The label of the button never changes: under another one Streamlit takes it for another button, and closes it.
    """
    quarters, ages = (ANY, *known.quarters), (FIT, *map(age_words, known.ages))
    since, until = told("started_from", quarters), told("started_to", quarters)
    width, age = told("width", LENGTHS), told("age", ages)
    place = st.popover("Compare, start and age", icon=":material/tune:", key="cohort_compare", on_change="rerun")
    if place.open:
        with place:
            if first is not None:
                folded_choice("Compare", known.groups, "first")
                folded_choice("compared with", _others(known, first), "second")
            folded_choice("Started from", quarters, "started_from")
            folded_choice("Started to", quarters, "started_to")
            folded_choice("Cohort length", LENGTHS, "width")
            folded_choice("Age", ages, "age")
    return since, until, width, age


def _group(known: Choices) -> str | None:
    """The group the triangle shows."""
    name = told("shown", (EVERY, *known.groups))
    return name if name in known.groups and len(known.groups) > 1 else None


def choose_in_triangle(month: Month, key: object, view: Cohorts) -> tuple[str, int] | None:
    """Whose customers are wanted, which group the triangle shows, at which ages, and its download; behind a button.

    Args:
        month: The month.
        key: Everything the triangle depends on.
        view: What holds it.

    Returns:
        Cohort and column of the cell that was clicked or chosen; None without one.
    """
    if view.triangle is None:
        return None
    columns = view.triangle.ages
    cohorts, reached = (NO_CELL, *cohort_labels(view)), tuple(column_words(view, at) for at in columns)
    place = st.popover("Triangle and customers", icon=":material/grid_on:", key="cohort_cell", on_change="rerun")
    if place.open:
        with place:
            _cell_choices(month, view, cohorts, reached)
            content = cached.kept("cohort triangle csv", key, lambda: csv_bytes(triangle_frame(view)))
            csv_download(content, "cohorts", "cohort_triangle_csv", "Download triangle")
    cohort = told("cohort", cohorts)
    # a column of the other axis is none of these
    if cohort == NO_CELL or st.query_params.get("after", reached[0]) not in reached:
        return None
    return cohort, columns[reached.index(told("after", reached))]


def _cell_choices(month: Month, view: Cohorts, cohorts: Sequence[str], reached: Sequence[str]) -> None:
    by_age, split = view.query.along == "age", view.query.split
    known = cached.kept("cohort choices", (month.key, split), lambda: choices(month, split))
    folded_choice("Customers of", cohorts, "cohort")
    folded_choice("who reached" if by_age else "at the end of", reached, "after")
    if by_age:
        folded_choice("Triangle ages", AGES, "ages")
    if len(known.groups) > 1:
        folded_choice("Triangle of", (EVERY, *known.groups), "shown")


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
        st.plotly_chart(
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
        cohort, column = points[0]["customdata"]
        st.query_params.update({"cohort": cohort, "after": column})
        st.session_state[CLICKS] = st.session_state.get(CLICKS, 0) + 1


def comparison(month: Month, key: object, view: Cohorts) -> None:
    """The two groups, and what their difference is not; where customers cannot be grouped, why.

    Args:
        month: The month.
        key: Everything they depend on.
        view: What holds them.
    """
    split = view.query.split
    gap = cached.kept("cohort choices", (month.key, split), lambda: choices(month, split)).gap
    if gap is not None:
        st.info(md(f"Customers cannot be grouped this way: {gap}."), icon=":material/table:")
    if view.comparison is not None:
        made = cached.kept(
            "cohort comparison", key, lambda: comparison_html(facts(view), caution(view), apart_words(view))
        )
        piece(made)


def customers(key: object, rows: CellRows) -> None:
    """The customers behind a cell, how the figure follows from them, and their download.

    Args:
        key: Everything they depend on.
        rows: The customers.
    """
    with st.container(border=True, gap="xsmall"):
        cached.drawn("cohort customers", key, lambda: _customers(rows))
        content = cached.kept("cohort customers csv", key, lambda: csv_bytes(rows.frame))
        csv_download(content, "cohort customers", "cohort_customers_csv", "Download customers")


def _customers(rows: CellRows) -> None:
    count = "1 customer" if len(rows.frame) == 1 else f"{len(rows.frame):,} customers"
    st.markdown(f"## {md(rows.title)}: {count}\n\n:small[{md(rows.tie)}]", anchors=False)
    started = {"Started": st.column_config.DateColumn("Started", format="MMM YYYY")}
    row_table(rows.shown, rows.title, money=rows.money, config=started, most=360)


def _one(label: str, options: Sequence[str], key: str, width: int, index: int = 0) -> str:
    """One of some texts; an earlier choice that is not among them any more gives way to the first."""
    names = list(options)
    if key in st.session_state and st.session_state[key] not in names:
        st.session_state[key] = names[index]
    return str(st.selectbox(label, names, index=index, key=key, bind="query-params", width=width))
