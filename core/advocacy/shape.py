"""The one shape in which the advocacy calculations hold their frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ColumnKind = Literal["text", "day", "number", "flag", "maybe"]
Instants = NDArray[np.datetime64]
A_DAY = 86_400_000_000
"""Microseconds."""
CONTACT_COLUMNS: dict[str, ColumnKind] = {
    "contact_id": "text",
    "account_id": "text",
    "account_name": "text",
    "segment": "text",
    "persona": "text",
    "joined_on": "day",
    "left_on": "day",
    "nps_score": "number",
    "nps_on": "day",
    "last_detractor_on": "day",
    "csat_score": "number",
    "csat_on": "day",
    "outcomes_verified": "number",
    "last_outcome_on": "day",
    "first_value_on": "day",
    "users_4w": "number",
    "seats": "number",
    "events_4w": "number",
    "events_prior_12w": "number",
    "last_interaction_on": "day",
    "gives_90d": "number",
    "icp_fit": "number",
    "sponsor_known": "maybe",
    "asks_90d": "number",
    "asks_365d": "number",
    "last_ask_on": "day",
    "last_ask_activity": "text",
    "last_no_on": "day",
    "answered_365d": "number",
    "asks_told_365d": "number",
    "asks_tried_365d": "number",
    "completed_365d": "number",
    "last_completed_on": "day",
    "never": "flag",
    "deferred_until": "day",
    "open_severe_tickets": "number",
    "open_escalations": "number",
    "last_escalation_closed_on": "day",
    "next_renewal_on": "day",
    "account_active": "flag",
    "mrr_cents": "number",
}
CONSENT_COLUMNS: dict[str, ColumnKind] = {"contact_id": "text", "use": "text", "status": "text", "expires_on": "day"}
INTEREST_COLUMNS: dict[str, ColumnKind] = {
    "contact_id": "text",
    "activity": "text",
    "stance": "text",
    "values": "text",
}
ASK_COLUMNS: dict[str, ColumnKind] = {
    "contact_id": "text",
    "activity": "text",
    "asked_on": "day",
    "response": "text",
    "completed_on": "day",
    "state": "text",
    "deferred_until": "day",
}
OVERRIDE_COLUMNS: dict[str, ColumnKind] = {
    "contact_id": "text",
    "score": "text",
    "value": "number",
    "author": "text",
    "reason": "text",
    "set_on": "day",
    "expires_on": "day",
}
SINCE_COLUMNS: dict[str, ColumnKind] = {
    "contact_id": "text",
    "open_severe_tickets": "number",
    "open_escalations": "number",
    "last_detractor_on": "day",
    "left_on": "day",
    "account_ended": "flag",
}
_SHAPE: dict[ColumnKind, str] = {
    "text": "str",
    "day": "datetime64[us]",
    "number": "float64",
    "flag": "bool",
    "maybe": "float64",
}


def shaped(name: str, frame: pd.DataFrame, columns: Mapping[str, ColumnKind]) -> pd.DataFrame:
    """A frame in one shape: text as `str`, days as `datetime64[us]` at midnight, numbers as `float64`, flags as `bool`.

    Args:
        name: What the frame is called in the words of an error.
        frame: The frame; columns beyond those named are dropped.
        columns: Kind of each column, in the order wanted; of kind maybe are flags that may be missing, held as 1, 0
            or NaN.

    Returns:
        The very object where it has this shape already, so that what was worked out on it can be kept.

    Raises:
        ValueError: A column is missing.
    """
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise ValueError(f"{name}: columns {', '.join(absent)} are missing")
    cast = {column: _cast(frame[column], kind) for column, kind in columns.items()}
    plain = isinstance(frame.index, pd.RangeIndex) and frame.index.equals(pd.RangeIndex(len(frame)))
    if plain and list(frame.columns) == list(columns) and all(made for _, made in cast.values()):
        return frame
    return pd.DataFrame({column: values for column, (values, _) in cast.items()}, copy=False).reset_index(drop=True)


def _cast(values: pd.Series, kind: ColumnKind) -> tuple[pd.Series, bool]:
    """The column in its shape, and whether it had that: pandas takes long to find out that there is nothing to do."""
    fits = str(values.dtype) == _SHAPE[kind]
    if kind == "day":
        days = values if fits else pd.to_datetime(values).astype("datetime64[us]")
        hours = _with_hours(days.to_numpy())
        return (days.dt.normalize() if hours else days), fits and not hours  # held twice only where it must be
    return (values, True) if fits else (_of_kind(values, kind), False)


def _with_hours(instants: NDArray[np.datetime64]) -> bool:
    passed = instants.astype("datetime64[us]", copy=False).view(np.int64)
    odd = np.count_nonzero(passed != passed // A_DAY * A_DAY)  # a missing instant is one as well
    return bool(odd != np.count_nonzero(np.isnat(instants)))


def _of_kind(values: pd.Series, kind: ColumnKind) -> pd.Series:
    if kind == "text":
        return values.astype("str")
    if kind == "flag":
        return values.astype("boolean").fillna(False).astype(bool)
    if kind == "maybe":
        return values.astype("boolean").astype("Float64").astype("float64")
    if isinstance(values.array, pd.arrays.IntegerArray | pd.arrays.FloatingArray):
        return pd.Series(values.to_numpy(dtype=np.float64, na_value=np.nan), index=values.index)
    return pd.to_numeric(values).astype("float64")


def ages(today: pd.Timestamp, days: pd.Series | Instants) -> NDArray[np.float64]:
    """Whole days from each day to `today`, 0 for a later one; NaN where empty."""
    instants: Instants = np.asarray(days, dtype="datetime64[us]")
    ahead = (instants.view(np.int64) - np.datetime64(today, "us").astype(np.int64)) // A_DAY
    passed: NDArray[np.float64] = np.maximum(-ahead, 0).astype(np.float64)
    passed[np.flatnonzero(np.isnat(instants))] = np.nan
    return passed


def dated(days: pd.Series | Instants) -> NDArray[np.intp]:
    """Rows that have a day."""
    return np.flatnonzero(~np.isnat(np.asarray(days, dtype="datetime64[us]")))


def days_after(days: Instants, spans: NDArray[np.float64]) -> Instants:
    """Each day so many whole days later; none of them empty.

    Counted in whole numbers: numpy takes seven times as long where an instant may be missing.
    """
    return (days.view(np.int64) + spans.astype(np.int64) * A_DAY).view("datetime64[us]")


def latest(*days: Instants) -> Instants:
    """The latest of several days in each row; a missing one is the least of all."""
    found: Instants = np.maximum.reduce([column.view(np.int64) for column in days]).view("datetime64[us]")
    return found


def latest_of(groups: NDArray[np.intp], days: Instants, n: int) -> Instants:
    """The latest day of each of `n` groups, by the group of each day; NaT, the least of all, where there is none."""
    found = np.full(n, np.datetime64("NaT", "us"))
    np.maximum.at(found.view(np.int64), groups, days.view(np.int64))
    return found
