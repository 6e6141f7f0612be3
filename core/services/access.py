"""Who acts, and what they may do: checked inside every service that writes, on every call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.errors import NotAllowed

Role = Literal["viewer", "contributor", "customer_marketing", "assessor", "validator", "finance", "approver", "admin"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person.

    Attributes:
        name: What records and the audit log call them.
        roles: What they may do; `admin` may do everything.
    """

    name: str
    roles: frozenset[Role]


LOCAL_USER = Actor("Local user", frozenset({"admin"}))
"""The one user of an installation without sign-in, which only answers on the machine it runs on."""


def require(actor: Actor, act: str, *roles: Role) -> None:
    """Refuse an act the person has no right to.

    Raises:
        NotAllowed: Naming the act and the roles that may do it.
    """
    if actor.roles.isdisjoint({*roles, "admin"}):
        may = " or ".join(role.replace("_", " ") for role in (*roles, "admin"))
        raise NotAllowed(f"{actor.name} may not {act}: that needs the role {may}. Nothing was saved.")
