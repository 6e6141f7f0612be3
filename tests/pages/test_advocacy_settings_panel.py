"""Settings and scores set by hand on screen: changed, previewed, saved, refused; what was not saved is not lost."""

import pytest
from streamlit.testing.v1 import AppTest

from core.services.access import LOCAL_USER
from core.services.advocacy_settings import save_settings
from core.services.home import open_month, read_overrides, read_settings
from pages._app import cached
from tests.homes import NOW

pytestmark = pytest.mark.sampled(2)

RENEWAL = "Nobody is asked before an undecided renewal for (days)"


def panel():
    import streamlit as st

    from pages._app import cached
    from pages._app.advocacy_settings import settings_panel

    st.session_state.setdefault("set_open", True)
    settings_panel(cached.newest_month())


def form():
    import streamlit as st

    from pages._app import cached
    from pages._app.override_form import override_form

    override_form(cached.newest_month(), st.session_state["contact"])


def opened(script, **state):
    test = AppTest.from_function(script, default_timeout=120)
    for name, value in state.items():
        test.session_state[name] = value
    test.run()
    assert not test.exception, test.exception
    return test


def words(test):
    return " ".join(part.value for part in [*test.markdown, *test.error]).replace("\\", "")


def field(test, label):
    return next(item for item in test.number_input if item.label.replace("\\", "") == label)


def button(test, label):
    return next(item for item in test.button if item.label == label)


def to_stops(test):
    group = next(item for item in test.segmented_control if item.label == "Group")
    return group.set_value("stops").run()


def test_a_change_is_previewed_kept_between_groups_and_saved_with_its_reason(in_demo_copy):
    test = to_stops(opened(panel))
    field(test, RENEWAL).set_value(30).run()
    assert "Not saved yet**: Nobody is asked before an undecided renewal for: 30 days" in words(test)
    button(test, "Preview: who moves").click().run()
    assert "people move" in words(test)
    assert {"From", "To", "People"} == set(test.dataframe[0].value.columns)
    next(item for item in test.segmented_control if item.label == "Group").set_value("health").run()
    assert "30 days" in words(test)
    button(test, "Save").click().run()
    assert "the reason is missing" in words(test)
    assert read_settings() == ()
    next(item for item in test.text_input if item.label == "Reason").input("Renewals are decided late").run()
    button(test, "Save").click().run()
    assert not test.exception
    (saved,) = read_settings()
    assert (saved.key, saved.value, saved.reason) == ("stops.renewal.days", 30, "Renewals are decided late")
    assert "Nothing is changed" in words(test)
    next(item for item in test.segmented_control if item.label == "Group").set_value("History").run()
    assert "**30 days**, from October 2026" in words(test)


def test_a_value_put_back_is_no_change_and_discard_forgets_all(in_demo):
    test = to_stops(opened(panel))
    field(test, RENEWAL).set_value(30).run()
    field(test, RENEWAL).set_value(90).run()
    assert "Nothing is changed" in words(test)
    field(test, RENEWAL).set_value(31).run()
    button(test, "Discard").click().run()
    assert "Nothing is changed" in words(test)
    assert field(test, RENEWAL).value == 90


def test_a_segment_has_its_own_numbers_and_every_default_says_where_it_comes_from(in_demo):
    test = opened(panel)
    next(item for item in test.selectbox if item.label == "For").set_value("SMB").run()
    test.slider[1].set_value(40).run()
    assert "Satisfaction: NPS (readiness), SMB: 40" in words(test)
    assert "augmented-csm" in words(test)
    assert [item.label.replace("\\", "") for item in test.slider][-1] == "Least share known of readiness"


def test_while_it_is_closed_nothing_of_it_is_drawn(in_demo):
    test = opened(panel, set_open=False)
    assert len(test.slider) == len(test.number_input) == 0


def test_a_score_is_set_by_hand_and_ended(in_demo_copy):
    month = open_month()
    contact = month.next_asks.loc[month.next_asks["state"] == "ask", "contact_id"].iloc[0]
    test = opened(form, contact=contact)
    assert "a hard stop stays" in words(test)
    test.number_input[0].set_value(12)
    button(test, "Set by hand").click().run()
    assert "the reason is missing" in words(test)
    test.text_input[0].input("Asked for a quiet year")
    button(test, "Set by hand").click().run()
    assert "12 instead of" in words(test)
    assert read_overrides()["value"].tolist() == [12]
    test.text_input[0].input("The year is over")
    button(test, "End it").click().run()
    assert "12 instead of" not in words(test)
    assert read_overrides()["ended_on"].notna().all()


def test_a_setting_renews_the_month_and_leaves_the_overview_as_it_was(in_demo_copy):
    known = cached.company()
    month = known.load(known.months[0])
    before = cached.overview_view(month, None, known.targets)
    save_settings(LOCAL_USER, month, {"stops.renewal.days": 30.0}, "Renewals are decided late", month.month, 0, NOW)
    known = cached.company()
    after = known.load(known.months[0])
    assert (after.key != month.key, after.facts is month.facts) == (True, True)
    assert cached.overview_view(after, None, known.targets) is before
    assert after.advocacy_rules.stops.renewal.days == 30
