"""Texts that are put together when somebody reads them."""

import sys
import threading

import numpy as np

from core.advocacy.wording import Words


def test_two_threads_that_read_at_once_read_the_same():
    """One is held before each step of its reading in turn, while the other reads all of it."""
    held = [_read_while_held(step) for step in range(60)]
    assert {codes for codes, _ in held} == {3}
    assert not held[-1][1], "the reading has more steps than were tried"


def _read_while_held(step):
    words, seen = Words.late(lambda: Words(np.zeros(3, dtype=np.int64), ["x"])), [0]
    reached, go, found = threading.Event(), threading.Event(), []

    def trace(frame, event, arg):
        if frame.f_locals.get("self") is not words:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            seen[0] += 1
            if seen[0] == step + 1:
                reached.set()
                go.wait(10)
        return trace

    def read():
        sys.settrace(trace)
        found.append(len(words.codes))
        sys.settrace(None)
        reached.set()

    thread = threading.Thread(target=read)
    thread.start()
    reached.wait(10)
    assert len(words.codes) == 3
    go.set()
    thread.join()
    return found[0], seen[0] > step
