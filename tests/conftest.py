"""Fixtures every folder may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.app.server import Served, free_loopback_port, served

hypothesis_settings.register_profile("council", deadline=None)  # a busy machine is no fault of the code
hypothesis_settings.load_profile("council")


@pytest.fixture
def free_port() -> int:
    """A loopback port nothing listens on."""
    return free_loopback_port()


@pytest.fixture(scope="module")
def served_app() -> Iterator[Callable[[Path], Served]]:
    """Call it with a home to get a fresh server over it; all of them end with the module's tests."""
    with ExitStack() as stack:
        yield lambda home: stack.enter_context(served(home))
