"""Learning a chance from earlier rows: regression or trees, whichever foretold later folds better, level corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.advocacy.history import Bools, Floats
from core.model.pool import PropensityRules
from core.stats.logistic import fit_logistic, fit_shrunk, log_odds, sigmoid

Method = Literal["regression", "trees"]
Predict = Callable[[Floats], Floats]
"""Chances of rows of features."""
Fit = Callable[[Floats, Bools], Predict | None]
"""Learns from rows and what became of them; None where there is nothing to learn."""


@dataclass(frozen=True)
class Learned:
    """A calibrated chance.

    Attributes:
        method: What was learned.
        predict: Chances of rows of features.
        rows: How many rows it was learned from.
    """

    method: Method
    predict: Predict
    rows: int


def learn(x: Floats, happened: Bools, signs: NDArray[np.int64], rules: PropensityRules, seed: int) -> Learned | None:
    """Learn a chance from rows in order of time.

    The rows are cut into folds by time; each but the first is foretold from all rows before it. The method with the
    smaller mean log loss there is taken, and how far its log-odds l were off in the mean corrects the chances:
    log-odds = l + a. How far chances lie apart is not corrected: what was learned from a fold's few rows is off by
    another slope than what is learned from all, and correcting by it made chances worse.

    Args:
        x: Rows x features, oldest first; NaN where unknown.
        happened: What became of each row.
        signs: Known sign of each feature, for the trees.
        rules: Folds, and from how many rows trees are tried.
        seed: Of the trees.

    Returns:
        None where no method could learn anything.

    Source:
        Folds that never look ahead as in Bergmeir and Benítez, Information Sciences 191, 2012; log loss: Good, Journal
        of the Royal Statistical Society B 14, 1952
    """
    methods = _methods(len(x), signs, rules, seed)
    ahead = [foretold(fit, x, happened, rules.folds) for _, fit in methods]
    best = int(np.argmin([_loss(chance, happened) for chance in ahead]))
    method, fit = methods[best]
    last = fit(x, happened)
    if last is None:
        return None
    correct = correction(ahead[best], happened)
    return Learned(method, lambda rows: correct(last(rows)), len(x))


def _methods(rows: int, signs: NDArray[np.int64], rules: PropensityRules, seed: int) -> list[tuple[Method, Fit]]:
    """What may be learned from so many rows, the simplest first."""
    methods: list[tuple[Method, Fit]] = [("regression", regression)]
    if rows >= rules.boosting_from:
        methods.append(("trees", partial(trees, signs=signs, rules=rules, seed=seed)))
    return methods


def foretold(fit: Fit, x: Floats, happened: Bools, folds: int) -> Floats:
    """Chance of each row as learned from the folds before its own; NaN in the first fold."""
    edges = np.linspace(0, len(x), folds + 1).astype(np.intp)
    chance = np.full(len(x), np.nan)
    for begin, end in pairwise(edges[1:]):
        predict = fit(x[:begin], happened[:begin])
        if predict is not None:
            chance[begin:end] = predict(x[begin:end])
    return chance


def correction(ahead: Floats, happened: Bools) -> Predict:
    """What brings the level of chances in line with what happened later; changes nothing where that cannot be told.

    Args:
        ahead: Chances said ahead; NaN where none was.
        happened: What became of each row.
    """
    said = ~np.isnan(ahead)
    odds = log_odds(ahead[said])
    found = fit_logistic(np.ones((len(odds), 1)), happened[said], offset=odds)
    if found is None:
        return lambda chance: chance
    level = float(found.coefficients[0])
    return lambda chance: sigmoid(log_odds(chance) + level)


def regression(x: Floats, happened: Bools) -> Predict | None:
    """Logistic regression on standardised features, with the penalty the rows speak for; the unknown takes the mean."""
    known = ~np.isnan(x)
    number = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, x, 0).sum(axis=0) / number
    spread = np.sqrt((np.where(known, x - mean, 0) ** 2).sum(axis=0) / number)
    spread = np.where(spread > 0, spread, np.inf)

    def columns(rows: Floats) -> Floats:
        z = np.where(np.isnan(rows), 0.0, (rows - mean) / spread)
        return np.column_stack([np.ones(len(rows)), z])

    found = fit_shrunk(columns(x), happened)
    return None if found is None else lambda rows: found.chance(columns(rows))


def trees(x: Floats, happened: Bools, signs: NDArray[np.int64], rules: PropensityRules, seed: int) -> Predict | None:
    """Boosted trees whose chance never moves against a known sign."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # a heavy import that few companies need
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    used = ~np.isnan(x).all(axis=0)  # the library cannot bin a column nothing is known of
    if happened.min() == happened.max() or not used.any():
        return None
    rule = rules.trees
    forest = HistGradientBoostingClassifier(
        learning_rate=rule.rate,
        max_iter=rule.rounds,
        max_leaf_nodes=rule.leaves,
        min_samples_leaf=rule.least_in_leaf,
        l2_regularization=rule.ridge,
        monotonic_cst=signs[used],
        early_stopping=False,
        random_state=seed,
    )

    def predict(rows: Floats) -> Floats:
        with threadpool_limits(1):
            return np.asarray(forest.predict_proba(rows[:, used])[:, 1], dtype=np.float64)

    with threadpool_limits(1):  # on a busy server more threads wait for each other longer than they work
        forest.fit(x[:, used], happened)
    return predict


def _loss(chance: Floats, happened: Bools) -> float:
    """Mean log loss; a method that foretold nothing comes last."""
    said = ~np.isnan(chance)
    odds = log_odds(chance[said])
    return float(np.mean(np.logaddexp(0.0, np.where(happened[said], -odds, odds)))) if said.any() else np.inf
