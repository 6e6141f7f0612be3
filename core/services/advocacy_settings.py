"""How people are scored and when they rest: the numbers that can be set, what is in force, and setting them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from core.errors import ModelError, RuleBroken, StaleRecord, length_faults
from core.glossary import display_month
from core.model.advocacy_settings import OF_SEGMENT, Setting, in_force, load_setting_rules, rules_in_force
from core.month import Month
from core.services.access import Actor, require
from core.services.advocacy_numbers import Number, numbers, numbers_by_path
from core.services.home import read_settings, records_database, settings_of
from core.stats.months import shift_month
from core.store.audit import audit
from core.store.revisions import serialise
from core.store.tables import ModelSetting

Changes = Mapping[str, float | None]
"""New values by key, a path with `@` and a segment behind it for that segment alone; None goes back to the file."""
REASON_LENGTH = 400
"""Most characters of a reason; a form says so, a save refuses more."""
AHEAD = 13
"""Months from which a setting may hold, the last complete one first."""


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One line of the history of settings.

    Attributes:
        what: Which number, and for whom.
        value: What it was set to, in words.
        holds: From when.
        author: Who saved it.
        reason: Why.
        at: When, UTC.
    """

    what: str
    value: str
    holds: str
    author: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True)
class SettingsView:
    """Everything that can be set, as it stands in a month.

    Attributes:
        numbers: Every number, in groups, with the value in force for the segment that was asked for.
        segment: That segment; None for everybody.
        segments: Segments that can have their own: those of single accounts, also of one that belongs to a family,
            for a person is judged by the account she or he works at.
        months: Months from which a setting may hold.
        version: How many settings were saved so far; given back when one is saved.
        history: Every setting, the newest first.
    """

    numbers: tuple[Number, ...]
    segment: str | None
    segments: tuple[str, ...]
    months: tuple[dt.date, ...]
    version: int
    history: tuple[SettingLine, ...]


def settings_view(month: Month, segment: str | None = None) -> SettingsView:
    """What can be set and what is in force in a month.

    Args:
        month: The newest month.
        segment: Show what holds for this segment; None for everybody.
    """
    labels = numbers_by_path(month)
    return SettingsView(
        numbers=numbers(month, segment),
        segment=segment,
        segments=settable_segments(month),
        months=tuple(shift_month(month.month, ahead) for ahead in range(AHEAD)),
        version=len(month.settings),
        history=tuple(_line(item, labels) for item in reversed(month.settings)),
    )


def settable_segments(month: Month) -> tuple[str, ...]:
    """Segments of all accounts as the files give them, in alphabetical order; figures know those of families alone."""
    return tuple(sorted(map(str, month.facts.accounts["segment"].unique())))


def save_settings(
    actor: Actor, month: Month, changes: Changes, reason: str, valid_from: dt.date, version: int, at: dt.datetime
) -> int:
    """Lay numbers over the model file from a month on; earlier months keep theirs, and the same again saves nothing.

    Args:
        actor: Who sets them; needs the role admin.
        month: The newest month: the first from which a setting may hold.
        changes: The new values; those that are in force already are left out.
        reason: Why.
        valid_from: First day of the first month they hold for.
        version: As the view gave it when it was opened.
        at: Time of the act, UTC.

    Returns:
        The version after the save.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: Listing everything that is missing or out of range, or what the rules as a whole forbid; nothing
            was saved.
        StaleRecord: Somebody saved a setting since the view was opened.
    """
    require(actor, "change how people are scored")
    wrong = [*_wrong(month, changes), *_wrong_month(month, valid_from), *_wrong_reason(reason)]
    if wrong:
        raise RuleBroken(f"The settings were not saved: {'; '.join(wrong)}.")
    with records_database().write() as session:
        serialise(session, ModelSetting.__tablename__)
        before = settings_of(session)
        fresh = _fresh(before, changes, valid_from)
        if not fresh:
            return len(before)
        if len(before) != version:
            labels = numbers_by_path(month)
            theirs = "; ".join(_words(item.key, item.value, labels) for item in before[version:])
            yours = "; ".join(_words(key, value, labels) for key, value in fresh.items())
            raise StaleRecord("A setting of advocacy", yours, theirs or "fewer settings than you saw")
        rows = _rows(before, fresh, valid_from, actor.name, reason.strip(), at)
        _check_whole((*before, *rows), valid_from)
        _insert(session, rows)
        audit(
            session, at, actor.name, "save settings", "model_settings", changes=dict(fresh), reason=reason.strip(),
            valid_from=str(valid_from),
        )  # fmt: skip
        return len(before) + len(rows)


