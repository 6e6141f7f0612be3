"""The Overview's answer in one sentence, claiming no more than the intervals support."""

from __future__ import annotations

from collections.abc import Mapping

from core.glossary import display
from core.kpis.result import KpiResult, State


def answer(results: Mapping[str, KpiResult]) -> str:
    """The page's answer: it claims no more than the intervals support."""
    return _retention_clause(results["net_revenue_retention"]) + _cac_clause(
        results["cac_referral"], results["cac_paid"]
    )


def _retention_clause(result: KpiResult) -> str:
    if result.state is State.IMPLAUSIBLE:
        return f"Net revenue retention reads {display(result.value, 'ratio')}: check the data before believing it"
    if not result.shown or result.value is None:
        return f"Retention cannot be shown yet: {(result.reason or '').removeprefix('too few: ')}"
    kept = f"We kept {display(result.value, 'ratio')} of last year's revenue"
    if result.low is None or result.high is None or result.low <= 1 <= result.high:
        return f"{kept}, about as much as there was"
    return f"{kept}, more than there was" if result.low > 1 else f"{kept}, less than there was"


def _cac_clause(referral: KpiResult, paid: KpiResult) -> str:
    if not (referral.shown and paid.shown):
        return ""
    ends = (referral.low, referral.high, paid.low, paid.high)
    if any(end is None for end in ends):
        return ""
    if ends[1] < ends[2]:  # type: ignore[operator]
        return "; a referred customer costs less to win than a paid one"
    if ends[0] > ends[3]:  # type: ignore[operator]
        return "; a referred customer costs more to win than a paid one"
    return "; what referred and paid customers cost cannot be told apart"
