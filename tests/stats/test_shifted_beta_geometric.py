import json
from pathlib import Path

import numpy as np
import pytest

from core.stats.shifted_beta_geometric import fit_beta_geometric, log_chances, log_likelihood

CASES = json.loads((Path(__file__).parents[1] / "published" / "value.json").read_text(encoding="utf-8"))
CASE = next(case for case in CASES if case["id"] == "fader_hardie_sbg_high_end")


def series():
    share = np.array([1.0, *CASE["inputs"]["survival"]])
    left = np.zeros(7)
    left[-1] = share[-1]
    return -np.diff(share), left


def test_the_published_fit_and_forecast_are_met():
    lost, left = series()
    fit, expected, tolerance = fit_beta_geometric(lost, left), CASE["expected"], CASE["tolerance"]
    assert fit.alpha[0] == pytest.approx(expected["alpha"], abs=tolerance["alpha"])
    assert fit.beta[0] == pytest.approx(expected["beta"], abs=tolerance["beta"])
    assert fit.survival(np.arange(8, 13))[0] == pytest.approx(expected["next5"], abs=tolerance["next5"])
    likelihood = log_likelihood(lost[None], left[None], log_chances(len(lost), np.ones(1), np.ones(1)))[0, 0]
    assert likelihood == pytest.approx(expected["ll_at_1_1"], abs=tolerance["ll_at_1_1"])


def test_the_published_residual_value_is_met():
    """Expected discounted renewals after seven: sum of S(7 + k) / S(7) / 1.1^(k - 1), the next one not discounted."""
    lost, left = series()
    periods = np.arange(7, 400)
    curve = fit_beta_geometric(lost, left).survival(periods)[0]
    renewals = float((curve[1:] / curve[0] / 1.1 ** np.arange(len(periods) - 1)).sum())
    assert renewals == pytest.approx(CASE["expected"]["derl_after_7_renewals"], abs=0.002)


def test_customers_all_alike_leave_at_a_constant_rate():
    stays = 0.9 ** np.arange(25)
    left = np.zeros(24)
    left[-1] = stays[-1]
    fit = fit_beta_geometric(-np.diff(stays) * 1000, left * 1000)
    assert fit.survival([36])[0, 0] == pytest.approx(0.9**36, rel=0.02)


def test_a_planted_curve_is_found_by_customers():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(60):
        chance = rng.beta(0.8, 5.0, 800)
        until = rng.geometric(chance)
        lost = np.bincount(np.minimum(until, 25), minlength=26)[1:25]
        left = np.zeros(24)
        left[-1] = (until > 24).sum()
        found.append(fit_beta_geometric(lost, left).survival([36])[0, 0])
    truth = fit_beta_geometric_truth(36)
    assert abs(np.mean(found) - truth) < 3 * np.std(found) / np.sqrt(60)


def fit_beta_geometric_truth(periods):
    return float(np.prod([(5.0 + k) / (5.8 + k) for k in range(periods)]))


def test_rows_are_fitted_one_by_one():
    lost, left = series()
    rows = fit_beta_geometric(np.stack([lost, lost[::-1]]), np.stack([left, left]))
    assert rows.alpha[0] == pytest.approx(fit_beta_geometric(lost, left).alpha[0])
    with pytest.raises(ValueError, match="one shape"):
        fit_beta_geometric(lost, left[:3])
