"""Contacts as they stand on the last day something is known of: what hard stops are judged on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.stats.ids import places


def as_known(inputs: AdvocacyInput) -> AdvocacyInput:
    """The same contacts on `known_on`, with what came in since `as_of`; the same object when nothing is known later.

    Scores and rests stay as of the month; a ticket opened, an answer as a detractor, a leaving, an end of the
    subscription, a consent that expired and a renewal that drew near since then stop an ask all the same.
    """
    if inputs.known_on is None or inputs.known_on <= inputs.as_of:
        return inputs
    news = inputs.since.reindex(places(inputs.ids, inputs.since["contact_id"])).reset_index(drop=True)
    contacts = inputs.contacts
    later: dict[str, Any] = {
        name: np.fmax(inputs.number(name), news[name].to_numpy(dtype=np.float64))
        for name in ("open_severe_tickets", "open_escalations")
    }
    later["last_detractor_on"] = pd.Series(np.fmax(contacts["last_detractor_on"], news["last_detractor_on"]))
    later["left_on"] = contacts["left_on"].fillna(news["left_on"])
    later["account_active"] = contacts["account_active"] & ~news["account_ended"].eq(True).to_numpy(dtype=bool)
    return inputs.on(inputs.known_on, contacts.assign(**later))
