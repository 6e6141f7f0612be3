"""What a reader is likely to want next, built beside the visitors while the one before is read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

logger = logging.getLogger(__name__)

_WORKER = ThreadPoolExecutor(1, thread_name_prefix="ahead")
"""One thread for all sessions: what is built ahead never takes more than one turn beside those who wait."""
MOST = 4
"""Most builds that wait; what comes while so many do is left to the screen."""
_waiting: list[Future[None]] = []


def ahead(build: Callable[[], object]) -> None:
    """Build what is kept between runs before it is asked for.

    Args:
        build: Makes and keeps it; what it raises is logged, the screen that needs it says it to its reader.
    """
    _waiting[:] = [each for each in _waiting if not each.done()]
    if len(_waiting) < MOST:
        _waiting.append(_WORKER.submit(_quietly, build))


def _quietly(build: Callable[[], object]) -> None:
    try:
        build()
    except Exception:
        logger.warning("not built ahead; the screen builds it when it is opened", exc_info=True)
