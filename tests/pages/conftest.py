"""What screens may keep between tests, and what they may not."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest
import streamlit as st

from pages._app import ahead, cached, memory
from pages._app.memory import Memory
from tests.homes import using


@pytest.fixture(scope="session")
def demo_memory(demo_home: Path) -> Memory:
    """What is built once of the demo company as it is imported: its newest month and the list of its people."""
    _forget()
    with using(demo_home):
        cached.advocates_view(cached.newest_month())
    built = memory._SHARED[0]
    _forget()
    return built


@pytest.fixture(autouse=True, scope="module")
def _nothing_for_the_next_file() -> Iterator[None]:
    yield
    _forget()


@pytest.fixture(autouse=True)
def _own_caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test finds what another cached: copies of one home share their keys.

    On the demo company a test begins with what was built of it before anybody wrote. What it adds is forgotten with it,
    unless it only read and replaced nothing.
    """
    asked = set(request.fixturenames)
    kept = request.getfixturevalue("demo_memory") if asked & {"in_demo", "in_demo_copy"} else None
    reads = kept is not None and not asked & {"in_demo_copy", "monkeypatch"}
    if not reads or [kept] != memory._SHARED:
        _forget()
    if kept is not None:
        memory._SHARED[:] = [kept if reads else _copy(kept)]
    yield
    wait(ahead._waiting)  # what is built beside this test would be kept in the next one's memory, of another home
    if not reads:
        _forget()


def _forget() -> None:
    st.cache_resource.clear()
    memory._SHARED.clear()


def _copy(kept: Memory) -> Memory:
    own = Memory()
    own._kept = {kind: OrderedDict(results) for kind, results in kept._kept.items()}
    return own
