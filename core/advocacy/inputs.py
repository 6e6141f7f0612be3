"""What the advocacy calculations are told: one row per contact, and the consents, interests and asks behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.said import Codes, Consents
from core.advocacy.shape import (
    ASK_COLUMNS,
    CONSENT_COLUMNS,
    CONTACT_COLUMNS,
    INTEREST_COLUMNS,
    OVERRIDE_COLUMNS,
    SINCE_COLUMNS,
    ages,
    shaped,
)
from core.stats.ids import Places, known, numbered

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MARKED = ("consents", "interests", "asks", "overrides")
"""Frames of records that are compared person by person."""
FROM_RECORDS = {
    "of_consents": "consents",
    "laid_consents": "consents",
    "of_interests": "interests",
    "interest_codes": "interests",
    "of_asks": "asks",
    "ask_codes": "asks",
}
"""What an input works out on a frame of records, and on which."""


def no_news() -> pd.DataFrame:
    """Nothing is known after the day everything is judged on."""
    return pd.DataFrame(columns=list(SINCE_COLUMNS))


def no_overrides() -> pd.DataFrame:
    """No score is set by hand."""
    return pd.DataFrame(columns=list(OVERRIDE_COLUMNS))


@dataclass(frozen=True)
class AdvocacyInput:
    """Everything known about every contact on one day.

    Nothing later than `as_of` may be in it but `since`, and what people recorded in the product after it (asks,
    answers, acts, outcomes verified), on its own day: it counts as of `as_of`, and rests begin with the day itself.

    The frames are copied into one shape when the object is built: text as `str`, days as `datetime64[us]`, numbers as
    `float64`, flags as `bool`; columns beyond those named are dropped. A missing flag reads as False. A frame that has
    this shape is kept as the very object.

    Attributes:
        as_of: The day everything is judged on.
        loaded: Names of the contract tables that have rows loaded. A guard or signal whose table is not in it is
            *not checked* or *absent*, whatever the frames hold. `asks` belongs in it when asks are loaded, or when a
            person has stated that nobody was asked before the product was used.
        stated: Tables of which only rows exist that people recorded one by one, none of them in `loaded`: a row says
            what it says of its contact, a lacking row says nothing.
        contacts: One row per contact visible on that day, unique by `contact_id`; columns of `CONTACT_COLUMNS`.
            `nps_*` and `csat_*` are the contact's latest answers, `last_detractor_on` the day of
            its latest NPS answer as a detractor; `users_4w` [people] is the mean of weekly active
            users and `events_4w` [events/week] the mean of weekly core events over the last 4 complete weeks,
            `events_prior_12w` [events/week] over the 12 before; `last_interaction_on` is the latest give or answer
            with this contact; of the asks of the year (`asks_365d`) `asks_told_365d` counts those that were
            answered and `asks_tried_365d` those that were done or refused, both with every ask whose time is over;
            `open_severe_tickets` counts open tickets of severity 1-2 of the account;
            `next_renewal_on` is the earliest undecided renewal due, past or future; `never` is a standing "never";
            `mrr_cents` [cents/month] is of the account.
        consents: Valid as of the day, one row per contact and use; `expires_on` is the last day it holds.
        interests: One row per contact and activity.
        asks: Every ask of the contact so far; only `state == "sent"` counts as an ask. One that is deferred without a
            day holds until somebody decides.
        overrides: Scores set by hand that are in force on the day, one row per contact and score; `expires_on` is the
            last day one holds.
        known_on: Last day something is known of, on which hard stops are judged; None is `as_of`.
        since: What stops asks on that day, one row per contact whom something stops; columns of `SINCE_COLUMNS`.
        undated: Signals of which nothing is known on that day, whatever is loaded; they are absent.

    Raises:
        ValueError: When a frame lacks a column, or a contact, a consent or an override stands twice: the code that
            built it is wrong. A consent without a contact or without a use says nothing, however often it stands.
    """

    as_of: dt.date
    loaded: frozenset[str]
    contacts: pd.DataFrame
    consents: pd.DataFrame
    interests: pd.DataFrame
    asks: pd.DataFrame
    overrides: pd.DataFrame = field(default_factory=no_overrides)
    stated: frozenset[str] = frozenset()
    known_on: dt.date | None = None
    since: pd.DataFrame = field(default_factory=no_news)
    undated: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, columns in (
            ("contacts", CONTACT_COLUMNS),
            ("consents", CONSENT_COLUMNS),
            ("interests", INTEREST_COLUMNS),
            ("asks", ASK_COLUMNS),
            ("overrides", OVERRIDE_COLUMNS),
            ("since", SINCE_COLUMNS),
        ):
            object.__setattr__(self, name, shaped(name, getattr(self, name), columns))
        if (self.positions(self.ids) != np.arange(len(self.ids))).any():
            raise ValueError("contacts: contact_id must be unique")
        _ = self.laid_consents  # refuses a consent that stands twice
        if self.overrides.duplicated(["contact_id", "score"]).any():
            raise ValueError("overrides: one row per contact and score")

    @property
    def today(self) -> pd.Timestamp:
        """`as_of` as a timestamp at midnight."""
        return pd.Timestamp(self.as_of).as_unit("us")

    @property
    def ids(self) -> pd.Series:
        """The contacts, in the order every result keeps."""
        return self.contacts["contact_id"]

    def number(self, column: str) -> Floats:
        """A column of numbers of contacts, NaN where empty."""
        return np.asarray(self.contacts[column], dtype=np.float64)

    def days(self, column: str) -> NDArray[np.datetime64]:
        """A column of days of contacts, NaT where empty; not to be written to."""
        return self.contacts[column].to_numpy()

    @cached_property
    def gone(self) -> Bools:
        """Contacts who have left their company."""
        return self.days("left_on") <= np.datetime64(self.today, "us")

    def days_since(self, column: str) -> Floats:
        """Whole days from a day column of contacts to `as_of`, 0 for a later day; NaN where empty."""
        return ages(self.today, self.contacts[column])

    def positions(self, contact_ids: pd.Series) -> NDArray[np.intp]:
        """Row of each id in contacts; -1 for ids that are not visible."""
        return self._places.of(contact_ids)

    @cached_property
    def _places(self) -> Places:
        return Places(self.ids)

    @cached_property
    def of_interests(self) -> NDArray[np.intp]:
        """Row in contacts of each interest; -1 where it is not visible."""
        return self.positions(self.interests["contact_id"])

    @cached_property
    def of_asks(self) -> NDArray[np.intp]:
        """Row in contacts of each ask; -1 where it is not visible."""
        return self.positions(self.asks["contact_id"])

    @cached_property
    def of_consents(self) -> NDArray[np.intp]:
        """Row in contacts of each consent; -1 where it is not visible."""
        return self.positions(self.consents["contact_id"])

    @cached_property
    def laid_consents(self) -> Consents:
        """The consents beside the contacts."""
        return Consents.of(self.consents, self.of_consents, len(self.ids))

    @cached_property
    def ask_codes(self) -> dict[str, Codes]:
        """Activity, state and response of each ask."""
        return {name: Codes.of(self.asks[name]) for name in ("activity", "state", "response")}

    @cached_property
    def interest_codes(self) -> dict[str, Codes]:
        """Activity and stance of each interest."""
        return {name: Codes.of(self.interests[name]) for name in ("activity", "stance")}

    @cached_property
    def accounts(self) -> NDArray[np.intp]:
        """A number for the account of each contact; -1 without one."""
        return numbered(self.contacts["account_id"])[0]

    @cached_property
    def together(self) -> NDArray[np.intp]:
        """A number for the account of each contact; those without an account are taken together."""
        return self.accounts + 1

    @cached_property
    def segments(self) -> tuple[NDArray[np.int64], pd.Index]:
        """Place of each contact's segment among the segments there are, -1 without one; and those segments."""
        return numbered(self.contacts["segment"])

    @cached_property
    def marks(self) -> dict[str, NDArray[np.uint64]]:
        """For each table of records a number per contact that changes with its rows, whatever their order."""
        return {name: self._marks(getattr(self, name)) for name in MARKED}

    def take_over(self, before: AdvocacyInput) -> None:
        """Keep what another input of the same contacts has worked out on frames that are the very same objects."""
        same = [name for name in MARKED if getattr(before, name) is getattr(self, name)]
        self.__dict__["marks"] = {
            name: before.marks[name] if name in same else self._marks(getattr(self, name)) for name in MARKED
        }
        self._keep(before, [part for part, name in FROM_RECORDS.items() if name in same])

    def _keep(self, before: AdvocacyInput, parts: Collection[str]) -> None:
        for part in parts:
            if part in before.__dict__:
                self.__dict__[part] = before.__dict__[part]

    def _marks(self, frame: pd.DataFrame) -> NDArray[np.uint64]:
        marks = np.zeros(len(self.ids), dtype=np.uint64)
        at = self.positions(frame["contact_id"])
        rows = pd.util.hash_pandas_object(frame.drop(columns="contact_id"), index=False).to_numpy(dtype=np.uint64)
        np.add.at(marks, at[at >= 0], rows[at >= 0])
        return marks

    def of_account(self, account_id: str) -> AdvocacyInput:
        """The same day, only the contacts of one account."""
        return self.of_accounts([account_id])

    def of_accounts(self, account_ids: Collection[str]) -> AdvocacyInput:
        """The same day, only the contacts of some accounts."""
        contacts = self.contacts[self.contacts["account_id"].isin(list(account_ids))]
        ids = contacts["contact_id"]
        parts = {
            name: frame[known(frame["contact_id"], ids)].reset_index(drop=True)
            for name, frame in (
                ("consents", self.consents),
                ("interests", self.interests),
                ("asks", self.asks),
                ("overrides", self.overrides),
            )
        }
        return self._part(contacts=contacts.reset_index(drop=True), **parts)

    def without_asks(self, rows: Collection[int]) -> AdvocacyInput:
        """The same day and contacts, some asks left out.

        Args:
            rows: Places of those asks in `asks`.
        """
        return self._part(asks=self.asks.drop(index=list(rows)).reset_index(drop=True))

    def on(self, day: dt.date, contacts: pd.DataFrame) -> AdvocacyInput:
        """The same records, judged on another day with what `contacts` says of the same people then."""
        part = self._part(as_of=day, known_on=None, contacts=contacts)
        part._keep(self, ["_places", *FROM_RECORDS])
        return part

    def _part(self, **frames: object) -> AdvocacyInput:
        """The same with other frames; what was cut from a frame in shape is in shape, so nothing is checked again."""
        part = object.__new__(AdvocacyInput)
        for item in fields(self):
            object.__setattr__(part, item.name, frames.get(item.name, getattr(self, item.name)))
        return part
