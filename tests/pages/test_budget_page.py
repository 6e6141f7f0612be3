import pytest
from streamlit.testing.v1 import AppTest

from core.glossary import SPACE
from core.services.budget import open_budget, optimum
from core.services.budget_view import Proposal
from core.services.home import open_month
from core.services.scenarios import scenarios
from core.settings import ROOT
from pages._app.budget_table import STATE, Editing, edited
from tests.screens import boards, head, title

pytestmark = pytest.mark.sampled(2)

PAGE = str(ROOT / "pages" / "budget.py")


def opened():
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    return page


def press(page, key):
    page.button(key=key).click().run()
    assert not page.exception


def answer(page):
    return plain(title(page))


def plain(text):
    return text.replace("\\", "").replace(SPACE, " ").replace("\N{ZERO WIDTH SPACE}", "")


def said(page):
    parts = [*page.markdown, *page.caption, *page.error, *page.toast, *page.header]
    return plain(" | ".join([head(page), *(part.value for part in parts)]))


def table(page):
    return page.get("dataframe")[0].value


def type_in(page, changes, locked=()):
    """Put amounts of the table, in thousands by row, into the session as the table keeps them."""
    state: Editing = page.session_state[STATE]
    budget = open_budget(open_month())
    rows = {row: {"proposed": amount} for row, amount in changes.items()}
    rows |= {row: {"lock": True} for row in locked}
    plan = edited(budget, state.base, rows)
    page.session_state[STATE] = Editing(state.key, state.version + 1, plan, plan)
    page.run()
    assert not page.exception


def test_an_empty_home_says_what_to_import(in_empty):
    page = opened()
    assert "No money is loaded yet" in answer(page)
    assert [button.key for button in page.button] == ["start_import", "load_demo"]


def test_the_screen_opens_with_the_best_split_and_calls_it_an_opinion(in_demo):
    page = opened()
    budget = open_budget(open_month())
    best = optimum(budget)
    assert answer(page).startswith("Opinion, not results: moving €")
    assert "is too close to call (" in answer(page)
    for words in ("Best split found, not saved", "each line may move 20 %", "all effects are opinion"):
        assert words in said(page)
    for words in ("What moves:", "One more thousand:", "Opinion:", "Journey:", "First effect after"):
        assert words in said(page)
    frame = table(page)
    assert list(frame["label"]) == [line.label for line in budget.lines]
    assert list(frame["proposed"]) == [budget.steps(line, cents) for line, cents in best.plan.items()]
    assert frame["proposed"].sum() == frame["now"].sum()


def test_reset_shows_today_and_optimise_brings_the_best_split_back(in_demo):
    page = opened()
    first = list(table(page)["proposed"])
    press(page, "budget_reset")
    assert list(table(page)["proposed"]) == list(table(page)["now"])
    assert answer(page).startswith("Opinion, not results: the next euro earns most in ")
    assert "Today's split" in said(page)
    press(page, "budget_optimise")
    assert list(table(page)["proposed"]) == first
    press(page, "budget_optimise")
    assert "already is the best split" in said(page)


def test_money_left_over_blocks_saving_until_it_is_placed(in_demo):
    page = opened()
    press(page, "budget_reset")
    now = list(table(page)["now"])
    type_in(page, {0: now[0] - 10})
    assert "€10 k is still to place" in answer(page)
    assert page.button(key="budget_save").disabled
    type_in(page, {0: now[0] - 10, 1: now[1] + 10})
    assert "€10 k from " in answer(page)
    assert not page.button(key="budget_save").disabled


def test_a_line_outside_its_range_is_named(in_demo):
    page = opened()
    press(page, "budget_reset")
    now = list(table(page)["now"])
    type_in(page, {0: 1, 1: now[1] + now[0] - 1})
    (error,) = page.error
    labels = list(table(page)["label"])
    assert f"{labels[0]}: allowed" in plain(error.value) and f"{labels[1]}: allowed" in plain(error.value)
    assert page.button(key="budget_save").disabled


def test_a_negative_amount_is_kept_and_told_in_words(in_demo):
    page = opened()
    type_in(page, {0: -5})
    frame = table(page)
    assert frame["proposed"][0] == -5
    assert f"{frame['label'][0]}: spend cannot be negative, found −5,000" in plain(page.error[0].value)
    assert page.button(key="budget_save").disabled


def test_a_locked_line_keeps_its_money_when_optimised(in_demo):
    page = opened()
    press(page, "budget_reset")
    type_in(page, {}, locked=[0])
    press(page, "budget_optimise")
    frame = table(page)
    assert frame["lock"][0] and frame["proposed"][0] == frame["now"][0]
    assert (frame["proposed"] != frame["now"]).any()
    assert f"Locked: {frame['label'][0].lower()}" in said(page)


def test_a_saved_scenario_is_listed_and_loads_back(in_demo_copy):
    page = opened()
    best = list(table(page)["proposed"])
    page.text_input(key="budget_name").set_value("**Plan** <b>x</b>").run()
    press(page, "budget_save")
    names = ["**Plan** <b>x</b>", "From paid search to referrals"]
    assert [item.name for item in scenarios()] == names
    assert "Scenario “**Plan** <b>x</b>”, draft by Local user" in said(page)
    assert all("**Plan**" not in part.value for part in (*page.markdown, *page.caption))
    press(page, "budget_reset")
    page.selectbox(key="budget_scenario").set_value(scenarios()[0].id).run()
    press(page, "budget_load")
    assert list(table(page)["proposed"]) == best
    listed = boards(page)
    assert -1 < listed.find(names[0]) < listed.find(names[1])


def test_a_scenario_without_a_name_is_not_saved(in_demo_copy):
    page = opened()
    before = scenarios()
    press(page, "budget_save")
    assert scenarios() == before
    assert "The scenario was not saved" in said(page)


def test_edits_count_rows_and_a_cleared_cell_is_no_amount(in_demo):
    budget = open_budget(open_month())
    first, second = (line.line for line in budget.lines[:2])
    plan = edited(budget, Proposal(budget.current), {0: {"proposed": None}, 1: {"proposed": 5, "lock": True}})
    assert plan.plan[first] is None
    assert budget.steps(second, plan.plan[second]) == 5
    assert plan.locked == frozenset({second})
    assert edited(budget, plan, {1: {"lock": False}}).locked == frozenset()


@pytest.mark.parametrize("lines", [[], ["events"]])
def test_the_curves_follow_the_choice(in_demo, lines):
    page = opened()
    page.multiselect[0].set_value(lines).run()
    assert not page.exception
    assert ("Choose a line" in said(page)) == (not lines)
