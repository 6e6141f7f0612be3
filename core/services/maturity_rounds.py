"""Rounds of the assessment: who is asked, from when to when, and who has answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.errors import RuleBroken
from core.glossary import display_day
from core.model.maturity import Matrix
from core.services.access import Actor, require
from core.services.clock import local_day
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_saving import LINE_LENGTH, name_of, put, text_faults
from core.services.maturity_view import RATER_ROLES, quarter_of, same_name
from core.store.audit import audit
from core.store.tables import AssessmentRound, Rating

NEEDED = ("owner", "user", "control")
"""Roles a round wants one of each: who owns the capability, who uses its result, and RevOps or finance."""


@dataclass(frozen=True)
class Respondent:
    """Somebody who is asked to rate."""

    name: str
    role: str


@dataclass(frozen=True)
class RoundLine:
    """One round as it stands."""

    opened_on: dt.date
    closes_on: dt.date
    respondents: tuple[Respondent, ...]
    is_open: bool
    closed_on: dt.date | None
    closed_by: str
    version: int


@dataclass(frozen=True)
class Turnout:
    """One respondent of a round: how many capabilities of the matrix they have rated, of how many."""

    name: str
    role: str
    rated: int
    of: int


def open_round(
    actor: Actor,
    matrix: str,
    quarter: dt.date,
    respondents: Sequence[Respondent],
    opened_on: dt.date,
    closes_on: dt.date,
    version: int | None,
    at: dt.datetime,
    author: str = "",
) -> RoundLine:
    """Open a round, or change who is asked and until when; the same again saves nothing.

    Args:
        actor: Who opens it; needs the role validator.
        matrix: Id of the matrix.
        quarter: Any day of the quarter.
        respondents: Who is asked, at least three, with one of each role of `NEEDED`.
        opened_on: First day.
        closes_on: Last day, not before the first and not over at the time of the act.
        version: Version of the round when it was opened in the form; None for the first.
        at: Time of the act, UTC.
        author: Who opens it; empty takes the actor.

    Raises:
        NotAllowed: The role is missing, or it is done in another's name.
        RuleBroken: Listing everything that is missing or wrong.
        StaleRecord: Somebody changed the round since.
    """
    require(actor, "open a round", "validator")
    own, name = matrix_of(matrix), name_of(actor, author, "open a round")
    people = [Respondent(" ".join(item.name.split()), item.role) for item in respondents if item.name.strip()]
    wrong = _faults(people, opened_on, closes_on)
    if closes_on < local_day(at):
        wrong.append(
            f"its last day, {display_day(closes_on)}, is over; choose one from {display_day(local_day(at))} on"
        )
    if wrong:
        raise RuleBroken(f"The round on {own.label} was not opened: {'; '.join(wrong)}.")
    start = quarter_of(quarter)
    with records_database().write() as session:
        values = {
            "opened_on": opened_on,
            "closes_on": closes_on,
            "respondents": [{"name": item.name, "role": item.role} for item in people],
            "state": "open",
        }
        key = {"matrix": matrix, "quarter": start}
        kept = {} if version is not None else {"opened_by": name, "closed_by": ""}
        row, is_new = _put_round(session, key, version, values, kept, own)
        if is_new:
            detail = {"matrix": matrix, "quarter": str(start), "closes_on": str(closes_on), "asked": len(people)}
            audit(session, at, actor.name, "open round", f"rounds/{row.id}", **detail)
        return _line(row)


def close_round(
    actor: Actor, matrix: str, quarter: dt.date, on: dt.date, version: int, at: dt.datetime, author: str = ""
) -> RoundLine:
    """Close a round: it takes no more answers and no other agreed levels. Opening it again lets it take them.

    Raises:
        NotAllowed: The role is missing, or it is done in another's name.
        RuleBroken: There is no such round.
        StaleRecord: Somebody changed the round since.
    """
    require(actor, "close a round", "validator")
    own, name = matrix_of(matrix), name_of(actor, author, "close a round")
    start = quarter_of(quarter)
    with records_database().write() as session:
        key = {"matrix": matrix, "quarter": start}
        row = session.exec(select(AssessmentRound).filter_by(**key)).first()
        if row is None:
            raise RuleBroken(f"{own.label} has no round in this quarter; nothing was saved.")
        if row.state == "closed":
            return _line(row)
        values = {"state": "closed", "closed_by": name, "closed_on": on}
        row, _ = put(session, AssessmentRound, key, version, values, f"The round on {own.label}")
        audit(session, at, actor.name, "close round", f"rounds/{row.id}", matrix=matrix, quarter=str(start))
        return _line(row)


def round_of(matrix: str, quarter: dt.date) -> RoundLine | None:
    """The round of a matrix in a quarter; None where nobody opened one."""
    with records_database().read() as session:
        row = session.exec(select(AssessmentRound).filter_by(matrix=matrix, quarter=quarter_of(quarter))).first()
    return None if row is None else _line(row)


def newest_respondents(matrix: str) -> tuple[Respondent, ...]:
    """Who was asked in the last round of a matrix: where the next one starts from."""
    with records_database().read() as session:
        query = select(AssessmentRound).where(AssessmentRound.matrix == matrix)
        row = session.exec(query.order_by(col(AssessmentRound.quarter).desc())).first()
    return () if row is None else _line(row).respondents


def turnout(line: RoundLine, matrix: str, quarter: dt.date) -> tuple[Turnout, ...]:
    """How far each respondent of a round is, in the order they are asked; who rated unasked comes last."""
    own = [item.id for item in maturity_model()[1].values() if item.matrix == matrix]
    with records_database().read() as session:
        rows = session.exec(select(Rating).where(Rating.quarter == quarter_of(quarter))).all()
    rows = [row for row in rows if row.capability_id in own]
    asked = list(line.respondents)
    for row in rows:
        if not any(same_name(row.rater, item.name) for item in asked):
            asked.append(Respondent(row.rater, row.role))
    return tuple(
        Turnout(item.name, item.role, sum(same_name(row.rater, item.name) for row in rows), len(own)) for item in asked
    )


def matrix_of(matrix: str) -> Matrix:
    """A matrix by its id; RuleBroken names all there are."""
    known = {item.id: item for item in maturity_model()[0].matrices}
    if matrix not in known:
        raise RuleBroken(f'Matrix: expected one of {", ".join(known)}; found "{matrix}".')
    return known[matrix]


def _faults(people: Sequence[Respondent], opened_on: dt.date, closes_on: dt.date) -> list[str]:
    least = maturity_model()[0].consensus.minimum_respondents
    wrong = [] if len(people) >= least else [f"at least {least} people are asked; found {len(people)}"]
    roles = {item.role for item in people}
    wrong += [f"nobody is asked as: {RATER_ROLES[role]}" for role in NEEDED if role not in roles]
    wrong += [f'the role of {item.name}: "{item.role}" is unknown' for item in people if item.role not in RATER_ROLES]
    names = [item.name.casefold() for item in people]
    wrong += [f"{item.name} stands twice" for place, item in enumerate(people) if item.name.casefold() in names[:place]]
    wrong += text_faults(*((f"the name {item.name[:20]}", item.name, LINE_LENGTH) for item in people))
    if closes_on < opened_on:
        wrong.append(f"it closes on {display_day(closes_on)}, before it opens on {display_day(opened_on)}")
    return wrong


def _put_round(
    session: Session,
    key: Mapping[str, object],
    version: int | None,
    values: Mapping[str, object],
    first: Mapping[str, object],
    own: Matrix,
) -> tuple[AssessmentRound, bool]:
    """Insert or change a round; who opened it first stays with it."""
    there = session.exec(select(AssessmentRound).filter_by(**key)).first()
    if there is None:
        values = {**values, **first}
    return put(session, AssessmentRound, key, version, values, f"The round on {own.label}")


def _line(row: AssessmentRound) -> RoundLine:
    return RoundLine(
        opened_on=row.opened_on,
        closes_on=row.closes_on,
        respondents=tuple(Respondent(item["name"], item["role"]) for item in row.respondents),
        is_open=row.state == "open",
        closed_on=row.closed_on if row.state == "closed" else None,
        closed_by=row.closed_by if row.state == "closed" else "",
        version=row.version,
    )
