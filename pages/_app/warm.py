"""What the start pays for, so that the first visitor does not."""

import logging
from importlib import import_module

HEAVY = ("pandas", "plotly.graph_objects", "plotly.io", "streamlit.elements.plotly_chart", "pages._app.widgets")
"""Modules every screen needs."""

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
