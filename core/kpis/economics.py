"""What marketing money brings: the return on plays, the return of one more per cent, and its share of revenue."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.columns import Columns
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census
from core.kpis.judging_effects import belief, compared, return_on_difference, verdict_of
from core.kpis.known_months import known_months
from core.kpis.lift import NAIVE, enrolled_rows, enrolments, lift_gap, treated_window
from core.kpis.margin import YEAR, margin_gap, margin_rate
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.channels import normalised
from core.stats.ids import Positions
from core.stats.months import shift_month


@frame
def play_returns(data: KpiInput, month: dt.date) -> Columns:
    """The accounts of `play_year` with their margin of twelve months, and the spend on the plays they entered.

    Returns:
        account_name (of an account, or of a line of spend), segment, compared_as, treated, stratum, starting_mrr,
        changed_accounts, weight, year_margin (revenue of the twelve months after the start x gross margin) [cents],
        and the arguments: enrolled_margin, comparison_margin (weighted), play_spend [cents].
    """
    accounts, rate = data.columns("play_year", month), margin_rate(data, month) or 0.0
    margin, arm = accounts["year_revenue"] * rate, accounts["treated"] > 0
    kept = ["account_id", "account_name", "segment", "compared_as", "treated", "stratum", "starting_mrr"]
    rows = accounts.only(*kept, "changed_accounts", "weight").also(
        year_margin=margin,
        enrolled_margin=np.where(arm, margin * accounts["weight"], 0.0),
        comparison_margin=np.where(arm, 0.0, margin * accounts["weight"]),
        play_spend=0,
    )
    return rows.below(_play_spend(data, month))


def _play_spend(data: KpiInput, month: dt.date) -> Columns:
    """Post-sale spend on the plays of the treated accounts, in the months in which they entered them."""
    first, last = treated_window(month)
    found = enrolments(data)
    plays = {found.names[place] for place in np.flatnonzero(np.bincount(enrolled_rows(data, month)[1]))}
    lines, months, of, names = data.kept("spend on plays", lambda: _lines_of_plays(data.table("spend")))
    inside = (months >= np.datetime64(first)) & (months <= np.datetime64(last))
    return lines.take(np.flatnonzero(inside & np.array([name in plays for name in names], dtype=bool)[of]))


def _lines_of_plays(spend: pd.DataFrame) -> tuple[Columns, np.ndarray, Positions, list[str]]:
    """Post-sale spend under a name that says line and month; the month, the place of the play it is for, and plays."""
    own = spend[spend["kind"] == "post_sale"]
    plays = own["play"].map(lambda name: normalised(name) if pd.notna(name) else "").to_numpy(dtype=object)
    of, names = pd.factorize(plays)
    lines = pd.DataFrame(
        {
            "account_name": own["line"].str.replace("_", " ").str.capitalize() + own["month"].dt.strftime(", %Y-%m"),
            "compared_as": "spend",
            "play_spend": own["cost_cents"],
        }
    )
    return Columns.of(lines), own["month"].to_numpy(), of, [str(name) for name in names]


def returns_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why the return on plays is not known for a month, in words; None when it is."""
    gap = lift_gap(data, month) or margin_gap(data, month)
    if gap:
        return gap
    first, last = treated_window(month)
    known = known_months(data, "spend")
    months = (last.year - first.year) * YEAR + last.month - first.month + 1
    found = sum(shift_month(first, by) in known for by in range(months))
    return None if found == months else f"spend is known for {found} of the {months} months from {first:%Y-%m}"


def returns_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """The return without adjustment, and what was earned and spent."""
    columns = data.columns("play_returns", month, segment)
    found, spent = compared(columns, "year_margin", "starting_mrr"), float(columns["play_spend"].sum())
    shown = found is not None and spent > 0 and verdict_of(found, columns, in_points=False).show
    size = float((columns["starting_mrr"] * columns["weight"])[columns["treated"] > 0].sum())
    naive = found.naive * size / spent - 1 if shown and found is not None and found.naive is not None else None
    gained = found.difference * size / 100 if shown and found is not None else None
    n = 0 if found is None else found.treated
    return (
        Part(NAIVE, naive, "ratio", n),
        Part("Incremental margin of twelve months", gained, "money", n),
        Part("Spend on these plays", spent / 100, "money", n),
    )


@kpi(
    label="Return on plays, adjusted",
    unit="ratio",
    better="higher",
    frame="play_returns",
    needs=("subscriptions", "interactions", "spend", "gross_margin"),
    interval=return_on_difference("year_margin", "starting_mrr", "play_spend"),
    version=2,
    by_segment=False,
    covered=returns_gap,
    parts=returns_parts,
)
def return_on_marketing_investment(
    *, enrolled_margin: float, comparison_margin: float, play_spend: float
) -> float | None:
    """Gross margin that plays added within twelve months, less their cost, for each unit of that cost.

    return on investment (ROMI) = (margin of enrolled accounts - margin of accounts alike - spend) / spend

    Only incremental margin counts: what accounts of the same segment, size and tenure brought without a play is
    taken off. Spend is that of the months in which the accounts entered, margin that of the twelve months after.

    Args:
        enrolled_margin: Margin of enrolled accounts over twelve months. [cents]
        comparison_margin: Margin of accounts alike over the same months, weighted to their revenue. [cents]
        play_spend: Full cost of the plays they entered. [cents]

    Returns:
        A fraction; 0 breaks even, 0.5 earns 50 cents net per unit spent. None when nothing was spent, or no
        enrolled account has a comparison.

    Source:
        Net margin form of marketing ROI, kameir.com/marketing-roi; incremental margin by stratification.
    """
    if play_spend == 0 or enrolled_margin == 0:
        return None
    return (enrolled_margin - comparison_margin - play_spend) / play_spend


