"""Columns of texts as numbers, worked out once for whoever asks what the rows say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats.ids import numbered


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A column of texts.

    Attributes:
        places: Place of each row's text in `names`; -1 where it is empty.
        names: The texts there are, each once.
    """

    places: NDArray[np.intp]
    names: pd.Index

    @classmethod
    def of(cls, column: pd.Series) -> Codes:
        """The texts of a column."""
        return cls(*numbered(column))

    def said(self, *texts: str) -> NDArray[np.bool_]:
        """Rows that say one of these."""
        return np.append(self.names.isin(texts), False)[self.places]

    def among(self, texts: tuple[str, ...]) -> NDArray[np.intp]:
        """Place of each row's text among others; -1 where it is empty or not there."""
        return np.append(pd.Index(texts).get_indexer(self.names), -1)[self.places]


@dataclass(frozen=True, slots=True, eq=False)
class Consents:
    """Consents laid beside the people who gave them.

    Attributes:
        uses: The uses there are.
        rows: Row of what each person said to each use: uses x people; -1, which leads to the end, where nothing was.
        names: What can be said, such as "granted".
        status: Place in `names` of what each person said to each use: uses x people; -1 where nothing was.
        ends: Last day each consent holds, NaT where it has no end, and NaT at the end.
    """

    uses: pd.Index
    rows: NDArray[np.int32]
    names: pd.Index
    status: NDArray[np.int16]
    ends: NDArray[np.datetime64]

    @classmethod
    def of(cls, consents: pd.DataFrame, who: NDArray[np.intp], people: int) -> Consents:
        """Lay consents out.

        Args:
            consents: contact_id, use, status and expires_on of each; one without a use says nothing.
            who: Who gave each, by place; -1 for somebody who is not among the people.
            people: How many there are.

        Raises:
            ValueError: When somebody speaks twice to one use.
        """
        use, said = Codes.of(consents["use"]), Codes.of(consents["status"])
        others = np.flatnonzero(who < 0)
        strangers, ids = numbered(consents["contact_id"].take(others))
        _laid_out(strangers, use.places[others], len(ids), len(use.names))
        rows = _laid_out(who, use.places, people, len(use.names))
        ends = np.append(consents["expires_on"].to_numpy(), np.datetime64("NaT", "us"))
        return cls(use.names, rows, said.names, np.append(said.places, -1).astype(np.int16)[rows], ends)


def _laid_out(who: NDArray[np.intp], use: NDArray[np.intp], people: int, uses: int) -> NDArray[np.int32]:
    rows = np.full((uses + 1) * (people + 1), -1, dtype=np.int32)  # one more of each, where -1 leads
    told = np.flatnonzero((use >= 0) & (who >= 0))
    rows[use[told] * (people + 1) + who[told]] = told
    table = rows.reshape(uses + 1, people + 1)[:, :people]
    if np.count_nonzero(table >= 0) < len(told):
        raise ValueError("consents: one row per contact and use")
    return table
