"""Maturity over time: the radar, levels by quarter, and the page to take along."""

from collections.abc import Sequence

import streamlit as st

from core.month import Month
from core.services.export import file_name
from core.services.maturity import MaturityView, quarter_label
from core.services.maturity_export import one_page
from core.services.maturity_gaps import gaps_of
from core.services.maturity_history import history_of, radar_of
from core.services.maturity_roadmap import StepLine
from core.services.targets import Targets
from pages._app.cached_maturity import history_figure, radar_figure
from pages._app.widgets import chart, md


def time_panel(view: MaturityView) -> None:
    """The matrix beside last quarter and target, and the quarters before."""
    history = history_of(view)
    if not history.quarters:
        st.markdown(":small[Nothing is rated yet: history begins with the first agreed level.]")
        return
    with st.grid(2, min_column_width=420, gap="small"):
        chart(radar_figure(radar_of(view)), "mat_radar", fill=True)
        chart(history_figure(history), "mat_history", fill=True)
    st.markdown(f":small[{md(history.note)}]")
    pairs = reversed(list(zip(history.labels, history.lows, strict=True)))
    st.markdown("\n".join(f"- :small[**{md(label)}** {md(low)}]" for label, low in pairs))
    way = "; ".join(f"{row.label}: {row.progress}" for row in history.rows if row.target is not None)
    if way:
        st.markdown(f":small[{md(way)}.]")


def export_panel(view: MaturityView, month: Month | None, targets: Targets, steps: Sequence[StepLine]) -> None:
    """The matrix on one page, to print or to send."""
    page = one_page(view, gaps_of(view, month, targets, steps), history_of(view), steps)
    stem = f"maturity {view.matrix.id} {quarter_label(view.quarter)}"
    st.download_button(
        "Download as one page",
        page,
        file_name(stem, page, "html"),
        "text/html",
        key="mat_page",
        icon=":material/print:",
        on_click="ignore",
    )
