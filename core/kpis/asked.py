"""Who was asked: the person of each ask as a number, which asks went out, and on which day a reference was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.inputs import KpiInput
from core.stats.ids import numbered, ranked
from core.stats.ordering import in_order

Flags = NDArray[np.bool_]
REFERENCE = "reference"


@dataclass(frozen=True, eq=False)
class Asked:
    """The table `asks` by position.

    Attributes:
        people: contact_id of everybody who was ever asked, in alphabetical order.
        person: Place in `people` of each ask; -1 where none is given.
        sent: Which asks went out.
        delivered: Which of those arrived: all but those known not to.
    """

    people: pd.Index
    person: NDArray[np.int32]
    sent: Flags
    delivered: Flags


def asked_of(data: KpiInput) -> Asked:
    """The asks of a company, put together once."""
    return data.kept("asked", lambda: _asked(data.table("asks")))


def _asked(asks: pd.DataFrame) -> Asked:
    person, people = ranked(asks["contact_id"])
    sent = (asks["state"] == "sent").to_numpy(dtype=bool, na_value=False)
    arrived = asks["delivered"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    return Asked(people, person.astype(np.int32), sent, sent & arrived)


def days_of(column: pd.Series) -> NDArray[np.datetime64]:
    """A column of days as an array; NaT where one is missing."""
    return column.to_numpy().astype("datetime64[us]")


def given_days(data: KpiInput, requests: pd.DataFrame) -> NDArray[np.datetime64]:
    """Day of the first reference each person asked gave to each deal, from completed asks; missing without one.

    Args:
        data: Frames of the company.
        requests: opportunity_id and contact_id.
    """
    asks = data.table("asks")
    given = (asks["activity"] == REFERENCE) & asks["completed_on"].notna() & asks["opportunity_id"].notna()
    done = asks.loc[given, ["opportunity_id", "contact_id", "completed_on"]]
    both = (numbered(pd.concat([requests[name], done[name]])) for name in ("opportunity_id", "contact_id"))
    (deal, _), (person, people) = both
    pair = np.where((deal < 0) | (person < 0), -1, deal * len(people) + person)
    wanted, oldest_first = pair[: len(requests)], in_order(days_of(done["completed_on"]))
    pairs, first = np.unique(pair[len(requests) :][oldest_first], return_index=True)
    days = days_of(done["completed_on"])[oldest_first[first]]
    place = np.searchsorted(pairs, wanted)
    known = (wanted >= 0) & (np.append(pairs, -1)[place] == wanted)
    return np.where(known, np.append(days, np.datetime64("NaT"))[place], np.datetime64("NaT"))
