"""Health, readiness and engagement: three numbers kept apart, each with the points it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
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
        contacts: One row per contact, in the order of the input: contact_id; health, readiness and engagement [0-100],
            NaN where too little is known; coverage [0-1], that of readiness; health_coverage and engagement_coverage;
            health_reason, readiness_reason and engagement_reason, the words for a missing score, else null.
        overrides: Scores set by hand, as `core.advocacy.overrides.Overridden.rows`; the scores above have them.
        parts: One row per contact, score and signal: contact_id, score, signal, weight, value [0-1], points, raw (what
            was measured, in words), why_missing. `weight` is what is left after ageing, or the full weight of an absent
            signal; value, points and raw are null for an absent signal, why_missing for a present one; points are also
            NaN where the rule gives no score. A score set by hand has a row more, `override`, whose points are the
            difference it makes. Points sum to the score.
    """

    contacts: pd.DataFrame
    overrides: pd.DataFrame
    _waterfalls: Callable[[], pd.DataFrame] = field(repr=False, compare=False)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """The waterfalls, put together when first asked for."""
        return self._waterfalls()


@dataclass(frozen=True, slots=True)
class _Part:
    label: str
    weight: Floats
    full_weight: Floats
    value: Floats
    raw: Words
    why_missing: Words

    @property
    def present(self) -> Bools:
        return ~np.isnan(self.value)


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
    kept: dict[ScoreId, dict[SignalId, _Part]] = {}
    totals: dict[ScoreId, pd.DataFrame] = {}
    for name in SCORES:
        parts = _parts(inputs, rules, name)
        totals[name] = _total(parts, _least_known(inputs, rules, name))
        if len(inputs.ids) <= FEW:
            kept[name] = parts
    by_hand = {name: set_by_hand(inputs, name, totals[name]["score"].to_numpy()) for name in SCORES}
    overrides = pd.concat([by_hand[name].rows for name in SCORES], ignore_index=True)
    contacts = pd.DataFrame({"contact_id": inputs.ids})
    for name in SCORES:
        contacts[name] = by_hand[name].score
    contacts["coverage"] = totals["readiness"]["coverage"]
    contacts["health_coverage"] = totals["health"]["coverage"]
    contacts["engagement_coverage"] = totals["engagement"]["coverage"]
    for name in SCORES:
        contacts[f"{name}_reason"] = totals[name]["reason"].where(contacts[name].isna())
    if kept:
        return Scores(contacts, overrides, lambda: _with_overrides(_long(inputs.ids, kept, totals), overrides))
    return Scores(contacts, overrides, lambda: _with_overrides(_waterfalls(inputs, rules), overrides))


def _waterfalls(inputs: AdvocacyInput, rules: AdvocacyRules) -> pd.DataFrame:
    """Every signal worked out again: kept for the whole company they would weigh ten times the scores."""
    parts = {name: _parts(inputs, rules, name) for name in SCORES}
    totals = {name: _total(parts[name], _least_known(inputs, rules, name)) for name in SCORES}
    return _long(inputs.ids, parts, totals)


def _least_known(inputs: AdvocacyInput, rules: AdvocacyRules, name: ScoreId) -> Floats:
    return per_contact(inputs, rules, lambda own: own.scores[name].minimum_coverage)


def _parts(inputs: AdvocacyInput, rules: AdvocacyRules, name: ScoreId) -> dict[SignalId, _Part]:
    return {signal: _part(inputs, rules, name, signal) for signal in rules.scores[name].weights}


def _part(inputs: AdvocacyInput, rules: AdvocacyRules, of: ScoreId, name: SignalId) -> _Part:
    n, rule = len(inputs.contacts), rules.signals[name]
    weight = per_contact(inputs, rules, lambda own: own.scores[of].weights[name])
    if rule.table not in inputs.loaded or name in inputs.undated:
        nothing = np.full(n, np.nan)
        why = "not known of that day" if name in inputs.undated else f'table "{rule.table}" is not loaded'
        return _Part(rule.label, weight, weight, nothing, same(None, n), same(why, n))
    reading = read_signal(inputs, name, rule)
    value = np.interp(reading.measure, rule.at, rule.worth)
    half_life = per_contact(inputs, rules, lambda own: own.signals[name].half_life_days or np.inf)
    oldest = per_contact(inputs, rules, lambda own: own.signals[name].max_age_days or np.inf)
    fade = 0.5 ** (np.maximum(reading.age, 0) / half_life) if rule.half_life_days else np.ones(n)
    unknown = np.isnan(reading.measure) | np.isnan(fade)
    too_old = ~unknown & (reading.age > oldest)
    present = ~unknown & ~too_old
    value = np.where(present, value * (fade if rule.fades == "value" else 1.0), np.nan)
    left = np.where(present, weight * (fade if rule.fades == "weight" else 1.0), weight)
    too_old_words = worded(oldest, lambda days: f"older than {days:.0f} days")
    missing = too_old_words.where(too_old, rule.absent).where(~present)
    return _Part(rule.label, left, weight, value, reading.raw.where(present), missing)


def _total(parts: dict[SignalId, _Part], minimum: Floats) -> pd.DataFrame:
    counted = np.sum([np.where(part.present, part.weight, 0.0) for part in parts.values()], axis=0)
    coverage = counted / np.sum([part.full_weight for part in parts.values()], axis=0)
    shown = (coverage >= minimum - ROUNDING) & (counted > 0)
    total = np.where(shown, counted, np.nan)
    points = np.sum([np.nan_to_num(_points(part, total)) for part in parts.values()], axis=0)
    absent = listed([~part.present for part in parts.values()], [part.label for part in parts.values()])
    least = worded(minimum, lambda share: f"{100 * share:.0f} % needed")
    known = worded(np.floor(100 * coverage + ROUNDING), lambda share: f"{share:.0f} % of it is known, ") + least
    words = (known + ("; missing: " + absent)).where(absent.present, known)
    return pd.DataFrame(
        {
            "score": np.where(shown, points, np.nan),
            "coverage": coverage,
            "total": total,
            "reason": words.where(~shown).category(),
        }
    )


def _points(part: _Part, total: Floats) -> Floats:
    return 100.0 * part.weight * part.value / total


def _long(
    ids: pd.Series, parts: dict[ScoreId, dict[SignalId, _Part]], totals: dict[ScoreId, pd.DataFrame]
) -> pd.DataFrame:
    blocks = [(name, signal, part) for name in SCORES for signal, part in parts[name].items()]
    signals = list(dict.fromkeys(signal for _, signal, _ in blocks))
    points = [_points(part, totals[name]["total"].to_numpy()) for name, _, part in blocks]
    return pd.DataFrame(
        {
            "contact_id": pd.concat([ids] * len(blocks), ignore_index=True),
            "score": repeated([SCORES.index(name) for name, _, _ in blocks], SCORES, len(ids)),
            "signal": repeated([signals.index(signal) for _, signal, _ in blocks], signals, len(ids)),
            "weight": np.concatenate([part.weight for _, _, part in blocks]),
            "value": np.concatenate([part.value for _, _, part in blocks]),
            "points": np.concatenate(points),
            "raw": stacked([part.raw for _, _, part in blocks]).category(),
            "why_missing": stacked([part.why_missing for _, _, part in blocks]).category(),
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
