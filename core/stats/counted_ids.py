"""Ids that count up, such as "A-00017": looked up by the number they end in, a fifth of what a hash of text costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
Positions = NDArray[np.intp]

DIGITS = 9
"""Most digits a number may have."""
FORMS = 3
"""Most forms that ids are told apart by: each one is looked for in all of them."""
ROOM, ROOM_EACH = 1 << 16, 4
"""Places a table of numbers may always have, and how many more for each id."""
_COUNTED = re.compile(rb"([^\d]*)(\d{1,%d})" % DIGITS)


@dataclass(frozen=True, slots=True)
class Form:
    """What ids that count up have in common: the text before the number, and how many digits follow."""

    before: bytes
    digits: int

    @classmethod
    def of(cls, ids: Any) -> Form | None:
        """The form of the first of some ids; None where it does not end in a number, or none is given.

        Args:
            ids: An array of Arrow's `large_string`.
        """
        first = next((text for place in range(min(len(ids), 8)) if (text := ids[place].as_py()) is not None), "")
        found = _COUNTED.fullmatch(first.encode())
        return None if found is None else cls(found[1], len(found[2]))

    def numbers(self, ids: Any) -> Numbers:
        """The number each id ends in; -1 for one that is empty or has another form.

        Args:
            ids: An array of Arrow's `large_string`.
        """
        signs, rows = _signs(ids, len(self.before) + self.digits)
        fits, own = np.ones(signs.shape[1], dtype=bool), np.zeros(signs.shape[1], dtype=np.int32)
        for row, sign in zip(signs, self.before, strict=False):
            fits &= row == sign
        for row in signs[len(self.before) :]:
            digit = row - np.uint8(ord("0"))  # a sign below "0" becomes a large number
            fits &= digit <= 9
            own *= 10
            own += digit
        own[~fits] = -1
        if rows is None:
            return own
        found = np.full(len(ids), -1, dtype=np.int32)
        found[rows] = own
        return found


def _signs(ids: Any, length: int) -> tuple[NDArray[np.uint8], Positions | None]:
    """The bytes at each place of the ids of a length, and which ids these are; None stands for all."""
    _, offsets, data = ids.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[ids.offset : ids.offset + len(ids) + 1]
    whole = np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)
    fits = np.diff(ends) == length
    if ids.null_count:
        fits &= ids.is_valid().to_numpy(zero_copy_only=False)
    elif fits.all():
        return np.ascontiguousarray(whole[ends[0] : ends[-1]].reshape(-1, length).T), None
    rows = np.flatnonzero(fits)
    starts = ends[rows]
    return np.array([whole[starts + place] for place in range(length)], dtype=np.uint8), rows


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Ids of one form, laid out by number.

    Attributes:
        form: What they have in common.
        least: The least number.
        first: First row of each number from the least on; -1 for one that is not there.
    """

    form: Form
    least: np.int32
    first: Numbers

    def found(self, ids: Any) -> tuple[Numbers, NDArray[np.bool_]]:
        """Row of each of other ids among these, and for which ids it tells none."""
        own = self.form.numbers(ids) - self.least
        outside = (own < 0) | (own >= len(self.first))
        own[outside] = 0
        rows = self.first[own]
        outside |= rows < 0
        return rows, outside


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Ids that count up, in one form or in a few, laid out by number, for who looks others up among them.

    Attributes:
        runs: The ids of each form.
    """

    runs: tuple[Run, ...]

    @classmethod
    def of(cls, ids: Any) -> Counted | None:
        """The ids laid out, empty ones left out; None where they do not count up, or are too far apart for it.

        Args:
            ids: An array of Arrow's `large_string`; not empty.
        """
        runs: list[Run] = []
        rest = ids.is_valid().to_numpy(zero_copy_only=False) if ids.null_count else np.ones(len(ids), dtype=bool)
        while rest.any() and len(runs) < FORMS:
            form = Form.of(ids.slice(int(rest.argmax()), 1))
            own = None if form is None else form.numbers(ids)
            rows = None if own is None or (own >= 0).all() else np.flatnonzero(own >= 0)
            first = None if own is None else _first(own if rows is None else own[rows])
            if form is None or own is None or first is None:
                return None
            if rows is not None:
                first = np.where(first < 0, first, rows.astype(np.int32)[first])
            runs.append(Run(form, own.min() if rows is None else own[rows].min(), first))
            rest &= own < 0
        return None if rest.any() or not runs else cls(tuple(runs))

    def places(self, ids: Any) -> Positions:
        """Place of each of other ids among these, the first where it stands there twice; -1 where it is not there.

        Args:
            ids: An array of Arrow's `large_string`.
        """
        found, outside = self.runs[0].found(ids)
        for run in self.runs[1:]:
            other, elsewhere = run.found(ids)
            found = np.where(outside, other, found)
            outside &= elsewhere
        places: Positions = found.astype(np.intp)
        places[outside] = -1
        return places


def counted_places(ids: Any, among: Any) -> Positions | None:
    """As `Counted.places`, for who looks ids up once; None where the others do not count up.

    Args:
        ids: An array of Arrow's `large_string`.
        among: The same; not empty.
    """
    counted = Counted.of(among)
    return None if counted is None else counted.places(ids)


def counted_numbers(ids: Any, *, in_order: bool) -> tuple[Positions, Positions] | None:
    """A number for each id, equal for equal ones, and a row with each of the different ones in the order of numbers.

    Args:
        ids: An array of Arrow's `large_string`, none empty.
        in_order: Whether the numbers follow the alphabet; the order in which the ids are met otherwise.

    Returns:
        None where the ids do not count up, or are too far apart to be laid out by number.
    """
    form = None if ids.null_count else Form.of(ids)
    own = None if form is None else form.numbers(ids)
    first = None if own is None else _first(own)
    if own is None or first is None:
        return None
    own -= own.min()
    if in_order:
        rank = np.cumsum(first >= 0, dtype=np.intp) - 1
        return rank[own], first[first >= 0].astype(np.intp)
    met = first[own]
    new = met == np.arange(len(met), dtype=np.int32)
    return (np.cumsum(new, dtype=np.intp) - 1)[met], np.flatnonzero(new)


def _first(numbers: Numbers) -> Numbers | None:
    """First row of each number from the least to the most, -1 for one that is not there; None without room for it."""
    least, most = int(numbers.min()), int(numbers.max())
    if least < 0 or most - least > ROOM + ROOM_EACH * len(numbers):
        return None
    first = np.full(most - least + 1, -1, dtype=np.int32)
    first[numbers[::-1] - np.int32(least)] = np.arange(len(numbers) - 1, -1, -1, dtype=np.int32)
    return first
