"""The style sheet: what a tab loads, and that the page it starts from names it."""

import pkgutil
from importlib import import_module

import pytest

import core.charts
from core.charts.stylesheet import stylesheet
from pages._app.stylesheet import LINK, SHEET, STYLE, Styled
from tests.app.loops import in_loop

PAGE = b"<!doctype html><html><body><div id='root'></div></body></html>"


def answered(path, parts, *, method="GET", headers=()):
    """What a browser gets of an answer in parts, and what the application was asked."""
    sent, asked = [], []

    async def application(scope, receive, send):
        asked.append(dict(scope["headers"]))
        length = str(sum(map(len, parts))).encode()
        said = [(b"content-length", length), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": said})
        for place, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part, "more_body": place < len(parts) - 1})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    in_loop(Styled(application)(scope, None, send))
    body = b"".join(message["body"] for message in sent[1:])
    return dict(sent[0]["headers"]), body, asked[0]


@pytest.mark.parametrize("path", ["/", "/path", "/cohorts"])
def test_the_page_ends_with_the_sheet_however_it_comes_in_parts(path):
    headers, body, _ = answered(path, (PAGE[:40], PAGE[40:60], PAGE[60:]))
    assert body == PAGE.replace(b"</body>", LINK + b"</body>")
    assert headers == {b"content-length": str(len(body)).encode()}


@pytest.mark.parametrize("body", [PAGE, b"no page"])
def test_head_says_of_the_page_what_get_does_and_sends_none(body):
    conditions = [(b"if-none-match", b"1"), (b"host", b"localhost")]
    whole, sent, _ = answered("/path", (body[:5], body[5:]), headers=conditions)
    headers, nothing, asked = answered("/path", (body[:5], body[5:]), method="HEAD", headers=conditions)
    assert (headers, nothing, asked) == (whole, b"", {b"host": b"localhost"})
    assert headers[b"content-length"] == str(len(sent)).encode()


def test_the_page_is_asked_for_whole_and_readable():
    conditions = [(b"accept-encoding", b"gzip"), (b"if-none-match", b"1"), (b"host", b"localhost")]
    assert answered("/path", (PAGE,), headers=conditions)[2] == {b"host": b"localhost"}


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        pytest.param("/static/js/index.js", "GET", b"'</body>'", id="a file"),
        pytest.param("/api/ready", "GET", b"</body>", id="an endpoint"),
        pytest.param("/path", "POST", b"</body>", id="no look at a page"),
        pytest.param("/path", "GET", b"no page", id="no page"),
        pytest.param("*", "GET", b"no page", id="no path"),
    ],
)
def test_everything_else_passes_as_it_is(path, method, body):
    headers, got, _ = answered(path, (body,), method=method)
    assert got == body
    assert headers == {b"content-length": str(len(body)).encode(), b"etag": b"1"}


def test_every_piece_of_html_has_its_rules_in_the_sheet():
    names = [item.name for item in pkgutil.iter_modules(core.charts.__path__, "core.charts.")]
    rules = [module.STYLE for module in map(import_module, names) if hasattr(module, "STYLE")]
    assert rules
    assert all(rule in STYLE for rule in rules)
    assert len(stylesheet()) == sum(map(len, rules))
    assert "<" not in STYLE
    assert STYLE.count("{") == STYLE.count("}")


def test_the_link_changes_with_the_sheet_and_stays_on_this_server():
    assert LINK.startswith(b'<link rel="stylesheet" href="' + SHEET.encode() + b"?v=")
    assert b"//" not in LINK
