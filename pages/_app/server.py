"""The parts of the application that are not a screen: start, readiness, and what a failed screen says."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event, Timer
from typing import Any
from uuid import uuid4

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from streamlit.runtime import runtime

from core.errors import CouncilError
from pages._app.warm import warm, warm_rest
from pages._app.words import md

logger = logging.getLogger(__name__)

STATIC = Path(__file__).resolve().parent / "static"
TURN = 0.001
"""Seconds a computing thread keeps the interpreter before others may go on; Python's own 0.005 lets the loop that sends
what a screen drew wait for half of a rerun."""
BEAT, BEAT_NAME = 0.001, "MESSAGE_FLUSH_INTERVAL_SECS"
"""Seconds Streamlit rests between two rounds of sending, and its name for them. Its own 0.005 let a rerun that was done
wait for the next round, up to half of what the reader waited (decision 0021)."""
YOUNG, MIDDLE, OLD = 50_000, 20, 50
"""New objects before the garbage collector looks at them, and rounds before it looks at the elder: a rerun makes some
10,000, nearly all let go without it."""
HEAD_START = 2.0
"""Seconds after the start before the rest is warmed: whoever waited at the door has the server alone."""
PATIENCE = 2.0
"""Seconds the readiness check may take."""


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Warm up, then take what is built out of the garbage collector's way; the rest is built beside the visitors."""
    sys.setswitchinterval(TURN)
    setattr(runtime, BEAT_NAME, BEAT)
    warm()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    stopped = Event()
    rest = Timer(HEAD_START, warm_rest, (stopped,))
    rest.name, rest.daemon = "warm-up", True
    rest.start()
    yield None
    stopped.set()
    rest.cancel()


async def ready(request: Request) -> JSONResponse:
    """200 when the stores answer; 503 with a code word otherwise. The reason stands in the log only."""
    try:
        await asyncio.wait_for(asyncio.to_thread(_ask_stores), PATIENCE)
    except TimeoutError:
        return _not_ready("slow")
    except Exception:  # noqa: BLE001  a probe reports every trouble the same way
        return _not_ready("store")
    return JSONResponse({"status": "ready"})


async def favicon(request: Request) -> FileResponse:
    """The icon of the tab, in place of Streamlit's; `page_icon` would read and hash the file on every run."""
    return FileResponse(STATIC / "favicon.png")


async def logo(request: Request) -> FileResponse:
    """The word mark in the corner; its inks follow the colour scheme of the page."""
    return FileResponse(STATIC / "logo.svg", headers={"cache-control": "max-age=86400"})


def on_script_error(error: Exception) -> bool:
    """Show a failed run in plain words.

    An error made for people is shown as it is. Any other gets an incident id, the same in the log and on the screen,
    and nothing of its text reaches the browser.
    """
    if isinstance(error, CouncilError):
        first, *more = str(error).splitlines() or [""]
        st.error(md(first), icon=":material/error:")
        if more:
            st.code("\n".join(more), language=None, wrap_lines=True)
        return True
    incident = uuid4().hex[:8]
    logger.error("incident %s: %s", incident, type(error).__name__)
    st.error(
        f"This page could not be shown, and nothing was saved. The log has the details under incident {incident}. "
        "Reload the page; if it happens again, tell whoever runs the dashboard that number.",
        icon=":material/error:",
    )
    return True


def _ask_stores() -> None:
    from core.services import home

    home.ready()


def _not_ready(code: str) -> JSONResponse:
    logger.warning("not ready: %s", code, exc_info=True)
    return JSONResponse({"status": "not ready", "code": code}, status_code=503)
