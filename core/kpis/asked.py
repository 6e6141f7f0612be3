"""Who was asked: the person of each ask as a number, and which asks went out, told once for all figures of asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.inputs import KpiInput
from core.stats.ids import ranked

Flags = NDArray[np.bool_]


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
