"""The two clocks of one decision, told apart: what sales has in hand, and how good the referrals are."""

from __future__ import annotations

from core.kpis import REGISTRY
from core.model.kpi_rules import kpi_rules
from core.model.requests import load_request_rules


def accepting_words() -> str:
    """From when and for how long sales has to decide on a referral, in the fast lane and in the figure of its quality.

    Both limits are those of data/model: `clocks.contacted` of requests.toml in working days, `referral` of
    kpi_rules.toml in calendar days.
    """
    hours, lane = load_request_rules().clocks.contacted.within_hours, kpi_rules().fast_lane
    if hours is None:
        raise ValueError("the clock after the first contact needs within_hours")
    days, label = kpi_rules().referral.accepted_within_days, REGISTRY["referral_quality_rate"].label
    return (
        f"The clock here gives sales {hours / (lane.closes - lane.opens):g} working days from the first contact, so "
        f"that a late call costs the caller, not sales. The figure “{label}” counts what was accepted within {days} "
        "calendar days of the submission, whoever took the time: it says how good referrals are, and how soon we act."
    )
