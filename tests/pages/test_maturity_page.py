import datetime as dt
import json

import pytest
from streamlit.testing.v1 import AppTest

from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.maturity import agree, maturity, quarter_of, rate
from core.services.maturity_checklist import checklist_view
from core.services.maturity_drafts import drafts_of
from core.services.maturity_evidence import maturity_model
from core.services.maturity_proof import evidence_of
from core.services.maturity_roadmap import steps_of
from core.services.maturity_rounds import Respondent, close_round, open_round
from core.settings import ROOT, settings
from core.store.database import database
from pages._app import cached
from tests.screens import title

pytestmark = pytest.mark.sampled(2)

FIRST, SECOND = "milestone_mapping", "advocacy_activation"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty installation of its own."""
    monkeypatch.setenv("COUNCIL_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    yield tmp_path
    database(settings().records_url).close()
    database.cache_clear()
    settings.cache_clear()


@pytest.fixture
def page(home):
    """The screen on an empty installation."""
    return opened()


def opened():
    return AppTest.from_file(str(ROOT / "pages" / "maturity.py"), default_timeout=60).run()


def widget(page, kind, start):
    """The one widget whose key starts like this."""
    (found,) = [item for item in page.get(kind) if str(item.key).startswith(start)]
    return found


def enter_name(page, name):
    page.text_input(key="mat_rater").set_value(name).run()
    assert not page.exception


def answer_all(page, capability, level):
    for number in range(2, level + 1):
        for criterion in maturity_model()[1][capability].criteria_of(number):
            widget(page, "button_group", f"mat_answer_{criterion.id}_").set_value("most")


def part(page, name):
    """Open a part of the screen; the others are not drawn."""
    page.session_state["part"] = name
    page.run()
    assert not page.exception


def press(page, key):
    next(button for button in page.button if button.key == key).click().run()
    assert not page.exception


def row(capability=FIRST, looking=""):
    view = maturity(None, now().date(), looking)
    return next(item for item in view.rows if item.capability.id == capability)


def answer(page):
    """The page's title as a reader sees it."""
    return title(page)


def marks(page, trace):
    figure = json.loads(page.get("plotly_chart")[0].proto.spec)
    return next(item for item in figure["data"] if item["name"] == trace)


def test_an_empty_home_says_where_to_start(page):
    assert not page.exception
    assert answer(page) == "No capability is rated yet: start with Milestone mapping"
    assert not page.get("plotly_chart")


def test_without_a_name_nothing_can_be_saved(page):
    assert all(button.disabled for button in page.button if button.key in ("mat_save", "mat_save_next"))


def test_a_rating_agreement_and_target_reach_the_matrix(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 4)
    press(page, "mat_save")
    assert (row().claimed, row().raters[0].rater) == (4, "Ana")
    assert "Your answers reach level 4" in "".join(item.value for item in page.markdown)

    part(page, "Agree")
    widget(page, "button_group", "mat_agree_level_").set_value(4)
    widget(page, "text_input", "mat_agree_reason_").set_value("every stream was shown")
    press(page, "mat_agree_save")
    assert (row().agreed.level, row().agreed.reason) == (4, "every stream was shown")

    widget(page, "button_group", "mat_target_level_").set_value(5)
    widget(page, "text_input", "mat_target_owner_").set_value("Ana Ruiz")
    widget(page, "text_input", "mat_target_reason_").set_value("the board asked")
    press(page, "mat_target_save")
    assert (row().target.level, row().target.owner) == (5, "Ana Ruiz")

    assert answer(page) == "Milestone mapping stands at level 3; five not rated yet"
    metrics = {item.label: item.value for item in page.metric}
    assert metrics == {"Claimed": "4", "Measured": "–", "Reported": "3", "Target": "5"}
    said = "".join(item.value for item in page.markdown).replace("\\", "")
    assert "Level 4: agreed by Ana with 1 of 3 raters" in said
    assert "To count as level 4 it takes measurement" in said
    assert "1 claim above level 3 has no measured evidence" in said
    assert marks(page, "claim")["customdata"][0][1] == "Claimed 4, measured not testable, reported 3, target 5"


def test_save_and_next_opens_the_next_capability_with_empty_answers(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 2)
    press(page, "mat_save_next")
    assert page.selectbox(key="capability").value == SECOND
    answers = [item.value for item in page.get("button_group") if str(item.key).startswith("mat_answer_")]
    assert answers and not any(answers)


def test_a_refused_save_says_why_and_keeps_every_answer(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 2)
    criteria = maturity_model()[1][FIRST].criteria_of(2)
    rate(LOCAL_USER, now().date(), FIRST, "Ana", "user", {criteria[0].id: "some"}, None, now())
    press(page, "mat_save")
    assert any("was changed by somebody else" in item.value for item in page.error)
    kept = {criterion.id: widget(page, "button_group", f"mat_answer_{criterion.id}_").value for criterion in criteria}
    assert set(kept.values()) == {"most"}
    assert row().claimed == 1

    press(page, "mat_load_rating")
    assert widget(page, "button_group", f"mat_answer_{criteria[0].id}_").value == "some"
    widget(page, "button_group", f"mat_answer_{criteria[0].id}_").set_value("half")
    press(page, "mat_save")
    assert not page.error
    assert row().raters[0].answers == {criteria[0].id: "half"}


