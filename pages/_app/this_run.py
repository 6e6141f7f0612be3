"""What the run of a screen has read already, for parts of the frame that a screen tells nothing of it.

A run is one thread's from its beginning to its end; the router empties this before anything is read.
"""

from __future__ import annotations

import datetime as dt
from threading import local

from core.services import clock
from core.services.home import State


class _Run(local):
    state: State | None = None
    found: State | None = None
    day: dt.date | None = None


_RUN = _Run()


def begin() -> None:
    """A run begins: nothing is read yet."""
    _RUN.state = _RUN.found = _RUN.day = None


def keep_state(state: State) -> None:
    """The company was found in this state."""
    if state != _RUN.found:
        _RUN.day = None
    _RUN.state = _RUN.found = state


def working_day() -> dt.date:
    """Today where the company lives; once it was found, the same to the end of the run unless its state changes."""
    if _RUN.found is None:
        return clock.today()
    if _RUN.day is None:
        _RUN.day = clock.today(_RUN.found)
    return _RUN.day


def take_state() -> State | None:
    """The state the company was found in; None where this run has not asked, or it was taken before.

    Taken once: what a screen draws after it has saved something is read anew.
    """
    state, _RUN.state = _RUN.state, None
    return state
