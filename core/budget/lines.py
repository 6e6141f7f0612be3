"""Budget lines: what is spent today, what is committed, and which play each line follows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import pandas as pd

from core.errors import InputProblems, Problem
from core.model.plays import Kind, Play, play_of

Evidence = Literal["opinion", "model", "experiment"]
"""What a line's response rests on, weakest first: its prior, a fitted model, a registered test."""

NEVER_SPENT = "never spent: no prior scale"
PLACE = "Budget lines"
COLUMNS = (
    "line",
    "label",
    "kind",
    "channel",
    "play",
    "current_cents",
    "committed_cents",
    "observed_low_cents",
    "observed_high_cents",
    "owner_role",
)


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One line of the budget.

    Attributes:
        line: Id of the line.
        label: Name on screens.
        kind: What the line is for.
        channel: Channel as the data spell it, or None.
        play: Id of the play whose prior it follows.
        moves: KPI it is meant to move (name of its function).
        owner_role: Who answers for it.
        lag_months: Months to the first visible effect. [months]
        current_cents: Actual spend of the trailing 12 months. [cents/year]
        committed_cents: Money of the next 12 months that can no longer be moved. [cents/year]
        observed_low_cents: Least monthly spend seen, times 12; None when no month was seen. [cents/year]
        observed_high_cents: Largest monthly spend seen, times 12; None when no month was seen. [cents/year]
    """

    line: str
    label: str
    kind: Kind
    channel: str | None
    play: str
    moves: str
    owner_role: str
    lag_months: int
    current_cents: int
    committed_cents: int = 0
    observed_low_cents: int | None = None
    observed_high_cents: int | None = None

    @property
    def reason(self) -> str | None:
        """Why no response can be given, in words; None when one can."""
        return NEVER_SPENT if self.current_cents == 0 else None

    def extrapolated(self, spend_cents: float) -> bool:
        """Whether a yearly spend lies outside what was ever observed; today's own spend never does."""
        if spend_cents == self.current_cents:
            return False
        if self.observed_low_cents is None or self.observed_high_cents is None:
            return True
        return not self.observed_low_cents <= spend_cents <= self.observed_high_cents


def read_lines(frame: pd.DataFrame, plays: Mapping[str, Play]) -> tuple[BudgetLine, ...]:
    """Turn the frame of lines into budget lines, each with its play.

    Args:
        frame: One row a line with the columns of `COLUMNS`; text and observed spend may be empty.
        plays: Known plays by id.

    Returns:
        The lines in the order of the frame.

    Raises:
        InputProblems: Every missing column, repeated line and wrong amount.
    """
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing:
        message = f"expected the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}. Add them."
        raise InputProblems([Problem(PLACE, message)], "no budget was computed")
    rows = frame.to_dict("records")
    problems = [problem for number, row in enumerate(rows, start=2) for problem in _wrong(row, number)]
    repeated = frame.loc[frame["line"].duplicated(), "line"]
    problems += [
        Problem(PLACE, f'expected each line once, found "{line}" again. Add the rows up.', column="line")
        for line in repeated
    ]
    if problems:
        raise InputProblems(problems, "no budget was computed")
    return tuple(_line(row, plays) for row in rows)


def _line(row: Mapping[Hashable, Any], plays: Mapping[str, Play]) -> BudgetLine:
    kind = cast(Kind, row["kind"])
    channel = _text(row["channel"])
    play = play_of(kind, _text(row["play"]), channel, plays)
    return BudgetLine(
        line=str(row["line"]),
        label=_text(row["label"]) or str(row["line"]),
        kind=kind,
        channel=channel,
        play=play.id,
        moves=play.moves,
        owner_role=_text(row["owner_role"]) or play.owner_role,
        lag_months=play.lag_months,
        current_cents=int(row["current_cents"]),
        committed_cents=_cents(row["committed_cents"]) or 0,
        observed_low_cents=_cents(row["observed_low_cents"]),
        observed_high_cents=_cents(row["observed_high_cents"]),
    )


def _wrong(row: Mapping[Hashable, Any], number: int) -> list[Problem]:
    problems = []
    if _text(row["line"]) is None:
        problems.append(Problem(PLACE, "expected a name, found nothing. Name the line.", number, "line"))
    if row["kind"] not in ("acquisition", "post_sale"):
        message = f'expected acquisition or post_sale, found "{row["kind"]}". Correct the kind.'
        problems.append(Problem(PLACE, message, number, "kind", str(row["kind"])))
    for column in ("current_cents", "committed_cents", "observed_low_cents", "observed_high_cents"):
        value = row[column]
        if column == "current_cents" and pd.isna(value):
            message = "expected the spend of the last 12 months in cents, found nothing. Enter 0 if nothing was spent."
            problems.append(Problem(PLACE, message, number, column))
        elif not pd.isna(value) and value < 0:
            message = f"expected an amount of 0 or more, found {value}. Book credits against the month they belong to."
            problems.append(Problem(PLACE, message, number, column, str(value)))
    return problems


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(cast(Any, value)) else str(value).strip() or None


def _cents(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
