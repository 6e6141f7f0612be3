"""References: does sales get the reference it asks for in time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.asked import days_of, given_days
from core.kpis.columns import Columns
from core.kpis.deals import among_deals
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import proportion
from core.kpis.packed import looked_up
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.stats.ids import texts

YEAR = 12
NO_SEGMENT = "Not stated"


@windowed(by="needed_by", months=YEAR)
def requests_year(data: KpiInput) -> Columns:
    """One row per reference request that was not withdrawn; a month sees those needed in the twelve months to its end.

    A request is filled when it is done, unless the reference on record for its deal took place after the day needed.

    Returns:
        opportunity_id, contact_id, needed_by, name (of the deal), segment, given_on (missing where no
        day is on record), due_requests (1) and filled_requests (0 or 1).
    """
    requests, deals = data.table("reference_requests"), data.table("deals")
    of = np.flatnonzero(requests["state"] != "withdrawn")
    rows = requests[["opportunity_id", "contact_id", "needed_by", "state"]].take(of)
    deal = among_deals(data).of(rows["opportunity_id"])
    given_on, needed_by = given_days(data, rows), days_of(rows["needed_by"])
    own = looked_up(of, {name: requests[name].array for name in ("opportunity_id", "contact_id")})
    labels = looked_up(deal, {name: deals[name].array for name in ("name", "segment")})
    return Columns(
        {
            **own,
            "needed_by": needed_by,
            "name": labels["name"].then(texts),
            "segment": labels["segment"].then(lambda found: texts(found).fillna(NO_SEGMENT)),
            "given_on": given_on,
            "due_requests": 1,
            "filled_requests": ((rows["state"] == "done").to_numpy() & ~(given_on > needed_by)).astype(np.int64),
        },
        len(of),
    )


def fill_parts(data: KpiInput, month: dt.date, segment: str | None) -> tuple[Part, ...]:
    """Requests of the month alone, and how many of the references the busiest customers gave."""
    rows = data.frame("requests_year", month)
    rows = rows if segment is None else rows[rows["segment"] == segment]
    own = rows[rows["needed_by"] >= pd.Timestamp(month)]
    busiest = kpi_rules().deals.busiest
    given = rows.loc[rows["filled_requests"] == 1, "contact_id"].dropna().value_counts()
    share = float(given.iloc[:busiest].sum() / given.sum()) if len(given) else None
    return (
        Part("Needed in the month", float(len(own)), "count", len(own)),
        Part("Filled in the month", float(own["filled_requests"].sum()), "count", len(own)),
        Part(f"Given by the {busiest} busiest people", share, "ratio", int(given.sum())),
        Part("People who gave one", float(np.count_nonzero(given)), "count", int(given.sum())),
    )


@kpi(
    label="Reference requests filled",
    unit="ratio",
    better="higher",
    frame="requests_year",
    needs=("reference_requests",),
    interval=proportion("filled_requests", "due_requests", "requests"),
    version=1,
    parts=fill_parts,
)
def reference_fill_rate(*, filled_requests: float, due_requests: float) -> float | None:
    """Share of the references sales asked for that took place by the day they were needed.

    fill rate = requests filled by the day needed / requests needed in the last twelve months

    Args:
        filled_requests: Requests with a reference in time.
        due_requests: Requests whose day has come, withdrawn ones left out.

    Returns:
        A ratio between 0 and 1. None when none was needed.

    Source:
        Filled late is missed; withdrawn by its day is not counted.
    """
    if due_requests == 0:
        return None
    return filled_requests / due_requests
