"""Texts for a hundred thousand rows at once: each distinct text is written once, rows hold its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.inputs import Bools

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Words:
    """One text per row, put together when somebody reads it: whoever only counts never pays for words.

    Args:
        codes: Place in `texts` for each row; -1 for no text.
        texts: The distinct texts; one may stand twice.
    """

    __slots__ = ("_held",)

    def __init__(self, codes: NDArray[np.int64], texts: list[str]) -> None:
        self._held: tuple[NDArray[np.int64], list[str]] | Callable[[], Words] = (codes, texts)

    @classmethod
    def late(cls, make: Callable[[], Words]) -> Words:
        """Words that `make` puts together when they are read."""
        found = cls.__new__(cls)
        found._held = make
        return found

    def _read(self) -> tuple[NDArray[np.int64], list[str]]:
        held = self._held  # read once: another thread may put the texts in its place at any moment
        if not isinstance(held, tuple):
            words = held()
            held = self._held = (words.codes, words.texts)
        return held

    @property
    def codes(self) -> NDArray[np.int64]:
        """Place in `texts` for each row; -1 for no text."""
        return self._read()[0]

    @property
    def texts(self) -> list[str]:
        """The distinct texts; one may stand twice."""
        return self._read()[1]

    @property
    def present(self) -> Bools:
        """Rows that have a text."""
        return self.codes >= 0

    def __add__(self, other: Words | str) -> Words:
        """Texts one after the other; no text where either has none."""
        if isinstance(other, str):
            return Words.late(lambda: Words(self.codes, [text + other for text in self.texts]))
        return Words.late(lambda: self._with(other))

    def __radd__(self, other: str) -> Words:
        return Words.late(lambda: Words(self.codes, [other + text for text in self.texts]))

    def where(self, mask: Bools, other: Words | str | None = None) -> Words:
        """This text where the mask holds, the other elsewhere; None leaves no text."""
        return Words.late(lambda: self._or(mask, other))

    def take(self, rows: NDArray[np.intp]) -> Words:
        """The texts of these rows; no text for row -1."""
        return Words.late(lambda: self._rows(rows))

    def _with(self, other: Words) -> Words:
        pair = np.where(self.present & other.present, self.codes * len(other.texts) + other.codes, -1)
        return worded(pair, lambda code: self.texts[code // len(other.texts)] + other.texts[code % len(other.texts)])

    def _or(self, mask: Bools, other: Words | str | None) -> Words:
        if other is None:
            return Words(np.where(mask, self.codes, -1), self.texts)
        rest = other if isinstance(other, Words) else same(other, len(self.codes))
        shifted = np.where(rest.present, rest.codes + len(self.texts), -1)
        return Words(np.where(mask, self.codes, shifted), self.texts + rest.texts)

    def _rows(self, rows: NDArray[np.intp]) -> Words:
        if not len(self.codes):
            return same(None, len(rows))
        return Words(np.where(rows >= 0, self.codes[rows], -1), self.texts)

    def column(self) -> pd.Series:
        """As a column of text, null where there is none."""
        return pd.Series(pd.array(self.texts, dtype="str").take(self.codes, allow_fill=True))

    def category(self) -> pd.Categorical:
        """As a categorical column, null where there is no text."""
        place, distinct = pd.factorize(np.asarray(self.texts, dtype=object))
        codes = np.append(place, -1)[self.codes]
        return _categorical(codes, pd.Index(distinct, dtype="str"))


def worded(values: pd.Series | NDArray[Any], words: Callable[[Any], str]) -> Words:
    """The text of each value; no text where the value is null, or -1 in an array of integers.

    Args:
        values: Few distinct values: round before you call.
        words: Text of one value.
    """
    return Words.late(lambda: _worded(np.asarray(values), words))


def under_threshold(scores: NDArray[np.float64], needed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores rounded as every screen shows them; one below its threshold that would round up to it keeps one decimal.

    Args:
        scores: Scores. [0-100]
        needed: Threshold of each; NaN where there is none.

    Returns:
        Whole numbers, save for scores under and within half a point of their threshold: those are cut to tenths.
    """
    whole = np.round(scores)
    meets = (scores < needed) & (whole >= needed)
    return np.where(meets, np.floor(scores * 10) / 10, whole)


