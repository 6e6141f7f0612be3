"""Starting a programme: how far each step of the first three months is, and what each candidate still lacks."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.model.activities import Activities
from core.model.requests import PilotRules, PilotStep, StepId

STORY, CONSENT, ACT, THANKS = "a documented story", "consent to tell it", "a low-barrier act", "thanks"
"""What a candidate can lack."""
TELLING = ("name", "quote", "logo", "call")
"""Uses of which one is enough to tell a story in public or by phone."""


@dataclass(frozen=True)
class PilotProgress:
    """How far the start is.

    Attributes:
        counts: What is there, by step.
        candidates: One row per candidate: contact_id, readiness, story, consent and act (whether there is one), thanks
            (whether none is due), and lacks, in words, most complete first.
    """

    counts: dict[StepId, int]
    candidates: pd.DataFrame


def pilot_progress(
    pool: pd.DataFrame, asks: pd.DataFrame, stories: pd.DataFrame, consents: pd.DataFrame, filled: int,
    rules: PilotRules, activities: Activities,
) -> PilotProgress:  # fmt: skip
    """Count what the first three months of a programme ask for.

    A candidate is somebody no hard stop and no missing check stands against, ready or resting. An advocate did
    something in the last `act_days` days. A thanked act counts once, whoever did it.

    Args:
        pool: One row per contact at hand: contact_id, account_id, readiness, candidate (flag).
        asks: Acts completed in those days: contact_id, activity, thanked (flag).
        stories: Assets that tell a story: contact_id (missing where only the account is known), account_id.
        consents: Granted and not expired: contact_id, use.
        filled: Reference requests filled in those days.
        rules: Kinds and steps.
        activities: Barrier of each activity.
    """
    low = [name for name, item in activities.activities.items() if item.barrier == "low"]
    easy = asks[asks["activity"].isin(low)]
    telling = consents.loc[consents["use"].isin(list(TELLING)), "contact_id"]
    people = pool[pool["candidate"]].assign(
        story=lambda rows: (
            rows["contact_id"].isin(stories["contact_id"].dropna())
            | rows["account_id"].isin(stories.loc[stories["contact_id"].isna(), "account_id"])
        ),
        consent=lambda rows: rows["contact_id"].isin(telling),
        act=lambda rows: rows["contact_id"].isin(easy["contact_id"]),
        thanks=lambda rows: (
            ~rows["contact_id"].isin(asks["contact_id"])
            | rows["contact_id"].isin(asks.loc[asks["thanked"], "contact_id"])
        ),
    )
    counts: dict[StepId, int] = {
        "candidates": len(people),
        "stories": int(people["story"].sum()),
        "consents": int((people["story"] & people["consent"]).sum()),
        "low_barrier_acts": len(easy),
        "thanks": int(easy["thanked"].sum()),
        "advocates": int(asks["contact_id"].nunique()),
        "kinds": int(asks["activity"].nunique()),
        "requests": filled,
    }
    return PilotProgress(counts, _ordered(people))


def reached(step: PilotStep, counts: dict[StepId, int]) -> bool:
    """Whether a step has at least what it asks for."""
    return counts[step.id] >= step.least


def month_reached(counts: dict[StepId, int], rules: PilotRules) -> int:
    """The last month of the start of which, with all before it, every step is reached; 0 before the first."""
    months = sorted({step.month for step in rules.steps})
    done = [all(reached(step, counts) for step in rules.steps if step.month <= month) for month in months]
    return max((month for month, met in zip(months, done, strict=True) if met), default=0)


def _ordered(people: pd.DataFrame) -> pd.DataFrame:
    has = people[["story", "consent", "act", "thanks"]]
    words = (STORY, CONSENT, ACT, THANKS)
    lacks = [
        ", ".join(word for word, there in zip(words, row, strict=True) if not there)
        for row in has.itertuples(index=False, name=None)
    ]
    frame = people.assign(lacks=pd.Series(lacks, index=people.index, dtype="str"), missing=4 - has.sum(axis=1))
    order = frame.sort_values(["missing", "readiness", "contact_id"], ascending=[True, False, True], kind="stable")
    names = ["contact_id", "readiness", "story", "consent", "act", "thanks", "lacks"]
    return order[names].reset_index(drop=True)
