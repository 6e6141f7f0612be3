"""What a new request can want: the values of the people who may be asked, and how many of them meet a draft."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.advocacy.match_attributes import BITS, misses
from core.model.requests import ATTRIBUTES, Attribute
from core.month import Month
from core.services.request_words import LABELS, counted


def pool_choices(month: Month) -> dict[Attribute, tuple[str, ...]]:
    """Values the people who may be asked have, by attribute: the most frequent first, then by name.

    Args:
        month: The newest month.
    """
    return {name: _values(month.reference_pool[name]) for name in ATTRIBUTES}


def draft_reach(month: Month, opportunity_id: str, wanted: Mapping[str, str]) -> tuple[str, ...]:
    """Who could give a reference that is not asked for yet, said before it is.

    Args:
        month: The newest month.
        opportunity_id: The deal; people of the company that buys are left out.
        wanted: What is wanted, by attribute; what is empty is not wanted.

    Returns:
        How many who may be asked meet everything, then one sentence for each attribute that nobody meets.
    """
    pool = _others(month, opportunity_id)
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


def _others(month: Month, opportunity_id: str) -> pd.DataFrame:
    """The people who may be asked, without those of the company that buys."""
    pool, deals = month.reference_pool, month.open_deals
    buyers = deals.loc[deals["opportunity_id"] == opportunity_id, "unit_id"].dropna()
    return pool[~pool["unit_id"].isin(buyers)].reset_index(drop=True)


def _values(column: pd.Series) -> tuple[str, ...]:
    counts = column.dropna().astype("str").str.strip().value_counts()
    counts = counts[counts.index != ""]
    return tuple(sorted((str(value) for value in counts.index), key=lambda value: (-int(counts[value]), value)))
