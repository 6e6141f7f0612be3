"""What the Definitions screen keeps between runs; as in `pages._app.cached`, every key names what it was built from."""

import plotly.graph_objects as go
import streamlit as st

from core.charts.definitions import history_line
from core.services.decision_marks import decision_marks, marks_of
from core.services.definitions_view import Entry, Line, entry, lines
from core.services.home import Month
from core.services.targets import Targets
from pages._app.cached import Company


@st.cache_resource(show_spinner=False, max_entries=8)
def _lines(month_key: str, measures: bool, _month: Month | None) -> tuple[Line, ...]:
    return lines(_month, measures=measures)


def definition_lines(month: Month | None, measures: bool) -> tuple[Line, ...]:
    """The list of definitions of a month: the KPIs, or the maturity measures."""
    return _lines(month.key if month else "", measures, month)


@st.cache_resource(show_spinner=False, max_entries=256)
def _entry(month_key: str, name: str, targets_key: int, _month: Month | None, _targets: Targets) -> Entry:
    return entry(_month, name, _targets)


def definition_entry(month: Month | None, name: str, targets: Targets) -> Entry:
    """One figure of a month in full."""
    return _entry(month.key if month else "", name, targets.key, month, targets)


@st.cache_resource(show_spinner=False, max_entries=256)
def _history(month_key: str, name: str, targets_key: int, talk: tuple[int, int], _entry: Entry) -> go.Figure | None:
    result, past = _entry.result, _entry.history
    if result is None or past is None:
        return None
    band = (result.low, result.high) if result.low is not None and result.high is not None else None
    return history_line(
        past.months,
        past.values,
        past.targets,
        band if result.shown else None,
        result.unit,
        result.currency,
        title=past.title,
        subtitle=past.subtitle,
        decisions=marks_of(decision_marks(), name, past.months),
    )


def history_figure(month: Month, found: Entry, company: Company) -> go.Figure | None:
    """The last thirteen months of a figure with the decisions on it; None where none of them has a value."""
    return _history(month.key, found.definition.item.id, company.targets.key, company.talk, found)
