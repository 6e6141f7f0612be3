"""The health of the pool as one month sees it: load, hours, gaps and trust."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.next_give import next_gives
from core.advocacy.pool_capacity import Capacity, capacity
from core.advocacy.pool_funnel import Funnels, ask_funnels
from core.advocacy.pool_gaps import (
    Champions,
    Coverage,
    Promoters,
    Referrers,
    champions_left,
    coverage,
    never_asked,
    referrer_watch,
)
from core.advocacy.pool_load import Concentration, concentration
from core.advocacy.pool_trust import Balance, Debt, Watch, balance, promise_debt, watch_after
from core.model.gives import load_gives
from core.model.kpi_rules import kpi_rules
from core.model.pool import pool_rules
from core.month.contacts import counted_asks, month_asks
from core.month.propensity import history
from core.month.reachable import unreachable
from core.stats.ids import beside

if TYPE_CHECKING:
    from core.month.month import Month

AVAILABLE = ("ask", "rest")
"""States of the next ask of people no hard stop holds for."""


@dataclass(frozen=True)
class PoolFigures:
    """The pool as a whole; each part as its calculation returns it."""

    concentration: Concentration
    capacity: Capacity
    coverage: Coverage
    promoters: Promoters
    debt: Debt
    balance: Balance
    watch: Watch
    referrers: Referrers
    champions: Champions
    funnels: Funnels


def pool_figures(month: Month) -> PoolFigures:
    """Everything the screen of the pool says, computed from the contacts, asks and deals of the month."""
    people, asks, rules = pool_people(month), _sent(month), pool_rules()
    there = people[people["state"].isin(AVAILABLE)]
    health, voices = kpi_rules().health, kpi_rules().voices
    return PoolFigures(
        concentration=_told(month, concentration(asks, there["contact_id"], month.as_of, rules.load)),
        capacity=capacity(_bearing(month, there, asks), asks, _waiting(month), month.as_of, rules,
                          month.advocacy_rules),
        coverage=coverage(month.open_deals, month.reference_pool["size"], rules.coverage),
        promoters=never_asked(people, month.as_of, rules.promoters, promoter_from=voices.promoter_at_least,
                              healthy_from=health.healthy_from,
                              age=month.advocacy_rules.signals["nps"].max_age_days or 0),
        debt=promise_debt(asks, month.as_of, rules.debt, unreachable(month)["why"],
                          thanks_days=kpi_rules().coverage.thanks_days, use_days=kpi_rules().load.use_days),
        balance=balance(asks, _gives(month, rules.balance.days), month.as_of, rules.balance),
        watch=watch_after(history(month), _tickets(month), rules.watch),
        referrers=referrer_watch(_referred(month, people), health.at_risk_below),
        champions=champions_left(people, _acts_before_leaving(asks, people), _enrolled(month), month.as_of,
                                 rules.champions),
        funnels=ask_funnels(_with_role(month, asks), month.as_of, rules.funnel),
    )  # fmt: skip


def pool_people(month: Month) -> pd.DataFrame:
    """One row per contact, in the order of the month's contacts.

    Returns:
        contact_id, account_id, account_name, segment, left_on, account_active, nps_score, nps_on, last_ask_on, health,
        state, towards and earliest of the next ask.
    """
    contacts = month.advocacy_input.contacts[
        ["contact_id", "account_id", "account_name", "segment", "left_on", "account_active", "nps_score", "nps_on",
         "last_ask_on"]
    ]  # fmt: skip
    scores = beside(contacts["contact_id"], month.scores.contacts[["contact_id", "health"]], "contact_id")
    asks = beside(contacts["contact_id"], month.next_asks[["contact_id", "state", "towards", "earliest"]], "contact_id")
    return pd.concat([contacts.reset_index(drop=True), scores, asks], axis=1)


def _sent(month: Month) -> pd.DataFrame:
    asks = counted_asks(month)
    return asks[(asks["state"] == "sent") & asks["asked_on"].notna()]


def _told(month: Month, load: Concentration) -> Concentration:
    """The load with the day on which each person was really asked last."""
    asks = month_asks(month)
    last = asks[asks["state"] == "sent"].groupby("contact_id")["asked_on"].max()
    days = last.reindex(pd.Index(load.rows["contact_id"])).to_numpy(dtype="datetime64[us]")
    return replace(load, rows=load.rows.assign(last_ask_on=days))


def _bearing(month: Month, there: pd.DataFrame, asks: pd.DataFrame) -> pd.DataFrame:
    """contact_id, towards, earliest, kept_asks: what each could bear in the next quarter."""
    year, quarter = month.advocacy_rules.limits.year.days, pool_rules().capacity.quarter_days
    since = pd.Timestamp(month.as_of) - pd.Timedelta(days=year - quarter)
    kept = asks.loc[asks["asked_on"] > since, "contact_id"].value_counts()
    own = there[["contact_id", "towards", "earliest"]]
    return own.assign(kept_asks=own["contact_id"].map(kept).fillna(0).astype("int64"))


def _waiting(month: Month) -> int:
    return int(month.reference_needs["to_match"].sum())


def _gives(month: Month, days: int) -> pd.DataFrame:
    """contact_id, gives in the window, last_give_on: what interactions show and what was noted here."""
    since = month.as_of - dt.timedelta(days=days)
    rows = month.facts.rollup("contact_gives", gives_after=since)
    shown = rows[["contact_id", "gives"]].assign(last_on=pd.to_datetime(rows["last_on"]))
    noted = _noted_gives(month)
    noted = noted[~_shown_too(noted, rows)]
    inside = (noted["last_on"] > pd.Timestamp(since)).astype("int64")
    rows = pd.concat([shown, noted[["contact_id", "last_on"]].assign(gives=inside)], ignore_index=True)
    by = rows.groupby("contact_id").agg(gives=("gives", "sum"), last_give_on=("last_on", "max"))
    return by.reset_index()


def _noted_gives(month: Month) -> pd.DataFrame:
    """contact_id, kind, last_on of the gives noted here, kept as rewards whose kind is a give.

    In the newest month those since the data end are among them, on their own day.
    """
    rewards = month.records["rewards"]
    noted = rewards[rewards["kind"].isin(list(load_gives().gives)) & (rewards["status"] == "sent")]
    if not month.facts.newest:
        noted = noted[noted["granted_on"] <= pd.Timestamp(month.as_of)]
    return noted[["contact_id", "kind", "granted_on"]].rename(columns={"granted_on": "last_on"})


def _shown_too(noted: pd.DataFrame, shown: pd.DataFrame) -> NDArray[np.bool_]:
    """Which noted gives an interaction of the same day and of a kind that shows them brings as well."""
    kinds = [(give, kind) for give, item in load_gives().gives.items() for kind in item.kinds]
    wide = noted.reset_index(drop=True).reset_index(names="row")
    wide = wide.merge(pd.DataFrame(kinds, columns=["kind", "shows"]), on="kind")
    days = shown[["contact_id", "kind"]].assign(last_on=pd.to_datetime(shown["last_on"]))
    both = wide.merge(days.rename(columns={"kind": "shows"}), on=["contact_id", "shows", "last_on"])
    return np.isin(np.arange(len(noted)), both["row"])


def _with_role(month: Month, asks: pd.DataFrame) -> pd.DataFrame:
    """The asks with the role of the person asked."""
    contacts = month.advocacy_input.contacts[["contact_id", "persona"]]
    return asks.assign(persona=beside(asks["contact_id"], contacts, "contact_id")["persona"].array)


def _tickets(month: Month) -> pd.DataFrame:
    return month.facts.kpi_input.table("ticket_answers")[["account_id", "severity", "opened_on"]]


def _acts_before_leaving(asks: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Completed acts of the year before each person left, by contact."""
    left = beside(asks["contact_id"], people[["contact_id", "left_on"]], "contact_id")["left_on"].set_axis(asks.index)
    own = asks[(asks["completed_on"] <= left) & (asks["completed_on"] > left - pd.Timedelta(days=365))]
    return own["contact_id"].value_counts()


