"""The product's own style: one sheet that a tab loads once, instead of rules sent with every piece in every rerun."""

from __future__ import annotations

from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.charts.stylesheet import stylesheet
from pages._app.guard import OWN_PAGES_ONLY

SHEET = "/app/static/style.css"
"""Where the sheet is served."""
STYLE = (Path(__file__).resolve().parent / "static" / "app.css").read_text(encoding="utf-8") + stylesheet()
"""All rules: the screens' own, then those of the pieces of HTML."""
LINK = f'<link rel="stylesheet" href="{SHEET}?v={sha256(STYLE.encode()).hexdigest()[:12]}">'.encode()
"""Names its content, so that a tab opened after an update never shows the sheet of before."""

_END = b"</body>"
_ASKED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
_SAID = (b"content-length", b"etag", b"last-modified", b"accept-ranges")
"""What a request may not ask of the page, and an answer not say of it: both mean the page as Streamlit ships it."""


async def style(request: Request) -> Response:
    """The sheet."""
    return Response(STYLE, media_type="text/css", headers={"cache-control": "max-age=31536000, immutable"})


class Styled:
    """ASGI middleware: the page a tab starts from loads the sheet.

    The link ends the page's body, so that our rules stand after those Streamlit writes into the head: of two with equal
    weight the later one holds. HEAD says of the page what GET would, and sends none of it.

    Args:
        app: What serves the page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_be_page(scope):
            await self.app(scope, receive, send)
            return
        opening: Message = {}
        parts: list[bytes] = []

        async def send_styled(message: Message) -> None:
            if message["type"] == "http.response.start":
                opening.update(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                body = _linked(opening, b"".join(parts))
                await send(opening)
                await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

        plain = [pair for pair in scope["headers"] if pair[0] not in _ASKED]
        await self.app({**scope, "method": "GET", "headers": plain}, receive, send_styled)


def _may_be_page(scope: MutableMapping[str, Any]) -> bool:
    """Whether the answer may be the page: every path that is no file's is a screen's."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(OWN_PAGES_ONLY):
        return False
    return "." not in scope["path"].rpartition("/")[2]


def _linked(opening: Message, body: bytes) -> bytes:
    """The page with its link; the headers that name its length and its state are set anew."""
    if _END not in body:
        return body
    styled = body.replace(_END, LINK + _END, 1)
    kept = [pair for pair in opening["headers"] if pair[0] not in _SAID]
    opening["headers"] = [*kept, (b"content-length", str(len(styled)).encode())]
    return styled
