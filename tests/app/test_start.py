"""What the start of the server sets for every session."""

import inspect

import pytest
from streamlit.runtime import runtime
from streamlit.runtime.runtime import Runtime

from pages._app import server
from tests.app.loops import in_loop


def test_streamlit_rests_between_rounds_of_sending_by_the_name_the_start_sets():
    assert f"asyncio.sleep({server.BEAT_NAME})" in inspect.getsource(Runtime._loop_coroutine)
    assert server.BEAT < getattr(runtime, server.BEAT_NAME) == 0.005


def test_from_the_start_on_rounds_follow_by_the_product_s_beat(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime, server.BEAT_NAME, 0.005)
    for name in ("warm", "warm_rest"):
        monkeypatch.setattr(server, name, lambda *_: None)
    for place, name in ((server.sys, "setswitchinterval"), (server.gc, "freeze"), (server.gc, "set_threshold")):
        monkeypatch.setattr(place, name, lambda *_: None)

    async def started() -> float:
        async with server.lifespan(None):
            return getattr(runtime, server.BEAT_NAME)

    assert in_loop(started()) == server.BEAT
