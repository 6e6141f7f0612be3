"""How requests and referrals are told: states, time left, what is wanted, what to relax, people by name."""

from __future__ import annotations

import pandas as pd

from core.advocacy.match_attributes import LABELS as LABELS
from core.advocacy.matching import Relax
from core.glossary import NOTHING, display_day
from core.model.requests import ATTRIBUTES
from core.month import Month
from core.month.erased import not_erased
from core.services.clock import event_day
from core.stats.ids import beside

STATUS_WORDS = {
    "breached": "breached",
    "at_risk": "at risk",
    "due_soon": "due soon",
    "in_time": "in time",
    "no_clock": "no clock",
}
REQUEST_WORDS = {
    "open": "Open",
    "matched": "Has a person",
    "done": "Done",
    "withdrawn": "Withdrawn",
    "missed": "Missed",
}
REFERRAL_WORDS = {
    "submitted": "Submitted",
    "contacted": "Contacted",
    "qualified": "Accepted",
    "opportunity": "Deal open",
    "won": "Won",
    "lost": "Lost",
    "rejected": "Rejected",
}
MILESTONE_WORDS = {**REFERRAL_WORDS, "opportunity": "Deal opened", "qualified": "Accepted by sales"}
ACTS = {"call_late_hours": ("First contact", "called"), "decision_late_hours": ("Decision of sales", "decided")}
"""Acts that stop a clock: what they are called, and how it is said that one was late."""
STATUS_MARKS = {"breached": "✕ ", "at_risk": "▲ ", "due_soon": "◆ ", "in_time": "● ", "no_clock": ""}
"""A shape for each status, so that it is not told by words and colour alone."""
FULL_FIT, NEAR_FIT = "\N{CHECK MARK} full fit", "\N{ALMOST EQUAL TO} near fit"
"""How the person proposed for a request fits: meets everything that is wanted, or part of it."""
WORKDAY = 8
"""Working hours from which time is told in days."""
NO_ROLE, NO_ACCOUNT = "role not stated", "account not known"
TIED = "\N{NO-BREAK SPACE}"
"""Between a number and what it counts, so that no line ends between the two."""


def names_of(month: Month, contact_ids: pd.Series) -> pd.DataFrame:
    """Who people are: name (else the role), person (name with role, else the role) and account, beside the ids."""
    contacts = month.facts.contacts[["contact_id", "account_id", "persona"]]
    found = beside(contact_ids, contacts, "contact_id")
    names = not_erased(month.records["people"])[["contact_id", "full_name"]].dropna().drop_duplicates("contact_id")
    given = beside(contact_ids, names, "contact_id")["full_name"].astype("str")
    role = found["persona"].astype("str").fillna(NO_ROLE)
    accounts = month.facts.accounts[["account_id", "name"]]
    account = beside(found["account_id"], accounts, "account_id")["name"].astype("str").fillna(NO_ACCOUNT)
    return pd.DataFrame({"name": given.fillna(role), "person": (given + ", " + role).fillna(role), "account": account})


def name_of(month: Month, contact_id: str) -> str:
    """Who a contact is, by name (else the role) and account as far as they are known; by the id where nothing is."""
    row = names_of(month, pd.Series([contact_id], dtype="str")).iloc[0]
    known = [str(words) for words in (row["name"], row["account"]) if words not in (NO_ROLE, NO_ACCOUNT)]
    return ", ".join(known) or f'Contact "{contact_id}"'


def wanted_words(row: pd.Series) -> str:
    """What a request wants, as one line."""
    parts = [str(row[f"wanted_{name}"]) for name in ATTRIBUTES if pd.notna(row[f"wanted_{name}"])]
    return ", ".join(parts) or "nothing in particular"


def relax_words(option: Relax, full: int) -> str:
    """What giving something up brings, as a sentence; `full` is how many meet everything now."""
    more = "more " if full else ""
    dropped = " and the ".join(LABELS[name] for name in option.drop)
    meet = "person meets" if option.more == 1 else "people meet"
    return f"Without the {dropped} {option.more:,} {more}{meet} everything else"


def time_words(hours: float | None) -> str:
    """Working hours as people say them: minutes, working hours, or working days of eight; the number keeps its unit."""
    if hours is None or pd.isna(hours):
        return NOTHING
    size = abs(float(hours))
    if size < 1:
        return f"{round(size * 60)}{TIED}min"
    if size < 2 * WORKDAY:
        return f"{size:.0f}{TIED}working {'hour' if round(size) == 1 else 'hours'}"
    return f"{size / WORKDAY:,.0f}{TIED}working days"


def left_words(status: str, hours: float | None) -> str:
    """How a clock stands, in words."""
    if status == "no_clock":
        return ""
    if status == "breached":
        return f"{time_words(hours)} late"
    return f"{time_words(hours)} left"


def clock_words(status: str, left: str) -> str:
    """Status and time left on one line; empty without a clock."""
    return "" if status == "no_clock" else f"{STATUS_MARKS[status]}{STATUS_WORDS[status]}, {left}"


def day_words(day: object) -> str:
    """A day, or an en dash where there is none."""
    return NOTHING if pd.isna(day) else display_day(event_day(pd.Timestamp(day)))  # type: ignore[call-overload,arg-type]


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"
