"""The rest after a No or a deferral, in words: what stands longest may not be hidden by what else stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.advocacy.by_segment import per_contact
from core.advocacy.wording import day_text
from core.glossary import display_day
from core.month import Month

HIDING = ("blocked", "not_checked", "cultivate")
"""States whose reasons do not name a rest."""


def hidden_rests(month: Month, people: pd.DataFrame) -> pd.DataFrame:
    """The rest after a No or until a deferral ends, of people whose state has other reasons.

    until = day of the last No + days of rest after a No; or the day it is deferred until, where that is later

    Args:
        month: The month.
        people: One row per contact, in the order of the month's contacts, with state, as `next_asks` gives it.

    Returns:
        One row per person, in the order and with the index of `people`: rest, such as "said no on 1 Nov; resting until
        30 Apr 2027", and rest_until, the first day it is over; both missing where no such rest holds.

    Source:
        The rests after_no and deferred of `core.advocacy.rests.rests`, for the few whom their state hides.
    """
    inputs = month.advocacy_input
    refused = inputs.contacts["last_no_on"].to_numpy(dtype="datetime64[us]")
    deferred = inputs.contacts["deferred_until"].to_numpy(dtype="datetime64[us]")
    days = per_contact(inputs, month.advocacy_rules, lambda own: own.limits.after_no.days)
    after_no = refused + days.astype(np.int64).astype("timedelta64[D]")
    until = np.fmax(after_no, deferred)
    holds = people["state"].isin(HIDING).to_numpy(dtype=bool) & (until > inputs.today.to_datetime64())
    words = np.full(len(people), None, dtype=object)
    for place in np.flatnonzero(holds):
        end = pd.Timestamp(until[place])
        if until[place] == after_no[place]:
            said = day_text(pd.Timestamp(refused[place]), inputs.today)
            words[place] = f"said no on {said}; resting until {display_day(end.date())}"
        else:
            words[place] = f"deferred until {day_text(end, inputs.today)}"
    rest_until = np.where(holds, until, np.datetime64("NaT", "us"))
    return pd.DataFrame({"rest": pd.array(words, dtype="str"), "rest_until": rest_until}, index=people.index)
