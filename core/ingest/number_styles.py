"""Which style the numbers of a column are written in: plain ones are read, any other is named and has to be stated."""

# ruff: noqa: S608 - names come from the contract, styles from a closed set

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from core.errors import Problem, Remedy
from core.ingest.mapping import Plan, Source
from core.ingest.numbers import GROUPED, plain_number, plain_number_sql
from core.ingest.parse import rows_sql
from core.ingest.read import Scan
from core.ingest.styles import Verdict, all_but
from core.ingest.values import NUMBER, raw_sql
from core.ingest.written import Written
from core.model.numbers import BODIES, PLAIN, NumberStyle, number_style
from core.model.synonyms import load_synonyms
from core.schema import Kind

NUMERIC = (Kind.INTEGER, Kind.CENTS, Kind.FRACTION)
SAMPLE = 2_000
"""Rows in which a decimal point is looked for that cannot be one between thousands."""
_ALWAYS = re.compile("[A-Z]{3}|[A-Z]{0,2}[$]|kr\\.?|zł|Kč|Ft|lei|Fr\\.?|Rs\\.?")
_SIGN = r"[^\d\s.,'’%()+-][^\d\s,'’%()+-]{0,3}"


@dataclass(frozen=True)
class _Fit:
    """How a column fits one style: cells that do, a mark of the values, equal when all are, values with decimals."""

    style: NumberStyle
    count: int
    mark: object
    decimals: int


def proven_points(
    connection: duckdb.DuckDBPyConnection, scan: Scan, sources: dict[int, Source], limit: int
) -> set[int]:
    """The columns in which a point is a decimal point for certain: some cell has it where no thousands end.

    Args:
        connection: A connection.
        scan: The file.
        sources: Columns to look at, by their place.
        limit: Rows to look at; 0 for all.
    """
    if not sources:
        return set()
    raws = ", ".join(f"{raw_sql(source)} AS r{index}" for index, source in sources.items())
    proofs = ", ".join(
        f"BOOL_OR(r{i} LIKE '%.%' AND regexp_full_match(r{i}, '{NUMBER}') AND NOT regexp_full_match(r{i}, '{GROUPED}'))"
        for i in sources
    )
    rows = f"SELECT {raws} FROM {rows_sql(scan)}" + (f" LIMIT {limit}" if limit else "")
    answer = connection.execute(f"SELECT {proofs} FROM ({rows})").fetchone() or ()
    return {index for index, proof in zip(sources, answer, strict=False) if proof}


def read_numbers(connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, stated: str = "") -> dict[int, Written]:
    """How every number column is written, by its place in the contract: as stated, or plain.

    Args:
        connection: A connection.
        scan: The file.
        plan: Where its columns come from.
        stated: The table's style, for columns that state none.
    """
    read: dict[int, Written] = {}
    doubtful: dict[int, Source] = {}
    for index, source in enumerate(plan.sources):
        if source is None or source.column.kind not in NUMERIC:
            continue
        example = source.rule.number or stated
        small = source.column.high is not None and source.column.high < 1_000
        certain = bool(example) or scan.parquet or source.index is None or small
        read[index] = Written(number=number_style(example or PLAIN), proven=certain)
        if not certain:
            doubtful[index] = source
    proven = proven_points(connection, scan, doubtful, SAMPLE)
    return {index: replace(written, proven=written.proven or index in proven) for index, written in read.items()}


def number_verdict(
    connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, written: Written
) -> Verdict | None:
    """Whether cells that do not fit their style are a matter of the whole column; None for single errors.

    Args:
        connection: A connection.
        scan: The file.
        source: The column.
        written: How it was read.
    """
    if scan.parquet or source.index is None:
        return None
    style, proven = written.number, written.proven
    filled, fits = _fits(connection, scan, source, _candidates(connection, scan, source, style))
    own = next(fit for fit in fits if fit.style.example == style.example)
    whole = [fit for fit in fits if fit.count == filled]
    if source.column.kind is Kind.INTEGER:
        whole = [fit for fit in whole if not fit.decimals] or whole
    if own in whole and (proven or len({fit.mark for fit in whole}) == 1):
        return None
    others = [fit for fit in fits if fit.count and fit.style is not own.style]
    column = scan.header[source.index]
    cell = _first(connection, scan, source, style, whole)
    expected = f'expected numbers such as {style.example}, found "{cell}".'
    nearly = [] if whole else _nearly(filled, own, others)
    if nearly and not source.rule.number:
        told = all_but(filled, {f'"{fit.style.example}"': fit.count for fit in nearly})
        problem = Problem(scan.name, f"{expected} {told}", None, column, cell, "number_style")
        return Verdict(replace(problem, remedies=_remedies(source, cell, nearly)), True)
    if not whole:
        if source.rule.number or not others or not _elsewhere(connection, scan, source, style, others):
            return None
        counts = sorted([own, *_distinct(others)], key=lambda fit: -fit.count)
        listed = ", ".join(f'{fit.count} as "{fit.style.example}"' for fit in counts if fit.count)
        words = f"{expected} Of {filled} cells {listed} can be read: write the whole column in one style."
        return Verdict(Problem(scan.name, words, None, column, cell, "number_style"), False)
    readings = _distinct(whole)
    words = _remedy(cell, expected, readings)
    remedies = _remedies(source, cell, readings)
    return Verdict(Problem(scan.name, words, None, column, cell, "number_style", remedies), True)