def test_the_level_shown_follows_the_answers_before_they_are_handed_in(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 2)
    page.run()
    assert "not handed in. They reach level 2" in words_of(page)
    press(page, "mat_save")
    assert "Your answers reach level 2" in words_of(page)
    answer_all(page, FIRST, 3)
    page.run()
    assert "not handed in. They reach level 3; those handed in reach 2" in words_of(page)


def test_where_all_is_rated_nothing_is_offered_until_an_answer_changes(page):
    capabilities = [item for item in maturity_model()[1].values() if item.matrix == "nurture_to_advocacy"]
    for item in capabilities:
        answers = {criterion.id: "most" for criterion in item.criteria_of(2)}
        rate(LOCAL_USER, now().date(), item.id, "Ana", "user", answers, None, now())
    enter_name(page, "Ana")
    assert "All rated" in words_of(page)
    assert not any(button.key in ("mat_save", "mat_save_next") for button in page.button)
    answer_all(page, FIRST, 3)
    page.run()
    assert [button.key for button in page.button if button.key in ("mat_save", "mat_save_next")] == ["mat_save"]


def test_nobody_agrees_without_a_name_or_in_a_closed_round(page):
    def button():
        return next(item for item in page.button if item.key == "mat_agree_save")

    part(page, "Agree")
    assert button().disabled and "Type your name" in words_of(page)
    enter_name(page, "Ana")
    assert not button().disabled
    people = [Respondent("Ana", "owner"), Respondent("Ben", "user"), Respondent("Cleo", "control")]
    day, at = now().date(), now()
    line = open_round(LOCAL_USER, "nurture_to_advocacy", day, people, day, day, None, at)
    close_round(LOCAL_USER, "nurture_to_advocacy", day, day, line.version, at)
    page.run()
    assert button().disabled and "takes no level" in words_of(page)


def test_an_agreement_without_a_reason_is_refused_on_the_screen(page):
    enter_name(page, "Ana")
    part(page, "Agree")
    widget(page, "button_group", "mat_agree_level_").set_value(2)
    press(page, "mat_agree_save")
    assert any("reason is missing" in item.value for item in page.error)
    assert row().agreed is None


def test_five_without_measurement_asks_for_the_measurement_of_four(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 5)
    press(page, "mat_save")
    said = "".join(item.value for item in page.markdown).replace("\\", "")
    _, _, missing = said.partition("To count as level 4 it takes measurement")
    listed, _, _ = missing.partition("Your answers reach level 5")
    assert "Level 5" not in listed
    assert listed.count("cannot be tested: load ") == 3, "each condition once, with the tables that unlock it"
    assert "keep the evidence running" not in said


def test_a_target_below_the_reported_level_is_refused_on_the_screen(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 3)
    press(page, "mat_save")
    part(page, "Agree")
    widget(page, "button_group", "mat_target_level_").set_value(2)
    widget(page, "text_input", "mat_target_owner_").set_value("Ana")
    widget(page, "text_input", "mat_target_reason_").set_value("less")
    press(page, "mat_target_save")
    assert any("not below the level that counts today, 3" in item.value for item in page.error)
    assert row().target is None


def test_saving_twice_changes_nothing(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 2)
    press(page, "mat_save")
    press(page, "mat_save")
    assert not page.error
    assert row().raters[0].version == 1


def test_others_stay_unseen_until_a_rater_has_saved(page):
    rate(LOCAL_USER, now().date(), FIRST, "Ben", "user", {"milestone_list": "some"}, None, now())
    enter_name(page, "Ana")
    assert answer(page).startswith("Others have rated one of six")
    assert not page.get("plotly_chart")
    answer_all(page, FIRST, 3)
    press(page, "mat_save")
    assert row(looking="Ana").claimed == 2
    assert len(marks(page, "claim")["y"]) == 1


def test_a_rater_named_like_markup_is_shown_as_typed(page):
    enter_name(page, "<b>![x](http://a.b)")
    answer_all(page, FIRST, 2)
    press(page, "mat_save")
    assert not any("![x]" in item.value for item in page.markdown)
    assert row().raters[0].rater == "<b>![x](http://a.b)"


def test_the_quarter_is_that_of_the_day_when_nothing_is_imported(page):
    assert page.selectbox(key="quarter").value == quarter_of(now().date())


def words_of(page):
    return "".join(item.value for item in page.markdown).replace("\\", "")


