"""Budget frames and planted curves the tests share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.budget.constraints import Constraints, Wishes, constraints_of
from core.budget.lines import BudgetLine
from core.budget.response import HillDraws, ResponseDraws, curves_of
from core.model.plays import Interval, Play, ResponsePrior, load_plays


def frame_of(currents: dict[str, int], plays: dict[str, str] | None = None, **columns: object) -> pd.DataFrame:
    """Lines spending what `currents` says, each following the play `plays` names, else paid search."""
    names = list(currents)
    rows = {
        "line": names,
        "label": [name.replace("_", " ").title() for name in names],
        "kind": ["acquisition"] * len(names),
        "channel": [None] * len(names),
        "play": [(plays or {}).get(name, "paid_search") for name in names],
        "current_cents": [currents[name] for name in names],
        "committed_cents": [0] * len(names),
        "observed_low_cents": [currents[name] * 8 // 10 for name in names],
        "observed_high_cents": [currents[name] * 11 // 10 for name in names],
        "owner_role": [None] * len(names),
    }
    return pd.DataFrame(rows | columns)


def line_of(name: str, current_cents: int, **fields: object) -> BudgetLine:
    """A line without a frame."""
    base = {"label": name, "kind": "acquisition", "channel": None, "play": "paid_search", "moves": "cac_paid"}
    base |= {"owner_role": "demand_generation", "lag_months": 3, "current_cents": current_cents}
    return BudgetLine(line=name, **(base | fields))


def planted(
    currents: list[int],
    average_return: list[float],
    half_multiple: list[float],
    exponent: list[float],
    spread: float = 0.0,
    rng: np.random.Generator | None = None,
    draws: int = 400,
) -> ResponseDraws:
    """Curves scattered log-normally by `spread` around known parameters; exponents of at most 1 stay so."""
    generator = rng or np.random.default_rng(0)
    shape = (len(currents), draws)
    noise = np.exp(spread * generator.standard_normal((3, *shape)))
    centre = [np.array(values, dtype=float)[:, None] for values in (average_return, half_multiple, exponent)]
    ceiling = np.where(centre[2] <= 1, 1.0, 4.0)
    parameters = HillDraws(centre[0] * noise[0], centre[1] * noise[1], np.minimum(centre[2] * noise[2], ceiling))
    lines = [line_of(f"line_{row}", current) for row, current in enumerate(currents)]
    return curves_of(lines, parameters, "model")


def random_world(seed: int, exponents: tuple[float, float], spread: float = 0.2, lines: int = 10) -> ResponseDraws:
    """Ten lines of unlike size, return, saturation and exponent."""
    rng = np.random.default_rng(seed)
    currents = [int(value) for value in rng.lognormal(16, 0.8, lines)]
    return planted(
        currents,
        list(rng.lognormal(0, 0.5, lines)),
        list(rng.uniform(0.4, 2.5, lines)),
        list(rng.uniform(*exponents, lines)),
        spread,
        rng,
    )


def free(
    curves: ResponseDraws, cap: float = 0.2, total: int | None = None, wishes: Wishes | None = None
) -> Constraints:
    """Constraints of these curves' lines."""
    return constraints_of(curves.lines, cap, total, wishes)


def play_with(name: str, average_return: tuple[float, float], exponent: tuple[float, float] = (0.7, 1.0)) -> Play:
    """A play with a planted prior."""
    template = load_plays()["paid_search"]
    prior = ResponsePrior("hill", Interval(*average_return), Interval(0.3, 3.0), Interval(*exponent))
    return Play(
        id=name,
        label=name,
        moves=template.moves,
        kind=template.kind,
        owner_role=template.owner_role,
        lag_months=template.lag_months,
        response=prior,
        source="Planted by a test",
    )
