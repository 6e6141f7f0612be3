import pytest

from core.charts.base import TOTAL
from core.charts.maturity import maturity_matrix
from core.maturity.assess import Assessment
from core.maturity.evidence import Support
from core.model.maturity import load_maturity

LEVELS = load_maturity().scale.levels


def row(name, claimed, measured, reported, target, status, *, testable=True, not_applicable=None):
    return Assessment(
        capability=name,
        code=name.upper(),
        label=f"Label of {name}",
        claimed=claimed,
        support=Support(measured, testable, None),
        status=status,
        reported=reported,
        target=target,
        gap=None if target is None else max(0, target - claimed),
        evidence=(),
        not_applicable=not_applicable,
    )


ROWS = [
    row("a1", 4, 2, 3, 5, "unsupported"),
    row("a2", 2, 1, 2, None, "stretch"),
    row("a3", 3, 1, 3, 4, "not_testable", testable=False),
    row("a4", 1, 1, 1, 1, "supported", not_applicable="no community"),
]


@pytest.fixture(scope="module")
def figure():
    return maturity_matrix(ROWS, LEVELS, title="One claim in four lacks evidence")


def marks(figure, name):
    trace = next(trace for trace in figure.data if trace.name == name)
    return list(zip(trace.y, trace.x, strict=True))


def test_each_row_shows_claim_and_reported_level_in_its_own_column(figure):
    assert marks(figure, "claim") == [(0, 4), (1, 2), (2, 3), (3, 1)]
    assert marks(figure, "reported") == [(0, 3), (1, 2), (2, 3), (3, 1)]


def test_the_target_stands_beside_the_other_marks_and_only_where_one_is_set(figure):
    targets = marks(figure, "target")
    assert [(place, round(level)) for place, level in targets] == [(0, 5), (2, 4)]
    assert all(0.25 < level - round(level) < 0.46 for _, level in targets)


def test_the_measured_level_has_a_mark_of_its_own_where_it_can_be_tested(figure):
    measured = marks(figure, "measured")
    assert [(place, round(level)) for place, level in measured] == [(0, 2), (1, 1)]
    assert all(-0.46 < level - round(level) < -0.25 for _, level in measured)


def test_the_trend_stands_beside_its_row():
    drawn = maturity_matrix(ROWS, LEVELS, title="x", trends={"a2": "▲ 1 since Q3 2026", "a3": ""})
    texts = [note.text for note in drawn.layout.annotations]
    assert texts[1].endswith("<br>▲ 1 since Q3 2026")
    assert not texts[2].endswith("<br>")


def test_cells_are_filled_up_to_the_reported_level(figure):
    assert len(figure.layout.shapes) == len(ROWS) * 5
    filled = [sum(s.fillcolor == "#000001" for s in figure.layout.shapes[i : i + 5]) for i in range(0, 20, 5)]
    assert filled == [3, 2, 3, 1]


def test_the_standing_of_a_claim_is_said_in_words(figure):
    words = [note.text for note in figure.layout.annotations]
    assert words == [
        "<b>unsupported:</b><br>measured 2",
        "stretch:<br>measured 1",
        "not testable yet",
        "not applicable",
    ]


def test_the_hover_tells_the_row_in_words(figure):
    claim = next(trace for trace in figure.data if trace.name == "claim")
    assert claim.customdata[0][1] == "Claimed 4, measured 2, reported 3, target 5"
    assert claim.customdata[2][1] == "Claimed 3, measured not testable, reported 3, target 4"


def test_rows_read_from_top_to_bottom(figure):
    first, last = figure.layout.yaxis.range
    assert first > last
    assert figure.layout.yaxis.ticktext[0] == "Label of a1"


def test_the_figure_follows_light_and_dark(figure):
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
    used = {trace.marker.color for trace in figure.data} | {shape.fillcolor for shape in figure.layout.shapes}
    assert used == {"#000001", "#000002", "#000010", "rgba(128,128,128,0.14)"}


def test_every_label_has_the_ink_of_the_other_charts(figure):
    inks = [axis.tickfont.color for axis in (figure.layout.xaxis, figure.layout.yaxis)]
    inks += [note.font.color for note in figure.layout.annotations]
    assert set(inks) == {TOTAL}


def test_the_title_is_the_callers_finding_and_the_axes_stay_under_twelve_words(figure):
    assert figure.layout.meta["title"] == "One claim in four lacks evidence"
    assert all(word in figure.layout.title.text for word in ("reported", "claimed", "measured", "target"))
    assert figure.layout.showlegend is False
    labels = [text.split("<br>")[1].split(">")[1].split("<")[0] for text in figure.layout.xaxis.ticktext]
    assert labels == ["Ad hoc", "Emerging", "Defined", "Managed", "Operationalised"]
    assert figure.layout.xaxis.title.text is None and figure.layout.yaxis.title.text is None


def test_the_height_grows_with_the_rows(figure):
    shorter = maturity_matrix(ROWS[:2], LEVELS, title="Two rows")
    assert figure.layout.height - shorter.layout.height == 2 * 58
