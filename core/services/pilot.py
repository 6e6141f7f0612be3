"""Starting a programme: what the first three months ask for, what is there, what is missing and where to get it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.advocacy.pilot import PilotProgress, month_reached, pilot_progress, reached
from core.glossary import display_day
from core.model.activities import load_activities
from core.model.requests import PilotStep, StepId, load_request_rules
from core.month import Month
from core.month.contacts import visible_asks, visible_consents
from core.services.request_words import counted, names_of

STEPS: dict[StepId, tuple[str, str]] = {
    "candidates": ("Candidates", "Nominate on Advocates; load what is not checked"),
    "stories": ("Candidates with a documented story", "Write their stories down: load assets"),
    "consents": ("Of those, with consent to tell it", "Ask for the consent to name, quote or call"),
    "low_barrier_acts": ("Low-barrier acts done", "Ask for reviews and short testimonials first"),
    "thanks": ("Of those, thanked", "Thank, and mark it on Advocates"),
    "advocates": ("Advocates", "Ask further candidates, not the same ones again"),
    "kinds": ("Kinds of acts", "Offer another kind: references, referrals"),
    "requests": ("Reference requests filled", "Let sales ask here, and close the first with proof"),
}
"""What each step is called, and what to do while it is short."""
WAYS = {1: "name candidates and their stories", 2: "try low-barrier acts and thank", 3: "grow and handle requests"}
LISTED = 50
"""Most candidates that are listed."""


@dataclass(frozen=True)
class PilotView:
    """Everything about the start of a programme on the screen.

    Attributes:
        answer: The answer in one sentence.
        note: As-of date and what counts.
        steps: One row per step: Month, Step, There is, Goal, State, What to do.
        ids: The step of each of these rows.
        candidates: Candidates that lack something, those who lack least first: Person, Account, Readiness, Lacks.
        missing: Tables without which steps cannot be counted.
        source: Where the goals come from.
    """

    answer: str
    note: str
    steps: pd.DataFrame
    ids: tuple[StepId, ...]
    candidates: pd.DataFrame
    missing: tuple[str, ...]
    source: str


def pilot_view(month: Month) -> PilotView:
    """How far the start of the programme is at the end of a month."""
    rules = load_request_rules().pilot
    progress = progress_of(counted_in(month))
    missing = tuple(name for name in ("contacts", "asks", "assets", "consents") if name not in month.loaded)
    return PilotView(
        answer=_answer(progress),
        note=f"As of {display_day(month.as_of)} · acts of the last {rules.act_days} days · "
        "counts of people: candidates can be asked now or rest, advocates did an act",
        steps=pd.DataFrame([_step(step, progress.counts) for step in rules.steps]),
        ids=tuple(step.id for step in rules.steps),
        candidates=_candidates(month, progress),
        missing=missing,
        source=rules.source,
    )


@dataclass(frozen=True, eq=False)
class Counted:
    """What the steps are counted from.

    Attributes:
        pool: Contacts at hand: contact_id, account_id, readiness, candidate.
        acts: Acts of the days that count: contact_id, activity, completed_on, thanked.
        stories: Assets that tell a story.
        consents: Consents that hold.
        filled: Reference requests filled in those days.
    """

    pool: pd.DataFrame
    acts: pd.DataFrame
    stories: pd.DataFrame
    consents: pd.DataFrame
    filled: pd.DataFrame


def progress_of(seen: Counted) -> PilotProgress:
    """How far each step is."""
    rules, filled = load_request_rules().pilot, len(seen.filled)
    return pilot_progress(seen.pool, seen.acts, seen.stories, seen.consents, filled, rules, load_activities())


def counted_in(month: Month) -> Counted:
    """What the steps are counted from at the end of a month."""
    rules, today, newest = load_request_rules().pilot, pd.Timestamp(month.as_of), month.facts.newest
    since = today - pd.Timedelta(days=rules.act_days)
    contacts = month.advocacy_input.contacts[["contact_id", "account_id"]]
    pool = contacts.assign(
        readiness=month.scores.contacts["readiness"].to_numpy(),
        candidate=month.standings.isin(["ask", "rest"]).to_numpy(dtype=bool),
    )
    asks = visible_asks(month.records["asks"], today, newest=newest)
    done = asks[(asks["state"] == "sent") & (asks["completed_on"] > since)]
    assets = month.records["assets"]
    stories = assets[assets["kind"].isin(list(rules.story_kinds)) & ~(assets["expires_on"] < today)]
    consents = visible_consents(month.records["consents"], today, newest=newest)
    granted = consents[(consents["status"] == "granted") & ~(consents["expires_on"] < today)]
    requests = month.records["reference_requests"]
    filled = requests[(requests["state"] == "done") & (requests["needed_by"] > since)]
    acts = done[["contact_id", "activity", "completed_on"]].assign(thanked=done["thanked_on"].notna())
    return Counted(pool, acts, stories, granted, filled)


def _answer(progress: PilotProgress) -> str:
    rules = load_request_rules().pilot
    done, last = month_reached(progress.counts, rules), max(step.month for step in rules.steps)
    people = counted(progress.counts["advocates"], "advocate", "advocates")
    if done == last:
        return f"The start is behind you: {people}, every step of the first {last} months is reached"
    short = [step for step in rules.steps if step.month == done + 1 and not reached(step, progress.counts)]
    lacks = ", ".join(_short(step, progress.counts) for step in short)
    return f"Month {done + 1} of {last}, {WAYS[done + 1]}: still short of {lacks}"


def _short(step: PilotStep, counts: dict[StepId, int]) -> str:
    label = STEPS[step.id][0]
    return f"{step.least - counts[step.id]:,} {label[:1].lower()}{label[1:]}"


def _step(step: PilotStep, counts: dict[StepId, int]) -> dict[str, object]:
    label, todo = STEPS[step.id]
    met = reached(step, counts)
    over = step.most is not None and counts[step.id] > step.most
    state = "beyond the goal" if over else "reached" if met else f"{step.least - counts[step.id]:,} short"
    goal = f"{step.least:,} or more" if step.most is None else f"{step.least:,} to {step.most:,}"
    return {
        "Month": step.month,
        "Step": label,
        "There is": counts[step.id],
        "Goal": goal,
        "State": state,
        "What to do": "" if met else todo,
    }


def _candidates(month: Month, progress: PilotProgress) -> pd.DataFrame:
    rows = progress.candidates[progress.candidates["lacks"] != ""].head(LISTED).reset_index(drop=True)
    people = names_of(month, rows["contact_id"])
    return pd.DataFrame(
        {
            "contact_id": rows["contact_id"],
            "Person": people["person"],
            "Account": people["account"],
            "Readiness": rows["readiness"].round(),
            "Lacks": rows["lacks"],
        }
    )
