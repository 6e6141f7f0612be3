"""What the facts tell of one contact: answers, touches and the tickets of its account, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from core.month.facts import FactMonth


def contact_events(facts: FactMonth, contact_id: str, account_id: str) -> pd.DataFrame:
    """Events of one contact up to the month's last day.

    Args:
        facts: The fact part of the month.
        contact_id: The contact.
        account_id: Its account, whose tickets count as its own.

    Returns:
        One row per event, newest first: source (survey, interaction, ticket), event_id, day, kind (the survey, the kind
        of touch, ticket or escalated), detail (channel of a touch), direction (give, ask, neutral), number (score or
        severity), closed_on (of a ticket; empty while it is open).
    """
    rows = facts.rollup("contact_events", contact=contact_id, account=account_id)
    return rows.sort_values(["day", "source", "event_id"], ascending=[False, True, True], ignore_index=True)
