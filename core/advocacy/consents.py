"""What every contact has consented to, as numbers: no text is made of consents nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.advocacy.inputs import AdvocacyInput, Bools
from core.model.activities import Use


@dataclass(frozen=True, slots=True)
class Held:
    """The consent of every contact to one use.

    Attributes:
        status: Place of what the contact said in `names`, -1 where nothing is recorded.
        names: What can be said, such as "granted".
        ends: Last day it holds; NaT where it has no end or nothing is recorded.
    """

    status: NDArray[np.intp]
    names: tuple[str, ...]
    ends: NDArray[np.datetime64]

    def known(self) -> Bools:
        """Whose consent is recorded, whatever it says."""
        return self.status >= 0

    def said(self, *names: str) -> Bools:
        """Who said one of these."""
        return np.array([*(name in names for name in self.names), False])[self.status]


def consent_of(inputs: AdvocacyInput, use: Use) -> Held:
    """The consent of every contact to one use.

    Args:
        inputs: The contacts, with at most one consent each to a use.
        use: The use.
    """
    (uses, used), (codes, names), of = inputs.consent_codes["use"], inputs.consent_codes["status"], inputs.of_consents
    own = np.flatnonzero(np.append(used == use, False)[uses] & (of >= 0))
    status = np.full(len(inputs.contacts), -1, dtype=np.intp)
    ends = np.full(len(inputs.contacts), np.datetime64("NaT", "us"))
    status[of[own]] = codes[own]
    ends[of[own]] = inputs.consents["expires_on"].to_numpy()[own]
    return Held(status, tuple(map(str, names)), ends)
