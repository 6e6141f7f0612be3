"""The pool as a table: everybody with scores, tier, state and consents; filtered, sorted and cut into pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.guardrails import USE_WORDS, USES
from core.advocacy.score import ROUNDING
from core.kpis.programme import TIER_LABELS, TIERS
from core.month import Month
from core.services.advocates import STATE_WORDS, activity_labels
from core.stats.ids import beside, known

PAGE = 50
"""Rows of a page: what fits on two screens, and little enough to send at once."""
NO_TIER = "Not enrolled"
NOT_STATED = "Not stated"
CONSENT = "Consent: "
"""How the column of a use is called, followed by the use."""
GRANTED, EXPIRED, NOT_RECORDED = "granted", "expired", "not recorded"
STATES = tuple(word.capitalize() for word in STATE_WORDS.values())
TIER_NAMES = (*(TIER_LABELS[name] for name in TIERS), NO_TIER)

COLUMNS = (
    "Account", "Person", "Readiness", "Tier", "State", "Next ask", "Why", "Segment", "Engagement", "Health", "Last ask",
    "Asks, 12 months", "Done, 12 months", "Earliest", "Asker", "Agreed to", "Known",
)  # fmt: skip
FIRST_COLUMNS = ("Account", "Person", "Readiness", "State", "Next ask", "Why")
"""Columns shown unless the reader chooses others: as many as stand side by side with role and reason in full."""
SORTS = ("Readiness", "Engagement", "Health", "Account", "Person", "Tier", "Last ask", "Earliest", "Asks, 12 months")
RISING = frozenset({"Account", "Person", "Tier", "Earliest"})
"""Columns that start with their least value."""


@dataclass(frozen=True)
class PoolQuery:
    """Whom the table shows, in which order; empty choices show everybody.

    Attributes:
        search: Part of the name of account or person, or of the role.
        account: Id of one account; empty for all.
        segments: Segments.
        tiers: Tiers, as `TIER_NAMES`.
        states: What to do, as `STATES`.
        roles: Roles.
        asks: Next asks, by label.
        least: Lowest readiness; 0 keeps who has no score. [0-100]
        most: Highest readiness. [0-100]
        sort: Column, one of `SORTS`.
        turned: Whether the order is turned round.
    """

    search: str = ""
    account: str = ""
    segments: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    least: int = 0
    most: int = 100
    sort: str = "Readiness"
    turned: bool = False

    @property
    def narrowed(self) -> str:
        """What the choice is narrowed to, in words: "VIP or Gold · SMB · readiness 60 to 100"; empty for everybody."""
        chosen = [" or ".join(values) for values in (self.tiers, self.states, self.asks, self.segments, self.roles)]
        if (self.least, self.most) != (0, 100):
            chosen.append(f"readiness {self.least} to {self.most}")
        return " · ".join(filter(None, (*chosen, self.search and f'with "{self.search}"')))


@dataclass(frozen=True)
class PoolTable:
    """Everybody, once per Month.

    Attributes:
        rows: One row per contact: contact_id, account_id, activity (what to ask for; null unless it may be asked now),
            towards (the nearest activity), why, role and the columns of `COLUMNS`.
        segments: Segments there are.
        roles: Roles there are.
        asks: Labels of the asks that may be made now, in the order of the ladder.
    """

    rows: pd.DataFrame
    segments: tuple[str, ...]
    roles: tuple[str, ...]
    asks: tuple[str, ...]

    def of(self, contact_id: str) -> dict[Any, Any]:
        """The row of one contact."""
        return self.rows[self.rows["contact_id"] == contact_id].iloc[0].to_dict()

    @property
    def members(self) -> int:
        """People in the programme."""
        return int((self.rows["Tier"] != NO_TIER).sum())


@dataclass(frozen=True)
class PoolPage:
    """One page of a choice.

    Attributes:
        rows: Its rows, as in `PoolTable`.
        total: People of the choice.
        page: Number of the page, from 1.
        pages: How many pages there are, at least 1.
    """

    rows: pd.DataFrame
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class ReadyView:
    """A choice that is used often, by name."""

    label: str
    query: PoolQuery
    help: str


READY_VIEWS = (
    ReadyView("Can be asked", PoolQuery(states=("Ask now",)), "Nothing stands against the next ask."),
    ReadyView(
        "Ready for a reference",
        PoolQuery(states=("Ask now",), asks=("Reference call",)),
        "Reference calls that may be asked for now.",
    ),
    ReadyView(
        "VIP and Gold", PoolQuery(tiers=("VIP", "Gold"), sort="Last ask", turned=True), "Longest not asked first."
    ),
    ReadyView("Resting", PoolQuery(states=("Resting",), sort="Earliest"), "Who comes back first stands first."),
    ReadyView("To be checked", PoolQuery(states=("Not checked",)), "A table or a consent is lacking."),
    ReadyView("Everybody", PoolQuery(), "All contacts."),
)
"""Choices by name; every choice stands in the address, so any other can be kept as a bookmark."""


def pool_table(month: Month, people: pd.DataFrame, day: dt.date | None = None) -> PoolTable:
    """Everybody of a month.

    Args:
        month: The month.
        people: As `core.services.advocates.pool` returns it for the month and the day.
        day: Today, on which consents are judged; None is the month's last day.
    """
    rows = _rows(month, people, day)
    asks = set(rows["Next ask"].dropna())
    return PoolTable(
        rows=rows,
        segments=tuple(sorted(set(rows["Segment"]))),
        roles=tuple(sorted(set(rows["role"]))),
        asks=tuple(label for label in activity_labels().values() if label in asks),
    )


def _rows(month: Month, people: pd.DataFrame, day: dt.date | None) -> pd.DataFrame:
    inputs = month.advocacy_input.contacts
    return pd.DataFrame(
        {
            "contact_id": people["contact_id"],
            "account_id": people["account_id"],
            "activity": people["activity"],
            "towards": people["towards"],
            "role": people["persona"].fillna(NOT_STATED),
            "Account": people["account_name"],
            "Person": people["person"],
            "Segment": people["segment"].fillna(NOT_STATED),
            "Tier": tiers(month, people["contact_id"]),
            "State": people["todo"],
            "Next ask": people["label"].where(people["state"] == "ask").astype("str"),
            "Readiness": people["readiness"].round(),
            "Engagement": people["engagement"].round(),
            "Health": people["health"].round(),
            "Last ask": inputs["last_ask_on"],
            "Asks, 12 months": inputs["asks_365d"],
            "Done, 12 months": inputs["completed_365d"],
            "Earliest": people["earliest"],
            "Why": people["because"],
            "Asker": people["asker"],
            "Agreed to": _agreed(consent_states(month, day)),
            "Known": np.floor(100 * people["coverage"] + ROUNDING) / 100,
        }
    )


def tiers(month: Month, contacts: pd.Series) -> pd.Series:
    """Tier of each contact in words, by the acts of a year; who is not in the programme has none.

    Source:
        `core.kpis.tiers`, the same rule the tier mix is counted by.
    """
    if not {"asks", "enrolments"} & month.loaded:
        return pd.Series(NO_TIER, index=contacts.index, dtype="str")
    columns = month.kpi_input.columns("tiers_month", month.month)
    inside = columns["enrolled_advocates"] > 0
    labels = np.array([TIER_LABELS[name] for name in TIERS], dtype=object)[columns["tier"]]
    held = pd.DataFrame({"contact_id": columns["contact_id"], "tier": labels})[inside].astype("str")
    return beside(contacts, held, "contact_id")["tier"].fillna(NO_TIER).astype("str").set_axis(contacts.index)


def consent_states(month: Month, day: dt.date | None = None) -> pd.DataFrame:
    """What each contact permits on a day, as in `Month.list_day`.

    Returns:
        One row per contact in the month's order, a column per use: granted, expired, refused, withdrawn, not recorded.
    """
    inputs, today = month.advocacy_input, pd.Timestamp(month.list_day(day))
    frame = {}
    for use in USES:
        own = inputs.consents[inputs.consents["use"] == use]
        held = beside(inputs.ids, own[["contact_id", "status", "expires_on"]], "contact_id")
        ended = (held["status"] == GRANTED) & (held["expires_on"] < today)
        frame[use] = held["status"].mask(ended, EXPIRED).fillna(NOT_RECORDED).astype("str")
    return pd.DataFrame(frame)


def _agreed(consents: pd.DataFrame) -> pd.Series:
    """Uses that are granted, in one line; the few combinations there are, are written once."""
    code = np.zeros(len(consents), dtype=np.int64)
    for place, use in enumerate(USES):
        code += (consents[use] == GRANTED).to_numpy(dtype=np.int64) << place
    texts = [
        ", ".join(USE_WORDS[use].removeprefix("use of the ") for place, use in enumerate(USES) if number >> place & 1)
        for number in range(1 << len(USES))
    ]
    return pd.Series(pd.array(texts, dtype="str").take(code), index=consents.index)


def found(table: PoolTable, query: PoolQuery) -> NDArray[np.intp]:
    """Places of the people of a choice in the table, in its order."""
    rows = table.rows
    keep = np.ones(len(rows), dtype=bool)
    chosen = {"Segment": query.segments, "Tier": query.tiers, "State": query.states, "role": query.roles}
    for column, wanted in {**chosen, "Next ask": query.asks}.items():
        if wanted:
            keep &= known(rows[column], pd.Series(list(wanted), dtype="str"))
    if query.account:
        keep &= (rows["account_id"] == query.account).to_numpy(dtype=bool)
    if query.search.strip():
        keep &= _matches(rows, query.search.strip())
    if query.least > 0 or query.most < 100:
        keep &= rows["Readiness"].between(query.least, query.most).to_numpy(dtype=bool)
    return _ordered(rows, np.flatnonzero(keep), query)


def _matches(rows: pd.DataFrame, search: str) -> NDArray[np.bool_]:
    hit = np.zeros(len(rows), dtype=bool)
    for column in ("Account", "Person"):
        hit |= rows[column].str.contains(search, case=False, regex=False, na=False).to_numpy(dtype=bool)
    return hit


def _ordered(rows: pd.DataFrame, places: NDArray[np.intp], query: PoolQuery) -> NDArray[np.intp]:
    """By the column of the choice, equals by account and person; no value stands last, no ask before the oldest."""
    column = query.sort if query.sort in SORTS else SORTS[0]
    values = rows[column].take(places)
    if column == "Tier":
        values = values.map({name: place for place, name in enumerate(TIER_NAMES)})
    frame = pd.DataFrame({"value": values.array, "account": rows["Account"].take(places).array, "place": places})
    rising = (column in RISING) != query.turned
    unasked_first, by = column == "Last ask" and rising, ["value", "account", "place"]
    order = frame.sort_values(by, ascending=[rising, True, True], na_position="first" if unasked_first else "last")
    return np.asarray(order["place"], dtype=np.intp)


def pool_page(table: PoolTable, query: PoolQuery, page: int, places: NDArray[np.intp] | None = None) -> PoolPage:
    """One page of a choice; a page beyond the end is the last one.

    Args:
        table: Everybody.
        query: The choice.
        page: Its number, from 1.
        places: As `found` returns them, where that is known already.
    """
    every = found(table, query) if places is None else places
    pages = max(-(-len(every) // PAGE), 1)
    at = min(max(page, 1), pages)
    part = table.rows.take(every[(at - 1) * PAGE : at * PAGE]).reset_index(drop=True)
    return PoolPage(part, len(every), at, pages)


def exported(month: Month, table: PoolTable, query: PoolQuery, day: dt.date | None = None) -> pd.DataFrame:
    """The people of a choice for a file: every column of the table without the name, and the consent for every use."""
    places = found(table, query)
    rows, consents = (of.take(places).reset_index(drop=True) for of in (table.rows, consent_states(month, day)))
    consents.columns = pd.Index([f"{CONSENT}{USE_WORDS[use]}" for use in USES])
    own = rows[["contact_id", "role", *(name for name in COLUMNS if name not in ("Person", "Agreed to"))]]
    return pd.concat([own.rename(columns={"contact_id": "Contact", "role": "Role"}), consents], axis=1).convert_dtypes()
