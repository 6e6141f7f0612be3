"""Which style the dates of a column are written in: one for the whole column, or a sentence that mends it."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from core.errors import Problem, Remedy
from core.ingest.dates import EPOCHS, ISO, STYLES, date_sql, instant_sql
from core.ingest.mapping import Plan, Source
from core.ingest.parse import rows_sql
from core.ingest.read import Scan
from core.ingest.values import raw_sql
from core.ingest.written import Written
from core.model.synonyms import load_synonyms
from core.schema import Kind

SAMPLE = 2_000
"""Rows from which the style of a column is first taken; every row is then checked against it."""


SHORT_YEAR = r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}( .*)?"
WITHOUT_DIGITS = r"\D*"

WITH_TIME = " with a time"
"""Ending of a style in counts: a day that carries a time."""
DATES = (Kind.DATE, Kind.INSTANT)


@dataclass(frozen=True)
class Fits:
    """How many cells of a column are a day in each style.

    Attributes:
        filled: Cells that are not empty.
        counts: Style -> cells that are a day in it.
    """

    filled: int
    counts: dict[str, int]

    def whole(self, styles: Sequence[str]) -> list[str]:
        """The styles that read every filled cell."""
        return [style for style in styles if self.counts.get(style, 0) == self.filled]


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a column of dates or numbers as a whole.

    Attributes:
        problem: The sentence.
        whole: Whether it says everything, so that single cells need not be listed.
    """

    problem: Problem
    whole: bool


def sample_styles(
    connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, times: bool = False
) -> tuple[dict[int, Written], list[Problem]]:
    """The style of every date column, by its place in the contract.

    Taken from the first rows where they leave no doubt, else from the whole column.

    Args:
        connection: A connection.
        scan: The file.
        plan: Where its columns come from.
        times: Whether days of this table may carry a time.

    Returns:
        Styles, and a problem for each column that two allowed styles read in full.
    """
    chosen: dict[int, Written] = {}
    problems = []
    for index, source in enumerate(plan.sources):
        if source is None or source.column.kind not in DATES:
            continue
        timed = times if source.rule.times is None else source.rule.times
        timed = timed and source.column.kind is Kind.DATE
        allowed = _allowed(scan, plan, source)
        if len(allowed) == 1:
            chosen[index] = Written(allowed[0], timed)
            continue
        labels = [style + WITH_TIME * timed for style in allowed]
        fits = _fits(connection, scan, source, labels, f"LIMIT {SAMPLE}")
        if len(fits.whole(labels)) != 1 or not fits.filled:
            fits = _fits(connection, scan, source, labels)
            if fits.filled and len(fits.whole(labels)) > 1:
                problems.append(_ambiguous(scan, source, fits.whole(labels)))
        chosen[index] = Written(max(labels, key=lambda each: fits.counts[each]).removesuffix(WITH_TIME), timed)
    return chosen, problems


def style_verdict(
    connection: duckdb.DuckDBPyConnection, scan: Scan, plan: Plan, source: Source, written: Written
) -> Verdict | None:
    """Whether cells that do not fit their style are a matter of the whole column; None for single errors."""
    if scan.parquet or source.index is None:
        return None
    style = written.date + WITH_TIME * written.times
    labels = _labels(source)
    fits = _fits(connection, scan, source, labels)
    if fits.counts[style] == fits.filled:
        return None
    whole = [each for each in fits.whole(labels) if not each.endswith(WITH_TIME)] or fits.whole(labels)
    if not any(fits.counts.values()) and (told := _no_date(connection, scan, source, style)):
        return Verdict(told, True)
    if not whole and (source.rule.dates or not _elsewhere(connection, scan, source, style)):
        return None
    expected = " or ".join(_allowed(scan, plan, source))
    value = _first_misfit(connection, scan, source, style)
    nearly = [] if whole else _nearly(connection, scan, source, fits, style)
    if whole:
        remedy = _remedy(source, plan, whole)
    elif nearly:
        remedy = all_but(fits.filled, {each: fits.counts[each] for each in nearly})
    else:
        remedy = _mixed(fits, style)
    message = f'expected dates as {expected}, found "{value}". {remedy}'
    mends = _remedies(source, whole or nearly)
    told = Problem(scan.name, message, None, scan.header[source.index], value, "date_style", mends)
    return Verdict(told, bool(whole or nearly))


def all_but(filled: int, counts: Mapping[str, int]) -> str:
    """What to do about a column that one style, or one of some, reads but for a few cells."""
    read = " or ".join(f"{count:,} of {filled:,} cells are written as {style}" for style, count in counts.items())
    left = filled - max(counts.values())
    rest = "the other cell is then named with its line" if left == 1 else f"the other {left:,} are then named by line"
    return f"{read}: read the column so{', once you say which' if len(counts) > 1 else ''}; {rest}."


def _nearly(connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, fits: Fits, style: str) -> list[str]:
    """Other styles that read the column but for a few wrong cells.

    None where such a cell is a day in another style that orders day and month its own way: the column mixes two, and
    days such as 03/04 could be either.
    """
    least = load_synonyms().confidence.style_share * fits.filled
    found = [each for each, count in fits.counts.items() if count >= least]
    found = [each for each in found if not each.endswith(WITH_TIME)] or found
    if style in found:
        return []
    orders = [each for each in STYLES if not each.startswith("YYYY")]
    return [
        each for each in found if not _elsewhere(connection, scan, source, each, [o for o in orders if o not in found])
    ]