def _worded(values: NDArray[Any], words: Callable[[Any], str]) -> Words:
    codes, distinct = pd.factorize(values)
    if np.issubdtype(distinct.dtype, np.integer) and (distinct == -1).any():
        codes = np.where(codes == int(np.flatnonzero(distinct == -1)[0]), -1, codes)
        return Words(codes.astype(np.int64), [words(int(value)) if value != -1 else "" for value in distinct])
    return Words(codes.astype(np.int64), [words(value) for value in distinct.tolist()])


def written(column: pd.Series) -> Words:
    """The texts of a column."""

    def make() -> Words:
        codes, distinct = pd.factorize(column)
        return Words(codes.astype(np.int64), [str(text) for text in distinct])

    return Words.late(make)


def same(text: str | None, n: int) -> Words:
    """One text for each of n rows; None for none."""
    return Words.late(lambda: _same(text, n))


def _same(text: str | None, n: int) -> Words:
    return Words(np.full(n, -1 if text is None else 0, dtype=np.int64), [] if text is None else [text])


def stacked(parts: Sequence[Words]) -> Words:
    """The rows of all parts, one part after the other."""
    return Words.late(lambda: _stacked(parts))


def _stacked(parts: Sequence[Words]) -> Words:
    starts = np.cumsum([0, *(len(part.texts) for part in parts)])
    codes = [np.where(part.present, part.codes + start, -1) for part, start in zip(parts, starts, strict=False)]
    return Words(np.concatenate(codes), [text for part in parts for text in part.texts])


def repeated(places: Sequence[int], names: Sequence[str], each: int) -> pd.Categorical:
    """A categorical column of blocks: `names[place]` for `each` rows, place after place; -1 leaves null."""
    codes = np.repeat(np.asarray(places, dtype=np.int64), each)
    return _categorical(codes, pd.Index([str(name) for name in names], dtype="str"))


def _categorical(codes: NDArray[np.int64], names: pd.Index) -> pd.Categorical:
    column: pd.Categorical = pd.Categorical.from_codes(codes, categories=names)
    return column


def on_day(days: pd.Series, today: pd.Timestamp) -> Words:
    """Days as people write them: "15 Sep", with the year when it is not this one; no text where empty."""

    def make() -> Words:
        codes, distinct = pd.factorize(days)
        return Words(codes.astype(np.int64), [day_text(day, today) for day in pd.DatetimeIndex(distinct)])

    return Words.late(make)


def day_text(day: pd.Timestamp, today: pd.Timestamp) -> str:
    """One day as people write it."""
    short = f"{day.day} {MONTHS[day.month - 1]}"
    return short if day.year == today.year else f"{short} {day.year}"


def counted(values: NDArray[Any], one: str, many: str) -> Words:
    """A count with its noun, such as "1 ask" or "3 asks"; no text where empty."""
    return rounded(values, lambda n: f"{n:.0f} {one if n == 1 else many}")


def rounded(values: NDArray[Any], words: Callable[[Any], str]) -> Words:
    """As `worded`, of the nearest whole number of each value."""
    return Words.late(lambda: worded(np.rint(values.astype(np.float64)), words))


def listed(masks: Sequence[Bools], words: Sequence[str], glue: str = ", ") -> Words:
    """Names of the masks that hold in each row, in their order; no text where none does.

    Raises:
        ValueError: For more than 62 masks: the rows are grouped by one integer.
    """
    if len(masks) > 62:
        raise ValueError("listed takes at most 62 masks")
    return Words.late(lambda: _listed(masks, words, glue))


def _listed(masks: Sequence[Bools], words: Sequence[str], glue: str) -> Words:
    bits = np.zeros(len(masks[0]) if masks else 0, dtype=np.int64)
    for place, mask in enumerate(masks):
        bits |= mask.astype(np.int64) << place
    named = worded(bits, lambda code: glue.join(word for place, word in enumerate(words) if code >> place & 1))
    return named.where(bits != 0)


def joined(parts: Sequence[Words], glue: str = "; ") -> Words:
    """Texts of each row joined with `glue`; rows without text are skipped, without any they stay so."""
    return Words.late(lambda: _joined(parts, glue))


def _joined(parts: Sequence[Words], glue: str) -> Words:
    whole = parts[0]
    for part in parts[1:]:
        if part.present.any():
            both = whole + (glue + part)
            whole = both.where(whole.present & part.present, whole.where(whole.present, part))
    return whole
