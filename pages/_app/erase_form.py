"""A request to be forgotten: the person is erased once somebody has said that it is meant."""

from __future__ import annotations

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.erasing import erase_person
from core.services.home import Month
from core.services.profile import Profile
from pages._app.acting import act
from pages._app.advocates_views import POOL, go_to
from pages._app.widgets import md


def erase_form(month: Month, person: Profile) -> None:
    """What goes, what stays, and the button, which does nothing before the box is ticked."""
    meant = f"adv_erase_meant_{person.contact_id}"
    with st.form(f"adv_erase_form_{person.contact_id}", border=False):
        st.markdown(
            f"**{md(person.name)}** asked to be forgotten: name and addresses go for good, no list shows the person "
            "any more, and no import brings the person back. Counts and sums stay."
        )
        st.checkbox("I mean it: nobody can take this back", key=meant)
        st.form_submit_button("Erase for good", type="primary", on_click=_erase, args=(month, person, meant))


def _erase(month: Month, person: Profile, meant: str) -> None:
    if not st.session_state[meant]:
        st.session_state["adv_problem"] = "Nothing was erased: tick the box first."
        return
    if act("One person is erased", lambda: erase_person(LOCAL_USER, month, person.contact_id, now()), about="erased"):
        st.session_state.pop("pool_report", None)  # it names people
        go_to(POOL, contact="")
