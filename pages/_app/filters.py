"""Filters that several screens share; they stand in the address, so that a link shows what its sender saw."""

import datetime as dt
from collections.abc import Sequence

import streamlit as st

EVERY_SEGMENT = "All segments"


def pick_month(months: Sequence[dt.date]) -> dt.date:
    """Let the reader choose a month; the address carries it as `month=2026-10`.

    Args:
        months: First days of the months on offer, at least one, in the order shown; the first is the default.

    Returns:
        The first day of the chosen month.
    """
    names = [f"{month:%Y-%m}" for month in months]
    chosen = st.selectbox("Month", names, key="month", bind="query-params", width=130)
    return months[names.index(chosen)]


def pick_segment(segments: Sequence[str]) -> str | None:
    """Let the reader choose a segment; the address carries it as `segment=…`.

    Returns:
        The segment, or None for all of them.
    """
    chosen = st.selectbox("Segment", [EVERY_SEGMENT, *segments], key="segment", bind="query-params", width=170)
    return None if chosen == EVERY_SEGMENT else chosen
