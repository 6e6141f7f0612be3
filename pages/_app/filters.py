"""Filters that several screens share; they stand in the address, so that a link shows what its sender saw."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache

import streamlit as st

from core.glossary import display_month

EVERY_SEGMENT = "All segments"


def pick_month(months: Sequence[dt.date]) -> dt.date:
    """Let the reader choose a month; the address carries it as `month=October+2026`.

    A link with `month=2026-10` is understood as well.

    Args:
        months: First days of the months on offer, at least one, in the order shown; the first is the default.

    Returns:
        The first day of the chosen month.
    """
    names = _names(tuple(months))
    asked = st.query_params.get("month")
    if asked in names:
        as_said("month", _said(asked))
    chosen = st.selectbox("Month", names, format_func=_said, key="month", bind="query-params", width=165)
    return months[names.index(chosen)]


@lru_cache(maxsize=16)
def _names(months: tuple[dt.date, ...]) -> tuple[str, ...]:
    """How each month is written in an address."""
    return tuple(f"{month:%Y-%m}" for month in months)


@lru_cache(maxsize=1024)
def _said(name: str) -> str:
    """How a month is called on a screen: "October 2026"."""
    return display_month(dt.date.fromisoformat(f"{name}-01"))


def as_said(key: str, words: str) -> None:
    """Write what an older link says in the words of today, and start again with it.

    A widget that meets other words than its own empties the address, and the next reader of it sees something else.
    """
    st.query_params[key] = words
    st.rerun()


def pick_segment(segments: Sequence[str]) -> str | None:
    """Let the reader choose a segment; the address carries it as `segment=…`.

    Returns:
        The segment, or None for all of them.
    """
    chosen = st.selectbox("Segment", [EVERY_SEGMENT, *segments], key="segment", bind="query-params", width=170)
    return None if chosen == EVERY_SEGMENT else chosen


def pick_place(
    label: str,
    options: Sequence[str],
    current: str,
    go_to: Callable[[str], None],
    *,
    key: str,
    says: Callable[[str], str] | None = None,
) -> str:
    """Let the reader choose among the parts of a screen; each choice is a page the back button returns to.

    Args:
        label: What is chosen, for a screen reader.
        options: The parts in the order shown.
        current: The part the address names.
        go_to: Makes the address name another part.
        key: Permanent name of the choice.
        says: How a part is written; as it is called by default.
    """
    st.session_state[key] = current

    def change() -> None:
        go_to(str(st.session_state[key]))

    chosen = st.segmented_control(
        label, options, required=True, key=key, format_func=says, label_visibility="collapsed", on_change=change
    )
    return str(chosen)
