"""Bars of the Overview and what is behind each: the largest movers by name, the rest counted, summing to the bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

LISTED = 8
"""Movers named behind a bar; every one of them is in the rows."""


@dataclass(frozen=True)
class Mover:
    """An account, a line of spend or a segment behind a bar.

    Attributes:
        name: What readers call it.
        amount: What it adds to the bar, in the bar's unit.
        note: A figure that explains it, in words; empty when there is none.
    """

    name: str
    amount: float
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        label: Its name.
        value: Its length and sign, or the level reached.
        kind: What it is: a level, a change that counts as good or bad, or one that cannot be told from chance.
        note: What it rests on, in a few words.
        movers: The largest behind it, the largest first.
        others: How many more there are.
        rest: What those add; `movers` and `rest` sum to `value`.
    """

    label: str
    value: float
    kind: Literal["level", "good", "bad", "unclear"]
    note: str
    movers: tuple[Mover, ...]
    others: int
    rest: float


def bar(
    label: str,
    value: float,
    kind: Literal["level", "good", "bad", "unclear"],
    rows: pd.DataFrame,
    note: str = "",
    notes: Iterable[str] | None = None,
) -> Bar:
    """A bar with what is behind it.

    Args:
        label: Its name.
        value: Its value.
        kind: What it is.
        rows: `name` and `amount`, in the unit of the bar, the largest first; amounts sum to `value`.
        note: What it rests on.
        notes: A figure in words for each of the first rows.
    """
    top = rows.head(LISTED)
    words = list(notes) if notes is not None else [""] * len(top)
    movers = tuple(
        Mover(str(name), float(amount), said)
        for name, amount, said in zip(top["name"], top["amount"], words[: len(top)], strict=True)
    )
    others = len(rows) - len(movers)
    rest = float(rows["amount"].iloc[len(movers) :].sum()) if others else 0.0
    return Bar(label, value, kind, note, movers, others, rest)


def largest(rows: pd.DataFrame, amount: pd.Series) -> pd.DataFrame:
    """Rows with an amount other than 0, the largest first, as `bar` takes them."""
    found = rows.assign(amount=amount)
    found = found[found["amount"] != 0]
    return found.iloc[(-found["amount"].abs()).argsort(kind="stable")].reset_index(drop=True)


def listing(names: Iterable[str]) -> str:
    """Names as "A, B and C"."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last
