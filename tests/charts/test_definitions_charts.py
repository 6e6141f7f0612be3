"""The line of a figure's last months, and definitions as HTML: nothing of the data becomes markup."""

import datetime as dt

import pytest

from core.charts.definitions import definition_html, facts_html, history_line
from core.stats.months import shift_month

MONTHS = [shift_month(dt.date(2026, 10, 1), back) for back in range(-12, 1)]
VALUES = [None, 0.9, 0.92, None, 0.95, 0.96, 0.97, 0.98, 0.99, 1.0, 1.01, 1.02, 1.03]


def drawn(values=VALUES, targets=(None,) * 13, band=(0.97, 1.09)):
    return history_line(MONTHS, values, targets, band, "ratio", title="t", subtitle="s")


def trace(figure, name):
    return next((item for item in figure.data if item.name == name), None)


def test_a_month_without_a_figure_is_a_gap():
    line = trace(drawn(), "value")
    assert list(line.y) == VALUES
    assert line.connectgaps is False


def test_the_newest_carries_its_value_and_its_band():
    figure = drawn()
    assert trace(figure, "value").text[-1].startswith("103.0")
    assert list(trace(figure, "band").y) == [0.97, 1.09]
    low, high = figure.layout.yaxis.range
    assert low < 0.9
    assert high > 1.09


def test_without_a_newest_value_there_is_no_band():
    assert trace(drawn([*VALUES[:-1], None]), "band") is None
    assert trace(drawn(band=None), "band") is None


def test_a_target_is_a_step_from_its_month_on_and_said_in_words():
    figure = drawn(targets=[None] * 11 + [1.05, 1.1])
    steps = trace(figure, "target")
    assert list(steps.y)[-4:] == [1.05, 1.05, 1.1, 1.1]
    assert steps.y[0] is None
    assert any("target 105.0" in note.text for note in figure.layout.annotations)
    assert trace(drawn(), "target") is None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_flat_line_has_room(value):
    low, high = drawn([value] * 13, band=None).layout.yaxis.range
    assert low < value < high


def test_text_is_escaped():
    html = definition_html([("<b>", ("<script>", "<i>"))]) + facts_html([("<b>", "<b>", "<b>")], [("<b>", "<b>", "")])
    assert "<script>" not in html
    assert "<i>" not in html
    assert "&lt;script&gt;" in html


def test_decisions_are_marked_at_their_months_and_named_in_the_subtitle():
    figure = history_line(
        MONTHS, VALUES, (None,) * 13, None, "ratio", title="t", subtitle="s", decisions=((4, "<i>cut</i>"), (4, "more"))
    )
    marks = trace(figure, "decision")
    assert list(marks.x) == [4, 4]
    assert marks.hovertext[0] == "Decided &lt;i&gt;cut&lt;/i&gt;"
    assert [shape.x0 for shape in figure.layout.shapes] == [4]
    assert figure.layout.meta["subtitle"].endswith("decision taken")
    assert drawn().layout.meta["subtitle"] == "s"
