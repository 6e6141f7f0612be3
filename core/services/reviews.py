"""Looking back: what became of a decision that is due, what was learned from it, and what is done next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.errors import StaleRecord
from core.glossary import NOTHING, display_day
from core.month import Month
from core.services.access import Actor, require
from core.services.clock import local_day
from core.services.entering import TEXT_LENGTH, after, missing, once, refuse
from core.services.home import records_database
from core.services.look_back import (
    INSIDE,
    OUTCOMES,
    Comparison,
    label_of,
    look_back,
    number,
    seen_number,
)
from core.services.look_back_written import band_words, change_unit, promise, step_of
from core.store import records
from core.store.audit import audit
from core.store.tables import Decision, Review

AGAIN = "look_again"
STEPS = {
    "scale": "do more of it",
    "keep": "keep it as it is",
    "stop": "stop it",
    "reverse": "undo it",
    AGAIN: "look again later",
}
"""What may be done after a look-back; the first three and the fourth end the promise, the last one prolongs it."""


@dataclass(frozen=True)
class ReviewDraft:
    """A look-back as it is entered; the figures are not entered: they are read from the month.

    Attributes:
        decision_id: Decision that is looked at; None when none was chosen.
        lesson: What was learned.
        next_step: One of `STEPS`; empty when none was chosen.
        again_on: Day of the next look-back, for `look_again` alone.
    """

    decision_id: int | None
    lesson: str
    next_step: str
    again_on: dt.date | None = None


@dataclass(frozen=True)
class ReviewLine:
    """One look-back that was held, as it is written.

    Attributes:
        decision_id: Its decision.
        title: What was decided.
        kpi_label: Name of the KPI it was to move.
        promised: The promised change with its range.
        got: The change that was found, with its interval if it has one; an en dash where nothing can be compared.
        verdict: What the intervals allowed to say of the promise.
        inside: Whether the promise was kept; None where it cannot be said.
        lesson: What was learned.
        next_step: What is done next, in words.
        held: Day it was held.
        by: Who recorded it.
    """

    decision_id: int
    title: str
    kpi_label: str
    promised: str
    got: str
    verdict: str
    inside: bool | None
    lesson: str
    next_step: str
    held: str
    by: str


def record_review(actor: Actor, month: Month, draft: ReviewDraft, version: int, token: str, at: dt.datetime) -> int:
    """Record a look-back of a decision that is due: the figures of the month, the lesson, what is done next.

    Looking again moves the decision's day of the look-back; everything else ends its promise.

    Args:
        actor: Who records it; needs the role approver or finance.
        month: The month that is looked at; its figure is kept with the look-back.
        draft: The look-back.
        version: The decision's version when it was opened.
        token: One per opened form; the same token again records nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the look-back.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything the draft lacks; nothing was saved.
        StaleRecord: Somebody else has looked back since; nothing was saved.
    """
    require(actor, "record a look-back", "approver", "finance")
    wrong = _wrong(draft, month)
    found = _found(draft, month)

    def insert(session: Session) -> int:
        item = None if draft.decision_id is None else session.get(Decision, draft.decision_id)
        if item is not None and item.version != version:
            raise StaleRecord("This decision", STEPS.get(draft.next_step, "a look-back"), _stands(session, item))
        refuse("The look-back was not recorded", [*_not_due(item, month), *wrong])
        assert item is not None
        row = _row(actor, month, draft, item, found, token, at)
        session.add(row)
        records.save(session, Decision, {"id": item.id}, version, _after_review(draft))
        session.flush()
        assert row.id is not None
        detail = {"verdict": row.verdict, "got": row.got, "next": row.next_step}
        audit(session, at, actor.name, "look back", f"decisions/{item.id}", review=row.id, **detail)
        return row.id

    return once(Review, token, {"decision_id": draft.decision_id}, insert)


def _found(draft: ReviewDraft, month: Month) -> dict[str, object]:
    """The figures of a look-back, read before anything is written: a figure may take a while, a save may not."""
    with records_database().read() as session:
        item = None if draft.decision_id is None else session.get(Decision, draft.decision_id)
    if item is None:
        return {}
    back = look_back(item, month)
    verdict = OUTCOMES[back.verdict]
    return {"actual": _actual(item, month, back), "got": back.got, "verdict": verdict, "inside": INSIDE[verdict]}


def version_of(decision_id: int) -> int:
    """Version of a decision as it stands; 0 when there is none."""
    with records_database().read() as session:
        return session.exec(select(Decision.version).where(Decision.id == decision_id)).first() or 0


def review_lines() -> tuple[ReviewLine, ...]:
    """Every look-back that was held, the latest first."""
    with records_database().read() as session:
        rows = session.exec(select(Review).order_by(col(Review.reviewed_at).desc(), col(Review.id).desc())).all()
        decisions = {item.id: item for item in session.exec(select(Decision)).all()}
    return tuple(_line(row, decisions[row.decision_id]) for row in rows)


def record_of_reviews(lines: tuple[ReviewLine, ...]) -> str:
    """How the promises looked at so far came out, as counts; empty before the first. Too few for a rate."""
    if not lines:
        return ""
    kept, broken = (sum(line.inside is side for line in lines) for side in (True, False))
    told = [f"{kept} kept", f"{broken} not kept", f"{len(lines) - kept - broken} cannot be said yet"]
    return f"{len(lines)} look-back{'' if len(lines) == 1 else 's'} held: {', '.join(told)}"


def _wrong(draft: ReviewDraft, month: Month) -> list[str]:
    wrong = missing(("what we learned", draft.lesson, TEXT_LENGTH))
    if draft.next_step not in STEPS:
        wrong.append(f"what is done next is missing: {', '.join(STEPS.values())}")
    if draft.next_step == AGAIN and draft.again_on is None:
        wrong.append("the day of the next look-back is missing")
    elif draft.next_step == AGAIN and draft.again_on is not None and draft.again_on <= month.as_of:
        wrong.append(after("day of the next look-back", month.as_of, draft.again_on))
    elif draft.next_step != AGAIN and draft.again_on is not None:
        wrong.append("a day of the next look-back goes with looking again only")
    return wrong


def _not_due(item: Decision | None, month: Month) -> list[str]:
    """Why a decision cannot be looked back at in a month."""
    if item is None:
        return ["choose the decision that is looked at"]
    if item.status != "decided":
        return ["its look-back is held already"]
    if item.review_on > month.as_of or item.month >= month.month:
        return [f"this decision is not due before {display_day(item.review_on)}"]
    return []


def _stands(session: Session, item: Decision) -> str:
    """What a decision that was looked at in the meantime says now."""
    newest = select(Review).where(Review.decision_id == item.id).order_by(col(Review.id).desc())
    row = session.exec(newest).first()
    return f"{item.status}" if row is None else f"{STEPS[row.next_step]}, by {row.reviewed_by}: {row.lesson}"


def _after_review(draft: ReviewDraft) -> dict[str, object]:
    if draft.next_step == AGAIN:
        return {"review_on": draft.again_on}
    return {"status": "reversed" if draft.next_step == "reverse" else "reviewed"}


def _row(
    actor: Actor,
    month: Month,
    draft: ReviewDraft,
    item: Decision,
    found: Mapping[str, object],
    token: str,
    at: dt.datetime,
) -> Review:
    return Review.model_validate(
        {
            "token": token,
            "decision_id": item.id,
            "month": month.month,
            "due_on": item.review_on,
            "lesson": draft.lesson.strip(),
            "next_step": draft.next_step,
            "again_on": draft.again_on,
            "reviewed_by": actor.name,
            "reviewed_at": at,
            **found,
        }
    )


def _actual(item: Decision, month: Month, back: Comparison) -> dict[str, object]:
    """The figure that was looked at, kept as the decision keeps its own; the reason where there is none."""
    result = month.kpis.get(item.kpi)
    if result is None or back.got is None:
        return {"value": None, "reason": back.reading, "month": f"{month.month:%Y-%m}", "month_key": month.key}
    return {**seen_number(result, month.key), "got_low": back.got_low, "got_high": back.got_high}


def _got_words(row: Review, item: Decision) -> str:
    """The change that was found, to the place at which the look-back writes it, and its interval if it has one."""
    then = number(item.seen["value"])
    if row.got is None or then is None:
        return NOTHING
    text = step_of(item, then, then + row.got).written(row.got, signed=True, change=True)
    low, high = (number(row.actual.get(end)) for end in ("got_low", "got_high"))
    band = band_words(low, high, change_unit(str(item.seen["unit"])), str(item.seen["currency"]))
    return f"{text} ({band})" if band else text


def _line(row: Review, item: Decision) -> ReviewLine:
    currency = str(item.seen["currency"])
    again = f" on {display_day(row.again_on)}" if row.again_on else ""
    return ReviewLine(
        decision_id=row.decision_id,
        title=item.title,
        kpi_label=label_of(item.kpi),
        promised=promise(item.expected, item.expected_low, item.expected_high, str(item.seen["unit"]), currency),
        got=_got_words(row, item),
        verdict=row.verdict,
        inside=row.inside,
        lesson=row.lesson,
        next_step=f"{STEPS[row.next_step]}{again}",
        held=display_day(local_day(row.reviewed_at)),
        by=row.reviewed_by,
    )
