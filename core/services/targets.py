"""What figures are to reach: the targets in force, how a figure stands against its own, and setting one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session, select

from core.errors import RuleBroken, StaleRecord, length_faults
from core.glossary import SPACE, display, display_month
from core.kpis import REGISTRY, Kpi
from core.kpis.result import KpiResult, State
from core.model.definitions import definition_rules
from core.model.targets import target_rules
from core.services.access import Actor, require
from core.services.home import records_database
from core.store import records
from core.store.audit import audit
from core.store.tables import Target

NAME_LENGTH, TEXT_LENGTH = 80, 400
"""Most characters of an owner and of a reason; a form says so, a save refuses more."""
Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One line of the history of a target.

    Attributes:
        kpi: Id of the KPI.
        segment: Segment it is for; None for the whole company.
        month_from: First month it holds for; None for a target of the product itself, in force from the beginning.
        value: In the KPI's unit, money in units of `currency`; None takes the target back from that month on.
        currency: ISO code of money.
        owner: Who answers for it.
        author: Who set it.
        reason: Why.
        at: When it was saved, UTC; None for a target of the product itself.
        version: Its version, to be given back when it is changed.
    """

    kpi: str
    segment: str | None
    month_from: dt.date | None
    value: float | None
    currency: str
    owner: str
    author: str
    reason: str
    at: dt.datetime | None
    version: int


@dataclass(frozen=True)
class Targets:
    """Every target of the installation.

    Attributes:
        lines: Those people set, oldest month first.
        key: Changes when one of them changes.
    """

    lines: tuple[TargetLine, ...] = ()
    key: int = 0

    def history(self, kpi: str, segment: str | None = None) -> tuple[TargetLine, ...]:
        """The target of a KPI over time, oldest first; the product's own one leads."""
        own = target_rules().default.get(kpi)
        first: tuple[TargetLine, ...] = ()
        if own is not None and segment is None:
            owner = REGISTRY[kpi].text.owner
            first = (TargetLine(kpi, None, None, own.value, "", owner, "Product", own.reason, None, 0),)
        return first + tuple(line for line in self.lines if (line.kpi, line.segment) == (kpi, segment))

    def line(self, kpi: str, month: dt.date, segment: str | None = None) -> TargetLine | None:
        """The line in force in a month; None when nothing was ever set, or the target was taken back."""
        past = [each for each in self.history(kpi, segment) if each.month_from is None or each.month_from <= month]
        return past[-1] if past and past[-1].value is not None else None

    def value(self, kpi: str, month: dt.date, currency: str, segment: str | None = None) -> float | None:
        """The target in force in a month; None where there is none, or it is money of another currency."""
        line = self.line(kpi, month, segment)
        if line is None or (REGISTRY[kpi].unit == "money" and line.currency != currency):
            return None
        return line.value


def read_targets(key: int = 0) -> Targets:
    """Every target that was set; `key` is the revision of their table, as the caller knows it."""
    with records_database().read() as session:
        rows = session.exec(select(Target).order_by("month_from", "id")).all()
    return Targets(tuple(_line(row) for row in rows), key)


def standing(result: KpiResult, target: float | None) -> tuple[str, Tone]:
    """How a figure stands against its target, in one or two words and what they mean.

    The interval decides: off target when all of it lies on the wrong side, on target when all of it lies on the right
    one, "target in band" when it holds the target, whichever side the value lies on. A figure without an interval is
    on target or it misses; a miss by no more than the share of `data/model/targets.toml` is near. No word where the
    figure is not plainly shown or neither direction is good.

    Args:
        result: The figure.
        target: What it is to reach, in the figure's unit; None when there is no target.
    """
    value = result.value
    if target is None or value is None or result.state is not State.OK or result.better == "neither":
        return "", "neutral"
    has_band = result.low is not None and result.high is not None
    if result.low is not None and result.high is not None and result.low < target < result.high:
        return "target in band", "neutral"
    sign = 1 if result.better == "higher" else -1
    short = sign * (target - value)
    if short <= 0:
        return "on target", "good"
    is_near = not has_band and short <= target_rules().near.share * abs(target)
    return ("near target", "neutral") if is_near else ("off target", "bad")


def status_means(status: str) -> str:
    """What a word beside a figure means, for readers; empty for a word that is not of `standing`."""
    near = f"{100 * target_rules().near.share:.0f}{SPACE}%"
    whole = "The whole 95 % band, or the figure itself where it has none, lies on the"
    return {
        "on target": f"{whole} right side of the target",
        "off target": f"{whole} wrong side of the target",
        "target in band": "The 95 % band holds the target: the data cannot tell whether it is met",
        "near target": f"A figure without a band that misses its target by no more than {near} of it",
    }.get(status, "")


def standing_words() -> str:
    """How the words beside a target are chosen, for readers."""
    share = f"{100 * target_rules().near.share:.0f}{SPACE}%"
    return (
        "On target or off target: the whole band lies on that side of it. Target in band: the band holds it, so the "
        f"data cannot tell. A figure without a band that misses by no more than {share} of its target is near it."
    )


