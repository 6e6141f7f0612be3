"""Where many cases say the same kind of thing, `make test` looks at a seeded sample and `make test-long` at the rest.

A pytest plugin, loaded by pyproject.toml. `@pytest.mark.sampled(3)` keeps every third case, chosen by its name, so that
the sample is the same everywhere; the others are marked `long`.
"""

from __future__ import annotations

from zlib import crc32

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("sampled")
        if marker is not None and not is_in_sample(item.nodeid, *marker.args):
            item.add_marker(pytest.mark.long)


def is_in_sample(name: str, one_in: int) -> bool:
    """Whether a case is looked at every time, one in so many; the same name gives the same answer everywhere."""
    return crc32(name.encode()) % one_in == 0
