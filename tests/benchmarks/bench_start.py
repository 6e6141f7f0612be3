"""What a process pays before it does anything, beside what Streamlit alone costs it."""

from __future__ import annotations

from importlib import import_module

from tests.benchmarks.registry import REGISTRY

BASELINE = "import streamlit, pandas, plotly"


@REGISTRY.benchmark(BASELINE, own_process=True, repeats=3)
def libraries():
    return lambda: [import_module(name) for name in ("streamlit", "pandas", "plotly.graph_objects")]


@REGISTRY.benchmark("import the contract", beside=BASELINE, own_process=True, repeats=3)
def contract():
    return lambda: import_module("core.schema")


@REGISTRY.benchmark("import the engine", beside=BASELINE, own_process=True, repeats=3)
def engine():
    return lambda: import_module("core.rollups.engine")
