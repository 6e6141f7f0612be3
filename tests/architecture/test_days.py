"""The day of an instant is told in the company's zone: nothing people see cuts it out of UTC."""

import ast
import re

import pytest

from tests.architecture.sources import ROOT, Source, python_files

HOME = "core/services/clock.py"
"""Where a day is made of an instant."""


def of_an_instant(node: ast.expr) -> bool:
    """Whether the expression is an instant by its name: at, created_at, row["submitted_at"], now()."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in ("at", "now") or name.endswith("_at")
        case ast.Call(func=ast.Name(id="now" | "real_now")):
            return True
    return False


def cut_out_of_utc(source: Source) -> list[str]:
    """Places with `.date()` of an instant."""
    called = [node.func for node in source.nodes if isinstance(node, ast.Call)]
    dates = [func for func in called if isinstance(func, ast.Attribute) and func.attr == "date"]
    return [source.at(func) for func in dates if of_an_instant(func.value)]


@pytest.mark.parametrize(
    "line", ["at.date()", "row.created_at.date()", 'row["submitted_at"].date()', "now().date()", "self.now.date()"]
)
def test_a_day_cut_out_of_an_instant_is_seen(line):
    assert cut_out_of_utc(Source("a.py", line)) == ["a.py:1"]


def test_rollups_take_the_day_of_an_instant_from_the_column_beside_it():
    cut = re.compile(r"CAST\((?:\w+\()?\w+\.(?:\w+_at|at)\)? AS DATE\)")
    assert cut.search("CAST(r.answered_at AS DATE)") and cut.search("CAST(MIN(i.at) AS DATE)")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "core/rollups/sql").glob("*.sql")}
    assert len(texts) > 40
    assert [name for name, sql in texts.items() if cut.search(sql)] == [], "take at_day, answered_at_day, …"


def test_days_of_instants_are_made_by_the_clock_alone():
    sources = [source for source in python_files("core", "pages") if source.path != HOME]
    told = [source for source in sources if source.path.startswith(("core/services/", "core/cli", "pages/"))]
    assert not [place for source in told for place in cut_out_of_utc(source)], "take clock.local_day or event_day"
