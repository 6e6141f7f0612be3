"""Planted truths: what the comparison of two groups finds, and what it must not claim."""

import datetime as dt

import numpy as np
import pytest

from core.cohorts.compare import compare
from core.cohorts.groups import grouping, segment_codes
from core.cohorts.measures import measured
from tests.cohorts.worlds import drawn

AGE = 6
WORLDS = 40


def compared(data, seed, measure="logo"):
    groups = grouping(data, "channel")
    taken = measured(data, groups.customers, measure)
    codes = segment_codes(data, groups.customers)
    return compare(groups, taken, "Referral", "Paid", AGE, codes)


def equal_world(seed, customers=900):
    """Two groups with the same risk of leaving, and the same growth."""
    rng = np.random.default_rng(seed)
    channel = np.where(rng.random(customers) < 0.4, "referral", "paid")
    return drawn(rng, customers, 14, hazard=0.03, channel=channel, growth=0.05)


def mixed_world(seed, customers=3_000):
    """Referred customers are mostly large ones, and large ones leave less: the channel itself does nothing."""
    rng = np.random.default_rng(seed)
    large = rng.random(customers) < 0.5
    referred = rng.random(customers) < np.where(large, 0.6, 0.2)
    return drawn(
        rng,
        customers,
        18,
        hazard=np.where(large, 0.005, 0.05),
        segment=np.where(large, "Large", "Small"),
        channel=np.where(referred, "referral", "paid"),
    )


@pytest.mark.parametrize("measure", ["logo", "net"])
def test_groups_alike_are_rarely_called_different(measure):
    """5 % of equal worlds are expected; 7 or more of 40 happen once in three hundred times."""
    false = sum(compared(equal_world(seed), seed, measure).raw.outcome in ("first", "second") for seed in range(WORLDS))
    assert false <= 6


def test_a_difference_by_mix_alone_is_there_as_they_are_and_gone_among_customers_alike():
    found = [compared(mixed_world(seed), seed) for seed in range(12)]
    assert all(pair.raw.outcome == "first" for pair in found)
    assert sum(pair.alike.outcome == "none" for pair in found) >= 10
    raw = np.mean([pair.raw.value for pair in found])
    alike = np.mean([pair.alike.value for pair in found])
    assert raw > 0.05
    assert abs(alike) < 0.01


def test_a_difference_of_the_groups_themselves_stays_among_customers_alike():
    rng = np.random.default_rng(3)
    referred = rng.random(3_000) < 0.4
    data = drawn(
        rng,
        3_000,
        18,
        hazard=np.where(referred, 0.005, 0.04),
        segment=np.where(rng.random(3_000) < 0.5, "Large", "Small"),
        channel=np.where(referred, "referral", "paid"),
    )
    found = compared(data, 3)
    truth = 0.995**AGE - 0.96**AGE
    assert (found.raw.outcome, found.alike.outcome) == ("first", "first")
    assert found.raw.low < truth < found.raw.high
    assert found.alike.low < truth < found.alike.high


def test_ages_are_equal_whatever_the_start():
    """A channel that is young only looks better than an old one where customers of all ages are put together."""
    rng = np.random.default_rng(5)
    start_late = rng.random(2_000) < 0.5
    data = drawn(rng, 2_000, 30, hazard=0.04, channel=np.where(start_late, "referral", "paid"))
    found = compared(data, 5)
    assert found.raw.outcome == "none"
    assert dt.date(2020, 1, 1) == data.customers.first_month
