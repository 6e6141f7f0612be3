"""What is built ahead is built beside the reader; it fails for nobody and never piles up."""

import logging
import threading

import pytest

from pages._app import ahead as ahead_of_time
from pages._app.ahead import MOST, ahead


@pytest.fixture(autouse=True)
def settled():
    yield
    for waiting in list(ahead_of_time._waiting):
        waiting.result(5)


def test_it_is_built_beside_the_reader():
    built, mine = threading.Event(), []

    def build():
        mine.append(threading.current_thread() is threading.main_thread())
        built.set()

    ahead(build)
    assert built.wait(5)
    assert mine == [False]


def test_a_failure_is_logged_and_the_next_is_built(caplog):
    def fail():
        raise OSError("disk")

    built = threading.Event()
    with caplog.at_level(logging.WARNING):
        ahead(fail)
        ahead(built.set)
        assert built.wait(5)
    assert "not built ahead" in caplog.text


def test_no_more_than_a_few_wait():
    go, built = threading.Event(), []
    ahead(lambda: go.wait(5))
    for number in range(3 * MOST):
        ahead(lambda number=number: built.append(number))
    go.set()
    for waiting in list(ahead_of_time._waiting):
        waiting.result(5)
    assert built == list(range(MOST - 1))
