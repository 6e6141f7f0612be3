"""Evidence of what a capability can do: proposed by one person, accepted by a second, retracted with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from core.errors import RuleBroken, check_length, length_faults
from core.glossary import display_day
from core.services.access import Actor, require
from core.services.clock import local_day
from core.services.entering import once
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_saving import LINE_LENGTH, TEXT_LENGTH, capability_of, name_of, put, text_faults
from core.services.maturity_view import same_name
from core.stats.months import shift_month
from core.store.audit import audit
from core.store.tables import EvidenceItem

LINK_LENGTH = 1_000


@dataclass(frozen=True)
class ProofDraft:
    """Evidence as it is entered: a link, or a note that says where it lies."""

    title: str
    link: str
    note: str
    dated: dt.date | None


@dataclass(frozen=True)
class ProofLine:
    """One piece of evidence.

    Attributes:
        capability: Label of the capability it was recorded for.
        shared: Whether that is another one, which this one shares evidence with.
        state: proposed, accepted or retracted.
        old: Whether it shows what was rather than what is.
    """

    id: int
    capability: str
    shared: bool
    title: str
    link: str
    note: str
    dated: dt.date
    author: str
    state: str
    reviewer: str
    remark: str
    old: bool
    version: int


def add_evidence(
    actor: Actor, capability_id: str, draft: ProofDraft, token: str, at: dt.datetime, author: str = ""
) -> int:
    """Record a piece of evidence; it counts once a second person has accepted it.

    Args:
        actor: Who records it; needs the role assessor or validator.
        capability_id: What it shows.
        draft: The evidence.
        token: One per opened form; the same token again records nothing and returns the first id.
        at: Time of the act, UTC.
        author: Whose evidence it is; empty takes the actor. Only an admin records it in another's name.

    Raises:
        NotAllowed: The role is missing, or it is recorded in another's name.
        RuleBroken: Listing everything that is missing or wrong.
    """
    require(actor, "record evidence", "assessor", "validator")
    capability, name = capability_of(capability_id), name_of(actor, author, "record evidence")
    wrong = _faults(draft, at)
    if wrong:
        raise RuleBroken(f"The evidence of {capability.label} was not recorded: {'; '.join(wrong)}.")

    def insert(session: Session) -> int:
        values = {
            "title": draft.title.strip(),
            "link": draft.link.strip(),
            "note": draft.note.strip(),
            "dated": draft.dated,
            "author": name,
            "at": at,
        }
        row = EvidenceItem.model_validate({"token": token, "capability_id": capability_id, **values})
        session.add(row)
        session.flush()
        assert row.id is not None
        audit(session, at, actor.name, "record evidence", f"evidence/{row.id}", capability=capability_id, by=name)
        return row.id

    return once(EvidenceItem, token, {"capability_id": capability_id, "title": draft.title.strip()}, insert)


def review_evidence(
    actor: Actor,
    evidence_id: int,
    accepted: bool,
    remark: str,
    version: int,
    on: dt.date,
    at: dt.datetime,
    author: str = "",
) -> None:
    """Accept a piece of evidence as a second person, or retract it with a reason; the same again saves nothing.

    Whoever recorded it may retract it, but not accept it.

    Args:
        actor: Who does it; needs the role validator, or assessor for retracting.
        evidence_id: Which piece.
        accepted: True accepts, False retracts.
        remark: Why; may be empty when accepting.
        version: Its version when it was opened.
        on: Day of the review.
        at: Time of the act, UTC.
        author: Whose word it is; empty takes the actor.

    Raises:
        NotAllowed: The role is missing, or it is done in another's name.
        RuleBroken: There is no such piece, no reason, or no second person.
        StaleRecord: Somebody reviewed it since.
    """
    act = "accept evidence" if accepted else "retract evidence"
    require(actor, act, *(("validator",) if accepted else ("validator", "assessor")))
    name = name_of(actor, author, act)
    with records_database().write() as session:
        row = session.get(EvidenceItem, evidence_id)
        if row is None:
            raise RuleBroken("The evidence is gone; reload the page.")
        if accepted and same_name(row.author, name):
            raise RuleBroken(f"{name} recorded it; accepting it takes a second person.")
        if not accepted and not remark.strip():
            raise RuleBroken("It was not retracted: the reason is missing.")
        check_length("the remark", remark, TEXT_LENGTH)
        state = "accepted" if accepted else "retracted"
        values = {"state": state, "reviewer": name, "reviewed_on": on, "remark": remark.strip()}
        key = {"id": evidence_id}
        _, is_new = put(session, EvidenceItem, key, version, values, f'The evidence "{row.title}"')
        if is_new:
            audit(session, at, actor.name, act, f"evidence/{evidence_id}", by=name, remark=remark.strip())


def evidence_of(capability_ids: Sequence[str], as_of: dt.date) -> Mapping[str, tuple[ProofLine, ...]]:
    """Evidence of capabilities with that of those they share it with, newest first, retracted last.

    Args:
        capability_ids: Which.
        as_of: Day at which it is called old; later evidence is left out.
    """
    rules, capabilities = maturity_model()
    with records_database().read() as session:
        query = select(EvidenceItem).where(EvidenceItem.dated <= as_of)
        rows = session.exec(query.order_by(col(EvidenceItem.dated).desc(), col(EvidenceItem.id).desc())).all()
    rows = sorted(rows, key=lambda row: row.state == "retracted")
    old = shift_month(as_of, -rules.evidence_age.months)

    def line(row: EvidenceItem, name: str) -> ProofLine:
        assert row.id is not None
        return ProofLine(
            id=row.id,
            capability=capabilities[row.capability_id].label,
            shared=row.capability_id != name,
            title=row.title,
            link=row.link,
            note=row.note,
            dated=row.dated,
            author=row.author,
            state=row.state,
            reviewer=row.reviewer,
            remark=row.remark,
            old=row.dated < old,
            version=row.version,
        )

    shared = {name: rules.sharing(name) for name in capability_ids}
    return {
        name: tuple(
            line(row, name) for row in rows if row.capability_id in shared[name] and row.capability_id in capabilities
        )
        for name in capability_ids
    }


def _faults(draft: ProofDraft, at: dt.datetime) -> list[str]:
    wrong = text_faults(("a title", draft.title, LINE_LENGTH))
    link, note = draft.link.strip(), draft.note.strip()
    if not link and not note:
        wrong.append("a link, or a note that says where it lies, is missing")
    if link and (urlsplit(link).scheme not in ("http", "https") or not urlsplit(link).netloc):
        wrong.append("the link: expected an address that begins with https:// or http://")
    wrong += length_faults(("the link", link, LINK_LENGTH), ("the note", note, TEXT_LENGTH))
    if draft.dated is None:
        wrong.append("its date is missing")
    elif draft.dated > local_day(at):
        wrong.append(f"its date lies ahead: {display_day(draft.dated)}")
    return wrong
