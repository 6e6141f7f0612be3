"""Whom to ask first, among those an ask is open to: by the learned chance where it wins, else by readiness."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.history import Bools, Floats


def rank_asks(
    asks: pd.DataFrame, readiness: Floats, prompted: Bools, chance: Floats, asks_365d: Floats, kept: float
) -> NDArray[np.intp]:
    """Places of the people an ask is open to, best first.

    rank = chance or readiness * kept ^ asks_365d, to the whole per cent or point

    By the learned chance where there is one for everybody. Without: by readiness, and at the same rank those whom a
    milestone prompts. At the same rank, who was asked least in a year comes first. The value of an act takes no part,
    because no act has a measured value yet.

    Args:
        asks: As `next_asks` returns them; state and contact_id are read.
        readiness: 0-100, NaN where unknown.
        prompted: Whether a recent milestone prompts the ask.
        chance: Learned chance of the ask; NaN where it does not rank.
        asks_365d: Asks of the last year.
        kept: Share of the rank that each ask of the last year leaves: the load spreads. [0-1]

    Source:
        The share: `ranking` of data/model/pool.toml.
    """
    places = np.flatnonzero((asks["state"] == "ask").to_numpy(dtype=bool))
    learned = not np.isnan(chance[places]).any()
    fine = chance[places] if learned else readiness[places]
    coarse = np.round((100 if learned else 1) * fine * kept ** asks_365d[places])
    ids = pd.Index(asks["contact_id"].iloc[places]).argsort().argsort()
    milestone = np.zeros(len(places)) if learned else prompted[places].astype(np.float64)
    return np.asarray(places[np.lexsort((ids, -fine, asks_365d[places], -milestone, -coarse))], dtype=np.intp)
