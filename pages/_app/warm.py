"""What the start pays for, so that the first visitor does not."""

import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from threading import Event

HEAVY = ("pandas", "plotly.graph_objects", "plotly.io", "streamlit.elements.plotly_chart", "pages._app.widgets")
"""Modules every screen needs."""

PAUSE = 0.05
"""Seconds between two results that are built beside the visitors, so that they come first."""

logger = logging.getLogger(__name__)


def warm() -> None:
    """Import what is heavy and build what the first visitor needs.

    A failure never keeps the server from starting: it is logged, `/api/ready` says so, and a screen that needs what is
    missing tells the visitor.
    """
    for name in HEAVY:
        import_module(name)
    try:
        from pages._app import cached

        cached.warm()
    except Exception:
        logger.exception("warm-up failed; the first visitor waits for what was not built")


def warm_rest(stopped: Event) -> None:
    """Build what the screens behind the first one need, one result after another beside the visitors, until stopped.

    Args:
        stopped: Set when the server ends.
    """
    try:
        for build in _rest():
            if stopped.wait(PAUSE):
                return
            build()
    except Exception:
        logger.exception("warm-up beside the visitors ended early; screens build the rest when they are opened")


def _rest() -> Iterator[Callable[[], object]]:
    """Steps of the rest, the screens opened most first."""
    from core.errors import CouncilError
    from core.kpis import REGISTRY
    from core.services.definitions_view import result_of
    from pages._app import cached

    month = cached.newest_month()
    if month is None:
        return
    yield lambda: cached.advocates_view(month)
    try:
        budget = cached.budget_of(month)
        yield lambda: cached.best_split(budget)
    except CouncilError:
        logger.info("no budget to warm: the spend it needs is not loaded")
    for name in REGISTRY:
        yield lambda name=name: result_of(month, name)  # type: ignore[misc]
