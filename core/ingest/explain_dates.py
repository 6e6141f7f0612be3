"""Words for a cell that is no date as its column is written: what to write instead, wherever that can be told."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from core.glossary import display_day
from core.ingest.dates import EARLIEST, LATEST, STYLES

FIRST_DAY = dt.date(1899, 12, 30)
"""Day 0 of the day numbers of spreadsheets."""
SAMPLE = dt.date(2026, 10, 31)
"""The day an example shows: over twelve, so that it cannot be taken for a month."""
NAMED = ("%d %b %Y", "%b %d %Y", "%d %B %Y", "%B %d %Y", "%Y %b %d", "%Y %B %d", "%Y %m %d")
"""Ways to write a day that leave no doubt, once commas, dots, hyphens and slashes are spaces."""


def date_words(value: str, style: str, what: str, found: str, timed: bool) -> str:
    """Expected, found and what to write instead, of a cell that is no date in the style of its column.

    Args:
        value: Text of the cell.
        style: Style of the column, as mappings name it.
        what: What the column holds, with its article.
        found: The cell as the message repeats it.
        timed: Whether a time may follow the date.
    """
    bounds = f"between {EARLIEST} and {LATEST}"
    if re.search(r"9999|2999", value):
        return f"expected {what} as {style} {bounds}, {found}. Leave an open end empty."
    if not timed and re.search(r"\d:\d", value):
        return f"expected {what} as {style} without a time, {found}. Export the day alone."
    own = _day(value, style)
    if own is not None:
        return f"expected {what} {bounds}, {found}. Correct the year, or leave the cell empty where no day is known."
    return f"expected {what} as {style}, {found}. {_remedy(value, style)}"


def _remedy(value: str, style: str) -> str:
    """The sentence that mends the cell."""
    bare = value.strip()
    if re.fullmatch(r"\d{5}(\.\d+)?", bare):
        day = FIRST_DAY + dt.timedelta(days=int(bare[:5]))
        number = f"It looks like a spreadsheet's day number, of {display_day(day)}"
        return f"{number}: format the column as a date and export again, or write {_spelled(day, style)}."
    days = _readings(bare)
    if len(days) == 1:
        return f"Write {_spelled(days[0], style)}."
    if days:
        both = ", or ".join(f"{_spelled(day, style)} for {display_day(day)}" for day in days)
        return f"It can be read in two ways: write {both}."
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", bare):
        return f"Write the year with four digits, as {style}."
    return _impossible(bare, style) or f"No day can be read in it: write one such as {_spelled(SAMPLE, style)}."


def _readings(value: str) -> list[dt.date]:
    """Every day the text can mean, in any style; two where day and month can be told from one another by nothing."""
    found = [_day(value, style) for style in STYLES]
    spaced = " ".join(re.sub(r"[-/.,]", " ", value).split())
    found += [_parsed(spaced, pattern) for pattern in NAMED]
    if re.fullmatch(r"(19|20)\d{6}", value):
        found.append(_parsed(value, "%Y%m%d"))
    return sorted({day for day in found if day is not None and EARLIEST <= day.isoformat() <= LATEST})


def _day(value: str, style: str) -> dt.date | None:
    """The day of a text in one style, whatever the year; None where it is none."""
    form = STYLES.get(style)
    match = re.fullmatch(form.pattern, value.strip(), re.ASCII) if form else None
    if form is None or match is None:
        return None
    try:
        return dt.date(*map(int, match.expand(form.iso).split("-")))
    except ValueError:
        return None


def _parsed(value: str, pattern: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(value, pattern).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _impossible(value: str, style: str) -> str:
    """What is wrong with a text that looks like a date and is no day; empty for any other text."""
    forms = sorted(STYLES.values(), key=lambda form: form.name != style)
    form = next((each for each in forms if re.fullmatch(each.pattern, value, re.ASCII)), None)
    if form is None:
        return ""
    written = re.sub(form.pattern, form.iso, value, flags=re.ASCII)
    year, month, day = map(int, written.split("-"))
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return ""
    if not 1 <= month <= 12:
        fits = 1 <= day <= 12 and 1 <= month <= calendar.monthrange(year, day)[1]
        turned = (
            f"; with day and month changed round it is {_spelled(dt.date(year, day, month), style)}" if fits else ""
        )
        return f"There is no month {month}{turned}."
    last = calendar.monthrange(year, month)[1]
    return f"{calendar.month_name[month]} {year} has {last} days: correct the day."


def _spelled(day: dt.date, style: str) -> str:
    """A day in a style; ISO where the style counts since 1970."""
    if style not in STYLES:
        return day.isoformat()
    return style.replace("YYYY", f"{day.year:04d}").replace("MM", f"{day.month:02d}").replace("DD", f"{day.day:02d}")
