"""References: does sales get the reference it asks for in time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from core.kpis.deals import among_deals
from core.kpis.inputs import KpiInput, windowed
from core.kpis.judging import proportion
from core.kpis.registry import kpi
from core.kpis.result import Part
from core.model.kpi_rules import kpi_rules
from core.stats.ids import texts

YEAR = 12
NO_SEGMENT = "Not stated"
REFERENCE = "reference"


@windowed(by="needed_by", months=YEAR)
def requests_year(data: KpiInput) -> pd.DataFrame:
    """One row per reference request that was not withdrawn; a month sees those needed in the twelve months to its end.

    A request is filled when it is done, unless the reference on record for its deal took place after the day needed.

    Returns:
        opportunity_id, name (of the deal), segment, contact_id, needed_by, given_on (missing where no
        day is on record), due_requests (1) and filled_requests (0 or 1).
    """
    requests, deals = data.table("reference_requests"), data.table("deals")
    columns = ["request_id", "opportunity_id", "contact_id", "needed_by", "state"]
    rows = requests.loc[requests["state"] != "withdrawn", columns].reset_index(drop=True)
    of = among_deals(data).of(rows["opportunity_id"])
    rows = rows.assign(**{name: texts(deals[name].array.take(of, allow_fill=True)) for name in ("name", "segment")})
    rows = rows.merge(_given(data), on=["opportunity_id", "contact_id"], how="left")
    filled = (rows["state"] == "done") & ~(rows["given_on"] > rows["needed_by"])
    return rows.drop(columns=["state", "request_id"]).assign(
        segment=rows["segment"].fillna(NO_SEGMENT), due_requests=1, filled_requests=filled.astype("int64")
    )


def _given(data: KpiInput) -> pd.DataFrame:
    """opportunity_id, contact_id, given_on: day of the first reference each gave to each, from completed asks."""
    asks = data.table("asks")
    given = (asks["activity"] == REFERENCE) & asks["completed_on"].notna() & asks["opportunity_id"].notna()
    done = asks.loc[given, ["opportunity_id", "contact_id", "completed_on"]]
    by = done.groupby(["opportunity_id", "contact_id"], as_index=False)
    return by.agg(given_on=("completed_on", "min"))


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
        Filled late is missed; withdrawn is not counted.
    """
    if due_requests == 0:
        return None
    return filled_requests / due_requests
