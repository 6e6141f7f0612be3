"""The people, acts, kinds or requests behind each count of the pilot plan."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.model.activities import load_activities
from core.model.requests import StepId, load_request_rules
from core.month import Month
from core.services.pilot import STEPS, counted_in, progress_of
from core.services.request_words import names_of

PEOPLE: dict[StepId, tuple[str, ...]] = {
    "candidates": (),
    "stories": ("story",),
    "consents": ("story", "consent"),
}
"""Steps that count candidates, and what those have."""


@dataclass(frozen=True, eq=False)
class StepRows:
    """What a step counts.

    Attributes:
        title: What the rows are.
        tie: How the count follows from them.
        frame: One row each, in readers' columns.
    """

    title: str
    tie: str
    frame: pd.DataFrame


def pilot_rows(month: Month, step: StepId) -> StepRows:
    """The rows behind a step of the pilot plan; as many as it counts.

    Args:
        month: The month.
        step: The step.
    """
    label, days = STEPS[step][0], load_request_rules().pilot.act_days
    if step in PEOPLE:
        frame, tie = _people(month, PEOPLE[step]), "One row a candidate: somebody who can be asked now, or rests."
    elif step == "requests":
        frame, tie = _requests(month), f"One row a request closed as done and needed in the last {days} days."
    else:
        frame, tie = _acts(month, step), f"Acts completed in the last {days} days; {_counting(step)}."
    return StepRows(f"{label}: {len(frame):,}", tie, frame)


def _counting(step: StepId) -> str:
    return {
        "low_barrier_acts": "one row an act of a kind that asks little",
        "thanks": "one row an act of a kind that asks little whose giver was thanked",
        "advocates": "one row a person",
        "kinds": "one row a kind",
    }[step]


def _people(month: Month, has: tuple[str, ...]) -> pd.DataFrame:
    rows = progress_of(counted_in(month)).candidates
    for name in has:
        rows = rows[rows[name]]
    rows = rows.reset_index(drop=True)
    people = names_of(month, rows["contact_id"])
    columns = {"Person": people["person"], "Account": people["account"], "Readiness": rows["readiness"].round()}
    return pd.DataFrame(columns).assign(Lacks=rows["lacks"].where(rows["lacks"] != "", "nothing"))


def _acts(month: Month, step: StepId) -> pd.DataFrame:
    known = load_activities().activities
    acts = counted_in(month).acts.sort_values("completed_on", ascending=False, kind="stable")
    labels = {name: item.label for name, item in known.items()}
    if step in ("low_barrier_acts", "thanks"):
        acts = acts[acts["activity"].isin([name for name, item in known.items() if item.barrier == "low"])]
        acts = acts[acts["thanked"]] if step == "thanks" else acts
    if step == "kinds":
        found = acts.groupby("activity", observed=True).size().rename("Acts").reset_index()
        return found.assign(Kind=found["activity"].map(labels).astype("str"))[["Kind", "Acts"]]
    if step == "advocates":
        found = acts.groupby("contact_id", observed=True, sort=False).size().rename("Acts").reset_index()
        people = names_of(month, found["contact_id"])
        return pd.DataFrame({"Person": people["person"], "Account": people["account"], "Acts": found["Acts"]})
    acts = acts.reset_index(drop=True)
    people = names_of(month, acts["contact_id"])
    return pd.DataFrame(
        {
            "Person": people["person"],
            "Account": people["account"],
            "Act": acts["activity"].map(labels).astype("str"),
            "Done": acts["completed_on"],
            "Thanked": acts["thanked"].map({True: "yes", False: "not yet"}),
        }
    )


def _requests(month: Month) -> pd.DataFrame:
    rows = counted_in(month).filled.sort_values("needed_by", ascending=False, kind="stable").reset_index(drop=True)
    people = names_of(month, rows["contact_id"])
    return pd.DataFrame({"Person": people["person"], "Account": people["account"], "Needed by": rows["needed_by"]})
