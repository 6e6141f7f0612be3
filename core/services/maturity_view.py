"""What the Maturity screen shows of a quarter, and the quarters themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.maturity.assess import Assessment
from core.model.capabilities import Capability
from core.model.maturity import Matrix, ScaleLevel
from core.services.maturity_evidence import LevelRule
from core.stats.months import month_end, shift_month

RATER_ROLES = {
    "owner": "Owns the capability",
    "user": "Uses its result",
    "control": "RevOps or finance",
    "other": "Other",
}
"""What a rater is to a capability, by id; a round wants one of each of the first three."""


@dataclass(frozen=True)
class RaterLine:
    """One rater's answers on one capability, and the level they reach."""

    rater: str
    role: str
    level: int
    answers: dict[str, str]
    version: int

    @property
    def role_label(self) -> str:
        """The role as a reader calls it."""
        return RATER_ROLES.get(self.role, self.role)


@dataclass(frozen=True)
class AgreedLevel:
    """The level agreed on, with its reason."""

    level: int
    reason: str
    author: str
    version: int


@dataclass(frozen=True)
class ValidationLine:
    """What a second person said of an agreed level.

    Attributes:
        level: The level they looked at.
        accepted: Whether it stands.
        stands: Whether that is still the agreed level.
    """

    level: int
    accepted: bool
    note: str
    validator: str
    on: dt.date
    stands: bool
    version: int


@dataclass(frozen=True)
class ExemptLine:
    """Why a capability does not apply; `active` is False once it does after all."""

    reason: str
    author: str
    active: bool
    version: int


@dataclass(frozen=True)
class TargetLine:
    """The level to reach, by when, and who answers for it."""

    level: int
    due: dt.date
    owner: str
    reason: str
    version: int


def quarter_of(day: dt.date) -> dt.date:
    """First day of the calendar quarter a day lies in."""
    return dt.date(day.year, day.month - (day.month - 1) % 3, 1)


def quarter_label(day: dt.date) -> str:
    """A quarter as "Q4 2026"."""
    return f"Q{(day.month + 2) // 3} {day.year}"


def recent_quarters(day: dt.date, count: int = 4) -> tuple[dt.date, ...]:
    """First days of the quarter a day lies in and of those before it, newest first."""
    return tuple(shift_month(quarter_of(day), -3 * back) for back in range(count))


def quarter_end(quarter: dt.date) -> dt.date:
    """Last day of the quarter a day lies in."""
    return month_end(shift_month(quarter_of(quarter), 2))


def due_months(quarter: dt.date, quarters: int = 8) -> tuple[dt.date, ...]:
    """Last days of the quarters after a quarter: when a target can be due, since levels are rated by quarter."""
    start = quarter_of(quarter)
    return tuple(month_end(shift_month(start, 3 * ahead + 2)) for ahead in range(1, quarters + 1))


def same_name(one: str, other: str) -> bool:
    """Whether two spellings mean one rater: capitals and spaces do not count."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True)
class CapabilityRow:
    """One capability in one quarter.

    Attributes:
        capability: Its code, label, owners, two poles and criteria by level.
        raters: What each rater answered; empty while hidden.
        rater_count: How many rated, also while hidden.
        hidden: Whether the rater who looks has to save first.
        flags: How far the raters agree, in words.
        agreed: Level agreed on; None before that.
        claimed: Agreed level, or the whole level of the raters' median; None without either.
        basis: What the claim rests on, in words.
        measured: Level that measurement supports; 1 when no rule holds.
        measured_words: What measurement stopped at, for a reader.
        not_computed: Figures of the rules that this version does not compute, each once.
        testable: Whether any rule could be judged; without it `measured` says nothing.
        reported: Level that counts: above 3 only as far as measured; None without a claim.
        status: supported, stretch, unsupported, under_claimed, not_testable or not_rated.
        status_words: What follows from the status, for a reader.
        target: Level to reach; None when nobody set one.
        gap: Levels missing from the level that counts to the target; None without either.
        rules: Measured rule of each level with its outcome.
        assessment: The row as the matrix draws it; None without a claim.
        exempt: Why it does not apply, or did not once; None where nobody said so.
        validation: The second person's word on the agreed level; None before there is one.
        validation_words: How the agreed level stands to it, for a reader; empty without an agreed level.
        falling: KPIs of its own that are falling under a claim of managed work, in words.
        before: Level that counted in the last quarter with an agreed level; None where there is none.
        before_quarter: First day of that quarter.
    """

    capability: Capability
    raters: tuple[RaterLine, ...]
    rater_count: int
    hidden: bool
    flags: tuple[str, ...]
    agreed: AgreedLevel | None
    claimed: int | None
    basis: str
    measured: int
    measured_words: str
    not_computed: tuple[str, ...]
    testable: bool
    reported: int | None
    status: str
    status_words: str
    target: TargetLine | None
    gap: int | None
    rules: tuple[LevelRule, ...]
    assessment: Assessment | None
    exempt: ExemptLine | None = None
    validation: ValidationLine | None = None
    validation_words: str = ""
    falling: tuple[str, ...] = ()
    before: int | None = None
    before_quarter: dt.date | None = None

    @property
    def applies(self) -> bool:
        """Whether the capability applies."""
        return self.exempt is None or not self.exempt.active

    @property
    def trend(self) -> str:
        """The level that counts against that of the last quarter, in words; empty without both."""
        if self.before is None or self.reported is None or self.before_quarter is None:
            return ""
        since, step = quarter_label(self.before_quarter), self.reported - self.before
        return f"as in {since}" if step == 0 else f"{'▲' if step > 0 else '▼'} {abs(step)} since {since}"


@dataclass(frozen=True)
class MaturityView:
    """Everything on the screen.

    Attributes:
        question: What the screen answers.
        answer: The answer, computed.
        note: Quarter, how far the round is, and the month of the figures.
        finding: What the matrix shows, as a title.
        summary: Mean of the levels that count, with minimum and number of low ones; empty while none is rated.
        matrix: Which matrix.
        quarter: First day of the quarter.
        scale: The five levels.
        rows: One a capability, in the order of their codes.
    """

    question: str
    answer: str
    note: str
    finding: str
    summary: str
    matrix: Matrix
    quarter: dt.date
    scale: tuple[ScaleLevel, ...]
    rows: tuple[CapabilityRow, ...]


@dataclass(frozen=True)
class NextLevel:
    """What the level above the claim takes.

    Attributes:
        level: That level.
        label: Its word.
        half: Its criteria that do not hold in at least half of cases yet.
        most: Criteria of lower levels that do not hold in most or all cases yet.
    """

    level: int
    label: str
    half: tuple[str, ...]
    most: tuple[str, ...]


@dataclass(frozen=True)
class ProofNeeded:
    """What has to be measured before a claim counts for more.

    Attributes:
        level: The level it would count as.
        lines: Conditions up to that level that do not hold, each with its outcome.
    """

    level: int
    lines: tuple[str, ...]
