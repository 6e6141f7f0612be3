"""Why now: the milestone that prompts an ask, and what a completed ask is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.advocacy.inputs import AdvocacyInput
from core.advocacy.shape import ages
from core.advocacy.wording import Words, joined, on_day, same, worded, written
from core.model.activities import Activities, ActivityId
from core.model.advocacy import AdvocacyRules

READY = "ready, "
"""How the words start for a person without a recent milestone: readiness alone speaks for the ask."""


@dataclass(frozen=True, slots=True)
class ActWorth:
    """What one ask for an activity is expected to bring.

    Attributes:
        value_cents: Completion rate × value of one completed act; None with `reason`.
        reason: Why it is not known; None when it is.
    """

    value_cents: float | None
    reason: str | None


def why_now(inputs: AdvocacyInput, rules: AdvocacyRules, towards: pd.Series) -> Words:
    """The latest milestone of each contact in words, with its day, and what the person said of the activity.

    Args:
        inputs: The contacts as of a day.
        rules: Which milestones count and for how long.
        towards: Activity each contact would be asked for; null where there is none.

    Returns:
        Such as "outcome verified on 12 Nov; likes to do it". Without a milestone in the window nothing but readiness
        speaks for an ask now, and the words say so: "ready, never asked; no milestone in 120 days".
    """
    milestones = _milestones(inputs, rules)
    days = pd.DataFrame({str(place): day for place, (day, _) in enumerate(milestones)})
    latest = days.max(axis=1)
    words = same(None, len(days))
    for day, title in reversed(milestones):
        words = title.where((day == latest).to_numpy(), words)
    recent = ages(inputs.today, latest) < rules.triggers.days
    asked = inputs.contacts["last_ask_on"]
    since = ("last asked on " + on_day(asked, inputs.today)).where(asked.notna().to_numpy(), "never asked")
    quiet = READY + since + f"; no milestone in {rules.triggers.days} days"
    trigger = (words + " on " + on_day(latest, inputs.today)).where(recent, quiet)
    return joined([trigger, _stance(inputs, towards)])


def prompted(why: pd.Series) -> pd.Series:
    """Whether a milestone prompts the ask, from the words of `why_now`."""
    return ~why.str.startswith(READY, na=True).astype(bool)


def _milestones(inputs: AdvocacyInput, rules: AdvocacyRules) -> list[tuple[pd.Series, Words]]:
    """Days and titles; of two on one day the earlier in this list is named."""
    contacts, rule = inputs.contacts, rules.triggers
    nps, csat = inputs.number("nps_score"), inputs.number("csat_score")
    promoted = contacts["nps_on"].where(nps >= rule.promoter_from)
    pleased = contacts["csat_on"].where(csat >= rule.csat_from)
    found: list[tuple[str, pd.Series, Words]] = [
        ("outcomes", contacts["last_outcome_on"], same("outcome verified", len(contacts))),
        ("milestones", contacts["first_value_on"], same("first value reached", len(contacts))),
        ("tickets", contacts["last_escalation_closed_on"], same("escalation solved", len(contacts))),
        ("survey_responses", promoted, worded(nps, lambda score: f"NPS {score:g}")),
        ("survey_responses", pleased, worded(csat, lambda score: f"CSAT {score:g}")),
        ("asks", contacts["last_completed_on"], same("an act completed", len(contacts))),
    ]
    return [(day.where(np.full(len(day), table in inputs.loaded)), title) for table, day, title in found]


def _stance(inputs: AdvocacyInput, towards: pd.Series) -> Words:
    return Words.late(lambda: _said(inputs, towards))


def _said(inputs: AdvocacyInput, towards: pd.Series) -> Words:
    said = inputs.interests.set_index(["contact_id", "activity"])["stance"]
    wanted = pd.MultiIndex.from_arrays([inputs.ids, towards.fillna("")])
    stance = said[~said.index.duplicated()].reindex(wanted).reset_index(drop=True)
    return written(stance.map({"likes": "likes to do it", "willing": "is willing"}).astype("str"))


def act_worths(
    inputs: AdvocacyInput, rules: AdvocacyRules, activities: Activities, act_values: Mapping[str, float]
) -> dict[ActivityId, ActWorth]:
    """Expected value of one ask, by activity.

    value = completed / sent x value of one completed act

    Args:
        inputs: Its asks give the completion rate: sent at least `mature_days` ago, completed until now.
        rules: Least age and number of those asks.
        activities: The ladder.
        act_values: Measured value of one completed act, by activity. [cents] An activity it lacks has no expected
            value: figures quoted without a method are never used instead.

    Returns:
        One entry per activity; None with the reason when the value of an act or the completion rate is not known.
    """
    asks = inputs.asks[inputs.asks["state"] == "sent"]
    mature = asks[ages(inputs.today, asks["asked_on"]) >= rules.value.mature_days]
    worths: dict[ActivityId, ActWorth] = {}
    for name in activities.ladder:
        label = activities.activities[name].label.lower()
        if name not in act_values:
            worths[name] = ActWorth(None, f"no measured value of one {label} yet")
            continue
        own = mature["activity"] == name
        sent, done = int(own.sum()), int((own & mature["completed_on"].notna()).sum())
        if sent < rules.value.least_asks:
            worths[name] = ActWorth(None, f"too few asks for a {label} to know how many are completed ({sent})")
        else:
            worths[name] = ActWorth(act_values[name] * done / sent, None)
    return worths
