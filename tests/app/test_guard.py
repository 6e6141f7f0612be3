"""What the guard refuses, on a running server and request by request."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import pytest
import streamlit
from websockets.exceptions import InvalidStatus

from pages._app.guard import Guard, inline_script_sources
from tests.benchmarks.streamlit_client import Tab


@pytest.fixture(scope="module")
def app(served_app, tmp_path_factory):
    return served_app(tmp_path_factory.mktemp("home"))


def test_both_names_of_this_machine_are_served(app):
    for host in ("127.0.0.1", "localhost"):
        status, headers, _ = app.get("/", {"Host": f"{host}:{app.port}"})
        assert status == 200
        assert f"connect-src 'self' ws://{host}:{app.port};" in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["evil.test", "evil.test:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", ""])
def test_any_other_host_is_misdirected(app, host):
    for path in ("/", "/_stcore/health", "/api/ready"):
        assert app.get(path, {"Host": host.format(port=app.port)})[0] == 421


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(None, id="none"),
        pytest.param("http://evil.test", id="another site"),
        pytest.param("http://127.0.0.1:1", id="another port"),
        pytest.param("http://localhost:{port}", id="the other name of this machine"),
        pytest.param("https://127.0.0.1:{port}", id="another scheme"),
        pytest.param("null", id="opaque"),
    ],
)
def test_a_socket_opens_for_the_own_page_only(app, origin):
    with (
        pytest.raises(InvalidStatus) as refused,
        Tab(app.port, origin=origin and origin.format(port=app.port)),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_foreign_origin_gets_nothing_over_http_either(app):
    assert app.get("/_stcore/host-config", {"Origin": "http://evil.test"})[0] == 403
    assert app.get("/_stcore/host-config", {"Origin": app.url})[0] == 200


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/script-health-check"])
def test_closed_endpoints_are_not_there(app, path):
    assert app.get(path)[0] == 404


@pytest.mark.parametrize("path", ["/media/x.csv", "/_stcore/upload_file/a/b", "/_stcore/health", "/auth/logout"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_reaches_no_endpoint(app, path, site):
    assert app.get(path, {"Sec-Fetch-Site": site})[0] == 403


def test_a_link_from_another_site_still_opens_a_page(app):
    assert app.get("/budget", {"Sec-Fetch-Site": "cross-site"})[0] == 200


def test_answers_carry_the_policy_with_the_hash_of_the_only_inline_script(app):
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    (script,) = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    _, headers, body = app.get("/")
    assert body.count(b"<script>") == 1
    assert script in body
    wanted = f"script-src 'self' 'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}';"
    assert wanted in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_the_hash_is_computed_from_the_page_that_is_served():
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", inline_script_sources())


def test_what_users_bring_and_take_is_never_stored_by_a_cache(app):
    for path in ("/media/none.csv", "/api/ready"):
        assert app.get(path)[1]["cache-control"] == "private, no-store"


def test_a_header_sent_twice_is_refused():
    guard = Guard(None, port=8501)
    headers = [(b"host", b"127.0.0.1:8501"), (b"host", b"evil.test")]
    assert guard.refusal({"type": "http", "path": "/", "headers": headers}) == 421


def test_on_port_80_the_host_may_come_without_its_port():
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers}
    assert Guard(None, port=80).refusal(scope) is None
    assert Guard(None, port=8501).refusal(scope) == 421


@pytest.mark.parametrize("query", ["", "?month=2026-09&segment=SMB"])
def test_the_landing_screen_is_found_under_its_own_name(app, query):
    status, headers, _ = app.get(f"/overview{query}")
    assert (status, headers["location"]) == (307, f"/{query}")
    assert app.get("/overview", {"Host": "evil.test"})[0] == 421
