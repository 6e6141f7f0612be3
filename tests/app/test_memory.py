"""What is kept between runs is built once for its key, and forgotten in the order it was last used."""

import threading
import time

import pytest
import streamlit as st

from pages._app.memory import Memory, remembered


@pytest.fixture(autouse=True)
def fresh_memory():
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def counting(most=8):
    calls = []

    @remembered(most)
    def build(name: str, _source: object) -> list[str]:
        calls.append(name)
        return [name]

    return build, calls


def test_a_result_is_built_once_for_its_key_and_a_private_argument_is_no_part_of_it():
    build, calls = counting()
    assert build("a", object()) is build("a", object())
    assert build("b", None) == ["b"]
    assert calls == ["a", "b"]


def test_the_least_lately_used_is_forgotten_first():
    build, calls = counting(most=2)
    for name in ("a", "b", "a", "c", "a", "b"):
        build(name, None)
    assert calls == ["a", "b", "c", "b"]


def test_clearing_streamlits_caches_forgets_it():
    build, calls = counting()
    build("a", None)
    st.cache_resource.clear()
    build("a", None)
    assert calls == ["a", "a"]


def test_a_failed_build_is_not_kept():
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory.get("kind", 1, 2, lambda: 1 // 0)
    assert memory.get("kind", 1, 2, lambda: 5) == 5


def test_two_threads_that_want_the_same_wait_for_one_build():
    memory, built = Memory(), []

    def slow():
        time.sleep(0.05)
        built.append(1)
        return object()

    found = []
    threads = [threading.Thread(target=lambda: found.append(memory.get("kind", 1, 2, slow))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert len({id(one) for one in found}) == 1
