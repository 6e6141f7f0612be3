"""The shapes and words of the pool's health."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.advocacy.pool_capacity import Alarm
from core.glossary import display


@dataclass(frozen=True)
class Card:
    """One figure with what it rests on; all plain text."""

    label: str
    value: str
    note: str
    help: str


@dataclass(frozen=True)
class Section:
    """One finding about the pool.

    Attributes:
        id: Its name in addresses.
        title: The finding in one sentence.
        cards: Its figures.
        table: The rows behind it, in readers' columns; people carry their contact_id where there are any.
        empty: What to say when there are no rows.
        definition: How its figures are counted, where the cards alone do not say it; may be empty.
    """

    id: str
    title: str
    cards: tuple[Card, ...]
    table: pd.DataFrame
    empty: str
    definition: str = ""


def rows_word(n: int, one: str, many: str) -> str:
    """The singular for one, else the plural."""
    return one if n == 1 else many


def hours(value: float | None) -> str:
    """Hours as people write them."""
    text = display(None if value is None else round(value, 1), "count")
    return text if value is None else f"{text} h"


ALARM_WORDS: dict[Alarm, str] = {
    "yes": "over the alarm", "maybe": "perhaps over the alarm", "no": "under the alarm"
}  # fmt: skip
"""What the interval of the demand supports."""

METHOD: tuple[tuple[str, str], ...] = (
    ("Load", "All asks of a year: share of the busiest people, and how unevenly asks are spread over everybody who "
             "was asked or could be, as the Gini index: 0 all asked alike, 1 one person asked for everything. Both "
             "count everything there is, so they carry no interval."),
    ("Hours", "Act by act, for an hour of one act does not serve another. Capacity: people no hard stop holds for "
              "and whose rest ends within the quarter, the asks that the caps of a quarter and a year leave them, "
              "hours of their next act. Demand: hours of the asks of the last four quarters, a quarter; its interval "
              "is that of a sum of a random number of asks. Used: the one over the other, summed over the acts that "
              "are on both sides; what is asked of acts nobody can be asked for stands apart."),
    ("From ask to act", "Asks of a year that were delivered and whose 60 days have passed: accepted is answered with "
                        "yes or done, done is done, both within these 60 days, so that old and new asks had the same "
                        "time. The rows of each cut sum to all. The alarm is under half accepting."),
    ("Coverage", "Open new-business deals in a late stage against people who may be asked for a reference today, in "
                 "the same segment; one reference a deal. It says whether people enough are there, not whether anybody "
                 "was asked for the deal: that is Without a request here and on Requests."),
    ("Give and take", "Gives are those that interactions show and those noted here; one that is both counts once where "
                      "it is the newest of its kind and of the same day."),
    ("Promises", "Acts of the last year whose time to be thanked for, used or told about is over. Acts that are used "
                 "by being done owe no use, so Not used is no remainder of Used under From ask to act, which "
                 "counts every act done of the asks of a year. Today lists more to thank, those whose time is not "
                 "over too, and fewer to tell, only those whose result was used."),
    ("After an ask", "What followed within 60 days, not what the ask caused; the same may happen to people nobody "
                     "asked."),
    ("Too few", "A share of a few people is not shown; the rows always are."),
    ("Thresholds", "data/model/pool.toml, each with its source."),
)  # fmt: skip
