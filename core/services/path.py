"""The path: where customers stand on the way from contract to referrer, and where they get stuck."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.glossary import display, display_day, display_month
from core.journey.path import Path, StageCount, segment_path
from core.journey.steps import Step
from core.model.journey import STAGES, StageId, journey_rules
from core.month import Month
from core.services.path_words import (
    NOT_KNOWN,
    answer,
    labels,
    limit_words,
    median_words,
    method,
    share_words,
    stage_rule,
    usual_words,
)

QUESTION = "Where do customers stand on the way from contract to referrer, and where do they get stuck?"


@dataclass(frozen=True)
class StageLine:
    """One stage in words and figures; money in units of the currency.

    Attributes:
        id: The stage.
        label: Its name.
        unknown: What to load before anybody knows who has reached it; None where it is known.
        reached: Active accounts that have reached it.
        here: Of those, the ones whose furthest stage it is.
        late: Of those that stand here, the ones that wait longer than usual, or than our target.
        here_arr: ARR of those that stand here.
        late_arr: ARR of the late ones.
        not_recorded: Accounts further on for which it is not on record.
        silent: Silent accounts that stand here; None where silence is not known.
        figures: Reached, standing here and late in words.
        step: The way to the next stage in words: share and days; empty where there is none.
        usual: When waiting here is late and who says so, in words; empty at the end.
        limit: The same in a few words.
    """

    id: StageId
    label: str
    unknown: str | None
    reached: int
    here: int
    late: int
    here_arr: float
    late_arr: float
    not_recorded: int
    silent: int | None
    figures: str
    step: str
    usual: str
    limit: str


@dataclass(frozen=True)
class SegmentStanding:
    """One segment on one line; money in units of the currency, counts None where nobody knows.

    Attributes:
        segment: Its name.
        customers: Active accounts.
        arr: Their ARR.
        late: Accounts that wait longer than usual, or than our target.
        late_arr: Their ARR.
        silent: Accounts that are silent.
        speaking: Accounts that stand at advocate or referrer.
        held_up: Stage at which most of its ARR is late; empty when none is.
    """

    segment: str
    customers: int
    arr: float
    late: int
    late_arr: float
    silent: int | None
    speaking: int | None
    held_up: str


@dataclass(frozen=True)
class PathView:
    """Everything on the screen but the list of accounts.

    Attributes:
        question: What the screen answers.
        answer: The answer in one sentence.
        note: Month, as-of date, currency, customers.
        facts: Label, value and note of the figures above the chart.
        stages: One line per stage, in the order of the path.
        title: The chart's finding.
        subtitle: What the chart draws.
        segments: One line per segment, most late ARR first; empty with a segment chosen or with one alone.
        gaps: Stage and what to load, for those that nobody knows of, and silence.
        method: How the path is told, as label and text.
        currency: ISO code.
        customers: Active accounts.
    """

    question: str
    answer: str
    note: str
    facts: tuple[tuple[str, str, str], ...]
    stages: tuple[StageLine, ...]
    title: str
    subtitle: str
    segments: tuple[SegmentStanding, ...]
    gaps: tuple[tuple[str, str], ...]
    method: tuple[tuple[str, str], ...]
    currency: str
    customers: int


def path_of(month: Month, segment: str | None = None) -> Path:
    """The path of a month, or of one of its segments."""
    return month.path if segment is None else segment_path(month.path_input, month.path, segment, journey_rules())


def path_view(month: Month, segment: str | None = None) -> PathView:
    """The path of a month in words.

    Args:
        month: The month.
        segment: Only this segment; None for all.
    """
    path = path_of(month, segment)
    return PathView(
        question=QUESTION,
        answer=answer(path, month.currency),
        note=_note(month, path, segment),
        facts=_facts(path, month.currency),
        stages=tuple(_line(stage, path, month) for stage in path.stages),
        title=_title(path),
        subtitle="Accounts that ever reached it, in any order: late (red), here (blue), further (grey); 95 % bands",
        segments=_segments(month) if segment is None else (),
        gaps=_gaps(path),
        method=method(),
        currency=month.currency,
        customers=len(path.accounts),
    )


def path_json(month: Month, *, by_segment: bool = False) -> list[dict[str, Any]]:
    """The path as `python -m core path --json` prints it: one entry for the company, or one per segment.

    Returns:
        month, segment (null for all), customers, arr, answer, leak (stage, null when nobody is late), stages (counts
        and ARR in units of the currency; reached, here and late null where not known) and steps (share and median null
        where the small-sample rule forbids them, with the counts beside).
    """
    groups: list[str | None] = list(month.facts.segments) if by_segment else [None]
    return [_json(month, segment) for segment in groups]


def _json(month: Month, segment: str | None) -> dict[str, Any]:
    path = path_of(month, segment)
    return {
        "month": f"{month.month:%Y-%m}",
        "as_of": month.as_of.isoformat(),
        "segment": segment,
        "currency": month.currency or None,
        "customers": len(path.accounts),
        "arr": float(path.accounts["arr_cents"].sum()) / 100,
        "answer": answer(path, month.currency),
        "leak": path.leak.start if path.leak else None,
        "silent": None if path.silence_unknown else int(path.accounts["silent"].sum()),
        "silence_unknown": path.silence_unknown,
        "stages": [_stage_json(stage) for stage in path.stages],
        "steps": [_step_json(step) for step in path.steps],
    }


def _stage_json(stage: StageCount) -> dict[str, Any]:
    row = asdict(stage)
    for name in ("here_arr", "late_arr", "reached_arr"):
        row[name] = row[name] / 100
    blank = ("reached", "reached_arr", "here", "here_arr", "late", "late_arr", "not_recorded", "silent")
    return row | (dict.fromkeys(blank) if stage.unknown else {})


def _step_json(step: Step) -> dict[str, Any]:
    row = asdict(step)
    share, median = step.share_verdict, row.pop("median_verdict")
    row["share_verdict"] = share.reason
    row["median_verdict"] = median["reason"] if median else "fewer than half got there"
    if not share.show:
        row |= dict.fromkeys(("share", "low", "high"))
    if median is None or not median["show"]:
        row |= dict.fromkeys(("median", "median_low", "median_high"))
    return row


def _line(stage: StageCount, path: Path, month: Month) -> StageLine:
    """One stage; when waiting is late is told by the whole company in every segment."""
    step, of_all = (next((at for at in found.steps if at.start == stage.id), None) for found in (path, month.path))
    return StageLine(
        id=stage.id,
        label=labels()[stage.id],
        unknown=stage.unknown,
        reached=stage.reached,
        here=stage.here,
        late=stage.late,
        here_arr=stage.here_arr / 100,
        late_arr=stage.late_arr / 100,
        not_recorded=stage.not_recorded,
        silent=stage.silent,
        figures=_figures(stage, month.currency),
        step=f"{share_words(step)}; {median_words(step)}" if step else "",
        usual=usual_words(of_all) if of_all else "",
        limit=limit_words(of_all) if of_all else "",
    )


def _figures(stage: StageCount, currency: str) -> str:
    here = f"{stage.reached:,} {'now' if stage.id == 'promoter' else 'reached'} · {stage.here:,} here"
    arr = f", {display(stage.here_arr / 100, 'money', currency)}" if stage.here else ""
    return here + arr + (f" · {stage.late:,} late" if stage.late else "")


def _facts(path: Path, currency: str) -> tuple[tuple[str, str, str], ...]:
    """Customers, those that speak for us, late, silent, going silent: each with ARR or the reason for none."""
    accounts = path.accounts
    if accounts.empty:
        return ()

    def fact(label: str, chosen: Any, reason: str | None = None) -> tuple[str, str, str]:
        if reason is not None:
            return label, NOT_KNOWN, reason
        arr = display(float(accounts.loc[chosen, "arr_cents"].sum()) / 100, "money", currency)
        return label, f"{int(chosen.sum()):,}", f"accounts, {arr} ARR"

    advocates, silence = path.stages[STAGES.index("advocate")].unknown, path.silence_unknown
    late_unknown = None if path.steps else "no step is known"
    return (
        fact("Customers", accounts["stage"].notna()),
        fact("Advocates and referrers", accounts["stage"].isin(["advocate", "referrer"]), advocates),
        fact("Late: over usual or target", accounts["late"], late_unknown),
        fact(f"Silent: {journey_rules().silence.silent_days} days", accounts["silent"], silence),
        fact(f"Going silent: {journey_rules().silence.watch_days} days", accounts["watched"], silence),
    )


def _title(path: Path) -> str:
    """How many came how far: counts, so that nothing is claimed beyond them."""
    total = len(path.accounts)
    last = next((stage for stage in reversed(path.stages) if not stage.unknown), None)
    if last is None or last.id == "contract":
        return f"{total:,} active accounts"
    return f"{last.reached:,} of {total:,} active accounts have reached {labels()[last.id]}"


def _segments(month: Month) -> tuple[SegmentStanding, ...]:
    if len(month.facts.segments) < 2:
        return ()
    lines = (_segment(month, name) for name in month.facts.segments)
    return tuple(sorted((line for line in lines if line.customers), key=lambda line: (-line.late_arr, line.segment)))


def _segment(month: Month, name: str) -> SegmentStanding:
    path = month.path
    accounts = path.accounts[path.accounts["segment"] == name]
    late = accounts[accounts["late"]]
    by_stage = late.groupby("stage")["arr_cents"].sum()
    return SegmentStanding(
        segment=name,
        customers=len(accounts),
        arr=float(accounts["arr_cents"].sum()) / 100,
        late=len(late),
        late_arr=float(late["arr_cents"].sum()) / 100,
        silent=None if path.silence_unknown else int(accounts["silent"].sum()),
        speaking=None
        if path.stages[STAGES.index("advocate")].unknown
        else int(accounts["stage"].isin(["advocate", "referrer"]).sum()),
        held_up="" if late.empty else stage_rule(str(by_stage.idxmax())).label,
    )


def _gaps(path: Path) -> tuple[tuple[str, str], ...]:
    gaps = [(labels()[stage.id], stage.unknown) for stage in path.stages if stage.unknown]
    silence = [("Who is silent", path.silence_unknown)] if path.silence_unknown else []
    return tuple((label, f"{NOT_KNOWN}: {reason}") for label, reason in [*gaps, *silence])


def _note(month: Month, path: Path, segment: str | None) -> str:
    parts = [
        *([month.facts.company] if month.facts.company else []),
        f"{display_month(month.month)}, as of {display_day(month.as_of)}, not closed",
        month.currency or "several currencies without a rate",
        f"{len(path.accounts):,} customers" + (f" in {segment}" if segment else ""),
    ]
    return " · ".join(parts)