@frame
def next_per_cent(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """One row per budget line: one more per cent of its spend and what that is believed to bring.

    Returns:
        line, name, extra_spend, extra_margin, extra_margin_spread [cents/year], spending_lines, measured_lines,
        extrapolated_lines (0 or 1).
    """
    rows = data.table("responses")
    return pd.DataFrame(rows[rows["month"].dt.date == month]).reset_index(drop=True)


def curves_gap(data: KpiInput, month: dt.date) -> str | None:
    """Why there are no response curves for a month, in words; None when there are."""
    drawn = known_months(data, "responses")
    if month in drawn:
        return None
    return "response curves are drawn for the newest month alone" if drawn else "no budget line has spend"


@kpi(
    label="Return of one more per cent of spend",
    unit="ratio",
    better="higher",
    frame="next_per_cent",
    needs=("spend",),
    interval=belief(
        "extra_margin",
        "extra_margin_spread",
        "extra_spend",
        counted="spending_lines",
        measured="measured_lines",
        extrapolated="extrapolated_lines",
        noun="budget lines",
    ),
    version=1,
    by_segment=False,
    covered=curves_gap,
)
def marginal_romi(*, extra_margin: float, extra_spend: float, spending_lines: float) -> float | None:
    """Margin that one more per cent of today's spend on every line is expected to bring, less that per cent.

    return of the next per cent = (extra margin - extra spend) / extra spend

    Read from the response curves of the budget lines; money moves by this figure, not by the average return.

    Args:
        extra_margin: Expected margin of the extra spend within twelve months. [cents/year]
        extra_spend: One per cent of today's spend. [cents/year]
        spending_lines: Lines with spend today.

    Returns:
        A fraction; 0 breaks even. None when no line has spend.

    Source:
        Marginal return over one more per cent of spend, as Meridian defines it; expectation over draws of the curve.
    """
    if extra_spend == 0 or spending_lines == 0:
        return None
    return (extra_margin - extra_spend) / extra_spend


@windowed(by="month", months=YEAR)
def spend_and_revenue(data: KpiInput) -> pd.DataFrame:
    """One row per line and month of spend and per month of recognised revenue; a month sees twelve of them.

    Returns:
        name, month, marketing_spend, post_purchase_spend, recognised_revenue. [cents]
    """
    spend, revenue = data.table("spend"), data.table("finance_revenue")
    lines = pd.DataFrame(
        {
            "name": spend["line"].str.replace("_", " ").str.capitalize(),
            "month": spend["month"],
            "marketing_spend": spend["cost_cents"],
            "post_purchase_spend": spend["cost_cents"].where(spend["journey_stage"] == "post_purchase", 0),
            "recognised_revenue": 0,
        }
    )
    months = pd.DataFrame(
        {
            "name": "Recognised revenue",
            "month": revenue["month"],
            "marketing_spend": 0,
            "post_purchase_spend": 0,
            "recognised_revenue": revenue["revenue_cents"].astype("int64"),
        }
    )
    return pd.concat([lines, months], ignore_index=True)


def share_gap(data: KpiInput, month: dt.date) -> str | None:
    """Which of the two sums does not cover the twelve months, in words; None when both do."""
    for table, what in (("spend", "spend"), ("finance_revenue", "recognised revenue")):
        known = known_months(data, table)
        found = sum(shift_month(month, -back) in known for back in range(YEAR))
        if found < YEAR:
            return f"{what} is known for {found} of the {YEAR} months to {month:%Y-%m}"
    return None


def share_parts(data: KpiInput, month: dt.date, _segment: str | None) -> tuple[Part, ...]:
    """The part of the spend that goes to customers already won."""
    columns = data.columns("spend_and_revenue", month)
    spend = float(columns["marketing_spend"].sum())
    share = float(columns["post_purchase_spend"].sum()) / spend if spend else None
    return (Part("Of it on customers already won", share, "ratio", int((columns["marketing_spend"] > 0).sum())),)


@kpi(
    label="Marketing spend of revenue",
    unit="ratio",
    better="neither",
    frame="spend_and_revenue",
    needs=("spend", "finance_totals"),
    interval=census("lines and months of spend", "marketing_spend"),
    version=1,
    by_segment=False,
    covered=share_gap,
    parts=share_parts,
)
def marketing_spend_share(*, marketing_spend: float, recognised_revenue: float) -> float | None:
    """Marketing spend of twelve months as a share of the revenue finance recognised in them.

    share = marketing spend / recognised revenue

    Args:
        marketing_spend: Actual cost of all lines, won and to be won. [cents]
        recognised_revenue: Finance's own recognised revenue of the same months. [cents]

    Returns:
        A fraction. None when no revenue was recognised.

    Source:
        Own definition: actual spend and recognised revenue of the same twelve closed months; budget is a series apart.
    """
    if recognised_revenue == 0:
        return None
    return marketing_spend / recognised_revenue
