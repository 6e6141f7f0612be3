"""What a reference is wanted by, held against people: what each lacks, and the same in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.inputs import Bools
from core.model.requests import ATTRIBUTES, Attribute
from core.stats.ids import numbered

Masks = NDArray[np.uint8]
Row = dict[str, Any]

BITS: dict[Attribute, int] = {name: 1 << place for place, name in enumerate(ATTRIBUTES)}
"""Bit of each attribute in a mask of what is wanted or lacking."""
LABELS: dict[Attribute, str] = {
    "industry": "industry",
    "use_case": "use case",
    "size": "size",
    "region": "region",
    "persona": "role",
}
"""What readers call them."""

_RANGE = re.compile(r"^\s*(\d+)\s*(?:-|–|to)\s*(\d+)\s*$|^\s*(\d+)\s*\+\s*$")


def misses(requests: pd.DataFrame, pool: pd.DataFrame) -> tuple[Masks, Masks]:
    """What each person lacks for each request.

    Text is compared without regard to case and outer spaces. A size is met by the segment of that name or, written as
    "200-500" or "500+", by the number of employees. What is not known of a person is lacking.

    Args:
        requests: wanted_<attribute> for each attribute.
        pool: industry, use_case, size, employees, region and persona of each person.

    Returns:
        Requests × people: bits of what is wanted and not met; and per request the bits of what is wanted.
    """
    lacking = np.zeros((len(requests), len(pool)), dtype=np.uint8)
    wanted = np.zeros(len(requests), dtype=np.uint8)
    for name, bit in BITS.items():
        values = _plain(requests[f"wanted_{name}"])
        codes, distinct = numbered(values)
        meets: Callable[[str], Bools] = _size_meets(pool) if name == "size" else _same(pool[name])
        table = np.vstack([*(meets(str(value)) for value in distinct), np.ones(len(pool), dtype=bool)])
        lacking |= np.where(table[codes], np.uint8(0), np.uint8(bit))
        wanted |= np.where(codes >= 0, np.uint8(bit), np.uint8(0))
    return lacking, wanted


def plain_rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as dicts, what is missing as None: a cell of a frame costs a hundred times a look-up in a dict."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def reasons(request: Row, person: Row, lacking: int) -> tuple[str, ...]:
    """What is met, differs or is not known, attribute by attribute, and how often the person was asked lately."""
    said = []
    for name, label in LABELS.items():
        wanted, has = request[f"wanted_{name}"], person[name]
        if not str(wanted or "").strip():
            continue
        if not lacking & BITS[name]:
            said.append(f"same {label}: {wanted}")
        else:
            said.append(f"{label} not known" if has is None else f"{label} differs: {has}")
    asked = int(person["asks_365d"] or 0)
    times = {0: "not asked in the last year", 1: "asked once in the last year"}
    return (*(said or ["nothing in particular is wanted"]), times.get(asked, f"asked {asked} times in the last year"))


def _plain(values: pd.Series) -> pd.Series:
    text = values.astype("str").str.strip().str.casefold()
    return text.where(text != "")


def _same(values: pd.Series) -> Callable[[str], Bools]:
    codes, distinct = numbered(_plain(values))
    place = {str(value): code for code, value in enumerate(distinct)}
    return lambda wanted: codes == place.get(wanted, -2)


def _size_meets(pool: pd.DataFrame) -> Callable[[str], Bools]:
    named, people = _same(pool["size"]), pd.to_numeric(pool["employees"]).to_numpy(dtype=np.float64, na_value=np.nan)

    def meets(wanted: str) -> Bools:
        found = _RANGE.match(wanted)
        if found is None:
            return named(wanted)
        low, high, above = found.groups()
        inside: Bools = people >= float(above) if above else (people >= float(low)) & (people <= float(high))
        return inside

    return meets
