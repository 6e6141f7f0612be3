"""Asks with the readiness of the person on the day, and whether that was in the top tenth."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.advocacy.features import completed
from core.advocacy.top_tenth import top_tenth
from core.model.pool import pool_rules
from core.month.propensity import history

if TYPE_CHECKING:
    from core.month.month import Month

MONTHS = 27
"""Thirteen months are looked back over, each over a year of asks that were made at most two months before it."""


def scored_asks(month: Month) -> pd.DataFrame:
    """One row per ask of the last 27 months whose time is over; kept with the facts while none of its days changes.

    Returns:
        account_id; decided_on: the day its time was over; scored_asks, scored_acts (completed in time), top_asks,
        top_acts (of people in the top tenth): 0 or 1.
    """
    rules, now = pool_rules().propensity, history(month)
    old = pd.Timestamp(month.as_of) - pd.Timedelta(days=rules.completed_within_days)
    digest = sha256(repr((month.advocacy_rules, sorted(month.loaded))).encode())
    for frame in (now.asks[now.asks["asked_on"] <= old], now.outcomes):
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())

    def make() -> pd.DataFrame:
        since = np.datetime64(month.as_of, "M") - MONTHS
        left = month.facts.contacts["left_on"].reset_index(drop=True)
        found = top_tenth(now, left, since.astype("datetime64[D]"), month.advocacy_rules, month.loaded)
        done, over = completed(now, rules)
        rows = now.asked[["asked_on", "of"]].assign(
            account_id=now.contacts["account_id"].take(now.asked["of"].to_numpy(dtype=np.intp)).array,
            decided_on=now.asked["asked_on"] + pd.Timedelta(days=rules.completed_within_days),
            scored_asks=found.scored.astype(np.int64),
            scored_acts=(found.scored & done).astype(np.int64),
            top_asks=found.top.astype(np.int64),
            top_acts=(found.top & done).astype(np.int64),
        )
        return rows[found.scored & over].drop(columns=["asked_on", "of"]).reset_index(drop=True)

    return month.facts.kpi_input.kept(f"scored asks {digest.hexdigest()}", make)
