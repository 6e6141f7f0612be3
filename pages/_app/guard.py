"""What a request must be before Streamlit sees it: for this machine, from its own page; answers carry safe headers.

This is the local mode: one user on loopback, no sign-in. It therefore trusts nothing but the two names of this machine
on the served port, so that neither a page of another site nor a name that was rebound to this machine reaches a figure.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from core.services.access import LOCAL_USER
from pages._app.screens import landing

CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
"""Endpoints nobody needs here; they answer 404."""
OWN_PAGES_ONLY = ("/_stcore/", "/media/", "/component/", "/app/static/", "/auth/", "/oauth2callback", "/api/")
"""Endpoints that no other site may call, not even on a click."""
UNSTORED = ("/media/", "/api/")
"""Answers that no cache may keep."""

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def inline_script_sources() -> str:
    """CSP sources of the inline scripts in Streamlit's own page: one quoted SHA-256 each, parted by spaces."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    hashes = [b64encode(sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(page)]
    return " ".join(f"'sha256-{value}'" for value in hashes)


class Guard:
    """ASGI middleware in front of every route of Streamlit, HTTP and websocket.

    Args:
        app: What is guarded.
        port: Port the application is served on; by default the one in Streamlit's configuration.
    """

    def __init__(self, app: ASGIApp, port: int | None = None) -> None:
        self.app = app
        port = int(config.get_option("server.port")) if port is None else port
        names = ("127.0.0.1", "localhost")
        self.hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())
        self.scripts = inline_script_sources()
        # The screen somebody lands on stands at "/"; under its own name Streamlit knows no such page.
        self.landing = f"/{landing(LOCAL_USER.roles).file}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(scope)
        if refusal is not None:
            await _refuse(scope, receive, send, refusal)
            return
        if scope["type"] == "http" and scope["path"] == self.landing:
            await _redirect(scope, send)
            return
        if scope["type"] == "websocket":
            # What goes over it carries no headers, and is most of what a rerun sends.
            await self.app(scope, receive, send)
            return
        host = _header(scope, b"host")

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*_without_cache(scope, message), *self.headers(scope, host)]
            await send(message)

        await self.app(scope, receive, send_safely)

    def refusal(self, scope: MutableMapping[str, Any]) -> int | None:
        """The status a request is refused with, or None when it may pass."""
        host, origin, path = _header(scope, b"host"), _header(scope, b"origin"), scope["path"]
        if host not in self.hosts:
            return 421
        if origin != f"http://{host}" and (origin or scope["type"] == "websocket"):
            return 403
        if path.startswith(CLOSED):
            return 404
        site = _header(scope, b"sec-fetch-site") or "same-origin"
        if path.startswith(OWN_PAGES_ONLY) and site not in ("same-origin", "none"):
            return 403
        return None

    def headers(self, scope: MutableMapping[str, Any], host: str) -> list[tuple[bytes, bytes]]:
        """Headers every answer carries."""
        policy = (
            f"default-src 'self'; script-src 'self' {self.scripts}; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host}; "
            "worker-src 'self' blob:; frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        pairs = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }
        if scope["path"].startswith(UNSTORED):
            pairs["cache-control"] = "private, no-store"
        return [(name.encode(), value.encode()) for name, value in pairs.items()]


def _header(scope: MutableMapping[str, Any], name: bytes) -> str:
    """One request header; a header sent twice counts as none that could be right."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else "" if not values else "?"


def _without_cache(scope: MutableMapping[str, Any], message: Message) -> list[tuple[bytes, bytes]]:
    kept = list(message.get("headers", []))
    if scope["path"].startswith(UNSTORED):
        kept = [(name, value) for name, value in kept if name.lower() != b"cache-control"]
    return kept


async def _redirect(scope: Scope, send: Send) -> None:
    """Lead to the landing screen, what was asked of it kept."""
    query = scope.get("query_string", b"")
    target = b"/" + (b"?" + query if query else b"")
    headers = [(b"location", target), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"refused"})
