"""Histories for tests: of a generated company, and of a planted world whose true chances are known."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from core.advocacy.history import History
from core.demo.company import generate

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
