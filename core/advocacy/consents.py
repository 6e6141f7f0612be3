"""What every contact has consented to, as numbers: no text is made of consents nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.inputs import AdvocacyInput, Bools
from core.model.activities import Use


@dataclass(frozen=True, slots=True)
class Held:
    """The consent of every contact to one use.

    Attributes:
        status: Place of what the contact said in `names`, -1 where nothing is recorded.
        names: What can be said, such as "granted".
        row: Row of the consent in `all_ends`; that of the last, which is NaT, where nothing is recorded.
        all_ends: Last day each consent of the input holds; NaT where it has no end.
    """

    status: NDArray[np.integer[Any]]
    names: tuple[str, ...]
    row: NDArray[np.integer[Any]]
    all_ends: NDArray[np.datetime64]

    def known(self) -> Bools:
        """Whose consent is recorded, whatever it says."""
        return self.status >= 0

    def said(self, *names: str) -> Bools:
        """Who said one of these."""
        found = np.zeros(len(self.status), dtype=bool)
        for place, name in enumerate(self.names):
            if name in names:
                found |= self.status == place
        return found

    def ended(self, today: pd.Timestamp) -> Bools:
        """Whose consent has ended before a day."""
        found: Bools = (self.all_ends < today.to_datetime64())[self.row]
        return found

    @property
    def ends(self) -> NDArray[np.datetime64]:
        """Last day each consent holds; NaT where it has no end or nothing is recorded."""
        found: NDArray[np.datetime64] = self.all_ends[self.row]
        return found


def consent_of(inputs: AdvocacyInput, use: Use) -> Held:
    """The consent of every contact to one use.

    Args:
        inputs: The contacts, with at most one consent each to a use.
        use: The use.
    """
    laid = inputs.laid_consents
    own = np.flatnonzero(laid.uses == use)
    nothing = np.full(len(inputs.contacts), -1)
    status, row = (laid.status[own[0]], laid.rows[own[0]]) if len(own) else (nothing, nothing)
    return Held(status, tuple(map(str, laid.names)), row, laid.ends)
