"""Views of the pool that a person keeps by name: whom the table shows, in which order.

They are kept in the audit log, in which nothing is ever overwritten: the last line about a view holds. A view is not
part of any Month, so that keeping one recomputes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlmodel import Session, col, select

from core.errors import RuleBroken, StaleRecord, check_length, same_subject
from core.services.access import Actor, Role, require
from core.services.home import records_database
from core.services.pool_view import READY_VIEWS, SORTS, STATES, TIER_NAMES, PoolQuery, PoolTable
from core.store.audit import audit
from core.store.revisions import current, serialise
from core.store.tables import AuditEntry

ROLES: tuple[Role, ...] = ("customer_marketing", "contributor")
KEPT, FORGOTTEN = "keep view", "forget view"
NAME_LENGTH = 40
"""Most characters of a name; a form says so, a save refuses more."""
MOST = 12
"""Most views of one person: more are no choice any more."""


@dataclass(frozen=True)
class SavedView:
    """A view somebody keeps.

    Attributes:
        name: What it is called.
        query: Whom it shows; never a searched text, which may be somebody's name.
        version: How often it was kept or forgotten: a save names the version it was drawn with.
    """

    name: str
    query: PoolQuery
    version: int


def views_revision() -> int:
    """Changes whenever a view may have changed."""
    return current(records_database())[2].get(AuditEntry.__tablename__, 0)


def saved_views(actor: Actor) -> tuple[SavedView, ...]:
    """The views a person keeps, by name."""
    with records_database().read() as session:
        found = _held(session, actor)
    return tuple(sorted((view for view in found.values() if view is not None), key=lambda view: view.name.casefold()))


def keep_view(actor: Actor, name: str, query: PoolQuery, version: int | None, token: str, at: dt.datetime) -> SavedView:
    """Keep a choice under a name, for oneself.

    Args:
        actor: Whose view it is; needs the role customer marketing or contributor.
        name: What it is called.
        query: Whom it shows; a searched text is left out.
        version: Version of the view of that name that was on the screen, to replace it; None for a new one.
        token: One per opened form; the same token again saves nothing.
        at: Time of the act, UTC.

    Returns:
        The view as it is kept.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The name is missing, too long or that of a ready view, or there are too many; nothing was saved.
        StaleRecord: A view of that name was kept or forgotten since; nothing was saved.
    """
    require(actor, "keep a view", *ROLES)
    title = _title(name)
    with records_database().write() as session:
        serialise(session, "saved_views")
        lines, held = _lines(session, actor), _held(session, actor)
        done = next((line for line in lines if line.detail.get("token") == token), None)
        if done is not None:
            same_subject((done.act, done.detail["name"]), (KEPT, title))
            return _view(done, _count(lines, str(done.detail["name"])))
        mine = held.get(title)
        if (mine.version if mine else None) != version:
            raise StaleRecord("This view", f"kept as {title}", "kept already" if mine else "forgotten meanwhile")
        if mine is None and sum(view is not None for view in held.values()) >= MOST:
            raise RuleBroken(f"Nothing was saved: {MOST} views are kept; forget one first.")
        chosen = asdict(replace(query, search=""))
        _write(session, actor, at, KEPT, title, token, chosen)
        return SavedView(title, replace(query, search=""), _count(lines, title) + 1)


def forget_view(actor: Actor, name: str, version: int, token: str, at: dt.datetime) -> None:
    """Keep a view no longer; raises as `keep_view` does.

    Args:
        actor: Whose view it is.
        name: What it is called.
        version: Its version when it was drawn.
        token: As in `keep_view`.
        at: Time of the act, UTC.
    """
    require(actor, "forget a view", *ROLES)
    with records_database().write() as session:
        serialise(session, "saved_views")
        done = next((line for line in _lines(session, actor) if line.detail.get("token") == token), None)
        if done is not None:
            same_subject((done.act, done.detail["name"]), (FORGOTTEN, name))
            return
        mine = _held(session, actor).get(name)
        if mine is None or mine.version != version:
            raise StaleRecord("This view", "forgotten", "kept anew" if mine else "forgotten already")
        _write(session, actor, at, FORGOTTEN, name, token, None)


def usable(query: PoolQuery, table: PoolTable) -> PoolQuery:
    """A kept choice without what there is no more: segments, roles or asks of another month."""
    choices: dict[str, Sequence[str]] = {
        "segments": table.segments, "roles": table.roles, "asks": table.asks, "tiers": TIER_NAMES, "states": STATES
    }  # fmt: skip
    left = {name: tuple(one for one in getattr(query, name) if one in known) for name, known in choices.items()}
    sort = query.sort if query.sort in SORTS else SORTS[0]
    return replace(query, sort=sort, **left)  # type: ignore[arg-type]


def _title(name: str) -> str:
    title = " ".join(name.split())
    if not title:
        raise RuleBroken("Nothing was saved: give the view a name.")
    check_length("the name", title, NAME_LENGTH)
    if title.casefold() in {view.label.casefold() for view in READY_VIEWS}:
        raise RuleBroken(f"Nothing was saved: {title} is the name of a ready view; choose another.")
    return title


def _lines(session: Session, actor: Actor) -> list[AuditEntry]:
    """Every line about a view of a person, oldest first."""
    query = select(AuditEntry).where(col(AuditEntry.act).in_([KEPT, FORGOTTEN]), col(AuditEntry.actor) == actor.name)
    return list(session.exec(query.order_by(col(AuditEntry.id))).all())


def _held(session: Session, actor: Actor) -> dict[str, SavedView | None]:
    """The last word about every view a person ever kept; None where it was forgotten."""
    lines = _lines(session, actor)
    last = {str(line.detail["name"]): line for line in lines}
    return {name: _view(line, _count(lines, name)) if line.act == KEPT else None for name, line in last.items()}


def _count(lines: Sequence[AuditEntry], name: str) -> int:
    return sum(line.detail["name"] == name for line in lines)


def _view(line: AuditEntry, version: int) -> SavedView:
    return SavedView(str(line.detail["name"]), _query(line.detail["query"]), version)


def _query(kept: object) -> PoolQuery:
    """A choice as it was kept; what the table knows no more is left out."""
    found: Mapping[str, Any] = kept if isinstance(kept, dict) else {}
    known = {field.name for field in fields(PoolQuery)}
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return PoolQuery(**{name: value for name, value in given.items() if name in known})


def _write(
    session: Session, actor: Actor, at: dt.datetime, act: str, name: str, token: str, query: Mapping[str, Any] | None
) -> None:
    audit(session, at, actor.name, act, f"pool_views/{actor.name}", name=name, token=token, query=query)
