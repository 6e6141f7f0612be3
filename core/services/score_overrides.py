"""Scores set by hand: by whom, why and until when. They say how ready somebody is; a hard stop they never lift."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from sqlmodel import Session, col, select

from core.advocacy.score import Scores
from core.errors import RuleBroken, StaleRecord, length_faults, same_subject
from core.glossary import display, display_day
from core.model.advocacy_settings import load_setting_rules
from core.month import Month
from core.services.access import Actor, Role, require
from core.services.ask_standing import refuse_erased
from core.services.clock import local_day
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import ScoreOverride

ROLES: tuple[Role, ...] = ("customer_marketing",)
ByHand = Literal["readiness", "engagement"]
"""Scores that are of a person; health is of the account, it changes with what it is made of."""
REASON_LENGTH = 400


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """A score of a contact as it stands, and what was set by hand.

    Attributes:
        score: Which.
        computed: What the rule gives; None where it gives none.
        override_id: The override in force; None without one.
        value: What it is set to; None without one.
        author: Who set it; empty without one, as are the following.
        reason: Why.
        until: Last day it holds.
        version: To be given back when it is replaced or ended; None without one.
    """

    score: ByHand
    computed: float | None
    override_id: int | None = None
    value: float | None = None
    author: str = ""
    reason: str = ""
    until: dt.date | None = None
    version: int | None = None

    @property
    def words(self) -> str:
        """The override in one line; empty without one."""
        if self.value is None or self.until is None:
            return ""
        was = "where there is no score" if self.computed is None else f"instead of {display(self.computed, 'score')}"
        until = display_day(self.until)
        return f"Set by hand by {self.author} until {until}: {display(self.value, 'score')} {was}. Why: {self.reason}"


def overrides_of(month: Month, contact_id: str) -> tuple[OverrideLine, ...]:
    """Both scores of a contact that can be set by hand, with the override in force."""
    scores = month.scores
    own = scores.contacts[scores.contacts["contact_id"] == contact_id]
    return tuple(_line(scores, own, month.overrides, name) for name in get_args(ByHand)) if len(own) else ()


def longest_until(today: dt.date) -> dt.date:
    """The last day a score set today may hold."""
    return today + dt.timedelta(days=load_setting_rules().override.longest_days)


def set_override(
    actor: Actor, month: Month, contact_id: str, score: ByHand, value: float, reason: str, expires_on: dt.date,
    version: int | None, token: str, at: dt.datetime,
) -> int:  # fmt: skip
    """Set a score of a contact by hand; one that is in force is ended by it.

    Args:
        actor: Who sets it; needs the role customer marketing.
        month: The newest month.
        contact_id: Whose score.
        score: Which.
        value: To what. [0-100]
        reason: Why; required.
        expires_on: Last day it holds; required, at most `override.longest_days` of advocacy_settings.toml ahead.
        version: Of the override in force when the form was opened; None when there was none.
        token: One per opened form; the same token again saves nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the override.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything that is missing or out of range, or the person was erased; nothing was saved.
        StaleRecord: Somebody set or ended an override of this score since.
    """
    require(actor, "set a score by hand", *ROLES)
    if wrong := _wrong(month, contact_id, score, value, reason, expires_on, local_day(at)):
        raise RuleBroken(f"The score was not set: {'; '.join(wrong)}.")
    with records_database().write() as session:
        serialise(session, ScoreOverride.__tablename__)
        if (before := session.exec(select(ScoreOverride).where(col(ScoreOverride.token) == token)).first()) is not None:
            same_subject((before.contact_id, before.score), (contact_id, score))
            return before.id or 0
        refuse_erased(session, contact_id)
        standing = _standing(session, contact_id, score, month.as_of)
        if (standing.version if standing else None) != version:
            theirs = _told(standing) if standing else "nothing is set by hand any more"
            raise StaleRecord(f"The {score} set by hand", _words(actor.name, value, expires_on), theirs)
        if standing is not None:
            _end(session, standing, actor, at)
        values = {
            "contact_id": contact_id, "score": score, "value": value, "reason": reason.strip(), "expires_on": expires_on
        }  # fmt: skip
        row = ScoreOverride.model_validate(
            {**values, "token": token, "author": actor.name, "set_on": local_day(at), "at": at}
        )
        session.add(row)
        session.flush()
        detail = {**values, "expires_on": str(expires_on), "instead_of": _computed(month.scores, contact_id, score)}
        audit(session, at, actor.name, "set score by hand", f"score_overrides/{row.id}", **detail)
        return row.id or 0


def end_override(actor: Actor, override_id: int, reason: str, version: int, at: dt.datetime) -> None:
    """End a score set by hand before its day: the computed score holds again; the same again changes nothing.

    Args:
        actor: Who ends it; needs the role customer marketing.
        override_id: Which.
        reason: Why; required.
        version: As it was when the form was opened.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: There is no such override, or the reason is missing; nothing was saved.
        StaleRecord: Somebody else ended or replaced it since.
    """
    require(actor, "end a score set by hand", *ROLES)
    if wrong := _wrong_reason(reason):
        raise RuleBroken(f"Nothing was saved: {wrong[0]}.")
    with records_database().write() as session:
        serialise(session, ScoreOverride.__tablename__)
        row = session.get(ScoreOverride, override_id)
        if row is None:
            raise RuleBroken("Nothing was saved: this score is not set by hand.")
        if row.ended_on is not None and row.ended_by == actor.name:
            return
        if row.version != version or row.ended_on is not None:
            raise StaleRecord(f"The {row.score} set by hand", "to end it", _told(row))
        _end(session, row, actor, at)
        about = {"contact_id": row.contact_id, "score": row.score, "value": row.value, "reason": reason.strip()}
        audit(session, at, actor.name, "end score by hand", f"score_overrides/{row.id}", **about)


def _end(session: Session, row: ScoreOverride, actor: Actor, at: dt.datetime) -> None:
    ended = {"ended_on": local_day(at), "ended_by": actor.name}
    records.save(session, ScoreOverride, {"id": row.id}, row.version, ended)


def _standing(session: Session, contact_id: str, score: str, as_of: dt.date) -> ScoreOverride | None:
    """The override that holds for a score: the latest that nobody ended and whose last day is not over."""
    query = select(ScoreOverride).where(
        col(ScoreOverride.contact_id) == contact_id,
        col(ScoreOverride.score) == score,
        col(ScoreOverride.ended_on).is_(None),
        col(ScoreOverride.expires_on) >= as_of,
    )
    return session.exec(query.order_by(col(ScoreOverride.id).desc())).first()


def _wrong(
    month: Month, contact_id: str, score: str, value: float, reason: str, expires_on: dt.date, today: dt.date
) -> list[str]:
    wrong = _wrong_reason(reason)
    if score not in get_args(ByHand):
        wrong.append(f'expected readiness or engagement, found "{score}": health is of the account, not of a person')
    if not (np.isfinite(value) and 0 <= value <= 100):
        wrong.append(f"expected a score of 0 to 100, found {value:g}")
    last = longest_until(today)
    if not today < expires_on <= last:
        wrong.append(f"expected a last day until {display_day(last)}, found {display_day(expires_on)}")
    if contact_id not in set(month.advocacy_input.ids):
        wrong.append(f'contact "{contact_id}" is not known on {display_day(month.as_of)}')
    return wrong


def _wrong_reason(reason: str) -> list[str]:
    if len(reason.strip()) < load_setting_rules().override.shortest_reason:
        return ["the reason is missing: say why, so that the next person knows"]
    return length_faults(("the reason", reason, REASON_LENGTH))


def _line(scores: Scores, own: pd.DataFrame, every: pd.DataFrame, name: ByHand) -> OverrideLine:
    shown = own[name].iloc[0]
    by_hand = scores.overrides
    rows = by_hand[(by_hand["contact_id"] == own["contact_id"].iloc[0]) & (by_hand["score"] == name)]
    if rows.empty:
        return OverrideLine(name, None if np.isnan(shown) else float(shown))
    row = rows.iloc[0]
    same = ["contact_id", "score", "value", "author", "reason", "set_on", "expires_on"]
    kept = every[(every[same] == row[same]).all(axis=1) & every["ended_on"].isna()].iloc[-1]
    return OverrideLine(
        score=name,
        computed=None if np.isnan(row["instead_of"]) else float(row["instead_of"]),
        override_id=int(kept["override_id"]),
        value=float(row["value"]),
        author=str(row["author"]),
        reason=str(row["reason"]),
        until=row["expires_on"].date(),
        version=int(kept["version"]),
    )


def _computed(scores: Scores, contact_id: str, score: str) -> float | None:
    """What the rule gives, whatever is set by hand."""
    by_hand = scores.overrides
    row = by_hand[(by_hand["contact_id"] == contact_id) & (by_hand["score"] == score)]
    values = row["instead_of"] if len(row) else scores.contacts.loc[scores.contacts["contact_id"] == contact_id, score]
    value = float(values.iloc[0]) if len(values) else np.nan
    return None if np.isnan(value) else value


def _told(row: ScoreOverride) -> str:
    if row.ended_on is not None:
        return f"ended by {row.ended_by} on {display_day(row.ended_on)}"
    return f'{_words(row.author, row.value, row.expires_on)}, because "{row.reason}"'


def _words(author: str, value: float, until: dt.date) -> str:
    return f"{display(value, 'score')} until {display_day(until)} by {author}"
