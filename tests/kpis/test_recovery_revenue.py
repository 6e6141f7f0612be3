"""Planted figures of renewals, value and products are found, each within its interval as often as it says."""

import datetime as dt

import numpy as np
import pytest

from core.kpis import REGISTRY, evaluate
from core.month import build_month
from tests.companies import source
from tests.kpis import recovery_expansion, recovery_lift, recovery_renewals, recovery_value

WORLDS = 6
LEAST_COVERED = 3
"""Fewer than 3 of 6 at 95 % happen once in 10,000 times."""


@pytest.mark.parametrize(
    "module",
    [recovery_renewals, recovery_expansion, recovery_value, recovery_lift],
    ids=lambda module: module.__name__.rpartition("_")[2],
)
def test_planted_figures_are_found(module, tmp_path):
    rng, covered, errors = np.random.default_rng(2026), {}, {}
    for place in range(WORLDS):
        rows, truth = module.world(rng)
        folder = tmp_path / str(place)
        folder.mkdir()
        data = build_month(dt.date(2025, 12, 31), source(folder, rows)).kpi_input
        for name, value in truth.items():
            result = evaluate(REGISTRY[name], data, dt.date(2025, 12, 1))
            assert result.shown and result.low is not None, (name, result.state, result.reason)
            covered[name] = covered.get(name, 0) + (result.low <= value <= result.high)
            errors.setdefault(name, []).append((result.value - value) / (result.high - result.low))
    assert min(covered.values()) >= LEAST_COVERED, covered
    assert max(abs(float(np.mean(each))) for each in errors.values()) < 0.4, "off by 3 standard errors of their mean"
