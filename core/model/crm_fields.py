"""What the state of an advocate is called in other systems: data/model/crm_fields.toml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load
from core.settings import MODEL_DIR

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


@dataclass(frozen=True, config=STRICT)
class CrmFields:
    """Fields of one system.

    Attributes:
        label: What the system is called.
        contact: Field that identifies the contact.
        tier: Tier in the programme.
        status: What may be done with the person.
        last_ask: Day of the last ask.
        blocked_until: First day the person may be asked again; empty while that depends on somebody.
        source: Where the form of the names comes from.
    """

    label: str
    contact: Name
    tier: Name
    status: Name
    last_ask: Name
    blocked_until: Name
    source: str


@dataclass(frozen=True, config=STRICT)
class CrmSystems:
    """Every system there is."""

    salesforce: CrmFields
    hubspot: CrmFields

    @property
    def named(self) -> dict[str, CrmFields]:
        """Each system by its id."""
        return {"salesforce": self.salesforce, "hubspot": self.hubspot}


@lru_cache(maxsize=4)
def crm_systems(folder: Path = MODEL_DIR) -> CrmSystems:
    """Read `crm_fields.toml`.

    Raises:
        ModelError: Naming every wrong key.
    """
    return load("crm_fields.toml", CrmSystems, folder)
