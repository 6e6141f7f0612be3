"""What is kept between runs, found by a plain key: a look-up costs microseconds, Streamlit's own hashes each argument.

The memory itself is a resource of Streamlit's, so that clearing its caches clears this one too; it is asked for once,
since even finding a resource costs a rerun more than all its results.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from inspect import signature
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import streamlit as st

Told = ParamSpec("Told")
Built = TypeVar("Built")


class Memory:
    """Results by key, the latest used of each kind; a result asked for twice at once is built once."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[Hashable, Any]] = {}
        self._locks: dict[Hashable, Lock] = {}
        self._guard = Lock()

    def get(self, kind: str, key: Hashable, most: int, build: Callable[[], Built]) -> Built:
        """The result of a kind and key; built where it is not kept.

        Args:
            kind: What the result is.
            key: Everything it depends on.
            most: How many of the kind are kept.
            build: Makes the result; what it raises is raised here, and nothing is kept.
        """
        with self._guard:
            kept = self._kept.setdefault(kind, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return kept[key]  # type: ignore[no-any-return]
            lock = self._locks.setdefault((kind, key), Lock())
        with lock:
            if key in kept:
                return kept[key]  # type: ignore[no-any-return]
            try:
                built = build()
                with self._guard:
                    kept[key] = built
                    while len(kept) > most:
                        kept.popitem(last=False)
                return built
            finally:
                with self._guard:
                    self._locks.pop((kind, key), None)


_SHARED: list[Memory] = []
"""The memory all sessions share, while Streamlit holds it."""


@st.cache_resource(show_spinner=False, on_release=lambda _memory: _SHARED.clear())
def _memory() -> Memory:
    _SHARED[:] = [Memory()]
    return _SHARED[0]


def _shared() -> Memory:
    return next(iter(_SHARED), None) or _memory()


def recall(kind: str, key: Hashable, most: int, build: Callable[[], Built]) -> Built:
    """As `Memory.get`, of the memory that all sessions share."""
    return _shared().get(kind, key, most, build)


def remembered(most: int) -> Callable[[Callable[Told, Built]], Callable[Told, Built]]:
    """Keep what a function returns, by its arguments; those whose name starts with `_` are not part of the key.

    Arguments are given by position and can be hashed; what is kept is never changed. Nothing is drawn inside.

    Args:
        most: How many results are kept, the latest used ones.
    """

    def keep(build: Callable[Told, Built]) -> Callable[Told, Built]:
        kind = f"{build.__module__}.{build.__qualname__}"
        keyed = [place for place, name in enumerate(signature(build).parameters) if not name.startswith("_")]

        @wraps(build)
        def found(*args: Told.args, **named: Told.kwargs) -> Built:
            key = tuple(args[place] for place in keyed)
            return _shared().get(kind, key, most, lambda: build(*args, **named))

        return found

    return keep
