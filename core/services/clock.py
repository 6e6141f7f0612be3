"""The time of an act, for records and the audit log; no calculation reads it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """This instant, UTC."""
    return dt.datetime.now(dt.UTC)
