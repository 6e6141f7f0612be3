"""Date styles: which one a whole column is written in, and how its cells become dates."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.presets import DateStyle
from core.schema.zones import is_utc, told_sql
from core.settings import settings


@dataclass(frozen=True, slots=True)
class Style:
    """One way to write a date.

    Attributes:
        name: The name mappings use.
        pattern: Regular expression of the date alone, with three groups.
        iso: Replacement that turns the groups into YYYY-MM-DD.
    """

    name: DateStyle
    pattern: str
    iso: str


ISO: DateStyle = "YYYY-MM-DD"
STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Style("YYYY-MM-DD", r"(\d{4})-(\d{2})-(\d{2})", r"\1-\2-\3"),
        Style("YYYY/MM/DD", r"(\d{4})/(\d{1,2})/(\d{1,2})", r"\1-\2-\3"),
        Style("DD-MM-YYYY", r"(\d{1,2})-(\d{1,2})-(\d{4})", r"\3-\2-\1"),
        Style("DD/MM/YYYY", r"(\d{1,2})/(\d{1,2})/(\d{4})", r"\3-\2-\1"),
        Style("DD.MM.YYYY", r"(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\3-\2-\1"),
        Style("MM/DD/YYYY", r"(\d{1,2})/(\d{1,2})/(\d{4})", r"\3-\1-\2"),
        Style("MM-DD-YYYY", r"(\d{1,2})-(\d{1,2})-(\d{4})", r"\3-\1-\2"),
    )
}

EPOCHS: dict[str, tuple[str, int]] = {
    "epoch seconds": (r"\d{9,10}", 1_000_000),
    "epoch milliseconds": (r"\d{12,13}", 1_000),
}
"""Counts since 1970 in UTC -> pattern, microseconds of one. Read only when stated: they look like ids."""

_CLOCK = r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_HALF_DAY = r",? \d{1,2}:\d{2}(:\d{2})? ?([AaPp][Mm])"
_OFFSET = r"( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))"
_MIDNIGHT = r"(([ T]0?0:00(:00(\.0+)?)?( ?(Z|UTC|[+-]00(:?00)?))?)|(,? 12:00(:00)? ?[Aa][Mm]))?"
EARLIEST, LATEST = "1950-01-01", "2100-12-31"
"""Outside these a date is taken for a typing error or for a stand-in such as 9999-12-31."""


def date_sql(raw: str, style: str, times: bool = False) -> str:
    """SQL of the date in `raw`; NULL when it is not a day written in `style` (a time of midnight is allowed).

    Args:
        raw: SQL of the text.
        style: Style of the column.
        times: Whether any time may follow, of which the company's own day is taken.
    """
    if times or style in EPOCHS:
        return _local_day(raw, style, settings().council_zone)
    written = f"regexp_full_match({raw}, '{STYLES[style].pattern}{_MIDNIGHT}')"
    if style == ISO:
        # The bare day is the common spelling; LIKE costs a tenth of the regular expression.
        whole = f"TRY_CAST(substr({raw}, 1, 10) AS DATE)"
        return f"(CASE WHEN {raw} LIKE '____-__-__' THEN TRY_CAST({raw} AS DATE) WHEN {written} THEN {whole} END)"
    day = f"regexp_replace(regexp_replace({raw}, ',?[ T].*$', ''), '^{STYLES[style].pattern}', '{STYLES[style].iso}')"
    return f"(CASE WHEN {written} THEN TRY_CAST(substr({day}, 1, 10) AS DATE) END)"


def instant_sql(raw: str, style: str) -> str:
    """SQL of the instant in `raw`, UTC without a zone; NULL when it is none written in `style`.

    A date alone is its midnight, an offset is honoured, a time without one is what the company's clocks showed.
    """
    if style in EPOCHS:
        return _counted(raw, style)
    form, zone = _Form(raw, style), settings().council_zone
    if is_utc(zone):
        return form.either(form.shifted, form.shown, form.halved)

    def utc(shown: str) -> str:
        instant = f"CAST(timezone('{zone}', {shown}) AS TIMESTAMP)"
        return f"CASE WHEN {form.bare} THEN {shown} ELSE {told_sql(instant)} END"

    offset = f"CASE WHEN {form.bare} THEN {form.shifted} ELSE {told_sql(form.shifted)} END"
    return form.either(offset, utc(form.shown), utc(form.halved))


def utc_sql(raw: str) -> str:
    """SQL of the text in `raw` with UTC behind a time that has no offset; any other text stays."""
    return f"regexp_replace({raw}, '({_CLOCK})$', '\\1 UTC')"


def month_sql(raw: str) -> str:
    """SQL of the first day of the month written YYYY-MM or YYYY-MM-01."""
    written = f"regexp_full_match({raw}, '\\d{{4}}-\\d{{2}}(-01{_MIDNIGHT})?')"
    return f"(CASE WHEN {written} THEN TRY_CAST(substr({raw}, 1, 7) || '-01' AS DATE) END)"


class _Form:
    """SQL of what a cell with a day, and perhaps a time, says in one style.

    Attributes:
        bare: Whether it says a day alone: no time, or midnight without an offset or in UTC.
        shifted: The instant, UTC, of a time with an offset.
        shown: What the clocks show without one; `halved` with am or pm.
    """

    def __init__(self, raw: str, style: str) -> None:
        pattern, iso = STYLES[style].pattern, _iso(raw, style)
        self._written = f"regexp_full_match({raw}, '{pattern}({_CLOCK}{_OFFSET}?)?')"
        self._zoned = f"regexp_matches({raw}, '{_CLOCK}{_OFFSET}$')"
        self._half = f"regexp_full_match({raw}, '{pattern}{_HALF_DAY}')"
        self.bare = f"regexp_full_match({raw}, '{pattern}{_MIDNIGHT}')"
        self.aware = f"TRY_CAST(replace({iso}, ' UTC', 'Z') AS TIMESTAMPTZ)"
        self.shifted = f"CAST({self.aware} AS TIMESTAMP)"
        self.shown = f"TRY_CAST({iso} AS TIMESTAMP)"
        spelled = f"regexp_replace(replace({iso}, ',', ''), '(\\d) ?([AaPp])', '\\1 \\2')"
        self.halved = f"try_strptime({spelled}, ['%Y-%m-%d %I:%M %p', '%Y-%m-%d %I:%M:%S %p'])"

    def either(self, zoned: str, shown: str, halved: str) -> str:
        """SQL of one of the three, as the cell is written; NULL when it is not."""
        return (
            f"(CASE WHEN {self._written} THEN CASE WHEN {self._zoned} THEN {zoned} ELSE {shown} END "
            f"WHEN {self._half} THEN {halved} END)"
        )


def _local_day(raw: str, style: str, zone: str) -> str:
    """SQL of the day on the clocks of a zone: as written where no offset says otherwise."""
    if is_utc(zone):
        return f"CAST({instant_sql(raw, style)} AS DATE)"
    if style in EPOCHS:
        count = _counted(raw, style)
        local = f"CAST(timezone('{zone}', timezone('UTC', {count})) AS DATE)"
        return f"(CASE WHEN {count} = date_trunc('day', {count}) THEN CAST({count} AS DATE) ELSE {local} END)"
    form = _Form(raw, style)
    away = f"CAST(timezone('{zone}', {form.aware}) AS DATE)"
    zoned = f"CASE WHEN {form.bare} THEN CAST({form.shifted} AS DATE) ELSE {away} END"
    return form.either(zoned, f"CAST({form.shown} AS DATE)", f"CAST({form.halved} AS DATE)")


def _counted(raw: str, style: str) -> str:
    pattern, micros = EPOCHS[style]
    count = f"CAST({raw} AS BIGINT) * {micros}"
    return f"(CASE WHEN regexp_full_match({raw}, '{pattern}') THEN make_timestamp({count}) END)"


def _iso(raw: str, style: str) -> str:
    if style == ISO:
        return raw
    return f"regexp_replace({raw}, '^{STYLES[style].pattern}', '{STYLES[style].iso}')"