def test_half_finished_answers_survive_a_closed_browser(page):
    enter_name(page, "Ana")
    answer_all(page, FIRST, 2)
    page.run()
    assert row().raters == ()
    later = opened()
    enter_name(later, "ana ")
    criteria = maturity_model()[1][FIRST].criteria_of(2)
    assert {widget(later, "button_group", f"mat_answer_{item.id}_").value for item in criteria} == {"most"}
    assert f"You have {len(criteria)} answers that are not handed in." in words_of(later)
    other = opened()
    enter_name(other, "Ben")
    assert not any(item.value for item in other.get("button_group") if str(item.key).startswith("mat_answer_"))
    press(later, "mat_save")
    assert row().claimed == 2
    assert drafts_of(now().date(), "Ana") == {}


def test_a_closed_round_takes_no_answers_on_the_screen(page):
    people = [Respondent("Ana", "owner"), Respondent("Ben", "user"), Respondent("Cleo", "control")]
    day, at = now().date(), now()
    line = open_round(LOCAL_USER, "nurture_to_advocacy", day, people, day, day, None, at)
    close_round(LOCAL_USER, "nurture_to_advocacy", day, day, line.version, at)
    enter_name(page, "Ana")
    assert "takes no answers" in words_of(page)
    assert not any(button.key == "mat_save" for button in page.button)


def test_a_second_person_accepts_a_level_and_the_agreer_cannot(page):
    enter_name(page, "Vera")
    agree(LOCAL_USER, now().date(), FIRST, 3, "seen", None, now(), "Vera")
    part(page, "Agree")
    widget(page, "text_input", "mat_validate_note_").set_value("the list")
    press(page, "mat_validate_save")
    assert any("takes a second person" in item.value for item in page.error)
    enter_name(page, "Otto")
    widget(page, "text_input", "mat_validate_note_").set_value("the list")
    press(page, "mat_validate_save")
    assert row().validation_words == "validated by Otto"


def test_evidence_is_recorded_once_however_often_the_button_is_pressed(page):
    enter_name(page, "Ana")
    part(page, "Evidence")
    widget(page, "text_input", "mat_proof_title_").set_value("The list")
    widget(page, "text_input", "mat_proof_note_").set_value("wiki")
    widget(page, "date_input", "mat_proof_dated_").set_value(quarter_of(now().date()))
    press(page, "mat_proof_save")
    found = evidence_of([FIRST], now().date())[FIRST]
    assert [(line.title, line.author, line.state) for line in found] == [("The list", "Ana", "proposed")]
    press(page, "mat_proof_save")
    assert any("a title is missing" in item.value for item in page.error), "the next form is an empty one"
    assert len(evidence_of([FIRST], now().date())[FIRST]) == 1


def test_a_step_reaches_the_roadmap_and_is_closed(page):
    enter_name(page, "Ana")
    part(page, "Gaps and roadmap")
    widget(page, "text_input", "mat_step_step_").set_value("Write the list")
    widget(page, "text_input", "mat_step_owner_").set_value("Ana Ruiz")
    widget(page, "date_input", "mat_step_due_").set_value(now().date() + dt.timedelta(days=30))
    press(page, "mat_step_save")
    (step,) = steps_of([FIRST], now().date())
    assert (step.step, step.owner, step.projected, step.state) == ("Write the list", "Ana Ruiz", 2, "open")
    press(page, "mat_close_save")
    assert steps_of([FIRST], now().date())[0].state == "done"


def test_the_checklist_keeps_each_click(page):
    enter_name(page, "Ana")
    part(page, "After the sale")
    widget(page, "button_group", "mat_check_crm_true_").set_value("half").run()
    kept = {line.id: (line.answer, line.author) for line in checklist_view(now().date()).lines if line.answer}
    assert kept == {"crm_true": ("half", "Ana")}


@pytest.mark.parametrize("name", ["Agree", "Evidence", "Gaps and roadmap", "Over time", "Round", "After the sale"])
def test_every_part_opens_on_an_empty_home(page, name):
    part(page, name)
    assert not page.error


def test_claims_on_the_demo_company_are_held_against_its_figures(in_demo):
    page = opened()
    assert not page.exception
    assert page.selectbox(key="quarter").value == quarter_of(cached.newest_month().as_of)
    page.selectbox(key="capability").set_value(SECOND).run()
    figures = {item.label: item.value for item in page.metric}
    assert (figures["Claimed"], figures["Measured"], figures["Reported"]) == ("4", "2", "3")
    said = words_of(page)
    assert "Claimed 4 while Invite to action went from" in said
    assert "waits for a second person" in said
    part(page, "Over time")
    part(page, "Evidence")
    assert "fails: " in words_of(page)
    page.pills(key="rows_behind").set_value("Invite to action").run()
    assert not page.exception
    assert "rows, sums:" in words_of(page)


def test_another_matrix_shows_its_own_capabilities(page):
    page.selectbox(key="matrix").set_value("advocacy_referral_journeys").run()
    assert not page.exception
    chosen = page.selectbox(key="capability")
    assert chosen.value == "advocate_identification"
    assert len(chosen.options) == 6
    page.selectbox(key="matrix").set_value("post_sale_nurture").run()
    assert len(page.selectbox(key="capability").options) == 7
    assert answer(page) == "No capability is rated yet: start with Onboarding nurture"
