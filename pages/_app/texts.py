"""Fields for words with a limit: what is too long stays in the field, with how much to shorten.

A field that is told its most characters drops a longer paste without a word, so these are not told; the save refuses.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import too_long
from pages._app.words import md


def text_line(label: str, value: str = "", *, limit: int, where: DeltaGenerator | None = None, **field: Any) -> str:
    """A field of one line.

    Args:
        label: What is asked.
        value: What it starts with.
        limit: Most characters the service saves.
        where: Column to draw in; here when it is left out.
        field: What else `st.text_input` takes.
    """
    place = where or st
    text = place.text_input(label, value, **{"placeholder": f"Up to {limit:,} characters", **field}) or ""
    return _judged(where, text, limit)


def text_block(label: str, value: str = "", *, limit: int, where: DeltaGenerator | None = None, **field: Any) -> str:
    """A field of several lines; as `text_line`, with what `st.text_area` takes."""
    place = where or st
    text = place.text_area(label, value, placeholder=f"Up to {limit:,} characters", **field) or ""
    return _judged(where, text, limit)


def _judged(where: DeltaGenerator | None, text: str, limit: int) -> str:
    if words := too_long(text, limit):
        (where or st).markdown(f":small[:red[:material/error: {md(words)}]]")
    return text
