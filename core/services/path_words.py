"""The words of the path: its answer, its steps, why an account is stuck. They claim no more than intervals support."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from core.glossary import display, display_day, display_interval
from core.journey.path import Path
from core.journey.steps import Step
from core.model.journey import STAGES, Stage, StageId, journey_rules

NOT_KNOWN = "not known"


@lru_cache(maxsize=16)
def stage_rule(stage: str) -> Stage:
    """What journey.toml says of a stage."""
    return next(item for item in journey_rules().stages if item.id == stage)


def labels() -> dict[StageId, str]:
    """What each stage is called, in the order of the path."""
    return {stage: stage_rule(stage).label for stage in STAGES}


def answer(path: Path, currency: str) -> str:
    """The page's answer: where most ARR waits longer than usual."""
    customers = len(path.accounts)
    if not customers:
        return "No customer has revenue in this month"
    if not path.steps:
        missing = next((stage.unknown for stage in path.stages if stage.unknown), "load milestones")
        return f"How far {_customers(customers)} came is {NOT_KNOWN}: {missing}"
    leak = path.leak
    if leak is None:
        return f"Nobody waits longer than usual: {_customers(customers)} move along the path"
    stage = path.stages[STAGES.index(leak.start)]
    accounts, await_ = ("account", "awaits") if stage.late == 1 else ("accounts", "await")
    arr = display(stage.late_arr / 100, "money", currency)
    return (
        f"Most ARR is held up at {labels()[leak.start]}: {stage.late:,} {accounts}, {arr}, "
        f"{await_} {stage_rule(leak.end).awaited}"
    )


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
    """After which time waiting is longer than usual, and who says so."""
    share = f"{100 * journey_rules().usual.share:.0f} %"
    if step.quantile is None:
        few = step.arrived < journey_rules().usual.least_customers
        reason = f"only {step.arrived:,} got there" if few else f"fewer than {share} of the customers got there"
        return f"Late after {step.usual_days} days, the rule of the model: {reason}"
    if round(step.quantile) > step.usual_days:
        own = display(round(step.quantile), "days")
        return f"Late after {step.usual_days} days, the most that counts as usual: {share} took up to {own}"
    return f"Late after {step.usual_days} days: {share} of the customers got there by then"


def why_stuck(accounts: pd.DataFrame) -> list[str]:
    """Why each account needs somebody: late, silent, or going silent; empty when neither."""
    late = accounts["late"].to_numpy(dtype=bool)
    quiet = (accounts["silent"] | accounts["watched"]).to_numpy(dtype=bool)
    words = []
    numbers = (
        accounts[name].fillna(0).to_numpy(dtype=np.int64) for name in ("waiting_days", "usual_days", "silent_days")
    )
    for is_late, is_quiet, waited, usual, silent in zip(late, quiet, *numbers, strict=True):
        parts = [f"{display(float(waited - usual), 'days')} late"] if is_late else []
        parts += [f"silent for {display(float(silent), 'days')}"] if is_quiet else []
        words.append("; ".join(parts))
    return words


def next_steps(accounts: pd.DataFrame) -> list[tuple[str, str]]:
    """What to do for each account and who does it: a silent one is given something first."""
    silence = (journey_rules().silence.next_step, journey_rules().silence.who)
    steps = {stage: (stage_rule(stage).next_step, stage_rule(stage).who) for stage in STAGES}
    states = zip(accounts["stage"], accounts["silent"], strict=True)
    return [silence if silent else steps[stage] for stage, silent in states]


def owner_words(owner: object) -> str:
    """Who looks after an account, as a reader says it."""
    return str(owner).replace("_", " ") if isinstance(owner, str) else "nobody named"


def day_words(day: object) -> str:
    """A day of the path; empty where there is none."""
    return display_day(day.date()) if isinstance(day, pd.Timestamp) and not pd.isna(day) else ""


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
        ("Share that goes on", "Customers who reached the next stage within the days of the step, per customer who "
                               "reached this one at least so long ago. Those that left since count; those that stood "
                               "here before the next stage was ever recorded do not. 95 % Wilson interval; counts "
                               "where the sample is too small."),
        ("Days between stages", "Kaplan-Meier median with its 95 % band; who has not got there counts as still "
                                "waiting, who left as followed up to that day. The next stage reached first counts "
                                "as 0 days."),
        ("Late", f"Waits longer than {share} of the customers took, told by at least {least} of them and never more "
                 "than the days of the step; until then the days of the model. An account that came back waits since "
                 "then."),
        ("Silent", f"No give to the account and no answer from it (a survey, an ask, an act) for "
                   f"{rules.silence.silent_days} days; going silent from {rules.silence.watch_days} days on."),
        ("Days, next steps and who", "data/model/journey.toml, each with its source."),
    )  # fmt: skip
