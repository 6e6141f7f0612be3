"""Scores set by hand: in force from a day to a day, with author and reason; beside the computed score, never for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.inputs import AdvocacyInput, Floats
from core.advocacy.wording import day_text
from core.glossary import display

SET_BY_HAND = "override"
"""Name of the line a score set by hand has among the signals."""
SET_BY_HAND_LABEL = "Set by hand"


@dataclass(frozen=True)
class Overridden:
    """One score after what people set by hand.

    Attributes:
        score: The score of every contact. [0-100, NaN where there is none]
        rows: One row per score set by hand: contact_id, score (its name), value, instead_of (the computed score, NaN
            where there is none), points (value - instead_of, the whole value where there is none), author, reason,
            set_on, expires_on, raw (all of it in words).
    """

    score: Floats
    rows: pd.DataFrame


def set_by_hand(inputs: AdvocacyInput, name: str, computed: Floats) -> Overridden:
    """Lay what people set by hand over one computed score.

    Args:
        inputs: The contacts, with the overrides in force.
        name: Which score.
        computed: The score as the rule gives it, NaN where there is none.
    """
    own = inputs.overrides[inputs.overrides["score"] == name]
    at = inputs.positions(own["contact_id"])
    own, at = own[at >= 0].reset_index(drop=True), at[at >= 0]
    before = computed[at]
    value = own["value"].to_numpy(dtype=np.float64)
    ends = [day_text(until, inputs.today) for until in own["expires_on"]]
    told = map(_words, own["author"], ends, value.tolist(), before.tolist())
    raw = pd.Series(list(told), index=own.index, dtype="str")
    rows = own.assign(instead_of=before, points=value - np.nan_to_num(before), raw=raw)
    score = computed.copy()
    score[at] = value
    return Overridden(score, rows)


def _words(author: str, until: str, value: float, before: float) -> str:
    known = "where there is no score" if np.isnan(before) else f"instead of {display(float(before), 'score')}"
    return f"set by hand by {author} until {until}: {display(value, 'score')} {known}"
