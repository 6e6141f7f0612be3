"""What the path is told of a month: customers, the days of their landmarks, their last give and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.journey.inputs import PathInput
from core.kpis.acts import acts_of
from core.kpis.newcomers import newcomers
from core.model.journey import StageId
from core.model.kpi_rules import kpi_rules
from core.month.contacts import NO_DAY, visible_asks, visible_outcomes
from core.stats.ids import places

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.month import Month

MILESTONES: dict[str, StageId] = {
    "first_login_on": "first_login",
    "activated_on": "activated",
    "first_value_on": "first_value",
}
"""Stage that begins on the day of each of these milestones of an account."""
EVENT = ["account_id", "stage", "day"]
DAY = pd.Timedelta(days=1)


def path_input(month: Month) -> PathInput:
    """Everything the path of a month is computed from.

    In the newest month what people recorded since the data end is seen on its own day, as on Advocates; in an earlier
    month it is invisible.
    """
    answers = _answers(month)
    events = pd.concat(
        [_milestones(month.facts), _outcomes(month), _promoters(answers), _acts(month), _referrals(month)]
    )
    touches, first_give = _touches(month)
    recorded = {str(stage): day for stage, day in events.groupby("stage")["day"].min().items()}
    if not pd.isna(first_give):
        recorded["touch"] = first_give
    return PathInput(
        as_of=month.as_of,
        loaded=month.loaded,
        customers=_customers(month),
        events=events.reset_index(drop=True),
        promoters=_standing_promoters(month, answers),
        touches=touches,
        recorded=recorded,
    )


def _customers(month: Month) -> pd.DataFrame:
    """One row per counted account with revenue in any month so far."""
    facts, data = month.facts, month.facts.kpi_input
    revenue, accounts = data.revenue, facts.accounts
    ids = pd.Index(revenue.wide.index, dtype="str")
    own = accounts.set_index("account_id").reindex(ids)
    starts = accounts["start_date"].groupby(accounts["unit_id"]).min().reindex(ids)
    stays = newcomers(data)
    stays = stays.assign(account_id=stays["account_id"].astype("str")).set_index("account_id")
    stays = stays[["started_on", "left_on"]].reindex(ids)
    started = stays["started_on"].fillna(starts)
    return pd.DataFrame(
        {
            "account_id": ids,
            "account_name": own["name"].fillna(own.index.to_series()).to_numpy(),
            "segment": own["segment"].to_numpy(),
            "owner": own["owner_id"].to_numpy(),
            "mrr_cents": revenue.mrr_at(month.month),
            "started_on": started.to_numpy(),
            "stay_from": _stay_from(month, started),
            "left_on": stays["left_on"].where(stays["left_on"] <= pd.Timestamp(month.as_of)).to_numpy(),
            "followed": stays["started_on"].notna().to_numpy(),
        }
    ).astype(dict.fromkeys(("started_on", "stay_from", "left_on"), "datetime64[us]"))


def _stay_from(month: Month, started: pd.Series) -> np.ndarray:
    """First day of the present stay: of the contract, or the day a customer came back; NaT without revenue now.

    A gap that no month end sees ends no stay: contracts are often renewed some days late.
    """
    revenue = month.facts.kpi_input.revenue
    place = revenue.place(month.month)
    never = np.full(len(started), NO_DAY)
    if not 0 <= place < revenue.matrix.shape[1]:
        return never
    unpaid = revenue.matrix[:, place::-1] <= 0
    run = np.where(unpaid.any(axis=1), unpaid.argmax(axis=1), place + 1)
    begin = np.datetime64(revenue.first_month, "M") + np.clip(place + 1 - run, 0, place)
    first = place + 1 - run <= revenue.first_paid
    stay = np.where(first, started.to_numpy().astype("datetime64[us]"), _paid_from(month, started.index, begin))
    return np.asarray(np.where(run > 0, stay, never))


def _paid_from(month: Month, accounts: pd.Index, months: np.ndarray) -> np.ndarray:
    """Day on which each account began to pay in its month: the last one by its end before which nothing was paid.

    Args:
        month: The month.
        accounts: Counted accounts.
        months: One of each, as datetime64[M].
    """
    changes = month.facts.kpi_input.table("paid_changes")
    days = _events(month.facts, changes["account_id"], "contract", changes["day"])
    days = days.assign(change=changes["change"].loc[days.index])
    rows = days.groupby(["account_id", "day"], as_index=False)["change"].sum()
    paid = rows.groupby("account_id")["change"].cumsum()
    rows = rows[(paid > 0) & (paid - rows["change"] <= 0)]
    at = places(rows["account_id"], accounts)
    day = rows["day"].to_numpy().astype("datetime64[us]")
    seen = (at >= 0) & (day.astype("datetime64[M]") <= months[at])
    found = months.astype("datetime64[us]")
    np.maximum.at(found, at[seen], day[seen])
    return found


def _events(facts: FactMonth, accounts: pd.Series, stage: str, days: pd.Series) -> pd.DataFrame:
    """Rows of `EVENT` on the counted account of each account; rows without either are left out."""
    units = facts.accounts
    at = places(accounts, units["account_id"])
    rows = pd.DataFrame(
        {
            "account_id": units["unit_id"].array.take(at, allow_fill=True),
            "stage": stage,
            "day": days.to_numpy().astype("datetime64[us]"),
        }
    )
    return rows.dropna().astype({"stage": "str"})


def _milestones(facts: FactMonth) -> pd.DataFrame:
    reached = facts.kpi_input.table("milestones")
    return pd.concat([_events(facts, reached["account_id"], stage, reached[day]) for day, stage in MILESTONES.items()])


def _outcomes(month: Month) -> pd.DataFrame:
    """An outcome verified before it was agreed counts when agreed."""
    today = pd.Timestamp(month.as_of)
    rows = visible_outcomes(month.records["outcomes"], today, newest=month.facts.newest)
    days = rows[["verified_on", "agreed_on"]].max(axis=1)
    return _events(month.facts, rows["account_id"], "verified_outcome", days)


def _answers(month: Month) -> pd.DataFrame:
    """contact_id, account_id, left_on, answered_on, score: last answer of every person and month, oldest first."""
    rows = month.facts.kpi_input.table("nps_answers").sort_values(["answered_on", "contact_id"], kind="stable")
    people = month.facts.contacts[["contact_id", "account_id", "left_on"]]
    rows = rows.merge(people, on="contact_id", how="inner")
    units = _events(month.facts, rows["account_id"], "promoter", rows["answered_on"])
    return rows.loc[units.index].assign(account_id=units["account_id"])


def _promoters(answers: pd.DataFrame) -> pd.DataFrame:
    glad = answers[answers["score"] >= kpi_rules().voices.promoter_at_least]
    return glad.assign(stage="promoter").rename(columns={"answered_on": "day"})[EVENT].astype({"stage": "str"})


def _standing_promoters(month: Month, answers: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """First day of the present spell of every account that is a promoter now.

    A person is a promoter from an answer of 9 or 10 until the next answer, until the answer is too old, or until the
    day of leaving; an account is one while somebody there is. A spell lasts as long as these times touch.
    """
    age = month.advocacy_rules.signals["nps"].max_age_days or 0
    until = answers["answered_on"] + (age + 1) * DAY
    for other in (answers.groupby("contact_id")["answered_on"].shift(-1), answers["left_on"]):
        until = until.where(~(other < until), other)
    glad = (answers["score"] >= kpi_rules().voices.promoter_at_least) & (until > answers["answered_on"])
    rows = answers.assign(until=until)[glad].sort_values(["account_id", "answered_on"], kind="stable")
    before = rows.groupby("account_id")["until"].cummax().groupby(rows["account_id"]).shift()
    rows = rows.assign(spell=(~(rows["answered_on"] <= before)).cumsum())
    spells = rows.groupby(["account_id", "spell"]).agg(since=("answered_on", "min"), until=("until", "max"))
    standing = spells.loc[spells["until"] > pd.Timestamp(month.as_of), "since"].reset_index("spell", drop=True)
    return {str(account): day for account, day in standing.items()}


def _acts(month: Month) -> pd.DataFrame:
    """Every act of a person, referrals included: who has referred has done something for us."""
    acts = acts_of(month.kpi_input)
    people = acts.people["unit_id"].iloc[acts.person].reset_index(drop=True)
    rows = _seen(month, people, pd.Series(acts.day))
    return pd.concat([_events(month.facts, rows["account_id"], "advocate", rows["day"]), _referred(month, "advocate")])


def _referrals(month: Month) -> pd.DataFrame:
    return _referred(month, "referrer")


def _referred(month: Month, stage: StageId) -> pd.DataFrame:
    rows = month.kpi_input.table("referrals")
    seen = _seen(month, rows["account_id"], rows["submitted_on"])
    return _events(month.facts, seen["account_id"], stage, seen["day"])


def _seen(month: Month, accounts: pd.Series, days: pd.Series) -> pd.DataFrame:
    """Records as of the day: later ones are left out of every month but the newest."""
    rows = pd.DataFrame({"account_id": accounts.to_numpy(), "day": days.to_numpy()}).dropna()
    return rows if month.facts.newest else pd.DataFrame(rows[rows["day"] <= pd.Timestamp(month.as_of)])


def _touches(month: Month) -> tuple[pd.DataFrame, pd.Timestamp]:
    """account_id, last_give_on and last_answer_on of every account with either, and the first give to anybody."""
    facts = month.facts
    signs = facts.rollup("account_signs")
    people = facts.contacts.set_index("contact_id")["account_id"]
    accounts = signs["account_id"].fillna(signs["contact_id"].map(people))
    asks = visible_asks(month.records["asks"], pd.Timestamp(month.as_of), newest=facts.newest)
    parts = [
        _events(facts, accounts, "last_give_on", signs["last_give_on"]),
        _events(facts, accounts, "last_answer_on", signs["last_answer_on"]),
        _events(facts, asks["contact_id"].map(people), "last_answer_on", asks["responded_on"]),
        _acts(month).assign(stage="last_answer_on"),
    ]
    every = pd.concat(parts, ignore_index=True)
    last = {
        name: every[every["stage"] == name].groupby("account_id")["day"].max()
        for name in ("last_give_on", "last_answer_on")
    }
    return pd.DataFrame(last).rename_axis("account_id").reset_index(), signs["first_give_on"].min()
