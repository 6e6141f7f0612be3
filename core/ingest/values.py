"""SQL that turns the text of a cell into a value of the contract, or into NULL when it is not one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.ingest.dates import EARLIEST, LATEST, date_sql, instant_sql, month_sql
from core.ingest.mapping import Source
from core.ingest.numbers import GROUPED
from core.ingest.written import Written
from core.model.presets import ColumnRule
from core.schema import Column, Kind
from core.schema.zones import is_utc, told_sql
from core.settings import settings
from core.store.facts_shape import text

LONGEST_ID = 255
LONGEST_TEXT = 10_000
"""Longer cells are taken for a broken file: no name, note or link of a customer is that long."""

NUMBER = r"[+-]?\d{1,15}(\.\d{1,6})?([eE]\+?\d)?"
"""Digits with a decimal point; at most six decimals, so that DECIMAL(28,6) holds the number exactly."""

FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

# Invisible or direction-changing characters and decomposed accents make two ids look like one.
_DECEPTIVE = r"[\x{00AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]"


def raw_sql(source: Source) -> str:
    """SQL of the cell as text: trimmed, recoded, with default or constant; NULL when empty."""
    rule = source.rule
    if source.index is None:
        return text(rule.constant)
    cell = cell_sql(source.index)
    if source.minutes is not None:
        cell = f"CASE WHEN {cell_sql(source.minutes)} IS NOT NULL THEN {cell} END"
    if rule.recode:
        cases = _cases(rule.recode)
        others = _cases({old.lower(): new for old, new in reversed(rule.recode.items())})
        cell = f"CASE {cell} {cases} ELSE CASE lower({cell}) {others} ELSE {cell} END END"
    return f"COALESCE({cell}, {text(rule.default)})" if rule.default else cell


def cell_sql(index: int) -> str:
    """SQL of a cell of the file without the spaces around it; NULL when nothing is left."""
    return f"NULLIF(trim(c{index}), '')"


def unrecoded_sql(source: Source, fold: bool = True) -> str:
    """SQL condition: the mapping recodes this column and does not know the cell; `fold` knows it in any case."""
    if not source.rule.recode or source.index is None:
        return "FALSE"
    if not fold:
        return f"COALESCE({cell_sql(source.index)} NOT IN ({_listed(source.rule.recode)}), FALSE)"
    return f"COALESCE(lower({cell_sql(source.index)}) NOT IN ({_listed(map(str.lower, source.rule.recode))}), FALSE)"


def folded_sql(source: Source) -> str:
    """SQL condition: the cell is a known word or currency but for upper and lower case, and is read as that."""
    if source.index is None:
        return "FALSE"
    cell, known = cell_sql(source.index), tuple(source.rule.recode) or source.column.choices
    if known:
        lowered = _listed(map(str.lower, known))
        return f"COALESCE({cell} NOT IN ({_listed(known)}) AND lower({cell}) IN ({lowered}), FALSE)"
    if source.column.kind is Kind.CURRENCY:
        return f"COALESCE({cell} <> upper({cell}) AND regexp_full_match({cell}, '[A-Za-z]{{3}}'), FALSE)"
    return "FALSE"


def _cases(words: Mapping[str, str]) -> str:
    return " ".join(f"WHEN {text(old)} THEN {text(new)}" for old, new in words.items())


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(text, dict.fromkeys(words)))


def typed_sql(column: Column, rule: ColumnRule, raw: str, written: Written, plain: bool, fold: bool = True) -> str:
    """SQL of the value before its range is checked; NULL when the text is not a value of the column's kind.

    Args:
        column: Column of the contract.
        rule: Its rule.
        raw: Name of the column with the text; a number in a style other than the plain one is plain already.
        written: How the column is written.
        plain: Whether the file can hold no hidden character and no line break.
        fold: Whether a word or currency may be in another case.
    """
    if column.kind in (Kind.ID, Kind.TEXT):
        return _text(column.kind, raw, plain)
    if column.kind is Kind.CHOICE:
        word = f"lower({raw})" if fold else raw
        return f"(CASE WHEN {word} IN ({_listed(column.choices)}) THEN {word} END)"
    if column.kind is Kind.CURRENCY:
        code = f"upper({raw})" if fold else raw
        return f"(CASE WHEN regexp_full_match({code}, '[A-Z]{{3}}') THEN {code} END)"
    if column.kind in (Kind.INTEGER, Kind.CENTS):
        return _whole(raw, f"{rule.scale}", written)
    if column.kind is Kind.FRACTION:
        value = f"TRY_CAST({raw} AS DECIMAL(28, 6)) * 0.01" if written.number.percent else raw
        return f"(CASE WHEN {_is_number(raw, written)} THEN TRY_CAST({value} AS DOUBLE) END)"
    if column.kind is Kind.FLAG:
        yes, no = (", ".join(text(word) for word, flag in FLAGS.items() if flag is side) for side in (True, False))
        return f"(CASE WHEN lower({raw}) IN ({yes}) THEN TRUE WHEN lower({raw}) IN ({no}) THEN FALSE END)"
    if column.kind is Kind.MONTH:
        return month_sql(raw)
    return date_sql(raw, written.date, written.times) if column.kind is Kind.DATE else instant_sql(raw, written.date)


def ranged_sql(column: Column, value: str, minutes: str | None = None) -> str:
    """SQL of the value, moved by `minutes` and NULL outside the column's range.

    What a moment is moved to is a moment, also at midnight in UTC; a day without an hour may become another day.
    Dates and instants outside 1950 to 2100 are typing errors or stand-ins such as 9999-12-31.
    """
    if minutes is not None:
        whole = f"CASE WHEN regexp_full_match({minutes}, '\\d{{1,7}}') THEN TRY_CAST({minutes} AS INTEGER) END"
        moved = f"({value} + to_minutes({whole}))"
        told = f"CASE WHEN {value} = date_trunc('day', {value}) THEN {moved} ELSE {told_sql(moved)} END"
        value = moved if is_utc(settings().council_zone) else f"({told})"
    bounds = [f"{value} >= {column.low}"] if column.low is not None else []
    bounds += [f"{value} <= {column.high}"] if column.high is not None else []
    if column.kind in (Kind.DATE, Kind.MONTH, Kind.INSTANT):
        bounds.append(f"{value} >= DATE '{EARLIEST}' AND {value} < DATE '{LATEST}' + INTERVAL 1 DAY")
    return f"(CASE WHEN {' AND '.join(bounds)} THEN {value} END)" if bounds else value


def _text(kind: Kind, raw: str, plain: bool) -> str:
    if kind is Kind.TEXT:
        hidden_start = "" if plain else f" AND ascii({raw}) NOT IN (9, 10, 13)"
        return f"(CASE WHEN length({raw}) <= {LONGEST_TEXT}{hidden_start} THEN {raw} END)"
    hidden = (
        f"regexp_matches({raw}, '[\\n\\r\\t]') OR "
        f"(strlen({raw}) <> length({raw}) AND (regexp_matches({raw}, '{_DECEPTIVE}') OR nfc_normalize({raw}) <> {raw}))"
    )
    damaged = f"(contains({raw}, 'E+') AND regexp_full_match({raw}, '\\d(\\.\\d+)?E\\+\\d+'))"
    bad = damaged if plain else f"{damaged} OR {hidden}"
    return f"(CASE WHEN length({raw}) <= {LONGEST_ID} AND NOT ({bad}) THEN {raw} END)"


def _whole(raw: str, scale: str, written: Written) -> str:
    """Exact by test, because a cast alone would round 12.5 to 13; the common spellings come first, for speed."""
    factor = f"{scale} * 0.01" if written.number.percent else scale
    number = f"(TRY_CAST({raw} AS DECIMAL(28, 6)) * {factor})"
    exact = f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"
    # A whole number that is written back as it stood needs no regular expression; twelve digits leave room to scale.
    same = f"strlen({raw}) <= 12 AND CAST(TRY_CAST({raw} AS BIGINT) AS VARCHAR) = {raw}"
    digits = f"WHEN {same} THEN CAST({raw} AS BIGINT) * {scale}"
    return f"(CASE {'' if written.number.percent else digits} WHEN {_is_number(raw, written)} THEN {exact} END)"


def _is_number(raw: str, written: Written) -> str:
    fits = f"regexp_full_match({raw}, '{NUMBER}')"
    return fits if written.proven else f"({fits} AND NOT regexp_full_match({raw}, '{GROUPED}'))"
