"""The bars of the path and one account's way: lengths that add up, words that stay words."""

import pytest

from core.charts.path import StageBar, account_html, stage_bars

STAGES = [
    StageBar("Contract", 10, 3, 1, "10 reached · 3 here", "70 % go on in 30 days"),
    StageBar("First login", 7, 7, 0, "7 reached · 7 here", ""),
    StageBar("Activated", 0, 0, 0, "0 reached", "", "load milestones"),
]


@pytest.fixture
def figure():
    return stage_bars(STAGES, title="7 of 10 have reached First login", subtitle="Active accounts")


def said(figure):
    texts = [text.strip() for trace in figure.data[3:] for text in trace.text]
    return " | ".join([*figure.layout.yaxis.ticktext, *texts])


def test_the_parts_of_a_bar_sum_to_those_who_reached_the_stage(figure):
    late, here, further = (list(trace.x) for trace in figure.data[:3])
    assert (late, here, further) == ([1, 0, 0], [2, 7, 0], [7, 0, 0])
    assert [sum(parts) for parts in zip(late, here, further, strict=True)] == [stage.reached for stage in STAGES]
    assert figure.layout.barmode == "stack"
    assert figure.layout.xaxis.range[0] == 0


def test_every_bar_knows_its_place_so_that_a_click_chooses_it(figure):
    assert all(list(trace.customdata) == [0, 1, 2] for trace in figure.data[:3])


def test_figures_and_steps_stand_beside_the_bars_and_an_unknown_stage_says_what_to_load(figure):
    assert "10 reached · 3 here" in said(figure)
    assert "70 % go on in 30 days" in said(figure)
    assert "not known: load milestones" in said(figure)
    assert "| 0 reached" not in said(figure)


def test_text_of_data_is_no_markup_in_the_chart():
    figure = stage_bars([StageBar("<b>x</b>", 1, 1, 0, "<i>y</i>", "<a>z</a>")], title="t", subtitle="s")
    assert all(f"&lt;{tag}&gt;" in said(figure) for tag in "bia")


EVIL = "<script>x</script>"


def card(people, word="x", judged=""):
    return account_html((word, word, word, word), (word, word), [(word, word, "here")], word, people, 5, judged)


def test_text_of_data_is_no_markup_in_the_account():
    shown = card([(EVIL, EVIL, EVIL, EVIL)], EVIL, EVIL)
    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") == 14


def test_contacts_beyond_those_listed_are_counted_and_without_any_it_says_so():
    shown = card([(f"P{place}", "Lead", "50", "Give first") for place in range(7)])
    assert "P4" in shown
    assert "P5" not in shown
    assert "and 2 more" in shown
    assert "No contact of this account is loaded" in card([])


def test_below_the_contacts_stands_on_which_day_it_is_judged_who_may_be_asked():
    seven, one = ([(f"P{place}", "Lead", "50", "Ask now") for place in range(count)] for count in (7, 1))
    assert ">and 2 more on Advocates · Who may be asked: today</p>" in card(seven, judged="Who may be asked: today")
    assert '</table><p class="rc-quiet">Who may be asked: today</p>' in card(one, judged="Who may be asked: today")
    assert "</table></div>" in card(one)