def set_target(
    actor: Actor,
    kpi: str,
    segment: str | None,
    month_from: dt.date,
    value: float | None,
    owner: str,
    reason: str,
    version: int | None,
    at: dt.datetime,
    *,
    newest: dt.date,
    currency: str,
) -> TargetLine:
    """Set what a KPI is to reach from a month on, or take its target back; the same again saves nothing.

    Args:
        actor: Who sets it; needs the role finance or approver.
        kpi: Id of the KPI.
        segment: Segment it is for; None for the whole company.
        month_from: First day of the first month it holds for, not before `newest`.
        value: In the KPI's unit; ratios and pp as fractions, money in units of `currency`. None takes it back.
        owner: Who answers for it.
        reason: Why this figure.
        version: Version of the line of that month when it was opened; None when there was none.
        at: Time of the act, UTC.
        newest: First day of the last complete month: no target is set for months that are over.
        currency: Currency the company reports in.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything that is missing or out of range; nothing was saved.
        StaleRecord: Somebody set or changed the target of that month since.
    """
    require(actor, "set a target", "finance", "approver")
    if kpi not in REGISTRY:
        raise RuleBroken(f'A target needs a KPI: expected one of {", ".join(sorted(REGISTRY))}; found "{kpi}".')
    item = REGISTRY[kpi]
    wrong = _wrong(item, segment, month_from, value, newest) + _missing(owner, reason)
    if wrong:
        raise RuleBroken(f"The target of {item.label} was not set: {'; '.join(wrong)}.")
    key = {"kpi": kpi, "segment": segment or "", "month_from": month_from}
    values: dict[str, Any] = {
        "value": value,
        "currency": currency if item.unit == "money" else "",
        "owner": owner.strip(),
        "reason": reason.strip(),
    }
    with records_database().write() as session:
        row, is_new = _put(session, item, key, version, {**values, "author": actor.name, "at": at})
        if is_new:
            record = f"targets/{kpi}"
            audit(session, at, actor.name, "set target", record, **{**key, "month_from": str(month_from), **values})
        return _line(row)


def _put(
    session: Session, item: Kpi, key: Mapping[str, Any], version: int | None, values: Mapping[str, Any]
) -> tuple[Target, bool]:
    """Insert or change the line of a month; a second identical click finds its own line and changes nothing."""
    query = select(Target).where(*(getattr(Target, name) == part for name, part in key.items()))
    row = session.exec(query.with_for_update()).first()
    what = {name: part for name, part in values.items() if name not in ("author", "at")}
    if row is not None and all(getattr(row, name) == part for name, part in what.items()):
        return row, False
    if row is None and version is None:
        row = Target.model_validate({**key, **values})
        session.add(row)
        session.flush()
        return row, True
    if row is None or row.version != version:
        theirs = "nothing any more" if row is None else _words(item, row.model_dump())
        raise StaleRecord(f"The target of {item.label}", _words(item, values), theirs)
    records.save(session, Target, key, row.version, values)
    session.refresh(row)
    return row, True


def _wrong(item: Kpi, segment: str | None, month_from: dt.date, value: float | None, newest: dt.date) -> list[str]:
    """What is out of range: the segment, the month, the figure."""
    wrong = []
    if segment is not None and not item.by_segment:
        wrong.append("this figure is not split by segment")
    if month_from.day != 1 or month_from < newest:
        wrong.append(
            f"it holds from the first day of a month, {display_month(newest)} or later: "
            f"months that are over are not judged anew; found {month_from}"
        )
    if value is not None and not math.isfinite(value):
        wrong.append("the target must be a number")
    elif value is not None:
        low, high = _range(item)
        if not low <= value <= high:
            ends = " to ".join(display(end, item.unit) for end in (low, high) if math.isfinite(end))
            wrong.append(
                f"expected {ends}{'' if math.isfinite(high) else ' or more'}; {display(value, item.unit)} found"
            )
    return wrong


def _range(item: Kpi) -> tuple[float, float]:
    """Least and greatest target that a figure of this kind can have."""
    if item.text.plausible is not None:
        return item.text.plausible
    if item.unit == "pp":
        return -1.0, 1.0
    if definition_rules().small_sample.get(item.judge.method) == "proportion":
        return 0.0, 1.0
    return (-1.0 if item.unit == "ratio" else 0.0), math.inf


def _missing(owner: str, reason: str) -> list[str]:
    fields = (("the owner", owner), ("the reason", reason))
    empty = [f"{name} is missing" for name, text in fields if not text.strip()]
    return empty + length_faults(("the owner", owner, NAME_LENGTH), ("the reason", reason, TEXT_LENGTH))


def _line(row: Target) -> TargetLine:
    at = row.at if row.at.tzinfo else row.at.replace(tzinfo=dt.UTC)
    return TargetLine(
        row.kpi, row.segment or None, row.month_from, row.value, row.currency, row.owner, row.author, row.reason, at,
        row.version,
    )  # fmt: skip


def _words(item: Kpi, values: Mapping[str, Any]) -> str:
    """A line in words, for showing both sides of a refused save."""
    found = values["value"]
    figure = "no target" if found is None else display(found, item.unit, values["currency"])
    return f'{figure}, {values["owner"]}, because "{values["reason"]}"'
