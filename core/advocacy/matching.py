"""Matching: which person gives which reference, all open requests at once, with the reasons and what to relax."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.inputs import AdvocacyInput, Bools, Floats
from core.advocacy.ladder import Lane, lanes_of
from core.advocacy.match_attributes import BITS, Row, misses, plain_rows, reasons
from core.advocacy.score import Scores
from core.model.activities import Activities, ActivityId
from core.model.advocacy import AdvocacyRules
from core.model.requests import ATTRIBUTES, Attribute, MatchingRules
from core.stats.ids import places

Masks = NDArray[np.uint8]
Places = NDArray[np.intp]
NOBODY = -1
WHOLE = 100.0
"""Fit of who meets everything that is wanted."""


@dataclass(frozen=True, slots=True)
class Relax:
    """What to give up: the attributes, and how many further people meet everything that is left."""

    drop: tuple[Attribute, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Match:
    """One person for one request.

    Attributes:
        contact_id: The person.
        fit: Share of what is wanted that is met, by weight. [0-100]
        reasons: What is met, what differs, what is not known, and how often the person was asked lately.
        taken_by: The other request that gets this person when all are served together; None without one.
    """

    contact_id: str
    fit: float
    reasons: tuple[str, ...]
    taken_by: str | None


@dataclass(frozen=True, slots=True)
class RequestMatches:
    """What was found for one request.

    Attributes:
        request_id: The request.
        opportunity_id: Its deal.
        matches: The best people, the assigned one first; at most as many as are shown.
        assigned: Who gives it when all requests are served together; None when nobody is left or fits.
        candidates: People who fit at least as much as is asked for.
        full: People who meet everything that is wanted.
        relax: What to give up for more people, what brings most first; empty when nothing helps.
        reason: Why nobody is assigned; None when somebody is.
    """

    request_id: str
    opportunity_id: str
    matches: tuple[Match, ...]
    assigned: str | None
    candidates: int
    full: int
    relax: tuple[Relax, ...]
    reason: str | None

    @property
    def is_full(self) -> bool:
        """Whether who is assigned meets everything that is wanted."""
        return self.assigned is not None and self.matches[0].fit == WHOLE


def free_for(
    inputs: AdvocacyInput,
    scores: Scores,
    rules: AdvocacyRules,
    activities: Activities,
    activity: ActivityId,
    day: dt.date | None = None,
) -> Bools:
    """Who may be asked for an activity today: no hard stop, no missing check, no No, ready, no cap and no rest.

    They are exactly those `core.advocacy.check.check_ask` finds nothing against, whatever their next ask is.

    Args:
        inputs: The contacts as of a day.
        scores: As `core.advocacy.score.score` returns them for the same contacts.
        rules: Caps and cool-downs.
        activities: The ladder.
        activity: What for.
        day: The working day, as `rests` and `guardrails` take it.

    Returns:
        One flag per contact, in the order of the input.
    """
    lanes = lanes_of(inputs, scores, rules, activities, day)
    free: Bools = lanes[:, activities.ladder.index(activity)] == Lane.ASK
    return free


def match(requests: pd.DataFrame, pool: pd.DataFrame, rules: MatchingRules) -> tuple[RequestMatches, ...]:
    """Serve all open requests together from the people who may be asked.

    Of all ways to give each request at most one person and each person at most one request, among pairs that fit
    enough and are not of the company that buys, the one that serves most requests and, of those, has the highest sum
    of points. Points of a pair = fit + readiness_points · readiness / 100 − load_points · min(asks, load_asks) /
    load_asks.

    Args:
        requests: One row per open request: request_id, opportunity_id, unit_id (account group of the deal, missing
            where it is not known), needed_by and wanted_<attribute> for each attribute, missing where it is not wanted.
        pool: One row per person who may be asked: contact_id, unit_id, industry, use_case, size, employees, region,
            persona, readiness [0-100], asks_365d.
        rules: Weights, least fit, spread.

    Returns:
        One entry per request, the one needed first in front; the same whatever the order of the rows.

    Source:
        Assignment problem, solved exactly (shortest augmenting paths, scipy); serving the requests one after another
        leaves some without a person whom another order would have served.
    """
    requests = requests.sort_values(["needed_by", "request_id"], kind="stable").reset_index(drop=True)
    pool = pool.sort_values("contact_id", kind="stable").reset_index(drop=True)
    lacking, wanted = misses(requests, pool)
    strangers = _strangers(requests, pool)
    fit = np.take_along_axis(_fit_of_mask(wanted, rules), lacking.astype(np.intp), axis=1)
    allowed = strangers & (fit >= rules.least_fit)
    points = fit + _spread(pool, rules)
    chosen = assign(points, allowed)
    served = {int(column): row for row, column in enumerate(chosen) if column != NOBODY}
    counts = _counts(lacking, strangers)
    found = _Found(plain_rows(requests), plain_rows(pool), lacking, fit, points, allowed, chosen, served, counts)
    return tuple(_of_request(found, row, wanted, rules) for row in range(len(requests)))


def assign(points: Floats, allowed: Bools) -> Places:
    """A different column for as many rows as possible, and of those ways the one with the highest sum of points.

    Args:
        points: Rows × columns, none negative beyond the range of a few hundred.
        allowed: Pairs that may be made.

    Returns:
        The column of each row; -1 where it gets none.
    """
    chosen = np.full(len(points), NOBODY, dtype=np.intp)
    rows, columns = np.flatnonzero(allowed.any(axis=1)), np.flatnonzero(allowed.any(axis=0))
    if not len(rows):
        return chosen
    inside = np.ix_(rows, columns)
    from scipy.optimize import linear_sum_assignment  # 25 MB that only a solved match needs

    values, may = points[inside], allowed[inside]
    values = values - values[may].min()
    one_more = values[may].max() * min(values.shape) + 1  # one more pair is worth more than all points together
    at, to = linear_sum_assignment(np.where(may, values + one_more, 0.0), maximize=True)
    made = may[at, to]
    chosen[rows[at[made]]] = columns[to[made]]
    return chosen


@dataclass(frozen=True, slots=True)
class _Found:
    requests: list[Row]
    pool: list[Row]
    lacking: Masks
    fit: Floats
    points: Floats
    allowed: Bools
    chosen: Places
    served: dict[int, int]
    counts: NDArray[np.int64]


def _strangers(requests: pd.DataFrame, pool: pd.DataFrame) -> Bools:
    """Requests × people: whether the person is of another company than the one that buys."""
    own = places(requests["unit_id"].astype("str"), pd.Series(pool["unit_id"].dropna().unique()).astype("str"))
    units = places(pool["unit_id"].astype("str"), pd.Series(pool["unit_id"].dropna().unique()).astype("str"))
    strangers: Bools = (own[:, None] != units[None, :]) | (own < 0)[:, None]
    return strangers


def _fit_of_mask(wanted: Masks, rules: MatchingRules) -> Floats:
    """Requests × combinations of what is lacking: the fit of who lacks just that; 100 where nothing is wanted."""
    weights = np.asarray([rules.weights[name] for name in ATTRIBUTES])
    masks = np.arange(2 ** len(ATTRIBUTES))
    asked = (wanted[:, None] >> np.arange(len(ATTRIBUTES))) & 1
    lacks = (masks[:, None] >> np.arange(len(ATTRIBUTES))) & 1
    whole = (asked * weights).sum(axis=1)
    lost = (asked * weights) @ lacks.T
    fit: Floats = WHOLE * (1 - lost / np.where(whole > 0, whole, 1)[:, None])
    return fit


def _spread(pool: pd.DataFrame, rules: MatchingRules) -> Floats:
    spread = rules.spread
    ready = np.nan_to_num(pool["readiness"].to_numpy(dtype=np.float64)) / 100
    load = np.minimum(np.nan_to_num(pool["asks_365d"].to_numpy(dtype=np.float64)), spread.load_asks) / spread.load_asks
    points: Floats = spread.readiness_points * ready - spread.load_points * load
    return points


def _counts(lacking: Masks, strangers: Bools) -> NDArray[np.int64]:
    """Requests × combinations: people who lack just that, the company that buys left out."""
    size = 2 ** len(ATTRIBUTES)
    cells = (np.arange(len(lacking))[:, None] * size + lacking)[strangers]
    return np.bincount(cells, minlength=len(lacking) * size).reshape(len(lacking), size)


def _of_request(found: _Found, row: int, wanted: Masks, rules: MatchingRules) -> RequestMatches:
    request, chosen = found.requests[row], int(found.chosen[row])
    order = np.argsort(-np.where(found.allowed[row], found.points[row], -np.inf), kind="stable")
    order = order[: min(rules.shown, int(found.allowed[row].sum()))]
    if chosen != NOBODY:
        order = np.append(chosen, order[order != chosen])[: rules.shown]
    matches = tuple(_match(found, row, int(column)) for column in order)
    return RequestMatches(
        request_id=str(request["request_id"]),
        opportunity_id=str(request["opportunity_id"]),
        matches=matches,
        assigned=None if chosen == NOBODY else str(found.pool[chosen]["contact_id"]),
        candidates=int(found.allowed[row].sum()),
        full=int(found.counts[row, 0]),
        relax=_relax(found.counts[row], int(wanted[row])),
        reason=_why_nobody(found, row) if chosen == NOBODY else None,
    )


def _match(found: _Found, row: int, column: int) -> Match:
    person, taker = found.pool[column], found.served.get(column, row)
    words = reasons(found.requests[row], person, int(found.lacking[row, column]))
    other = None if taker == row else str(found.requests[taker]["request_id"])
    return Match(str(person["contact_id"]), float(found.fit[row, column]), words, other)


def _relax(counts: NDArray[np.int64], wanted: int) -> tuple[Relax, ...]:
    """Single attributes that bring somebody; the smallest set of several where no single one does."""
    options = [mask for mask in range(1, 2 ** len(ATTRIBUTES)) if mask & wanted == mask]
    for size in range(1, len(ATTRIBUTES) + 1):
        sets = [Relax(_names(mask), _more(counts, mask)) for mask in options if mask.bit_count() == size]
        helpful = sorted((item for item in sets if item.more), key=lambda item: (-item.more, item.drop))
        if helpful:
            return tuple(helpful if size == 1 else helpful[:1])
    return ()


def _more(counts: NDArray[np.int64], dropped: int) -> int:
    """People who lack nothing but what is dropped, those who lack nothing left out."""
    masks = np.arange(len(counts))
    return int(counts[(masks & ~dropped == 0) & (masks > 0)].sum())


def _names(mask: int) -> tuple[Attribute, ...]:
    return tuple(name for name, bit in BITS.items() if mask & bit)


def _why_nobody(found: _Found, row: int) -> str:
    if not found.pool:
        return "nobody may be asked for a reference today"
    if not found.allowed[row].any():
        return "nobody who may be asked today fits enough"
    return "everybody who fits is needed more by another request"
