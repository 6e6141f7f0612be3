"""The choices of the Cohorts screen, all of them in the address, and the customers behind a cell."""

from collections.abc import Mapping, Sequence
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
from pages._app.folded import folded_choice, tell, told
from pages._app.tables import csv_download, row_table
from pages._app.widgets import chart, md

FIT, ANY, EVERY, NO_CELL = "Fits the data", "Any", "All groups", "No cohort"
MILESTONES, MONTHLY = "Milestones", "First year, monthly"
TRIANGLE, CLICKS = "cohort_triangle", "cohort_clicks"
AGES = (MILESTONES, MONTHLY)
ALONG: dict[Along, str] = {"age": "Age since start", "quarter": "Calendar quarters", "month": "Calendar months"}
"""What triangle and curves go by, with its name in the address."""
AXES = tuple(ALONG.values())
LENGTHS = (FIT, *(WIDTH_LABELS[name] for name in SHOWN_WIDTHS))


def build(month: Month) -> CohortQuery:
    """Draw the choices readers change most and return what they, and those behind the button, ask for."""
    first_look = cached.kept("cohort opening", month.key, lambda: opening(month))
    split = _split(first_look.split)
    measure = _measure(first_look.measure)
    known = _choices(month, split)
    address = _of_this_split(known)
    along = next(name for name, words in ALONG.items() if words == told(address, "along", AXES))
    first, second = _pair(address, known)
    quarters = (ANY, *known.quarters)
    since, until = told(address, "started_from", quarters), told(address, "started_to", quarters)
    width, age = told(address, "width", LENGTHS), told(address, "age", _ages(known))
    group = told(address, "shown", (EVERY, *known.groups))
    return CohortQuery(
        split=split,
        measure=measure,
        width=next((name for name in SHOWN_WIDTHS if WIDTH_LABELS[name] == width), None),
        since=None if since == ANY else since,
        until=None if until == ANY else until,
        first=first,
        second=second,
        age=next((other for other in known.ages if age_words(other) == age), None),
        group=group if group in known.groups and len(known.groups) > 1 else None,
        monthly=along == "age" and told(address, "ages", AGES) == MONTHLY,
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


def _of_this_split(known: Choices) -> Mapping[str, str]:
    """What stands in the address; groups of another split leave it."""
    address = st.query_params.to_dict()
    for key in ("first", "second", "shown"):
        if address.get(key, EVERY) not in (EVERY, *known.groups):
            st.query_params.pop(key)
            del address[key]
    return address


def _pair(address: Mapping[str, str], known: Choices) -> tuple[str | None, str | None]:
    """The two groups that are compared."""
    if len(known.groups) < 2:
        return None, None
    first = told(address, "first", known.groups)
    return first, told(address, "second", _others(known, first))


def _others(known: Choices, first: str) -> tuple[str, ...]:
    return tuple(name for name in known.groups if name != first)


def _ages(known: Choices) -> tuple[str, ...]:
    return FIT, *map(age_words, known.ages)


def more_choices(month: Month, key: object, view: Cohorts) -> None:
    """What is chosen more rarely, behind one button: comparison and starts, triangle and its customers.

    The label of the button never changes: under another one Streamlit takes it for another button, and closes it.

    Args:
        month: The month.
        key: Everything the screen depends on.
        view: What is shown by the choices as they stand.
    """
    place = st.popover("More choices", icon=":material/tune:", key="cohort_more", on_change="rerun")
    if not place.open:
        return
    known = _choices(month, view.query.split)
    with place:
        with st.grid(2, gap="small", min_column_width=190):
            _comparison_choices(known, view)
            if view.triangle is not None:
                _cell_choices(view)
            folded_choice("Cohort length", LENGTHS, "width")
            if view.triangle is not None:
                _triangle_choices(known, view)
        if view.triangle is not None:
            content = cached.kept("cohort triangle csv", key, lambda: csv_bytes(triangle_frame(view)))
            csv_download(content, "cohorts", "cohort_triangle_csv", "Download triangle")


def _comparison_choices(known: Choices, view: Cohorts) -> None:
    first, quarters = view.query.first, (ANY, *known.quarters)
    if first is not None:
        folded_choice("Compare", known.groups, "first")
        folded_choice("compared with", _others(known, first), "second")
    folded_choice("Along", AXES, "along")
    folded_choice("Age", _ages(known), "age")
    folded_choice("Started from", quarters, "started_from")
    folded_choice("Started to", quarters, "started_to")


def _cell_choices(view: Cohorts) -> None:
    cohorts, reached = _cells(view)
    folded_choice("Customers of", cohorts, "cohort")
    folded_choice("who reached" if view.query.along == "age" else "at the end of", reached, "after")


def _triangle_choices(known: Choices, view: Cohorts) -> None:
    if view.query.along == "age":
        folded_choice("Triangle ages", AGES, "ages")
    if len(known.groups) > 1:
        folded_choice("Triangle of", (EVERY, *known.groups), "shown")


def _cells(view: Cohorts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whose customers can be seen, and at which ages; none without a triangle."""
    columns = view.triangle.ages if view.triangle else ()
    return (NO_CELL, *cohort_labels(view)), tuple(column_words(view, at) for at in columns)


def chosen_cell(view: Cohorts) -> tuple[str, int] | None:
    """Cohort and column of the cell of the triangle that was clicked or chosen; None without one."""
    address = st.query_params.to_dict()
    if view.triangle is None or address.get("cohort", NO_CELL) == NO_CELL:
        return None
    cohorts, reached = _cells(view)
    cohort = told(address, "cohort", cohorts)
    # a column of the other axis is none of these
    if cohort == NO_CELL or address.get("after", reached[0]) not in reached:
        return None
    return cohort, view.triangle.ages[reached.index(told(address, "after", reached))]


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


def comparison(view: Cohorts) -> str:
    """HTML of the two groups, and what their difference is not; empty where nothing is compared."""
    return "" if view.comparison is None else comparison_html(facts(view), caution(view), apart_words(view))


def ungrouped(month: Month, split: Split) -> None:
    """Why customers cannot be grouped, where they cannot."""
    gap = _choices(month, split).gap
    if gap is not None:
        st.info(md(f"Customers cannot be grouped this way: {gap}."), icon=":material/table:")


def _choices(month: Month, split: Split) -> Choices:
    return cached.kept("cohort choices", (month.key, split), lambda: choices(month, split))


def customers(key: object, rows: CellRows) -> None:
    """The customers behind a cell, how the figure follows from them, and their download.

    Args:
        key: Everything they depend on.
        rows: The customers.
    """
    with st.container(border=True, gap="xsmall"):
        cached.drawn("cohort customers", key, lambda: _customers(rows))
        content = cached.kept("cohort customers csv", key, lambda: csv_bytes(rows.frame))
        csv_download(content, rows.stem, "cohort_customers_csv", "Download customers")


def _customers(rows: CellRows) -> None:
    count = "1 customer" if len(rows.frame) == 1 else f"{len(rows.frame):,} customers"
    st.markdown(f"## {md(rows.title)}: {count}\n\n:small[{md(rows.tie)}]", anchors=False)
    started = {"Started": st.column_config.DateColumn("Started", format="MMM YYYY")}
    row_table(rows.shown, rows.title, money=rows.money, config=started, most=360)


def _one(label: str, options: Sequence[str], key: str, width: int, index: int = 0) -> str:
    """One of some texts, as the address says; what is not among them gives way to the one it starts with.

    Every choice is a page the back button returns to: a widget bound to the address would replace the one before.
    """
    names, asked = list(options), st.query_params.get(key)
    st.session_state[key] = asked if asked in names else names[index]

    def keep() -> None:
        tell(key, st.session_state[key], (names[index],))

    return str(st.selectbox(label, names, key=key, on_change=keep, width=width))