def _nearly(filled: int, own: _Fit, others: Sequence[_Fit]) -> list[_Fit]:
    """Other styles that read the column but for a few cells, those that read most; none where its own does."""
    least = load_synonyms().confidence.style_share * filled
    most = max((fit.count for fit in others), default=0)
    return [] if own.count >= least or most < least else _distinct([fit for fit in others if fit.count == most])


def _remedies(source: Source, cell: str, readings: Sequence[_Fit]) -> tuple[Remedy, ...]:
    return tuple(
        Remedy("number", fit.style.example, source.column.name, shows=plain_number(cell, fit.style) or cell)
        for fit in readings
    )


def _remedy(cell: str, expected: str, readings: Sequence[_Fit]) -> str:
    """The setting that mends the column, or the choice between several readings."""
    if len(readings) > 1:
        told = " and as ".join(
            f'{plain_number(cell, fit.style) or cell} when numbers are written as "{fit.style.example}"'
            for fit in readings
        )
        return f'"{cell}" reads as {told}: say which one is meant.'
    example = readings[0].style.example
    return f'{expected} The whole column reads as "{example}": read it so, or export it with plain decimal points.'


def _candidates(
    connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, style: NumberStyle
) -> list[NumberStyle]:
    """Every way to separate digits, with the currency sign, parentheses and per cent that the column shows."""
    answer = connection.execute(
        "SELECT list(DISTINCT regexp_extract(raw, ?)), BOOL_OR(raw LIKE '(%)'), BOOL_OR(contains(raw, '%')), "
        f"BOOL_OR(regexp_matches(raw, '^[(+-]?[^0-9.,(+-]')) FROM ({_raw(scan, source)})",
        [_SIGN],
    ).fetchone()
    signs, parentheses, percent, first = answer or ([], False, False, False)
    named = [sign.rstrip(".") if sign.rstrip(".") not in ("kr", "Fr", "Rs") else sign for sign in signs or [] if sign]
    sign = named[0] if len(named) == 1 and _currency(named[0]) else ""
    styles = [style]
    for body in BODIES:
        example = body + ("%" if percent and source.column.kind is Kind.FRACTION else "")
        example = f"{sign}{' ' * sign.isalpha()}{example}" if sign and first else f"{example} {sign}".strip()
        example = f"({example})" if parentheses else example
        if example != style.example:
            styles.append(number_style(example))
    return styles


def _currency(sign: str) -> bool:
    return any(unicodedata.category(character) == "Sc" for character in sign) or bool(_ALWAYS.fullmatch(sign))


def _fits(
    connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, styles: Sequence[NumberStyle]
) -> tuple[int, list[_Fit]]:
    each = "COUNT(v), bit_xor(hash(v, _n)), COUNT(*) FILTER (v <> trunc(v))"
    values = ", ".join(f"{_value(style)} AS v{index}" for index, style in enumerate(styles))
    found = ", ".join(each.replace("v", f"v{i}") for i in range(len(styles)))
    rows = f"SELECT raw, ROW_NUMBER() OVER () AS _n, {values} FROM ({_raw(scan, source)}) WHERE raw IS NOT NULL"
    answer = connection.execute(f"SELECT COUNT(raw), {found} FROM ({rows})").fetchone() or (0,)
    threes = zip(answer[1::3], answer[2::3], answer[3::3], strict=True)
    return int(answer[0]), [_Fit(style, *three) for style, three in zip(styles, threes, strict=False)]


def _distinct(fits: Sequence[_Fit]) -> list[_Fit]:
    """The first of the styles that read the same values."""
    return list({fit.mark: fit for fit in reversed(fits)}.values())[::-1]


def _elsewhere(
    connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, style: NumberStyle, others: Sequence[_Fit]
) -> bool:
    """Whether a cell that does not fit `style` is a number in another one."""
    other = " OR ".join(f"{_value(fit.style)} IS NOT NULL" for fit in others)
    sql = f"SELECT COUNT(*) FROM ({_raw(scan, source)}) WHERE {_value(style)} IS NULL AND ({other})"
    answer = connection.execute(sql).fetchone()
    return bool(answer and answer[0])


def _first(
    connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, style: NumberStyle, whole: Sequence[_Fit]
) -> str:
    """The first cell that does not fit, or that the fitting styles read differently."""
    marks = _distinct(whole)
    differs = " OR ".join(f"{_value(marks[0].style)} IS DISTINCT FROM {_value(each.style)}" for each in marks[1:])
    condition = differs or f"{_value(style)} IS NULL"
    answer = connection.execute(
        f"SELECT raw FROM ({_raw(scan, source)}) WHERE raw IS NOT NULL AND ({condition}) LIMIT 1"
    ).fetchone()
    return str(answer[0])[:80] if answer else ""


def _raw(scan: Scan, source: Source) -> str:
    return f"SELECT {raw_sql(source)} AS raw FROM {rows_sql(scan)}"


def _value(style: NumberStyle) -> str:
    if style.example == PLAIN:
        return f"(CASE WHEN regexp_full_match(raw, '{NUMBER}') THEN TRY_CAST(raw AS DECIMAL(28, 6)) END)"
    return f"TRY_CAST({plain_number_sql('raw', style)} AS DECIMAL(28, 6))"
