"""From ask to act: how many of those asked accepted, did it and were used, by act, by role and by who asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.advocacy.pool_capacity import Alarm
from core.advocacy.pool_load import Figure, share_of, within
from core.advocacy.pool_trust import SERVED_BY_USE
from core.model.pool import FunnelRules

Cut = Literal["activity", "persona", "asked_by"]
CUTS: tuple[Cut, ...] = ("activity", "persona", "asked_by")
"""By what the asks are told apart: the act, the role of the person asked, who asked."""
COUNTS = ("sent", "bounced", "young", "asked", "accepted", "done", "used")


@dataclass(frozen=True)
class Step:
    """The asks of one kind, or all.

    Attributes:
        name: The act, role or asker; None where it is not stated, and for all.
        sent: Asks sent in the window: bounced + young + asked.
        bounced: Of them, not delivered.
        young: Delivered, their time to be done not over.
        asked: The rest, which the shares rest on.
        accepted: Of those asked, answered with yes or done in their time.
        done: Of those accepted, done in their time.
        used: Of those done, used by now; an act that is used by being done is.
        accept: accepted / asked, with its interval.
        follow: done / accepted.
        act: done / asked.
        alarm: Whether fewer accept than the least share.
    """

    name: str | None
    sent: int
    bounced: int
    young: int
    asked: int
    accepted: int
    done: int
    used: int
    accept: Figure
    follow: Figure
    act: Figure
    alarm: Alarm


@dataclass(frozen=True)
class Funnels:
    """All asks of the window, and the same asks cut in three ways; the rows of each cut sum to all of them."""

    whole: Step
    cuts: dict[Cut, tuple[Step, ...]]


def ask_funnels(asks: pd.DataFrame, as_of: dt.date, rules: FunnelRules) -> Funnels:
    """What became of the asks of the window.

    An ask counts once `within_days` have passed since it was sent, and what happened in these days counts, so that old
    and new asks had the same time.

    Args:
        asks: activity, persona, asked_by, asked_on, delivered (missing counts as delivered), response, responded_on,
            completed_on, used_on of every ask sent.
        as_of: Last day of the window.
        rules: Length of the window, the time of an ask, the least share that accepts.

    Returns:
        In every cut the rows with most asks first.

    Source:
        Alarm: Rally, named in data/model/pool.toml.
    """
    marked = _marked(within(asks, as_of, rules.days), as_of, rules)
    cuts = {cut: _rows(marked, cut, rules) for cut in CUTS}
    return Funnels(_step(None, marked[list(COUNTS)].sum(), rules), cuts)


def _marked(asks: pd.DataFrame, as_of: dt.date, rules: FunnelRules) -> pd.DataFrame:
    """One row per ask with 0 or 1 for every count."""
    today, end = pd.Timestamp(as_of), asks["asked_on"] + pd.Timedelta(days=rules.within_days)
    bounced = ~asks["delivered"].fillna(True).astype(bool)
    young = ~bounced & (end > today)
    asked = ~bounced & ~young
    done = asked & (asks["completed_on"] <= end)
    yes = (asks["response"] == "yes").fillna(False) & ~(asks["responded_on"] > end)
    used = (asks["used_on"] <= today) | asks["activity"].isin(SERVED_BY_USE)
    sent = pd.Series(True, index=asks.index)
    flags = (sent, bounced, young, asked, asked & (yes | done), done, done & used)
    counts = dict(zip(COUNTS, flags, strict=True))
    keys = {cut: asks[cut].astype("str") for cut in CUTS}
    return pd.DataFrame(keys | {name: flag.astype("int64") for name, flag in counts.items()})


def _rows(marked: pd.DataFrame, cut: Cut, rules: FunnelRules) -> tuple[Step, ...]:
    sums = marked.groupby(cut, dropna=False)[list(COUNTS)].sum().reset_index()
    sums = sums.sort_values(["asked", "sent", cut], ascending=[False, False, True], kind="stable", na_position="last")
    return tuple(_step(None if pd.isna(row[cut]) else str(row[cut]), row, rules) for _, row in sums.iterrows())


def _step(name: str | None, sums: pd.Series, rules: FunnelRules) -> Step:
    count = {key: int(sums[key]) for key in COUNTS}
    accept = share_of(count["accepted"], count["asked"])
    return Step(
        name=name,
        **count,
        accept=accept,
        follow=share_of(count["done"], count["accepted"]),
        act=share_of(count["done"], count["asked"]),
        alarm=_alarm(accept, rules.least_accepted),
    )


def _alarm(accept: Figure, least: float) -> Alarm:
    """`yes` where the whole interval lies under the least share, `maybe` where a part of it does."""
    if accept.value is None or accept.interval is None:
        return "no"
    return "yes" if accept.interval.high < least else "maybe" if accept.interval.low < least else "no"
