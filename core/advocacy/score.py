"""Health, readiness and engagement: three numbers kept apart, each with the points it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from core.advocacy.by_segment import per_contact
from core.advocacy.inputs import AdvocacyInput, Bools, Floats
from core.advocacy.overrides import SET_BY_HAND, set_by_hand
from core.advocacy.signals import read_signal
from core.advocacy.wording import Words, listed, repeated, same, stacked, worded
from core.model.advocacy import SCORES, AdvocacyRules, ScoreId, SignalId

ROUNDING = 1e-9
"""Sums of floats may fall this far short of a limit they meet."""
FEW = 200
"""Contacts up to which the signals are kept for the waterfalls: working them out twice costs more than their room."""


@dataclass(frozen=True)
class Scores:
    """The three scores of every contact, and their waterfalls.

    Attributes:
        numbers: One row per contact, in the order of the input: contact_id; health, readiness and engagement [0-100],
            NaN where too little is known; coverage [0-1], that of readiness; health_coverage and engagement_coverage.
        overrides: Scores set by hand, as `core.advocacy.overrides.Overridden.rows`; the scores above have them.
        reasons: One row per contact: health_reason, readiness_reason and engagement_reason, the words for a missing
            score, else null.
        contacts: The columns of `numbers` and of `reasons`.
        parts: One row per contact, score and signal: contact_id, score, signal, weight, value [0-1], points, raw (what
            was measured, in words), why_missing. `weight` is what is left after ageing, or the full weight of an absent
            signal; value, points and raw are null for an absent signal, why_missing for a present one; points are also
            NaN where the rule gives no score. A score set by hand has a row more, `override`, whose points are the
            difference it makes. Points sum to the score.
    """

    numbers: pd.DataFrame
    overrides: pd.DataFrame
    _reasons: Callable[[], pd.DataFrame] = field(repr=False, compare=False)
    _waterfalls: Callable[[], pd.DataFrame] = field(repr=False, compare=False)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """The reasons, put into words when first asked for."""
        return self._reasons()

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """Scores and reasons of every contact, put together when first asked for."""
        return pd.concat([self.numbers, self.reasons], axis=1)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """The waterfalls, put together when first asked for."""
        return self._waterfalls()


@dataclass(frozen=True, slots=True)
class _Measured:
    """A signal of every contact: its value after ageing, NaN where it is absent, and the share left of its weight."""

    value: Floats
    left: Floats | None
    raw: Words
    why_missing: Words

    @property
    def present(self) -> Bools:
        return ~np.isnan(self.value)


@dataclass(frozen=True, slots=True)
class _Part:
    label: str
    full_weight: Floats
    measured: _Measured

    @property
    def weight(self) -> Floats:
        left, present = self.measured.left, self.measured.present
        return self.full_weight if left is None else np.where(present, self.full_weight * left, self.full_weight)

    @property
    def weight_present(self) -> Floats:
        """The weight where the signal is there, 0 where it is absent."""
        whole, left = self.full_weight * self.measured.present, self.measured.left
        return whole if left is None else whole * np.fmax(left, 0.0)


@dataclass(frozen=True, slots=True)
class _Total:
    """One score by the rule, without what people set by hand; `total` is the weight its points are shares of."""

    score: Floats
    coverage: Floats
    total: Floats
    reason: Words


Parts = dict[SignalId, _Part]


def score(inputs: AdvocacyInput, rules: AdvocacyRules) -> Scores:
    """Score every contact.

    score = 100 * sum(w_i * s_i) / sum(w_i) over the signals present

    An absent signal (its table is not loaded, it has no value, or that is too old) takes no part: it lowers the
    coverage sum(w_i present) / sum(w_i all), never the score. Age halves w_i or s_i every half-life, as the model file
    says. Weights, half-lives and the least coverage are those of the account's segment where the rules have any. A
    score set by hand replaces what the rule gives, and is told apart from it.

    Args:
        inputs: The contacts as of a day.
        rules: Curves, weights and half-lives.

    Returns:
        The scores; NaN with a reason where the coverage is under the minimum of that score.

    Source:
        Weighted mean over what is present: Gainsight and Totango documentation; the weights: data/model/advocacy.toml.
    """
    few = len(inputs.ids) <= FEW
    parts, totals = _worked_out(inputs, rules, told=few)
    by_hand = {name: set_by_hand(inputs, name, totals[name].score) for name in SCORES}
    overrides = pd.concat([by_hand[name].rows for name in SCORES], ignore_index=True)
    shown: dict[str, Floats] = {name: by_hand[name].score for name in SCORES}
    shown["coverage"] = totals["readiness"].coverage
    shown["health_coverage"] = totals["health"].coverage
    shown["engagement_coverage"] = totals["engagement"].coverage
    numbers = pd.DataFrame({"contact_id": inputs.ids, **shown})
    reasons = {name: totals[name].reason.where(np.isnan(by_hand[name].score)) for name in SCORES}
    waterfalls = partial(_long, inputs.ids, parts, totals) if few else partial(_waterfalls, inputs, rules)
    return Scores(
        numbers,
        overrides,
        lambda: pd.DataFrame({f"{name}_reason": words.category() for name, words in reasons.items()}),
        lambda: _with_overrides(waterfalls(), overrides),
    )


def _waterfalls(inputs: AdvocacyInput, rules: AdvocacyRules) -> pd.DataFrame:
    """Every signal worked out again: kept for the whole company they would weigh ten times the scores."""
    return _long(inputs.ids, *_worked_out(inputs, rules, told=True))


def _worked_out(
    inputs: AdvocacyInput, rules: AdvocacyRules, *, told: bool
) -> tuple[dict[ScoreId, Parts], dict[ScoreId, _Total]]:
    """The parts of each score and its total; each signal is measured once, however many scores it has a weight in."""
    measured = {name: _measured(inputs, rules, name, told=told) for name in _signals(rules)}
    parts = {name: _parts(inputs, rules, name, measured) for name in SCORES}
    return parts, {name: _total(parts[name], _least_known(inputs, rules, name)) for name in SCORES}


def _least_known(inputs: AdvocacyInput, rules: AdvocacyRules, name: ScoreId) -> Floats:
    return per_contact(inputs, rules, lambda own: own.scores[name].minimum_coverage)


def _signals(rules: AdvocacyRules) -> list[SignalId]:
    """Every signal that has a weight in some score, once."""
    return list(dict.fromkeys(signal for name in SCORES for signal in rules.scores[name].weights))


def _parts(inputs: AdvocacyInput, rules: AdvocacyRules, of: ScoreId, measured: Mapping[SignalId, _Measured]) -> Parts:
    return {
        name: _Part(rules.signals[name].label, _weight(inputs, rules, of, name), measured[name])
        for name in rules.scores[of].weights
    }


def _weight(inputs: AdvocacyInput, rules: AdvocacyRules, of: ScoreId, name: SignalId) -> Floats:
    return per_contact(inputs, rules, lambda own: own.scores[of].weights[name])


def _measured(inputs: AdvocacyInput, rules: AdvocacyRules, name: SignalId, *, told: bool) -> _Measured:
    """One signal; only what is told in words keeps what was read of it."""
    n, rule = len(inputs.contacts), rules.signals[name]
    if rule.table not in inputs.loaded or name in inputs.undated:
        why = "not known of that day" if name in inputs.undated else f'table "{rule.table}" is not loaded'
        return _Measured(np.full(n, np.nan), None, same(None, n), same(why, n))
    reading = read_signal(inputs, name, rule)
    value, left = np.interp(reading.measure, rule.at, rule.worth), None  # none without a measure
    if rule.half_life_days:
        half_life = per_contact(inputs, rules, lambda own: own.signals[name].half_life_days or np.inf)
        left = 0.5 ** (np.maximum(reading.age, 0) / half_life)
        value[np.flatnonzero(np.isnan(left))] = np.nan
        if rule.fades == "value":
            value *= left
    oldest = per_contact(inputs, rules, lambda own: own.signals[name].max_age_days or np.inf)
    too_old = ~np.isnan(value) & (reading.age > oldest)
    value[np.flatnonzero(too_old)] = np.nan
    left = left if rule.fades == "weight" else None
    if not told:
        return _Measured(value, left, same(None, n), same(None, n))
    absent = np.isnan(value)
    missing = worded(oldest, lambda days: f"older than {days:.0f} days").where(too_old, rule.absent)
    return _Measured(value, left, reading.raw.where(~absent), missing.where(absent))


def _total(parts: Parts, minimum: Floats) -> _Total:
    weights = [part.weight_present for part in parts.values()]
    counted = _sum(iter(weights))
    coverage = counted / _sum(part.full_weight for part in parts.values())
    hidden = ~((coverage >= minimum - ROUNDING) & (counted > 0))
    total = counted.copy()
    total[np.flatnonzero(hidden)] = np.nan
    values = (np.fmax(part.measured.value, 0.0) for part in parts.values())  # 0 where absent, as the weight is
    score = _sum(_points(weight, value, total) for weight, value in zip(weights, values, strict=True))
    present, labels = [part.measured.present for part in parts.values()], [part.label for part in parts.values()]

    def reason() -> Words:  # kept unread: it must not hold the parts, a float of each contact and signal
        absent = listed([~there for there in present], labels)
        least = worded(minimum, lambda share: f"{100 * share:.0f} % needed")
        known = worded(np.floor(100 * coverage + ROUNDING), lambda share: f"{share:.0f} % of it is known, ") + least
        return known.where(np.logical_and.reduce(present), known + ("; missing: " + absent)).where(hidden)

    return _Total(score, coverage, total, Words.late(reason))


def _sum(columns: Iterator[Floats]) -> Floats:
    """Columns added one after the other."""
    whole = np.array(next(columns))
    for column in columns:
        whole += column
    return whole


def _points(weight: Floats, value: Floats, total: Floats) -> Floats:
    return 100.0 * weight * value / total


def _long(ids: pd.Series, parts: Mapping[ScoreId, Parts], totals: Mapping[ScoreId, _Total]) -> pd.DataFrame:
    blocks = [(name, signal, part) for name in SCORES for signal, part in parts[name].items()]
    signals = list(dict.fromkeys(signal for _, signal, _ in blocks))
    points = [_points(part.weight, part.measured.value, totals[name].total) for name, _, part in blocks]
    return pd.DataFrame(
        {
            "contact_id": pd.concat([ids] * len(blocks), ignore_index=True),
            "score": repeated([SCORES.index(name) for name, _, _ in blocks], SCORES, len(ids)),
            "signal": repeated([signals.index(signal) for _, signal, _ in blocks], signals, len(ids)),
            "weight": np.concatenate([part.weight for _, _, part in blocks]),
            "value": np.concatenate([part.measured.value for _, _, part in blocks]),
            "points": np.concatenate(points),
            "raw": stacked([part.measured.raw for _, _, part in blocks]).category(),
            "why_missing": stacked([part.measured.why_missing for _, _, part in blocks]).category(),
        }
    )


def _with_overrides(parts: pd.DataFrame, overrides: pd.DataFrame) -> pd.DataFrame:
    """The waterfalls with a row more for each score set by hand."""
    if overrides.empty:
        return parts
    n = len(overrides)
    more: dict[str, Any] = {
        "contact_id": overrides["contact_id"],
        "score": overrides["score"],
        "signal": [SET_BY_HAND] * n,
        "weight": np.zeros(n),
        "value": overrides["value"] / 100,
        "points": overrides["points"],
        "raw": overrides["raw"],
        "why_missing": [None] * n,
    }
    return pd.DataFrame({name: _and(parts[name], rows) for name, rows in more.items()})


def _and(column: pd.Series, more: Any) -> pd.Categorical | pd.Series:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return pd.concat([column, pd.Series(more)], ignore_index=True)
    kind: Any = column.cat.categories.dtype
    texts = pd.Categorical(pd.array(list(more), dtype=kind))
    both: pd.Categorical = union_categoricals([column.array, texts])
    return both
