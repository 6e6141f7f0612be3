"""Late deals that have no reference yet, and the request a form starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.advocacy.turnaround import OPEN
from core.glossary import display
from core.model.pool import pool_rules
from core.model.requests import Attribute, DealListRules
from core.month import Month
from core.services.request_words import day_words


@dataclass(frozen=True)
class DealLine:
    """An open deal without a reference.

    Attributes:
        opportunity_id: Its id.
        deal: Its name.
        stage: Stage and since when.
        amount: Its amount; `cents` the same as a number, None where it is not known.
        because: Why it should have a reference.
        wanted: What a request would start from, by attribute.
    """

    opportunity_id: str
    deal: str
    stage: str
    amount: str
    cents: float | None
    because: str
    wanted: dict[Attribute, str]


def deal_frame(lines: Sequence[DealLine]) -> pd.DataFrame:
    """Deals as a table: opportunity_id, Deal, Amount, Stage, Why."""
    rows = [(one.opportunity_id, one.deal, one.amount, one.stage, one.because) for one in lines]
    return pd.DataFrame(rows, columns=["opportunity_id", "Deal", "Amount", "Stage", "Why"])


def deals_without(month: Month, rules: DealListRules) -> tuple[DealLine, ...]:
    """Open deals that are known to need a reference or are in a late stage, without a request that is open or filled.

    Renewals are left out: nobody asks another customer whether to stay.

    Args:
        month: The newest month.
        rules: How many are listed.

    Returns:
        Those that need one first, then the largest.
    """
    deals, requests = month.open_deals, month.records["reference_requests"]
    served = requests.loc[requests["state"].isin([*OPEN, "done"]), "opportunity_id"]
    deals = deals[(deals["kind"] != "renewal") & ~deals["opportunity_id"].isin(served)]
    needed = deals["reference_required"].astype("boolean").fillna(False).astype(bool)
    late = deals["stage"].str.casefold().isin({name.casefold() for name in pool_rules().coverage.late_stages})
    rows = deals.assign(needed=needed)[needed | late]
    rows = rows.sort_values(["needed", "amount_cents", "opportunity_id"], ascending=[False, False, True])
    return tuple(_line(month, row) for _, row in rows.head(rules.shown).iterrows())


def open_deal_names(month: Month) -> dict[str, str]:
    """Every open deal but renewals, by id, by name."""
    deals = month.open_deals
    deals = deals[deals["kind"] != "renewal"].sort_values(["name", "opportunity_id"])
    return dict(zip(deals["opportunity_id"], deals["name"].fillna("not named"), strict=True))


def deal_line(month: Month, opportunity_id: str) -> DealLine | None:
    """One open deal; None when it is not open."""
    rows = month.open_deals[month.open_deals["opportunity_id"] == opportunity_id]
    return None if rows.empty else _line(month, rows.iloc[0])


def _line(month: Month, row: pd.Series) -> DealLine:
    cents = None if pd.isna(row["amount_cents"]) else float(row["amount_cents"])
    stage = "stage not known" if pd.isna(row["stage"]) else f"{row['stage']} since {day_words(row['entered_on'])}"
    sides: dict[Attribute, str] = {"industry": "industry", "size": "segment", "region": "region"}
    return DealLine(
        opportunity_id=str(row["opportunity_id"]),
        deal="not named" if pd.isna(row["name"]) else str(row["name"]),
        stage=stage,
        amount=display(None if cents is None else cents / 100, "money", month.currency),
        cents=cents,
        because="a reference is required" if _needs(row) else "late stage, none asked for",
        wanted={name: str(row[column]) for name, column in sides.items() if pd.notna(row[column])},
    )


def _needs(row: pd.Series) -> bool:
    return pd.notna(row["reference_required"]) and bool(row["reference_required"])
