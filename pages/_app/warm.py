"""What the start pays for, so that the first visitor does not."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from threading import Event
from time import monotonic

from core.errors import CouncilError

HEAVY = ("pandas", "plotly.graph_objects", "plotly.io", "streamlit.elements.plotly_chart", "pages._app.widgets")
"""Modules every screen needs."""

PAUSE = 0.05
"""Most seconds between two results that are built beside the visitors, so that they come first; after a quick one the
rest is as short.
"""

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
    took = 0.0
    try:
        for build in _rest():
            if stopped.wait(min(took, PAUSE)):
                return
            started = monotonic()
            try:
                build()
            except CouncilError as error:
                logger.info("not warmed: %s", error)
            except Exception:
                logger.exception("not warmed; the screen builds it when it is opened")
            took = monotonic() - started
    except Exception:
        logger.exception("warm-up beside the visitors ended early; screens build the rest when they are opened")


def _rest() -> Iterator[Callable[[], object]]:
    """Steps of the rest: the modules of all screens, then their results, the screens opened most first."""
    import pages._app

    for module in iter_modules(pages._app.__path__):
        yield partial(import_module, f"pages._app.{module.name}")
    from pages._app import cached, warm_screens

    company = cached.company()
    if company is not None:
        month = company.load(company.months[0])
        for screen in warm_screens.SCREENS:
            try:
                yield from screen(company, month)
            except CouncilError as error:
                logger.info("not warmed: %s", error)
