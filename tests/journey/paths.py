"""Small companies on the path, written as the customers and events they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import pandas as pd

from core.journey.inputs import PathInput
from core.model.journey import STAGES, journey_rules
from tests.companies import day

EVERY_TABLE = frozenset({table for stage in journey_rules().stages for table in stage.needs} | {"interactions"})
TODAY = day("2026-06-30")


def customer(name, start="2025-01-01", mrr=100, *, stay=None, left=None, **other):
    """A customer; `stay` is the start of its present stay where it left in between, `left` the day it left."""
    active = left is None or stay is not None
    return {
        "account_id": name,
        "account_name": name.title(),
        "segment": "SMB",
        "owner": None,
        "mrr_cents": mrr * 100 if active else 0,
        "started_on": pd.Timestamp(start),
        "stay_from": pd.Timestamp(stay or start) if active else pd.NaT,
        "left_on": pd.Timestamp(left) if left else pd.NaT,
        "followed": True,
    } | other


def reached(name, **days):
    """Events of one account: `reached("a", first_login="2025-01-05")`."""
    return [(name, stage, pd.Timestamp(text)) for stage, text in days.items()]


def company(
    customers: Iterable[dict],
    events: Iterable[tuple] = (),
    *,
    promoters: Mapping[str, str] | Iterable[str] = (),
    touches: Iterable[tuple] = (),
    as_of: dt.date = TODAY,
    loaded: frozenset[str] = EVERY_TABLE,
    since: str | None = None,
    unrecorded: Iterable[str] = (),
) -> PathInput:
    """A company; every stage is on record since `since`, or since its first event where it is None.

    Promoters are told by account and first day of the spell; names alone are promoters since their first answer.
    """
    rows = pd.DataFrame(list(customers), columns=list(customer("x")))
    rows = rows.astype(
        {**dict.fromkeys(("started_on", "stay_from", "left_on"), "datetime64[us]"), "mrr_cents": "int64"}
    )
    found = pd.DataFrame(list(events), columns=["account_id", "stage", "day"]).astype({"day": "datetime64[us]"})
    signs = pd.DataFrame(list(touches), columns=["account_id", "last_give_on", "last_answer_on"])
    signs = signs.astype(dict.fromkeys(("last_give_on", "last_answer_on"), "datetime64[us]"))
    names = (*STAGES[1:], "touch")
    recorded = (
        found.groupby("stage")["day"].min().to_dict() if since is None else dict.fromkeys(names, pd.Timestamp(since))
    )
    firsts = found[found["stage"] == "promoter"].groupby("account_id")["day"].min().to_dict()
    spells = promoters if isinstance(promoters, Mapping) else {name: firsts[name] for name in promoters}
    spells = {name: pd.Timestamp(first) for name, first in spells.items()}
    return PathInput(
        as_of=as_of,
        loaded=loaded,
        customers=rows.astype(dict.fromkeys(("account_id", "account_name", "segment", "owner"), "str")),
        events=found.astype({"account_id": "str", "stage": "str"}),
        promoters=spells,
        touches=signs.astype({"account_id": "str"}),
        recorded={name: first for name, first in recorded.items() if name not in set(unrecorded)},
    )
