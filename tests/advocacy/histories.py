"""Histories for tests: of a generated company, and of a planted world whose true chances are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.history import History
from core.demo.company import generate
from core.stats.timeline import Timeline

LOADED = frozenset({"asks", "contacts", "survey_responses", "outcomes", "usage", "accounts", "interests"})
ASKED = ["contact_id", "activity", "asked_on", "asked_by", "responded_on", "response", "completed_on"]


def of_company(accounts: int, months: int, seed: int) -> History:
    """What a generated company knows on its last day."""
    tables = generate(accounts, months, seed).tables
    customers = tables["accounts"].drop_duplicates("account_id", keep="last")
    contacts = tables["contacts"].drop_duplicates("contact_id", keep="last")[["contact_id", "account_id", "joined_on"]]
    contacts = contacts.merge(customers[["account_id", "segment", "icp_fit", "owner_id"]], on="account_id", how="left")
    answers = tables["survey_responses"].dropna(subset=["contact_id"])
    answers = answers.assign(answered_on=pd.to_datetime(answers["answered_at"]).dt.tz_localize(None).dt.normalize())
    asks = tables["asks"][tables["asks"]["state"] == "sent"]
    days = {name: pd.to_datetime(asks[name]) for name in ("asked_on", "responded_on", "completed_on")}
    by_survey = {name: answers[answers["survey"] == name] for name in ("nps", "csat")}
    return History(
        as_of=dt.date(2026, 10, 31),
        contacts=contacts.assign(joined_on=pd.to_datetime(contacts["joined_on"])).reset_index(drop=True),
        asks=asks.assign(**days)[ASKED].reset_index(drop=True),
        nps=by_survey["nps"][["contact_id", "answered_on", "score"]].reset_index(drop=True),
        csat=by_survey["csat"][["contact_id", "answered_on", "score"]].reset_index(drop=True),
        outcomes=tables["outcomes"].assign(verified_on=pd.to_datetime(tables["outcomes"]["verified_on"])),
        usage=_usage(tables["usage"]),
    )


def _usage(weeks: pd.DataFrame) -> pd.DataFrame:
    ends = pd.to_datetime(weeks["week_start"]) + pd.Timedelta(days=6)
    seated = weeks["licensed_seats"] > 0
    rows = pd.DataFrame(
        {
            "account_id": weeks["account_id"],
            "month": ends.dt.to_period("M").dt.to_timestamp(),
            "users": weeks["active_users"].where(seated),
            "seats": weeks["licensed_seats"].where(weeks["active_users"].notna()),
            "user_weeks": weeks["active_users"],
            "weeks": weeks["active_users"].notna().astype("int64"),
        }
    )
    return rows.groupby(["account_id", "month"], as_index=False).sum()


START = np.datetime64("2023-01-01", "D")
SPAN = 1_000
"""Days of asks in a planted world."""
FATIGUE = 0.7


@dataclass(frozen=True)
class Planted:
    """A world whose true chances are known.

    Attributes:
        history: What the product sees of it.
        chance: True chance that each ask of `history.asked` is completed.
    """

    history: History
    chance: np.ndarray


def planted(people: int, asks: int, seed: int, *, span: int = SPAN, shuffled: bool = False) -> Planted:
    """People with a will nobody sees, asked at random: answers, earlier acts and fatigue tell of their chance.

    chance = 0.9 x FATIGUE^(asks in 90 days) x sigmoid(0.2 + 0.5 (NPS - 8) + 1.0 will)

    Args:
        people: Number of people, three an account.
        asks: Number of asks.
        seed: Seed of all chance.
        span: Days over which they are asked.
        shuffled: Whether outcomes are dealt out at random, so that nothing tells of them.
    """
    rng = np.random.default_rng(seed)
    account = np.arange(people) // 3
    will, nps = rng.normal(size=people), np.clip(np.round(rng.normal(8, 1.5, people)), 0, 10)
    day = np.sort(rng.integers(0, span, asks))
    weight = np.exp(0.4 * will)
    who = rng.choice(people, asks, p=weight / weight.sum())
    prior = Timeline.of(who, _days(day)).count(who, (START + day).astype(np.int64), 90)
    chance = 0.9 * FATIGUE**prior / (1 + np.exp(-(0.2 + 0.5 * (nps[who] - 8) + will[who])))
    done = rng.random(asks) < chance
    done = rng.permutation(done) if shuffled else done
    contacts = pd.DataFrame(
        {
            "contact_id": [f"c{one}" for one in range(people)],
            "account_id": [f"a{one}" for one in account],
            "segment": "SMB",
            "joined_on": pd.Timestamp("2021-01-01"),
            "icp_fit": np.round(rng.random(int(account.max()) + 1)[account], 2),
            "owner_id": None,
        }
    )
    response = np.where(done, "yes", np.where(rng.random(asks) < 0.4, "no", None))
    rows = pd.DataFrame(
        {
            "contact_id": [f"c{one}" for one in who],
            "activity": rng.choice(["review", "reference", "referral"], asks),
            "asked_on": _days(day),
            "asked_by": None,
            "responded_on": _days(np.where(response == None, np.nan, day + 3)),  # noqa: E711
            "response": response,
            "completed_on": _days(np.where(done, day + 20, np.nan)),
        }
    )
    answers = pd.DataFrame(
        {"contact_id": contacts["contact_id"], "answered_on": pd.Timestamp("2022-12-01"), "score": nps}
    )
    again = [
        answers.assign(answered_on=answers["answered_on"] + pd.Timedelta(days=days)) for days in range(0, span, 300)
    ]
    nothing = answers.iloc[:0]
    history = History(
        as_of=(START + np.timedelta64(span + 90, "D")).astype(object),
        contacts=contacts,
        asks=rows,
        nps=pd.concat(again, ignore_index=True),
        csat=nothing,
        outcomes=pd.DataFrame({"account_id": ["a0"], "verified_on": [pd.Timestamp("2022-06-01")]}),
        usage=pd.DataFrame(
            {"account_id": ["a0"], "month": [pd.Timestamp("2024-01-01")], "users": [5.0], "seats": [10.0],
             "user_weeks": [20.0], "weeks": [4.0]}
        ),
    )  # fmt: skip
    return Planted(history, chance)


def _days(numbers: np.ndarray) -> pd.Series:
    return pd.Series(pd.Timestamp(START) + pd.to_timedelta(np.asarray(numbers, dtype=np.float64), unit="D"))
