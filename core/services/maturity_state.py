"""Everything recorded about a quarter of the assessment, read at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from core.model.maturity import LEVELS
from core.services.home import records_database
from core.services.maturity_checks import exempt_line, needs_validation, validation_line
from core.services.maturity_evidence import maturity_model
from core.services.maturity_records import agreed_level, rater_line, target_line
from core.services.maturity_view import (
    AgreedLevel,
    ExemptLine,
    RaterLine,
    TargetLine,
    ValidationLine,
    quarter_of,
)
from core.store.tables import Agreement, LevelValidation, MaturityTarget, NotApplicable, Rating


@dataclass(frozen=True)
class Then:
    """What was agreed on a capability in an earlier quarter.

    Attributes:
        agreed: The agreed level.
        measured: Level that measurement supported on that day; None where nothing could be tested.
        reported: Level that counted.
    """

    quarter: dt.date
    agreed: int
    measured: int | None
    reported: int


@dataclass(frozen=True)
class Recorded:
    """The records of one quarter, by capability; `past` holds the agreed levels of earlier ones, oldest first."""

    raters: dict[str, tuple[RaterLine, ...]]
    agreed: dict[str, AgreedLevel]
    targets: dict[str, TargetLine]
    validations: dict[str, ValidationLine]
    exempt: dict[str, ExemptLine]
    past: dict[str, tuple[Then, ...]]

    def exemption(self, name: str) -> str | None:
        """Why a capability does not apply; None when it does."""
        found = self.exempt.get(name)
        return found.reason if found is not None and found.active else None


def read_recorded(quarter: dt.date) -> Recorded:
    """The records of the quarter a day lies in."""
    start = quarter_of(quarter)
    with records_database().read() as session:
        ratings = session.exec(select(Rating).where(Rating.quarter == start).order_by(col(Rating.id))).all()
        agreements = session.exec(select(Agreement).where(Agreement.quarter <= start).order_by("quarter")).all()
        targets = session.exec(select(MaturityTarget)).all()
        words = session.exec(select(LevelValidation).where(LevelValidation.quarter == start)).all()
        exempt = session.exec(select(NotApplicable).where(NotApplicable.quarter == start)).all()
    agreed = {item.capability_id: agreed_level(item) for item in agreements if item.quarter == start}
    raters: dict[str, list[RaterLine]] = {}
    for item in ratings:
        raters.setdefault(item.capability_id, []).append(rater_line(item))
    past: dict[str, list[Then]] = {}
    for earlier in (item for item in agreements if item.quarter < start):
        past.setdefault(earlier.capability_id, []).append(_then(earlier))
    levels = {name: item.level for name, item in agreed.items()}
    return Recorded(
        raters={name: tuple(lines) for name, lines in raters.items()},
        agreed=agreed,
        targets={item.capability_id: target_line(item) for item in targets},
        validations={item.capability_id: validation_line(item, levels.get(item.capability_id)) for item in words},
        exempt={item.capability_id: exempt_line(item) for item in exempt},
        past={name: tuple(lines) for name, lines in past.items()},
    )


def validation_words(agreed: AgreedLevel | None, word: ValidationLine | None) -> str:
    """How an agreed level stands to a second person's word; empty without one."""
    if agreed is None:
        return ""
    if word is not None and word.stands:
        return f"{'validated' if word.accepted else 'sent back'} by {word.validator}"
    if word is not None:
        return f"validated at level {word.level}, agreed anew since"
    return "waits for a second person" if needs_validation(agreed.level) else "stands without a second person"


def _then(row: Agreement) -> Then:
    """An earlier agreement; one that was recorded without figures counted as far as a claim without evidence does."""
    bare = min(row.level, maturity_model()[0].evidence.highest_without)
    return Then(row.quarter, row.level, row.measured, max(LEVELS[0], row.reported or bare))
