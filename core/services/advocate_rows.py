"""The pool as the command line prints it: one entry per contact, no names."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from core.kpis.programme import TIER_LABELS
from core.month import Month
from core.services.advocates import pool
from core.services.pool_view import tiers

BEFORE = ("contact_id", "account_id", "health", "readiness", "engagement")
AFTER = ("coverage", "state", "tier")
TIER_IDS = {label: name for name, label in TIER_LABELS.items()}


def advocates_frame(month: Month, day: dt.date | None = None) -> pd.DataFrame:
    """The pool for a file: one row per contact, no names; who has no tier has an empty one.

    Args:
        month: The month.
        day: Today, on which rests are judged; None is the month's last day, as in every earlier month.
    """
    names = ["contact_id", "account_id", "account_name", "segment", "health", "readiness", "engagement", "coverage",
             "tier", "state", "activity", "why", "earliest", "asker", "blocked_by", "not_checked",
             "set_by_hand"]  # fmt: skip
    by_hand = month.scores.overrides
    words = (by_hand["score"] + " " + by_hand["raw"]).groupby(by_hand["contact_id"]).agg("; ".join)
    rows = _rows(month, day)
    return rows.assign(set_by_hand=rows["contact_id"].map(words).astype("str"))[names]


def advocates_json(month: Month, day: dt.date | None = None) -> list[dict[str, Any]]:
    """The pool as `python -m core advocates --json` prints it.

    Args:
        month: The month.
        day: As in `advocates_frame`.

    Returns:
        One entry per contact: contact_id, account_id, health, readiness, engagement, parts (points of readiness by
        signal; `override` is the difference made by hand), coverage, state, tier (vip, gold, silver, community; null
        outside the programme), next_ask (activity, why, earliest, asker, value in units of the currency; null unless
        the state is ask), blocked_by, not_checked, overrides (score, value, instead_of, author, reason, set_on,
        expires_on of every score set by hand). What is not known is null.
    """
    parts = month.scores.parts
    points = parts[(parts["score"] == "readiness") & parts["points"].notna()]
    by_contact: dict[str, dict[str, float]] = {}
    for contact, signal, value in zip(points["contact_id"], points["signal"], points["points"], strict=True):
        by_contact.setdefault(str(contact), {})[str(signal)] = float(value)
    by_hand = _overrides(month)
    return [
        _entry(row, by_contact.get(row["contact_id"], {}), by_hand.get(row["contact_id"], []))
        for row in _rows(month, day).to_dict("records")
    ]


def _rows(month: Month, day: dt.date | None) -> pd.DataFrame:
    table = pool(month, day)
    return table.assign(tier=tiers(month, table["contact_id"]).map(TIER_IDS).astype("str"))


def _overrides(month: Month) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in month.scores.overrides.to_dict("records"):
        found.setdefault(str(row["contact_id"]), []).append(
            {
                "score": row["score"],
                "value": row["value"],
                "instead_of": None if np.isnan(row["instead_of"]) else row["instead_of"],
                "author": row["author"],
                "reason": row["reason"],
                "set_on": row["set_on"].date().isoformat(),
                "expires_on": row["expires_on"].date().isoformat(),
            }
        )
    return found


def _entry(row: dict[Any, Any], parts: dict[str, float], by_hand: list[dict[str, Any]]) -> dict[str, Any]:
    def given(name: str) -> Any:
        return None if pd.isna(row[name]) else row[name]

    ask = None
    if row["state"] == "ask":
        value = given("value_cents")
        ask = {
            "activity": row["activity"],
            "why": given("why"),
            "earliest": row["earliest"].date().isoformat() if pd.notna(row["earliest"]) else None,
            "asker": given("asker"),
            "value": None if value is None else value / 100,
        }
    return (
        {name: given(name) for name in BEFORE}
        | {"parts": parts}
        | {name: given(name) for name in AFTER}
        | {"next_ask": ask, "blocked_by": given("blocked_by"), "not_checked": given("not_checked")}
        | {"overrides": by_hand}
    )
