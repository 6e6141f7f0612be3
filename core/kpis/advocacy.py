"""Advocacy: do people do what they are asked."""

from __future__ import annotations

import pandas as pd

from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import proportion
from core.kpis.registry import kpi
from core.stats.ids import ranked

DAYS_TO_ACT = 30
ASK_COLUMNS = [
    "ask_id",
    "contact_id",
    "account_name",
    "segment",
    "activity",
    "state",
    "asked_on",
    "delivered",
    "completed_on",
]


@windowed(by="asked_on", months=1, lag=1)
def invited_month(data: KpiInput) -> pd.DataFrame:
    """One row per contact and month with a delivered invitation, by the first one of that month.

    A month sees those invited in the month before, because only they have had their 30 days by month end;
    those invited so late that they have not are left out. Several asks of one contact are one row; whatever was
    asked from the first on and done within its 30 days counts.

    Returns:
        contact_id, account_name, segment, activity (asked first), asked_on, done_on (missing when not done in
        time), asked_contacts (1) and acted_contacts (0 or 1).
    """
    asks = data.table("asks")[ASK_COLUMNS]
    delivered = asks[(asks["state"] == "sent") & asks["delivered"].fillna(True).astype(bool)]
    cohort = delivered["asked_on"].to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    delivered = delivered.assign(person=ranked(delivered["contact_id"])[0])
    first = delivered.assign(cohort=cohort).sort_values(["person", "asked_on", "ask_id"])
    first = first.drop_duplicates(["person", "cohort"])
    next_month_end = first["cohort"] + pd.offsets.MonthEnd(2)
    days = pd.Timedelta(days=DAYS_TO_ACT)
    first = pd.DataFrame(first[first["asked_on"] + days <= next_month_end]).reset_index(drop=True)
    done = delivered[["person", "asked_on", "completed_on"]].rename(columns={"asked_on": "own_on"})
    done = first[["person", "asked_on"]].reset_index(names="row").merge(done, on="person")
    in_time = done[
        (done["own_on"] >= done["asked_on"])
        & (done["completed_on"] >= done["own_on"])
        & (done["completed_on"] <= done["asked_on"] + days)
    ]
    done_on = in_time.groupby("row")["completed_on"].min().reindex(first.index)
    return first[["contact_id", "account_name", "segment", "activity", "asked_on"]].assign(
        done_on=done_on,
        asked_contacts=1,
        acted_contacts=done_on.notna().astype("int64"),
    )


@kpi(
    label="Invite to action",
    unit="ratio",
    better="higher",
    frame="invited_month",
    needs=("asks",),
    interval=proportion("acted_contacts", "asked_contacts", "people invited"),
    version=1,
)
def invite_to_action_rate(*, acted_contacts: float, asked_contacts: float) -> float | None:
    """Share of people invited in the month before who did something they were asked for within 30 days.

    rate = people who acted / people with a delivered invitation

    Args:
        acted_contacts: People who completed, within 30 days of the first ask, that ask or a later one.
        asked_contacts: People with a delivered invitation whose 30 days have passed.

    Returns:
        A ratio between 0 and 1. None when nobody was invited.

    Source:
        By person, not by message: over-asking lowers a message rate and hides in volume.
    """
    if asked_contacts == 0:
        return None
    return acted_contacts / asked_contacts
