"""`python -m tests.benchmarks [part of a name …]`: measure, print, and for a whole run write docs/benchmarks.md."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks.measure import ROOT, child_report, measure_group
from tests.benchmarks.registry import REGISTRY, matches
from tests.benchmarks.report import render

PAGE = ROOT / "docs" / "benchmarks.md"


def load() -> None:
    """Import every module of this folder that registers benchmarks."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        import_module(f"tests.benchmarks.{path.stem}")


def main(arguments: list[str]) -> int:
    """Measure what is named, or everything.

    Returns:
        0; 2 when nothing has such a name.
    """
    if arguments[:1] == ["--child"]:
        import_module(arguments[1])
        print(child_report(REGISTRY.benchmarks[arguments[2]]))
        return 0
    load()
    wanted = tuple(arguments)
    groups = REGISTRY.groups(wanted)
    chosen = [figure for figure in REGISTRY.figures.values() if matches(figure.name, wanted)]
    if not groups and not chosen:
        print(f"nothing is called {' or '.join(wanted) or 'anything'}", file=sys.stderr)
        return 2
    outcomes = []
    for group in groups:
        print(f"… {', '.join(one.name for one in group)}", file=sys.stderr)
        outcomes += measure_group(group)
    page = render(outcomes, [(figure, float(figure.compute())) for figure in chosen])
    print(page)
    if not wanted:
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
