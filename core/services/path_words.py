"""The words of the path: its answer, its steps, why an account is stuck. They claim no more than intervals support."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from core.glossary import display, display_day, display_interval
from core.journey.path import Path
from core.journey.steps import Step
from core.model.journey import STAGES, Stage, StageId, journey_rules

NOT_KNOWN = "not known"
ONBOARDING: tuple[StageId, ...] = ("first_login", "activated", "first_value")
"""Stages of which a later one cannot be reached before an earlier one."""
Contacts = Mapping[str, set[str]]
"""States of the next asks of each account's contacts, by account_id."""


@lru_cache(maxsize=16)
def stage_rule(stage: str) -> Stage:
    """What journey.toml says of a stage."""
    return next(item for item in journey_rules().stages if item.id == stage)


def labels() -> dict[StageId, str]:
    """What each stage is called, in the order of the path."""
    return {stage: stage_rule(stage).label for stage in STAGES}


def answer(path: Path, currency: str) -> str:
    """The page's answer: where most ARR is late, and whether by the customers' own time or by our target."""
    customers = len(path.accounts)
    if not customers:
        return "No customer has revenue in this month"
    if not path.steps:
        missing = next((stage.unknown for stage in path.stages if stage.unknown), "load milestones")
        return f"How far {_customers(customers)} came is {NOT_KNOWN}: {missing}"
    leak = path.leak
    if leak is None:
        return f"Nobody is late on the path: {_customers(customers)} with revenue"
    stage = path.stages[STAGES.index(leak.start)]
    accounts, wait = ("account", "waits") if stage.late == 1 else ("accounts", "wait")
    arr = display(stage.late_arr / 100, "money", currency)
    return (
        f"Most ARR is held up at {labels()[leak.start]}: {stage.late:,} {accounts}, {arr}, "
        f"{wait} longer than {_limit_name(leak)} for {stage_rule(leak.end).awaited}"
    )


def _limit_name(step: Step) -> str:
    return "usual" if step.limit_from == "customers" else f"our {step.usual_days}-day target"


def _customers(count: int) -> str:
    return "the only customer" if count == 1 else f"{count:,} customers"


def share_words(step: Step) -> str:
    """How many went on in time: the share with its interval, or counts where it may not be shown."""
    if step.share is None:
        return f"nobody reached it {step.within_days} days ago"
    if not step.share_verdict.show:
        return f"{step.went_on:,} of {step.old_enough:,} go on in {step.within_days} days"
    band = display_interval(step.low, step.high, "ratio")
    return f"{display(step.share, 'ratio')} go on in {step.within_days} days ({band})"


def median_words(step: Step) -> str:
    """How long half of them take, with its band; counts where it may not be shown."""
    if step.median is None or step.median_verdict is None:
        return f"fewer than half of {step.followed:,} got there"
    if not step.median_verdict.show:
        return f"{step.arrived:,} of {step.followed:,} got there"
    words = f"half in {display(step.median, 'days')}"
    if step.median_low is None:
        return words
    if step.median_high is None:
        return f"{words} (at least {step.median_low:,.0f})"
    return f"{words} ({step.median_low:,.0f} to {step.median_high:,.0f})"


def usual_words(step: Step) -> str:
    """After which time waiting is late, and who says so.

    Args:
        step: The step of the whole company: its limit holds in every segment.
    """
    share = f"{100 * journey_rules().usual.share:.0f} %"
    if step.usual_days is None:
        target = f"our {step.within_days}-day target"
        return f"Nobody is called late: fewer than half of the customers get there within {target}"
    if step.limit_from == "customers":
        return f"Late after {step.usual_days} days: {share} of the customers got there by then"
    few = step.arrived < journey_rules().usual.least_customers
    reason = f"only {step.arrived:,} got there" if few else f"fewer than {share} of the customers got there by then"
    return f"Late after {step.usual_days} days, our target, not what is usual: {reason}"


def limit_words(step: Step) -> str:
    """After which time waiting is late, in a few words."""
    if step.usual_days is None:
        return f"nobody is called late: most need over {step.within_days} days"
    target = "" if step.limit_from == "customers" else ", our target"
    return f"late after {step.usual_days} days{target}"


def why_stuck(accounts: pd.DataFrame) -> list[str]:
    """Why each account needs somebody: late, silent, or going silent; empty when neither."""
    late, targets = accounts["late"].to_numpy(dtype=bool), accounts["limit_from"].eq("target")
    quiet = (accounts["silent"] | accounts["watched"]).to_numpy(dtype=bool)
    words = []
    numbers = (
        accounts[name].fillna(0).to_numpy(dtype=np.int64) for name in ("waiting_days", "usual_days", "silent_days")
    )
    for is_late, is_target, is_quiet, waited, usual, silent in zip(late, targets, quiet, *numbers, strict=True):
        limit = f"our {usual}-day target" if is_target else "usual"
        parts = [f"{display(float(waited - usual), 'days')} longer than {limit}"] if is_late else []
        parts += [f"silent for {display(float(silent), 'days')}"] if is_quiet else []
        words.append("; ".join(parts))
    return words


