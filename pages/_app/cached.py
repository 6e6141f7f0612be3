"""What is kept between runs: the engine of a manifest, the months built on it. Nothing here can be stale:
every key names the data, the model files and the revisions of the records it was built from."""

import datetime as dt

import streamlit as st

from core.services import home
from core.services.home import Engine, FactMonth, Month, Source, State
from core.stats.months import month_end


@st.cache_resource(show_spinner=False, max_entries=2)
def _engine(manifest_hash: str, _state: State) -> Engine:
    return home.open_engine(_state)


@st.cache_resource(show_spinner=False, max_entries=4)
def _source(facts_key: str, records_key: str, _state: State) -> Source:
    return home.open_source(_state, _engine(_state.manifest.hash, _state))


@st.cache_resource(show_spinner=False, max_entries=24)
def _facts(facts_key: str, month: dt.date, _source: Source) -> FactMonth:
    return home.build_facts(month_end(month), _source)


@st.cache_resource(show_spinner=False, max_entries=48)
def _month(facts_key: str, records_key: str, month: dt.date, _source: Source) -> Month:
    return home.month_of_source(_source, month, _facts(facts_key, month, _source))


def months() -> tuple[dt.date, ...]:
    """Months that can be shown, newest first; empty while nothing is imported."""
    state = home.current_state()
    return () if state.is_empty else _source(state.facts_key, state.records_key, state).months


def load_month(month: dt.date) -> Month:
    """A month of the company, built once for its data and records."""
    state = home.current_state()
    source = _source(state.facts_key, state.records_key, state)
    return _month(state.facts_key, state.records_key, month, source)


def newest_month() -> Month | None:
    """The last complete month; None while nothing is imported."""
    known = months()
    return load_month(known[0]) if known else None
