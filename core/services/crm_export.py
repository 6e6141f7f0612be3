"""The state of every advocate for another system: id, tier, status, last ask, blocked until."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from core.errors import CouncilError
from core.model.crm_fields import crm_systems
from core.month import Month
from core.services.advocates import STATE_WORDS, pool
from core.services.pool_view import NO_TIER, tiers


def crm_frame(month: Month, system: str, day: dt.date | None = None) -> pd.DataFrame:
    """One row per contact, under the names the other system uses.

    No name, no e-mail and no score leaves with it: the other system matches by the contact's own id. Somebody whom
    nothing stands against has no day in the last column; neither has who is stopped until somebody decides: the status
    tells the two apart.

    Args:
        month: The newest month; what was recorded in the product since counts.
        system: salesforce or hubspot.
        day: Today, on which rests are judged; None is the month's last day, as in every earlier month.

    Raises:
        CouncilError: The system is not known.
    """
    fields = crm_systems().named.get(system)
    if fields is None:
        known = " or ".join(crm_systems().named)
        raise CouncilError(f'--for: expected {known}, found "{system}"')
    people = pool(month, day)
    held = tiers(month, people["contact_id"])
    until = people["earliest"].where(people["state"] != "ask")
    return pd.DataFrame(
        {
            fields.contact: people["contact_id"],
            fields.tier: held.where(held != NO_TIER, ""),
            fields.status: people["state"].map(STATE_WORDS).str.capitalize(),
            fields.last_ask: _days(month.advocacy_input.contacts["last_ask_on"]),
            fields.blocked_until: _days(until),
        }
    )


def _days(days: pd.Series) -> pd.Series:
    """Days as YYYY-MM-DD, empty where there is none."""
    found: pd.Series = days.dt.strftime("%Y-%m-%d").astype("str").fillna("")
    return found
