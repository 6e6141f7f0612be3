"""The next give: what to give each contact, from what the person values and what was given last."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.advocacy.inputs import AdvocacyInput
from core.advocacy.wording import Words, day_text, worded
from core.model.activities import ASKER_LABELS
from core.model.gives import VALUE_LABELS, Gives, Value
from core.stats.ids import places

VALUES: tuple[Value, ...] = get_args(Value)
NEVER = np.datetime64("NaT", "D")


def next_gives(inputs: AdvocacyInput, given: pd.DataFrame, gives: Gives) -> pd.DataFrame:
    """The next give of every contact.

    Of the gives that suit what the person values, the first of the list that was not given within `same_again_days`;
    where all were, the one whose turn was longest ago. It is due at once when nothing was given within `rest_days`,
    else when that time is over.

    Args:
        inputs: The contacts as of a day; `interests` say what they value.
        given: contact_id, kind (of an interaction, or the id of a give), last_on: day of the last give of each kind to
            each contact.
        gives: What can be given.

    Returns:
        One row per contact, in the order of the input: contact_id; give, its id; label; values (what the person values,
        null when nothing was said); last_given (label of the kind is not known, so its day in words, null when never);
        earliest, first day; asker; why in words. `give` is null for who left the company.
    """
    names = tuple(gives.gives)
    values = _values(inputs)
    last = _last_given(inputs, given, gives, names)
    today = np.datetime64(inputs.as_of, "D")
    choice = _choice(values, last, gives, names, today)
    any_give = _latest(last, axis=1)
    due = any_give + np.timedelta64(gives.rest_days, "D")
    earliest = np.where(due > today, due, today)
    gone = (inputs.contacts["left_on"] <= inputs.today).to_numpy()
    labels = worded(np.where(gone, -1, choice), lambda place: gives.gives[names[place]].label)
    return pd.DataFrame(
        {
            "contact_id": inputs.ids,
            "give": worded(np.where(gone, -1, choice), lambda place: names[place]).column(),
            "label": labels.column(),
            "values": worded(values, lambda place: VALUE_LABELS[VALUES[place]]).column(),
            "last_given_on": pd.Series(any_give.astype("datetime64[us]")),
            "earliest": pd.Series(np.where(gone, NEVER, earliest).astype("datetime64[us]")),
            "asker": worded(
                np.where(gone, -1, choice), lambda place: ASKER_LABELS[gives.gives[names[place]].asker]
            ).column(),
            "why": _why(values, any_give, inputs).where(~gone).column(),
        }
    )


def _values(inputs: AdvocacyInput) -> NDArray[np.int64]:
    """Place in `VALUES` of what each contact named most often, of two the first; -1 when nothing was said."""
    at = inputs.of_interests
    named = pd.Index(VALUES).get_indexer(pd.Index(inputs.interests["values"]))
    seen = (at >= 0) & (named >= 0)
    counts = np.zeros((len(inputs.contacts), len(VALUES)), dtype=np.int64)
    np.add.at(counts, (at[seen], named[seen]), 1)
    return np.where(counts.any(axis=1), counts.argmax(axis=1), -1)


def _last_given(
    inputs: AdvocacyInput, given: pd.DataFrame, gives: Gives, names: tuple[str, ...]
) -> NDArray[np.datetime64]:
    """Day each give was last given to each contact, contacts x gives; NaT when never."""
    last = np.full((len(inputs.contacts), len(names)), NEVER)
    rows = given.sort_values("last_on", kind="stable")  # of several kinds that show one give the latest is written last
    at = places(rows["contact_id"], inputs.ids)
    days = pd.to_datetime(rows["last_on"]).to_numpy().astype("datetime64[D]")
    for column, name in enumerate(names):
        own = (at >= 0) & rows["kind"].isin([*gives.gives[name].kinds, name]).to_numpy(dtype=bool)
        last[at[own], column] = days[own]
    return last


def _choice(
    values: NDArray[np.int64],
    last: NDArray[np.datetime64],
    gives: Gives,
    names: tuple[str, ...],
    today: np.datetime64,
) -> NDArray[np.intp]:
    """Column of the give of each contact."""
    fits = np.array([[value in gives.gives[name].fits for name in names] for value in VALUES])
    suits = fits[np.where(values < 0, VALUES.index("none"), values)]
    ago = np.where(np.isnat(last), 10**6, (today - last).astype(np.int64))
    fresh = suits & (ago >= gives.same_again_days)
    first = np.where(fresh.any(axis=1), fresh.argmax(axis=1), np.where(suits, ago, -(10**6)).argmax(axis=1))
    return np.asarray(first, dtype=np.intp)


def _latest(last: NDArray[np.datetime64], axis: int) -> NDArray[np.datetime64]:
    return np.asarray(np.fmax.reduce(last, axis=axis))


def _why(values: NDArray[np.int64], any_give: NDArray[np.datetime64], inputs: AdvocacyInput) -> Words:
    said = worded(values, lambda place: f"values {VALUE_LABELS[VALUES[place]]}")
    said = said.where(values >= 0, "has not said what counts")
    days = np.where(np.isnat(any_give), -1, any_give.astype(np.int64))
    when = worded(days, lambda day: "; last given on " + day_text(pd.Timestamp(np.datetime64(day, "D")), inputs.today))
    return said + when.where(days >= 0, "; nothing given so far")
