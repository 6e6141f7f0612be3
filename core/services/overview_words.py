"""The Overview's answer in one sentence, claiming no more than the intervals support."""

from __future__ import annotations

from collections.abc import Mapping

from core.glossary import SPACE, display, display_interval
from core.kpis.result import KpiResult, State

SHORT_FORMS = (
    "ARR is annual recurring revenue: twelve times the monthly revenue at the end of the month. "
    "pp are percentage points: from 40 % to 42 % is +2 pp. n is how many the figure rests on. "
    "95 %: the true figure lies between these two in 19 cases of 20. "
    "Similar deals are alike in segment, size and first stage."
)
"""What the short forms of the screen stand for."""
CHEAPER = "referred customers cost less to win than paid ones"


def answer(results: Mapping[str, KpiResult]) -> str:
    """The page's answer: what the intervals leave open is said to be open."""
    kept, open_kept = _retention_clause(results["net_revenue_retention"])
    cost, open_cost = _cac_clause(results["cac_referral"], results["cac_paid"])
    first = f"{kept}: growth is not certain" if open_kept else kept
    if open_kept and open_cost:
        return f"{first}, nor that {CHEAPER}"
    last = f"whether {CHEAPER} is not certain" if open_cost else cost
    return f"{first}; {last}" if last else first


def _retention_clause(result: KpiResult) -> tuple[str, bool]:
    """What those who were customers a year ago pay now, and whether it is open if that is more or less than then."""
    if result.state is State.IMPLAUSIBLE:
        return (
            f"Net revenue retention reads {display(result.value, 'ratio')}: check the data before believing it",
            False,
        )
    if not result.shown or result.value is None:
        return f"Retention cannot be shown yet: {(result.reason or '').removeprefix('too few: ')}", False
    band = "" if result.low is None else f" ({display_interval(result.low, result.high, 'ratio')})"
    pay = f"{result.value * 100:.{1 if '.' in band else 0}f}{SPACE}%"
    kept = f"Customers of a year ago pay {pay} of what they did{band}"
    if result.low is None or result.high is None or result.low <= 1 <= result.high:
        return kept, True
    return f"{kept}, {'more' if result.low > 1 else 'less'} than before", False


def _cac_clause(referral: KpiResult, paid: KpiResult) -> tuple[str, bool]:
    """How the two costs compare, and whether that is open; no word where one of them is not computed at all."""
    if State.MISSING in (referral.state, paid.state):
        return "", False
    if not (referral.shown and paid.shown) or None in (referral.low, referral.high, paid.low, paid.high):
        return "", True
    if referral.high < paid.low:  # type: ignore[operator]
        return CHEAPER, False
    if referral.low > paid.high:  # type: ignore[operator]
        return "referred customers cost more to win than paid ones", False
    return "", True
