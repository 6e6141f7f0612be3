"""Giving before asking: note that somebody was given something, so that the person leaves the list."""

from __future__ import annotations

import datetime as dt
from uuid import NAMESPACE_URL, uuid5

from core.errors import RuleBroken, same_subject
from core.glossary import display_day
from core.model.gives import load_gives
from core.month import Month
from core.services.access import Actor, require
from core.services.ask_standing import refuse_erased
from core.services.asking import ROLES
from core.services.clock import local_day
from core.services.home import records_database
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import Reward


def give_labels() -> dict[str, str]:
    """What each give is called, by id."""
    return {name: item.label for name, item in load_gives().gives.items()}


def record_give(
    actor: Actor, month: Month, contact_id: str, give: str, day: dt.date, token: str, at: dt.datetime
) -> str:
    """Note that a person was given something; it is kept as a reward of that kind without a value.

    Args:
        actor: Who gave or notes it; needs the role customer marketing or contributor.
        month: The month the list was drawn from.
        contact_id: Who was given something.
        give: Id of the give, one of data/model/gives.toml.
        day: When, not after the day of the act.
        token: One per opened form; the same token again saves nothing and returns the first id.
        at: Time of the act, UTC.

    Returns:
        Id of the record.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: The person or the give is not known, the person was erased, or the day lies ahead; nothing was
            saved.
    """
    require(actor, "note a give", *ROLES)
    if give not in load_gives().gives:
        raise RuleBroken(f'Nothing was saved: expected a give of the list, found "{give}".')
    if not (month.advocacy_input.ids == contact_id).any():
        raise RuleBroken("Nothing was saved: this contact is not known.")
    if day > local_day(at):
        raise RuleBroken(f"Nothing was saved: {display_day(day)} lies ahead; give the day it was given.")
    own = f"P-{uuid5(NAMESPACE_URL, token).hex[:12]}"
    values = {"reward_id": own, "contact_id": contact_id, "kind": give, "value_cents": 0, "currency": month.currency,
              "granted_on": day, "status": "sent"}  # fmt: skip
    with records_database().write() as session:
        serialise(session, "rewards")
        refuse_erased(session, contact_id)
        if (before := session.get(Reward, own)) is not None:
            same_subject((before.contact_id, before.kind), (contact_id, give))
        else:
            session.add(Reward.model_validate(values))
            audit(session, at, actor.name, "note give", f"rewards/{own}", contact=contact_id, give=give, day=str(day))
    return own
