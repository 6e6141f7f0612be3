"""Working hours of the team that calls: until when somebody who wrote at any hour must hear from it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.model.deal_rules import FastLaneRules


def local_time(instants: pd.Series, rules: FastLaneRules) -> pd.Series:
    """Instants in UTC as the clock of the team shows them."""
    local: pd.Series = instants.dt.tz_localize("UTC").dt.tz_convert(rules.zone).dt.tz_localize(None)
    return local


def due_by(instants: pd.Series, rules: FastLaneRules) -> pd.Series:
    """The moment by which the allowed working hours after each instant have passed, on the clock of the team.

    What arrives outside working hours counts from the next opening. Hours that end with a working day end at its
    close, not at the next opening.

    Args:
        instants: When somebody wrote, UTC, none missing.
        rules: Hours and days; holidays are not known.

    Returns:
        The end of the time allowed, without a zone, as `local_time` writes it.
    """
    arrived = local_time(instants, rules).to_numpy().astype("datetime64[us]")
    day = arrived.astype("datetime64[D]")
    week = [number in rules.working_days for number in range(1, 8)]
    opens, closes, allowed = (_micro(hours) for hours in (rules.opens, rules.closes, rules.within_hours))
    clock = (arrived - day).astype(np.int64)
    at_work = np.is_busday(day, weekmask=week)
    over = at_work & (clock >= closes)
    start_day = np.busday_offset(day + over.astype("timedelta64[D]"), 0, roll="forward", weekmask=week)
    passed = np.where(at_work & ~over, np.maximum(clock - opens, 0), 0)
    days, rest = np.divmod(passed + allowed, closes - opens)
    at_close = (rest == 0) & (days > 0)
    days, rest = days - at_close, np.where(at_close, closes - opens, rest)
    end = np.busday_offset(start_day, days, weekmask=week).astype("datetime64[us]")
    return pd.Series(end + (opens + rest).astype("timedelta64[us]"), index=instants.index)


def _micro(hours: float) -> int:
    return round(hours * 3_600_000_000)
