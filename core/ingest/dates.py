"""Date styles: which one a whole column is written in, and how its cells become dates."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.presets import DateStyle


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

_CLOCK = r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)"
_MIDNIGHT = r"([ T]0?0:00(:00(\.0+)?)?)?"
EARLIEST, LATEST = "1950-01-01", "2100-12-31"
"""Outside these a date is taken for a typing error or for a stand-in such as 9999-12-31."""


def date_sql(raw: str, style: str) -> str:
    """SQL of the date in `raw`; NULL when it is not a day written in `style` (a time of midnight is allowed)."""
    written = f"regexp_full_match({raw}, '{STYLES[style].pattern}{_MIDNIGHT}')"
    return f"(CASE WHEN {written} THEN TRY_CAST({_iso(raw, style)} AS DATE) END)"


def instant_sql(raw: str, style: str) -> str:
    """SQL of the instant in `raw`, UTC without a zone; a date alone is its midnight, an offset is honoured."""
    written = f"regexp_full_match({raw}, '{STYLES[style].pattern}({_CLOCK}({_OFFSET})?)?')"
    iso = _iso(raw, style)
    zoned = f"regexp_matches({raw}, '{_CLOCK}{_OFFSET}$')"
    shifted = f"CAST(TRY_CAST({iso} AS TIMESTAMPTZ) AS TIMESTAMP)"
    return f"(CASE WHEN {written} THEN CASE WHEN {zoned} THEN {shifted} ELSE TRY_CAST({iso} AS TIMESTAMP) END END)"


def month_sql(raw: str) -> str:
    """SQL of the first day of the month written YYYY-MM or YYYY-MM-01."""
    written = f"regexp_full_match({raw}, '\\d{{4}}-\\d{{2}}(-01{_MIDNIGHT})?')"
    return f"(CASE WHEN {written} THEN TRY_CAST(substr({raw}, 1, 7) || '-01' AS DATE) END)"


def _iso(raw: str, style: str) -> str:
    if style == ISO:
        return raw
    return f"regexp_replace({raw}, '^{STYLES[style].pattern}', '{STYLES[style].iso}')"
