"""What a new request can want: the values of the people who may be asked, and how many of them meet a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.advocacy.match_attributes import BITS, misses
from core.model.requests import ATTRIBUTES, Attribute
from core.month import Month
from core.month.lists import Lists
from core.services.request_words import LABELS, counted


def pool_choices(month: Month, day: dt.date | None = None) -> dict[Attribute, tuple[str, ...]]:
    """Values the people who may be asked have, by attribute: the most frequent first, then by name.

    Args:
        month: The newest month.
        day: Today, on which rests are judged; None is the month's last day.
    """
    people = month.on(day).reference_pool
    return {name: _values(people[name]) for name in ATTRIBUTES}


def draft_reach(
    month: Month, opportunity_id: str, wanted: Mapping[str, str], day: dt.date | None = None
) -> tuple[str, ...]:
    """Who could give a reference that is not asked for yet, said before it is.

    Args:
        month: The newest month.
        opportunity_id: The deal; people of the company that buys are left out.
        wanted: What is wanted, by attribute; what is empty is not wanted.
        day: As in `pool_choices`.

    Returns:
        How many who may be asked meet everything, then one sentence for each attribute that nobody meets.
    """
    pool = _others(month.on(day), opportunity_id)
    row = {f"wanted_{name}": [wanted.get(name, "").strip() or None] for name in ATTRIBUTES}
    lacking = misses(pd.DataFrame(row, dtype="str"), pool)[0][0]
    full = int((lacking == 0).sum())
    verb = "meets" if full == 1 else "meet"
    people = counted(len(pool), "person", "people")
    nobody = tuple(
        f"Nobody who may be asked has the {LABELS[name]} {wanted[name].strip()}."
        for name in ATTRIBUTES
        if wanted.get(name, "").strip() and bool(np.all(lacking & BITS[name]))
    )
    return (f"{full:,} of {people} who may be asked {verb} everything.", *nobody)


def _others(lists: Lists, opportunity_id: str) -> pd.DataFrame:
    """The people who may be asked, without those of the company that buys."""
    pool, deals = lists.reference_pool, lists.month.open_deals
    buyers = deals.loc[deals["opportunity_id"] == opportunity_id, "unit_id"].dropna()
    return pool[~pool["unit_id"].isin(buyers)].reset_index(drop=True)


def _values(column: pd.Series) -> tuple[str, ...]:
    counts = column.dropna().astype("str").str.strip().value_counts()
    counts = counts[counts.index != ""]
    return tuple(sorted((str(value) for value in counts.index), key=lambda value: (-int(counts[value]), value)))
