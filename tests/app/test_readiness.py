import json
import logging
import threading
import time
from importlib import import_module
from types import SimpleNamespace

import pytest

import core.services
import pages._app
from core.errors import CouncilError
from core.kpis import REGISTRY
from pages._app import server, warm
from tests.app.loops import in_loop


@pytest.fixture
def home(monkeypatch):
    """What stands in for the company of this installation."""
    stand_in = SimpleNamespace(ready=lambda: None)
    monkeypatch.setattr(core.services, "home", stand_in, raising=False)
    return stand_in


def answer():
    reply = in_loop(server.ready(None))
    return reply.status_code, json.loads(reply.body)


def test_ready_when_the_stores_answer(home):
    assert answer() == (200, {"status": "ready"})


def test_trouble_is_a_code_word_without_its_reason(home, caplog):
    def fail():
        raise OSError("/var/secret/council.db is locked")

    home.ready = fail
    assert answer() == (503, {"status": "not ready", "code": "store"})
    assert "is locked" in caplog.text


def test_a_store_that_hangs_is_not_ready(home, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.02)
    home.ready = lambda: time.sleep(0.2)
    assert answer() == (503, {"status": "not ready", "code": "slow"})


@pytest.fixture
def cached(monkeypatch):
    """What stands in for what is kept between runs."""
    stand_in = SimpleNamespace(warm=lambda: None)
    monkeypatch.setattr(pages._app, "cached", stand_in, raising=False)
    return stand_in


@pytest.mark.parametrize("failure", [OSError("disk"), ValueError("data")])
def test_a_failed_warm_up_does_not_keep_the_server_from_starting(cached, caplog, failure):
    def fail():
        raise failure

    cached.warm = fail
    with caplog.at_level(logging.ERROR):
        warm.warm()
    assert "warm-up failed" in caplog.text


def test_the_warm_up_builds_what_the_first_visitor_needs(cached):
    built = []
    cached.warm = lambda: built.append("newest month")
    warm.warm()
    assert built == ["newest month"]


def test_the_rest_is_built_step_by_step_until_the_server_ends(monkeypatch):
    stopped, built = threading.Event(), []
    steps = [lambda: built.append("advocates"), stopped.set, lambda: built.append("too late")]
    monkeypatch.setattr(warm, "_rest", lambda: iter(steps))
    monkeypatch.setattr(warm, "PAUSE", 0)
    warm.warm_rest(stopped)
    assert built == ["advocates"]


def test_a_failure_beside_the_visitors_is_logged_and_hurts_nobody(monkeypatch, caplog):
    def fail():
        raise OSError("disk")

    built = []
    monkeypatch.setattr(warm, "_rest", lambda: iter([fail, lambda: built.append("the next")]))
    warm.warm_rest(threading.Event())
    assert "the screen builds it" in caplog.text
    assert built == ["the next"]


def test_a_table_that_is_not_loaded_is_no_failure_of_the_warm_up(monkeypatch, caplog):
    def lack():
        raise CouncilError("no spend is loaded")

    monkeypatch.setattr(warm, "_rest", lambda: iter([lack]))
    with caplog.at_level(logging.WARNING):
        warm.warm_rest(threading.Event())
    assert not caplog.text


def test_the_rest_holds_the_figures_of_the_screens_behind_the_first(in_demo):
    steps = list(warm._rest())
    assert len(steps) > len(REGISTRY)


def test_without_data_there_are_only_modules_to_import(in_empty):
    assert {step.func for step in warm._rest()} == {import_module}
