"""Radar and history of a maturity matrix."""

from core.charts.maturity_time import level_history, maturity_radar

LABELS = ["Milestone mapping", "Sales <b>integration</b>", "Reporting"]


def radar(now=(3, None, 2), before=(2, 2, 2), targets=(4, 3, None)):
    return maturity_radar(LABELS, now, before, targets, title="Two are short", subtitle="Levels")


def trace(figure, name):
    return next(item for item in figure.data if item.name == name)


def test_every_axis_runs_from_the_lowest_to_the_highest_level():
    axis = radar().layout.polar.radialaxis
    assert tuple(axis.range) == (1, 5)
    assert list(axis.tickvals) == [1, 2, 3, 4, 5]


def test_lines_are_closed_and_a_level_nobody_rated_breaks_them():
    now = trace(radar(), "now")
    assert list(now.r) == [3, None, 2, 3]
    assert now.theta[0] == now.theta[-1]
    assert now.connectgaps is False
    assert now.fill is None


def test_targets_are_marks_without_a_line():
    target = trace(radar(), "target")
    assert target.mode == "markers"
    assert list(target.r) == [4, 3, None]


def test_names_are_shown_as_typed():
    assert all("<b>" not in str(name) for item in radar().data for name in item.theta)


def test_the_claim_stands_in_brackets_only_where_it_is_another():
    figure = level_history(
        LABELS,
        ["Q3 2026", "Q4 2026"],
        [(2, 3), (None, 3), (2, 2)],
        [(2, 4), (None, 3), (2, 2)],
        title="t",
        subtitle="s",
    )
    assert list(figure.data[0].text) == ["2", "3 (4)", "", "3", "2", "2"]
    shades = [shape.opacity for shape in figure.layout.shapes]
    assert shades[1] > shades[0], "a higher level is darker"
    assert len(shades) == 6
