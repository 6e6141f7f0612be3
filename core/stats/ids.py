"""Where ids stand among others, told by the numbers they end in or Arrow's hash tables, never by Python's texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.stats.counted_ids import Counted, counted_numbers, counted_places

Positions = NDArray[np.intp]
Texts = pd.Series | pd.Index


FEWER = 2
"""How many times as long the others must be for the ids to be told apart instead of them: probing costs a fifth."""


def places(ids: Texts, among: Texts) -> Positions:
    """Place of each id among others, the first where it stands there twice; -1 where it is empty or not there."""
    if not len(ids) or not len(among):
        return np.full(len(ids), -1, dtype=np.intp)
    own, others = ids.array, among.array
    if isinstance(own, pd.Categorical):
        if isinstance(others, pd.Categorical) and others.categories is own.categories:
            return _first(np.asarray(others.codes), len(own.categories))[np.asarray(own.codes)]
        return np.append(places(own.categories, among), -1)[np.asarray(own.codes)]
    if isinstance(others, pd.Categorical) and len(others.categories) <= FEWER * len(others):
        return _first(np.asarray(others.codes), len(others.categories))[places(ids, others.categories)]
    counted = counted_places(_arrow(ids), _arrow(among))
    if counted is not None:
        return counted
    if len(among) > FEWER * len(ids):
        codes, different = numbered(ids)
        return _first(places(among, different), len(different))[codes]
    found = pc.index_in(_arrow(ids), value_set=_arrow(among), skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.intp)


def _first(codes: NDArray[np.integer[Any]], different: int) -> Positions:
    """First place of each of some numbers from 0 up, -1 for one that is not there; the last element stands for -1."""
    found = np.full(different + 1, -1, dtype=np.intp)
    found[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    found[-1] = -1
    return found


class Places:
    """Where ids stand among others that are asked for again and again: those are read once.

    Args:
        among: The others, at least one; texts, or texts held as numbers.
    """

    def __init__(self, among: Texts) -> None:
        self._among, self._first = among, None
        if isinstance(among.array, pd.Categorical):
            self._first = _first(np.asarray(among.array.codes), len(among.array.categories)).astype(np.int32)
            among = among.array.categories
        self._counted = Counted.of(_arrow(among)) if len(among) else None

    def of(self, ids: Texts) -> Positions:
        """As `places` among the others."""
        if self._counted is None or not len(ids) or isinstance(ids.array, pd.Categorical):
            return places(ids, self._among)
        found = self._counted.places(_arrow(ids))
        return found if self._first is None else self._first[found].astype(np.intp)


def known(ids: Texts, among: Texts) -> NDArray[np.bool_]:
    """Whether each id is one of the others; an empty one is not."""
    if not len(ids) or not len(among):
        return np.zeros(len(ids), dtype=bool)
    if isinstance(ids.array, pd.Categorical) or isinstance(among.array, pd.Categorical):
        return places(ids, among) >= 0
    counted = counted_places(_arrow(ids), _arrow(among))
    if counted is not None:
        return counted >= 0
    if len(among) > FEWER * len(ids):
        codes, different = numbered(ids)
        return np.append(np.bincount(1 + places(among, different), minlength=len(different) + 1)[1:] > 0, False)[codes]
    found = pc.is_in(_arrow(ids), value_set=_arrow(among), skip_nulls=True)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def numbered(ids: Texts) -> tuple[Positions, pd.Index]:
    """A number for each id, equal for equal ones, in the order they are met, and the ids; -1 for an empty one."""
    if isinstance(ids.array, pd.Categorical):
        return _renumbered(ids.array)
    whole = _arrow(ids)
    counted = counted_numbers(whole, in_order=False)
    if counted is not None:
        return counted[0], _index(whole.take(counted[1]))
    found = whole.dictionary_encode()
    codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.intp), _index(found.dictionary)


def _index(different: Any) -> pd.Index:
    found: pd.Index = pd.Index(different.to_pandas(), dtype="str")
    return found


def as_numbers(ids: Texts) -> pd.Categorical[Any]:
    """The same texts, each different one held once, in alphabetical order: one to four bytes a row."""
    return coded(*ranked(ids))


def in_numbers(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """A frame with some of its columns of text held as numbers, as `as_numbers` does it."""
    return rows.assign(**{name: as_numbers(rows[name]) for name in columns})


def texts(ids: pd.Categorical[Any]) -> Any:
    """Texts held as numbers as texts again, missing ones missing; Arrow's, not Python's."""
    return ids.categories.array.take(np.asarray(ids.codes, dtype=np.intp), allow_fill=True)


def coded(codes: NDArray[np.integer[Any]], ids: pd.Index) -> pd.Categorical[Any]:
    """Ids by their numbers, -1 for a missing one.

    pandas would make a Python text of every id, and keep it, to see that none stands there twice: 50 MB of 50,000
    accounts and their deals.

    Args:
        codes: A place in `ids` for each row.
        ids: Each once, none empty.
    """
    return pd.Categorical.from_codes(codes, dtype=id_type(ids), validate=False)


def id_type(ids: pd.Index) -> pd.CategoricalDtype:
    """Type of columns that hold places in `ids`, which stand there once each; as `coded` makes them."""
    kind: pd.CategoricalDtype = pd.CategoricalDtype._from_fastpath(ids, ordered=False)  # type: ignore[attr-defined]
    return kind


def _renumbered(ids: pd.Categorical[Any]) -> tuple[Positions, pd.Index]:
    codes = np.asarray(ids.codes)
    met = pd.unique(codes[codes >= 0])
    place = np.full(len(ids.categories) + 1, -1, dtype=np.intp)
    place[met] = np.arange(len(met))
    return place[codes], pd.Index(ids.categories.take(met), dtype="str")


def ranked(ids: Texts) -> tuple[Positions, pd.Index]:
    """As `numbered`, the ids in alphabetical order."""
    if not isinstance(ids.array, pd.Categorical):
        whole = _arrow(ids)
        counted = counted_numbers(whole, in_order=True)
        if counted is not None:
            return counted[0], _index(whole.take(counted[1]))
    codes, different = numbered(ids)
    order = different.argsort()
    rank = np.empty(len(order) + 1, dtype=np.intp)
    rank[order], rank[-1] = np.arange(len(order)), -1
    return rank[codes], different.take(order)


def beside(ids: Texts, rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """The other columns of the row of each id, as a left join gives them; missing where no row has it.

    Args:
        ids: One id for each row of the result.
        rows: Each id at most once.
        by: Its column of ids.
    """
    found = rows.drop(columns=by).reset_index(drop=True)
    return found.reindex(places(ids, rows[by])).set_axis(pd.RangeIndex(len(ids)))


def _arrow(ids: Texts) -> Any:
    plain = texts(ids.array) if isinstance(ids.array, pd.Categorical) else ids.array
    array = pa.array(plain, type=pa.large_string(), from_pandas=True)
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    found = [chunk.cast(pa.large_string()) for chunk in chunks]
    if len(found) == 1:  # putting one chunk together would copy it
        return found[0]
    return pa.chunked_array(found, pa.large_string()).combine_chunks()
