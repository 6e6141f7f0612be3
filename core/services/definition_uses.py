"""Where a figure is used: screens, plays, capabilities, and figures made of the same rows."""

from __future__ import annotations

from dataclasses import dataclass

from core.kpis import MEASURES, REGISTRY
from core.model.plays import load_plays
from core.services.definition_text import registered
from core.services.maturity_evidence import maturity_model
from core.services.overview import SHOWN


@dataclass(frozen=True, slots=True)
class Use:
    """One place a figure is used: what kind of place, which, and the figure to go to where it is one."""

    kind: str
    where: str
    figure: str = ""


def uses(name: str) -> tuple[Use, ...]:
    """Where a figure is used: screens, plays that are to move it, capabilities, figures made of the same rows."""
    capabilities = maturity_model()[1].values()
    item = registered(name)
    places = [Use("Screen", "Overview")] if name in SHOWN else []
    if name in REGISTRY:
        places.append(Use("Screen", "Meeting, as the figure of a decision"))
    places += [Use("Play that is to move it", play.label) for play in load_plays().values() if play.moves == name]
    places += [Use("Capability it stands for", each.label) for each in capabilities if name in each.primary_kpis]
    places += [Use("Coverage of a capability", each.label) for each in capabilities if each.coverage.id == name]
    places += [
        Use("Evidence of a level", each.label)
        for each in capabilities
        if any(rule.metric == name for rule in each.conditions) and each.coverage.id != name
    ]
    beside = (each for each in (REGISTRY | MEASURES).values() if each.frame == item.frame and each.id != name)
    return (*places, *(Use("Made of the same rows", each.label, each.id) for each in beside))
