"""Tiers and who moved between them, by the definition of the KPI tier mix."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.kpis.programme import TIER_LABELS, TIERS
from core.month import Month
from core.services.pool_tables import people_names
from core.services.pool_words import Card, Section, rows_word
from core.stats.ids import beside

TIERS_HELP = "By acts of twelve months, never by what the account pays; see Definitions, Advocates at VIP or Gold."


def tiers_section(month: Month) -> Section:
    """How many stand in each tier, and who moved up or down in the window of participation."""
    rows = month.kpi_input.frame("tiers_month", month.month)
    inside = rows[rows["enrolled_advocates"] > 0]
    stayed = inside[inside["enrolled_before"] > 0]
    moved = stayed[stayed["tier"] != stayed["tier_before"]]
    up = int((moved["tier"] < moved["tier_before"]).sum())
    down = len(moved) - up
    cards = tuple(
        Card(TIER_LABELS[name], f"{int((inside['tier'] == place).sum()):,}", f"of {len(inside):,} in the programme",
             TIERS_HELP) for place, name in enumerate(TIERS)
    )  # fmt: skip
    title = f"{up:,} {rows_word(up, 'person', 'people')} moved up a tier in 90 days, {down:,} moved down"
    return Section("tiers", title, cards, _movers(month, moved), "Nobody moved between tiers in 90 days.")


def _movers(month: Month, moved: pd.DataFrame) -> pd.DataFrame:
    """contact_id, Account, Person, From, To, Move: those who rose first."""
    order = (moved["tier"] - moved["tier_before"]).to_numpy(dtype=np.int64).argsort(kind="stable")
    rows = moved.iloc[order].reset_index(drop=True)
    who = beside(rows["contact_id"], people_names(month), "contact_id")
    labels = np.asarray([TIER_LABELS[name] for name in TIERS], dtype=object)
    rise = rows["tier"].to_numpy() < rows["tier_before"].to_numpy()
    return pd.DataFrame(
        {
            "contact_id": rows["contact_id"],
            "Account": who["account_name"],
            "Person": who["person"],
            "From": labels[rows["tier_before"].to_numpy(dtype=np.intp)],
            "To": labels[rows["tier"].to_numpy(dtype=np.intp)],
            "Move": np.where(rise, "up", "down"),
        }
    )