def _enrolled(month: Month) -> pd.Series:
    """Who is in the programme, or left it with the company."""
    rows = month.records["enrolments"]
    today = pd.Timestamp(month.as_of)
    still = rows["left_on"].isna() | (rows["left_on"] > today - pd.Timedelta(days=pool_rules().champions.days))
    return rows.loc[(rows["enrolled_on"] <= today) & still, "contact_id"]


def _referred(month: Month, people: pd.DataFrame) -> pd.DataFrame:
    """Every referred account with its referrer, as `referrer_watch` wants them."""
    facts = month.facts
    rows = facts.rollup("account_referrers").rename(columns={"referrer_contact_id": "contact_id"})
    rows = rows[rows["contact_id"].isin(people["contact_id"])].reset_index(drop=True)
    accounts = facts.accounts[["account_id", "unit_id", "name", "segment"]].rename(columns={"name": "account_name"})
    health = people.drop_duplicates("account_id")[["account_id", "health"]]
    own = beside(rows["account_id"], accounts, "account_id")
    revenue = facts.kpi_input.revenue
    mrr = pd.Series(revenue.mrr_at(month.month), index=pd.Index(revenue.wide.index, dtype="str"))
    paid = own["unit_id"].map(mrr).astype("float64").fillna(0.0)
    host = beside(rows["contact_id"], people.drop(columns="segment"), "contact_id")
    return pd.concat([rows, own], axis=1).assign(
        mrr_cents=paid,
        active=(paid > 0).to_numpy(),
        health=beside(rows["account_id"], health, "account_id")["health"].to_numpy(),
        referrer_account=host["account_name"].to_numpy(),
        referrer_left=host["left_on"].notna().to_numpy(),
        referrer_active=host["account_active"].fillna(False).to_numpy(dtype=bool),
        referrer_health=host["health"].to_numpy(dtype=np.float64),
    )


def month_gives(month: Month) -> pd.DataFrame:
    """The next give of every contact, as `core.advocacy.next_give.next_gives` returns it.

    Given is what an interaction shows and what was recorded: rewards whose kind is a give.
    """
    facts, after = month.facts, month.as_of - dt.timedelta(days=365)
    given = facts.kpi_input.kept("gives of a year", lambda: facts.rollup("contact_gives", gives_after=after))
    shown = given[["contact_id", "kind"]].assign(last_on=pd.to_datetime(given["last_on"]))
    return next_gives(month.advocacy_input, pd.concat([shown, _noted_gives(month)], ignore_index=True), load_gives())