def next_steps(accounts: pd.DataFrame, contacts: Contacts | None = None) -> list[tuple[str, str]]:
    """What to do for each account and who does it: a silent one is given something first.

    No step asks where no contact may be asked. A survey question asks less than an act: it stops only where every
    contact is to be left in peace.

    Args:
        accounts: Rows of `Path.accounts`.
        contacts: States of the contacts of each account by account_id; None where they are not known.
    """
    rules = journey_rules()
    silence, nobody = (rules.silence.next_step, rules.silence.who), rules.nobody_to_ask.next_step
    steps = {stage: (stage_rule(stage).next_step, stage_rule(stage).who) for stage in STAGES}
    found = []
    for account, stage, silent in zip(accounts["account_id"], accounts["stage"], accounts["silent"], strict=True):
        states = contacts.get(account) if contacts else None
        step, who = silence if silent else steps[stage]
        found.append((nobody, who) if states and not silent and _nobody(stage, states) else (step, who))
    return found


def _nobody(stage: StageId, states: set[str]) -> bool:
    """Whether the step of a stage asks for something that no contact may be asked for."""
    asks = stage_rule(stage).step_asks
    return (asks == "act" and "ask" not in states) or (asks == "question" and states == {"blocked"})


def owner_words(owner: object) -> str:
    """Who looks after an account, as a reader says it."""
    return str(owner).replace("_", " ") if isinstance(owner, str) else "nobody named"


def day_words(day: object) -> str:
    """A day of the path; empty where there is none."""
    return display_day(day.date()) if isinstance(day, pd.Timestamp) and not pd.isna(day) else ""


def late_record(row: pd.Series, stage: StageId) -> str:
    """By when a stage of the onboarding was reached, where a later one has the earlier day; empty otherwise.

    A milestone can be written down, or derived from usage, long after the fact. Its day is then no day it was reached.
    """
    own = row[f"{stage}_on"] if stage in ONBOARDING else None
    if pd.isna(own):
        return ""
    after = ONBOARDING[ONBOARDING.index(stage) + 1 :]
    first = min(
        (later for later in after if row[f"{later}_on"] < own), key=lambda later: row[f"{later}_on"], default=""
    )
    return f"by {stage_rule(first).label.lower()} at the latest" if first else ""


@lru_cache(maxsize=1)
def method() -> tuple[tuple[str, str], ...]:
    """How the path is told, as label and text."""
    rules = journey_rules()
    reached = "; ".join(f"{stage.label}: {stage.reached_by}" for stage in rules.stages)
    share, least = f"{100 * rules.usual.share:.0f} %", rules.usual.least_customers
    return (
        ("Stages", f"{reached}. An account is counted with the companies it owns."),
        ("Stands at", "The furthest stage reached. Stages are landmarks, not gates: one that was skipped, or is not on "
                      "record, does not hold an account back; how many lack it is said. Every active account stands at "
                      "exactly one stage, so the stages sum to all customers and all ARR."),
        ("Bars", "Accounts that ever reached the stage, in any order, so a later bar may be the longer one; Promoter: "
                 "accounts with a promoter now. The share that goes on counts the ways from one stage to the next."),
        ("Share that goes on", "Customers who reached the next stage within the days of the step, per customer who "
                               "reached this one at least so long ago. Those that left since count; those that stood "
                               "here before the next stage was ever recorded do not. Who came back counts on, "
                               "without the days away. 95 % Wilson interval; counts where the sample is too small."),
        ("Days between stages", "Kaplan-Meier median with its 95 % band; who has not got there counts as still "
                                "waiting, who left as followed up to that day, who came back without the days away. "
                                "The next stage reached first counts as 0 days. A promoter is counted from the first "
                                "time; its own waiting begins with the present spell of answers."),
        ("Late", f"Longer than usual: {share} of the customers got there sooner, told by at least {least} of them. "
                 f"Where fewer than {share} get there within the days of the step, or fewer customers tell, the limit "
                 "is our target in the model, and is called so. Where half of them need longer than that, nobody is "
                 "called late. An account that came back waits since the day it paid again."),
        ("Silent", f"No give to the account and no answer from it (a survey, an ask, an act) for "
                   f"{rules.silence.silent_days} days; going silent from {rules.silence.watch_days} days on."),
        ("Days, next steps and who", "data/model/journey.toml, each with its source."),
    )  # fmt: skip
