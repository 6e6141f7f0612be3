"""Cohorts on screen: by link, by choice, by click, and where something is missing."""

import pytest
from streamlit.testing.v1 import AppTest

from core.cohorts.groups import SPLITS
from core.model.cohorts import cohort_rules
from core.settings import ROOT

pytestmark = pytest.mark.sampled(2)


def opened(**query):
    test = AppTest.from_file(str(ROOT / "pages" / "cohorts.py"), default_timeout=120)
    for name, value in query.items():
        test.query_params[name] = value
    return checked(test.run())


def checked(test):
    assert not test.exception, test.exception
    return test


def unfolded(test, *places):
    for place in places:
        test.session_state[place] = True
    return checked(test.run())


def words(test):
    parts = [*test.title, *test.markdown, *test.caption, *test.info, *test.error, *test.warning]
    said = " ".join(part.value for part in parts) + " ".join(item.proto.body for item in test.get("html"))
    return said.replace("\\", "")


def test_it_answers_by_first_source_and_says_what_a_difference_is_not(in_demo):
    said = words(opened())
    assert "Which customers stay and grow, and does how we won them matter?" in said
    assert "Referral" in said
    assert "A difference, not an effect" in said


def test_every_choice_draws(in_demo):
    test = opened()
    for split in SPLITS.values():
        checked(test.selectbox(key="split").set_value(split).run())
    for measure in cohort_rules().measures:
        checked(test.selectbox(key="measure").set_value(measure.label).run())
        assert measure.label in words(test)
    unfolded(test, "cohort_more")
    checked(test.selectbox(key="width_choice").set_value("Quarter").run())
    assert "by quarter of the start" in words(test)


def test_a_link_opens_what_its_sender_saw(in_demo):
    test = opened(
        split="Segment at start", measure="Net revenue retention", first="Enterprise", second="SMB", age="6 months"
    )
    said = words(test)
    assert "Enterprise, 6 months" in said
    assert "SMB, 6 months" in said
    boxes = unfolded(test, "cohort_more").selectbox
    assert (boxes(key="first_choice").value, boxes(key="age_choice").value) == ("Enterprise", "6 months")


def test_a_group_of_another_split_gives_way(in_demo):
    test = unfolded(opened(first="Paid", second="Referral"), "cohort_more")
    checked(test.selectbox(key="split").set_value("Segment at start").run())
    assert test.selectbox(key="first_choice").value in ("SMB", "Mid-market", "Enterprise")
    assert "Paid, " not in words(test)


def test_the_customers_of_a_cell_with_their_sums(in_demo):
    test = opened(measure="Logo retention", cohort="2022", after="12 months")
    table = test.dataframe[0].value
    assert list(table.columns) == ["Customer", "Started", "Segment at start", "Group", "Kept", "Customers won"]
    assert set(table["Started"].dt.year) == {2022}
    said = words(test)
    assert f"2022, 12 months: {len(table)} customers" in said
    assert f"Kept {table['Kept'].sum()}" in said


def test_a_range_too_young_for_a_curve_has_a_sentence_and_no_empty_axes(in_demo):
    whole = unfolded(opened(), "cohort_more")
    assert len(whole.get("plotly_chart")) == 2
    test = opened(started_from=whole.selectbox(key="started_from_choice").options[-1])
    assert "No curve yet: it takes a group of at least 30 customers followed for 3 months" in words(test)
    assert len(test.get("plotly_chart")) == 1


def test_no_two_choices_read_alike(in_demo):
    boxes = unfolded(opened(), "cohort_more").selectbox
    shown = [f"{box.label}: {box.value}" for box in boxes]
    assert len(set(shown)) == len(shown)
    assert {"Cohort length: Fits the data", "Age: Fits the data", "compared with: Paid"} <= set(shown)


def test_choices_behind_a_button_stand_in_the_address_and_keep_it_open(in_demo):
    test = unfolded(opened(), "cohort_more")
    checked(test.selectbox(key="width_choice").set_value("Half-year").run())
    checked(test.selectbox(key="cohort_choice").set_value("All cohorts").run())
    assert test.query_params["width"] == "Half-year"
    assert test.query_params["cohort"] == "All cohorts"
    assert "All cohorts, 3 months: " in words(test)
    assert "by half-year of the start" in words(test)
    checked(test.selectbox(key="cohort_choice").set_value("No cohort").run())
    assert "cohort" not in test.query_params
    assert not test.dataframe


def test_along_the_calendar_by_choice_and_by_link(in_demo):
    test = opened(measure="Logo retention", cohort="2023", after="12 months")
    assert test.dataframe
    checked(unfolded(test, "cohort_more").selectbox(key="along_choice").set_value("Calendar quarters").run())
    assert test.query_params["along"] == "Calendar quarters"
    assert not test.dataframe, "the cell of an age is none of a quarter"
    assert "at the end of each quarter; hatched: not all had started" in words(test)
    linked = opened(measure="Logo retention", along="Calendar quarters", cohort="2023", after="2025 Q1")
    assert f"2023, end of 2025 Q1: {len(linked.dataframe[0].value)} customers" in words(linked)
    unfolded(linked, "cohort_more")
    assert linked.selectbox(key="after_choice").label == "at the end of"
    assert "ages_choice" not in [box.key for box in linked.selectbox]


def test_an_unknown_word_in_the_address_is_no_choice(in_demo):
    test = opened(width="Fortnight", cohort="1815", started_from="Q9 2030", ages="Every day")
    assert not test.dataframe
    assert "by year of the start" in words(test)


def test_without_a_cohort_there_is_no_table(in_demo):
    assert not opened().dataframe


def test_one_group_in_the_triangle(in_demo):
    test = opened(measure="Logo retention", shown="Referral")
    assert "Logo retention, Referral, by" in words(test)


def test_a_measure_without_its_table_says_so_and_offers_the_import(in_ravenstack):
    test = opened(measure="Reached value")
    assert "not loaded: outcomes" in words(test)
    assert test.button(key="start_import")


def test_an_empty_home_says_what_to_do(in_empty):
    test = opened()
    assert "No revenue is loaded yet" in words(test)
    assert test.button(key="start_import")
