"""Own views of the pool on the screen: kept from the filters, chosen, forgotten."""

import pytest
from streamlit.testing.v1 import AppTest

from core.services.access import LOCAL_USER
from core.services.pool_view import PoolQuery
from core.services.saved_views import saved_views
from core.settings import ROOT


@pytest.mark.long
def test_a_choice_is_kept_by_name_chosen_again_and_forgotten(in_demo_copy):
    page = AppTest.from_file(str(ROOT / "pages" / "advocates.py"), default_timeout=120)
    page.query_params["show"], page.query_params["pool_tier"], page.query_params["pool_find"] = "Pool", "VIP", "a"
    page.session_state["pool_own"], page.session_state["pool_columns"] = True, ["Account", "Tier"]
    page.run()
    page.text_input(key="pool_keep_name").set_value("My *best*")
    press(page, "Keep")
    (view,) = saved_views(LOCAL_USER)
    assert (view.name, view.query) == ("My *best*", PoolQuery(tiers=("VIP",)))
    page.multiselect(key="pool_tier").set_value([]).run()
    assert len(page.dataframe[0].value) > 13
    page.pills(key="pool_view").set_value("My *best*").run()
    assert page.multiselect(key="pool_tier").value == ["VIP"]
    assert page.text_input(key="pool_find").value == ""
    assert set(page.dataframe[0].value["Tier"]) == {"VIP"}
    press(page, "Forget")
    assert saved_views(LOCAL_USER) == ()


def press(page, label):
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception, page.exception
    assert not page.error
