"""What the run of a screen has read already, for parts of the frame that a screen tells nothing of it.

A run is one thread's from its beginning to its end; the router empties this before anything is read.
"""

from __future__ import annotations

from threading import local

from core.services.home import State


class _Run(local):
    state: State | None = None


_RUN = _Run()


def begin() -> None:
    """A run begins: nothing is read yet."""
    _RUN.state = None


def keep_state(state: State) -> None:
    """The company was found in this state."""
    _RUN.state = state


def take_state() -> State | None:
    """The state the company was found in; None where this run has not asked, or it was taken before.

    Taken once: what a screen draws after it has saved something is read anew.
    """
    state, _RUN.state = _RUN.state, None
    return state