def _mixed(fits: Fits, style: str) -> str:
    others = {other: n for other, n in fits.counts.items() if other != style and n > 0 and WITH_TIME not in other}
    counts = sorted({style: fits.counts[style], **others}.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{count} as {other}" for other, count in counts if count)
    return f"Of {fits.filled} cells {listed} can be read: write the whole column in one style."


def _remedies(source: Source, styles: Sequence[str]) -> tuple[Remedy, ...]:
    return tuple(
        Remedy("dates", each.removesuffix(WITH_TIME), source.column.name, times=each.endswith(WITH_TIME))
        for each in styles
    )


def _no_date(connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, style: str) -> Problem | None:
    """The problem of a column of which no cell is a date: short years, or another column altogether."""
    assert source.index is not None
    value, header = _first_misfit(connection, scan, source, style), scan.header[source.index]
    short = _share(connection, scan, source, SHORT_YEAR)
    if short == 1:
        message = (
            f'the years have two digits, found "{value}": 24 could be 1924 or 2024. Export the dates with years of '
            f"four digits, as {style.removesuffix(WITH_TIME)}."
        )
        return Problem(scan.name, message, None, header, value, "date_style")
    if _share(connection, scan, source, WITHOUT_DIGITS) < 1:
        return None
    message = (
        f'no cell of this column is a date, found "{value}": choose the column of the file that holds '
        f"{source.column.name.replace('_', ' ')} ({source.column.meaning.rstrip('.')})."
    )
    return Problem(scan.name, message, None, header, value, "date_column")


def _share(connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, pattern: str) -> float:
    """Share of the filled cells that have a form; 0 where a single cell says too little of a column."""
    answer = connection.execute(
        f"SELECT COUNT(raw), COUNT(*) FILTER (WHERE regexp_full_match(raw, ?)) "
        f"FROM (SELECT {raw_sql(source)} AS raw FROM {rows_sql(scan)})",
        [pattern],
    ).fetchone()
    return answer[1] / answer[0] if answer and answer[0] > 1 else 0.0


def _remedy(source: Source, plan: Plan, whole: Sequence[str]) -> str:
    """What to do about a column that reads in full in other ways, in one sentence."""
    bare = [each.removesuffix(WITH_TIME) for each in whole]
    timed = any(each.endswith(WITH_TIME) for each in whole)
    if timed and set(bare) & set(source.rule.dates or plan.dates):
        return "The cells carry a time: read them with it, which takes the company's own day, or export the day alone."
    listed = " or as ".join(whole)
    if len(whole) > 1:
        return f"The whole column can be read as {listed}: say which one is meant."
    return f"The whole column is written as {listed}: read it so, or export the dates as expected."


def _labels(source: Source) -> list[str]:
    """Every way to read the column; days with a time only where a day is wanted."""
    plain = [*STYLES, *EPOCHS]
    return plain + [f"{style}{WITH_TIME}" for style in STYLES] if source.column.kind is Kind.DATE else plain


def _allowed(scan: Scan, plan: Plan, source: Source) -> tuple[str, ...]:
    return (ISO,) if scan.parquet else source.rule.dates or plan.dates


def _ambiguous(scan: Scan, source: Source, styles: Sequence[str]) -> Problem:
    column = scan.header[source.index] if source.index is not None else source.column.name
    message = f"every date can be read as {' and as '.join(styles)}: say which one is meant."
    return Problem(scan.name, message, None, column, None, "date_style", _remedies(source, styles))


def _value(source: Source, label: str) -> str:
    style = label.removesuffix(WITH_TIME)
    if source.column.kind is Kind.INSTANT:
        return instant_sql("raw", style)
    return date_sql("raw", style, times=style != label)


def _fits(
    connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, styles: Sequence[str], limit: str = ""
) -> Fits:
    counts = ", ".join(f"COUNT({_value(source, style)})" for style in styles)
    answer = connection.execute(
        f"SELECT COUNT(raw), {counts} FROM (SELECT {raw_sql(source)} AS raw FROM {rows_sql(scan)} {limit})"
    ).fetchone()
    filled, *found = answer or (0, *(0 for _ in styles))
    return Fits(filled, dict(zip(styles, found, strict=True)))


def _elsewhere(
    connection: duckdb.DuckDBPyConnection,
    scan: Scan,
    source: Source,
    style: str,
    among: Sequence[str] = (*STYLES, *EPOCHS),
) -> bool:
    """Whether a cell that does not fit `style` is a day in another one of `among`."""
    others = " OR ".join(f"{_value(source, other)} IS NOT NULL" for other in among if other != style) or "FALSE"
    answer = connection.execute(
        f"SELECT COUNT(*) FROM (SELECT {raw_sql(source)} AS raw FROM {rows_sql(scan)}) "
        f"WHERE {_value(source, style)} IS NULL AND ({others})"
    ).fetchone()
    return bool(answer and answer[0])


def _first_misfit(connection: duckdb.DuckDBPyConnection, scan: Scan, source: Source, style: str) -> str:
    answer = connection.execute(
        f"SELECT raw FROM (SELECT {raw_sql(source)} AS raw FROM {rows_sql(scan)}) "
        f"WHERE raw IS NOT NULL AND {_value(source, style)} IS NULL LIMIT 1"
    ).fetchone()
    return str(answer[0])[:80] if answer else ""
