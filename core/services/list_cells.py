"""A list of the day as its table shows it: cells of three lines that a phone has room for."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import shorten

import pandas as pd

from core.services.worklists import STOP

SHOWN_STOPS = 2
"""Stops a row of a table has room for; the card of the chosen row has all of them."""
PERSON_WIDTH, ACCOUNT_WIDTH, WHY_WIDTH = 44, 24, 70
"""Characters of a person and of an account, and of a reason, that stand on three lines of the narrowest cell."""


def in_short(rows: pd.DataFrame) -> pd.DataFrame:
    """A list for a table of three lines a cell: Account behind the name, of `Before sending` the first two stops.

    Args:
        rows: A list with Account and Person; what does not fit ends in an ellipsis after a whole word.
    """
    who = [
        f"{_fitting(person, PERSON_WIDTH)} · {_fitting(account, ACCOUNT_WIDTH)}"
        for person, account in zip(rows["Person"], rows["Account"], strict=True)
    ]
    shown = rows.drop(columns="Account").assign(Person=pd.Series(who, index=rows.index, dtype="str"))
    ways: dict[str, Callable[[str], str]] = {"Before sending": _stops_in_short, "Why": str}
    cells = {
        name: [_fitting(way(text), WHY_WIDTH) for text in rows[name]] for name, way in ways.items() if name in rows
    }
    return shown.assign(**cells)


def _fitting(text: str, most: int) -> str:
    """As many whole words as there is room for; of a word without spaces as many characters."""
    words = shorten(text, most, placeholder=" …")
    return words if words != "…" else f"{text[: most - 1]}…"


def _stops_in_short(text: str) -> str:
    first, more = text.split("; ")[:SHOWN_STOPS], text.split("; ")[SHOWN_STOPS:]
    return "; ".join([*first, f"and {len(more)} more"]) if text.startswith(STOP) and len(more) > 1 else text
