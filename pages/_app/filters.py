"""Filters that several screens share; they stand in the address, so that a link shows what its sender saw."""

import datetime as dt
from collections.abc import Sequence

import streamlit as st

EVERY_SEGMENT = "All segments"


def pick_month(months: Sequence[dt.date], default: dt.date | None = None) -> dt.date | None:
    """Let the reader choose a month; the address carries it as `month=2026-10`.

    Args:
        months: First days of the months on offer, in the order shown.
        default: Chosen while the address says nothing; the last one if it is not given.

    Returns:
        The first day of the chosen month; None when there is no month to choose from.
    """
    if not months:
        return None
    names = [f"{month:%Y-%m}" for month in months]
    start = names.index(f"{default:%Y-%m}") if default is not None else len(names) - 1
    chosen = st.selectbox("Month", names, index=start, key="month", bind="query-params", width=130)
    return months[names.index(chosen)]


def pick_segment(segments: Sequence[str]) -> str | None:
    """Let the reader choose a segment; the address carries it as `segment=…`.

    Returns:
        The segment, or None for all of them.
    """
    chosen = st.selectbox("Segment", [EVERY_SEGMENT, *segments], key="segment", bind="query-params", width=170)
    return None if chosen == EVERY_SEGMENT else chosen
