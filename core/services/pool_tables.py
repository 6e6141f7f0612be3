"""The rows behind the pool's health, in readers' words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.glossary import display_day
from core.model.activities import load_activities
from core.month import Month
from core.month.erased import erased_contacts, not_erased
from core.month.pool import PoolFigures
from core.stats.ids import beside

UNKNOWN, NO_ACCOUNT, ERASED_PERSON = "not in the contacts file", "not known", "Somebody who was erased"
"""What stands where a name and an account would, of somebody the contacts do not hold."""


def tables_of(month: Month, found: PoolFigures) -> dict[str, pd.DataFrame]:
    """One table per section, by its id."""
    names = _named(month, found)
    return {
        "load": _people(names, found.concentration.rows,
                        {"Asks": "asks", "Share": "share", "Last asked": "last_ask_on"}),
        "coverage": _coverage(found.coverage.rows),
        "promoters": _people(names, found.promoters.rows,
                             {"NPS": "nps_score", "Answered": "nps_on", "Health": "health",
                              "Last asked": "last_ask_on"}),
        "debt": _people(names, found.debt.rows,
                        {"Act": "activity", "Done": "completed_on", "Owed": "owed", "Days over": "days"}),
        "balance": _people(names, found.balance.rows[found.balance.rows["balance"] < 0],
                           {"Gives": "gives", "Asks": "asks", "Short of": "balance", "Last given": "last_give_on"}),
        "watch": _people(names, found.watch.rows, {"Act": "activity", "Asked": "asked_on", "What followed": "what"}),
        "referrers": _referrers(names, found.referrers.rows),
        "champions": _people(names, found.champions.rows,
                             {"Left": "left_on", "Acts": "acts", "Could follow": "successors"}),
    }  # fmt: skip


def people_names(month: Month) -> pd.DataFrame:
    """contact_id, account_name, segment and person (name with role, else role) of every contact."""
    contacts = month.advocacy_input.contacts[["contact_id", "account_name", "segment", "persona"]]
    people = not_erased(month.records["people"]).dropna(subset=["contact_id"]).drop_duplicates("contact_id")
    given = beside(contacts["contact_id"], people[["contact_id", "full_name"]], "contact_id")["full_name"]
    role = contacts["persona"].fillna("role not stated").reset_index(drop=True)
    person = (given + ", " + role).fillna(role)
    return contacts[["contact_id", "account_name", "segment"]].reset_index(drop=True).assign(person=person)


def _named(month: Month, found: PoolFigures) -> pd.DataFrame:
    """`people_names`, and of everybody in the rows whom the contacts do not hold the id and that this is why."""
    names, gone = people_names(month), set(erased_contacts(month.records["people"]))
    asked = pd.concat([part.rows["contact_id"] for part in
                       (found.concentration, found.promoters, found.debt, found.balance, found.watch, found.referrers,
                        found.champions)]).dropna().drop_duplicates()  # fmt: skip
    unknown = asked[~asked.isin(names["contact_id"])]
    words = [ERASED_PERSON if name in gone else f"{name}, {UNKNOWN}" for name in unknown]
    strangers = pd.DataFrame({"contact_id": unknown, "account_name": NO_ACCOUNT, "person": words})
    return pd.concat([names, strangers], ignore_index=True) if len(strangers) else names


def _people(names: pd.DataFrame, rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """contact_id, Account, Person and the columns of the finding."""
    rows = rows.reset_index(drop=True)
    who = beside(rows["contact_id"], names, "contact_id")
    shown: dict[str, Any] = {"contact_id": rows["contact_id"], "Account": who["account_name"], "Person": who["person"]}
    return pd.DataFrame(shown | {title: _readable(rows[name]) for title, name in columns.items()})


def _readable(column: pd.Series) -> pd.Series:
    """Days and activities in words; the rest as it is."""
    if pd.api.types.is_datetime64_any_dtype(column):
        texts = [None if pd.isna(day) else display_day(day.date()) for day in column]
        return pd.Series(texts, index=column.index, dtype="str")
    if column.name == "activity":
        labels: dict[str, str] = {name: item.label for name, item in load_activities().activities.items()}
        return column.map(labels).fillna(column)
    if column.name == "balance":
        return -column
    return column.round() if column.name in ("health", "nps_score") else column


def _coverage(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Segment": rows["segment"],
            "Late deals": rows["deals"],
            "Amount": rows["amount_cents"] / 100,
            "References": rows["references"],
            "Out of reach": rows["uncovered"],
            "Amount out of reach": rows["uncovered_cents"] / 100,
        }
    )


def _referrers(names: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    who = beside(rows["contact_id"], names, "contact_id")
    return pd.DataFrame(
        {
            "contact_id": rows["contact_id"],
            "Referred customer": rows["account_name"],
            "ARR": rows["mrr_cents"] * 12 / 100,
            "Health": rows["health"].round(),
            "Referrer": who["person"],
            "Referrer's account": rows["referrer_account"],
            "What": rows["what"],
        }
    )
