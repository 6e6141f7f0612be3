"""The lists of one working day: whom to ask, resting or stopped on that day, with scores as of the month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.next_ask import standings
from core.model.activities import load_activities
from core.month.propensity import ask_chances, ask_order
from core.month.requests import reference_pool
from core.month.reuse import next_asks_of

if TYPE_CHECKING:
    from core.month.month import Month


@dataclass(frozen=True, eq=False)
class Lists:
    """Whom people ask on one day; no figure is made of it.

    Attributes:
        month: The month; its scores hold.
        day: The day rests, consents and windows after detractors are judged on, not before the month's last.
    """

    month: Month
    day: dt.date

    @cached_property
    def key(self) -> str:
        """Identifies the month and the day."""
        return f"{self.month.key}:{self.day}"

    @cached_property
    def next_asks(self) -> pd.DataFrame:
        """Next ask of every contact, or why there is none."""
        month = self.month
        guards = vars(month).get("guards") if self.day == month.as_of else None  # of the month's own day
        return next_asks_of(
            month.facts.memory, month.advocacy_input, guards, month.advocacy_rules, load_activities(), self.day
        )

    @cached_property
    def standings(self) -> pd.Series:
        """State of the next ask of every contact, as `next_asks` says it, for who only counts."""
        month = self.month
        return standings(month.advocacy_input, month.scores, month.advocacy_rules, load_activities(), self.day)

    @cached_property
    def ask_chances(self) -> NDArray[np.float64]:
        """Chance that the next ask of each contact is completed, as `next_asks` orders them; NaN where not used."""
        return ask_chances(self)

    @cached_property
    def ask_order(self) -> NDArray[np.intp]:
        """Places in `next_asks` of the people an ask is open to, best first."""
        return ask_order(self)

    @cached_property
    def reference_pool(self) -> pd.DataFrame:
        """Who may be asked for a reference on the day, with what one can be wanted by."""
        return reference_pool(self, "reference")