def laid_on(month: Month, changes: Changes) -> tuple[Setting, ...]:
    """The settings of a month with changes that would hold from that month on, for looking at what they would do.

    Raises:
        RuleBroken: Listing what is out of range, or what the rules as a whole forbid.
    """
    if wrong := _wrong(month, changes):
        raise RuleBroken(f"This cannot be set: {'; '.join(wrong)}.")
    fresh = _fresh(month.settings, changes, month.month)
    at = dt.datetime.combine(month.as_of, dt.time(), dt.UTC)
    rows = _rows(month.settings, fresh, month.month, "", "", at)
    _check_whole((*month.settings, *rows), month.month)
    return (*month.settings, *rows)


def _fresh(before: Iterable[Setting], changes: Changes, month: dt.date) -> dict[str, float | None]:
    """Changes that differ from what is in force in the month."""
    held = in_force(before, month)
    now = {key: item.value for key, item in held.items()}
    return {key: value for key, value in changes.items() if now.get(key) != value}


def _rows(
    before: Iterable[Setting],
    fresh: Changes,
    valid_from: dt.date,
    author: str,
    reason: str,
    at: dt.datetime,
) -> tuple[Setting, ...]:
    count: dict[str, int] = {}
    for item in before:
        count[item.key] = max(count.get(item.key, 0), item.version)
    return tuple(
        Setting(key, value, valid_from, count.get(key, 0) + 1, author, reason, at) for key, value in fresh.items()
    )


def _insert(session: Session, rows: Iterable[Setting]) -> None:
    for item in rows:
        row = {
            name: getattr(item, name) for name in ("key", "value", "valid_from", "version", "author", "reason", "at")
        }
        session.add(ModelSetting.model_validate(row))


def _check_whole(settings: tuple[Setting, ...], valid_from: dt.date) -> None:
    """The rules must stand in every month from then on in which they change."""
    for month in sorted({valid_from, *(item.valid_from for item in settings if item.valid_from > valid_from)}):
        try:
            rules_in_force(settings, month)
        except ModelError as error:
            raise RuleBroken(f"The settings were not saved: from {display_month(month)} on {error}") from None


def _wrong(month: Month, changes: Changes) -> list[str]:
    """What is out of range, or can be set by nobody."""
    if not changes:
        return ["no number was changed"]
    known, segments, wrong = numbers_by_path(month), settable_segments(month), []
    for key, value in changes.items():
        path, _, segment = key.partition(OF_SEGMENT)
        item = known.get(path)
        if item is None:
            wrong.append(f'"{path}" is no number that can be set')
        elif segment and (segment not in segments or not item.range.segments):
            wrong.append(f'{item.label}: cannot be set for segment "{segment}"')
        elif value is not None and not (math.isfinite(value) and item.range.least <= value <= item.range.most):
            span = f"{item.range.least:g} to {item.range.most:g} {item.range.unit}"
            wrong.append(f"{item.label}: expected {span}, found {value:g}")
        elif value is not None and item.whole and value != int(value):
            wrong.append(f"{item.label}: expected a whole number, found {value:g}")
    return wrong


def _wrong_month(month: Month, valid_from: dt.date) -> list[str]:
    last = shift_month(month.month, AHEAD - 1)
    if valid_from.day == 1 and month.month <= valid_from <= last:
        return []
    return [
        f"a setting holds from the first day of a month, {display_month(month.month)} to {display_month(last)}: months "
        f"that are over keep theirs; found {valid_from}"
    ]


def _wrong_reason(reason: str) -> list[str]:
    shortest = load_setting_rules().override.shortest_reason
    if len(reason.strip()) < shortest:
        return ["the reason is missing: say why, so that the next person knows"]
    return length_faults(("the reason", reason, REASON_LENGTH))


def _line(item: Setting, labels: Mapping[str, Number]) -> SettingLine:
    number = labels.get(item.path)
    what = number.named(item.segment) if number else item.key
    value = "as in the model file" if item.value is None else number.told(item.value) if number else f"{item.value:g}"
    return SettingLine(what, value, f"from {display_month(item.valid_from)}", item.author, item.reason, item.at)


def _words(key: str, value: float | None, labels: Mapping[str, Number]) -> str:
    path, _, segment = key.partition(OF_SEGMENT)
    number = labels.get(path)
    if number is None:
        return f"{key} = {value}"
    return f"{number.named(segment or None)}: {'as in the model file' if value is None else number.told(value)}"


__all__ = [
    "AHEAD",
    "REASON_LENGTH",
    "Changes",
    "Number",
    "SettingLine",
    "SettingsView",
    "laid_on",
    "read_settings",
    "save_settings",
    "settings_view",
]
