"""Giving before asking: what to give a person, and the button that notes that it was given."""

from __future__ import annotations

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.clock import now, today
from core.services.giving import record_give
from core.services.home import Month
from core.services.profile import Profile
from core.services.worklists import NextGive, next_give
from pages._app.acting import act, token_of
from pages._app.widgets import md


def give_card(month: Month, person: Profile) -> None:
    """The give of the chosen person, why there is no ask yet, and what notes that it was given."""
    found = next_give(month, person.contact_id, today())
    if found is None:
        st.markdown(":small[Nothing is to be given to this person.]")
        return
    st.markdown(f"Give: **{md(found.label)}** · {md(found.giver)}  \n:small[{md(found.why)}]")
    given_button(month, person, found, primary=True)
    if person.label:
        st.markdown(f":small[{md(f'Why not ask yet: {person.why}, for {person.label[:1].lower()}{person.label[1:]}')}]")


def given_button(month: Month, person: Profile, found: NextGive, *, primary: bool = False) -> None:
    """The day, and the button that says it was given."""
    name = f"give_{person.contact_id}"
    key, this_day, token = f"adv_{name}", today(), token_of(name)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.date_input("Given on", this_day, max_value=this_day, format="YYYY-MM-DD", key=f"{key}_day", width=140)
        st.button(
            "Given",
            key=key,
            icon=":material/redeem:",
            type="primary" if primary else "secondary",
            on_click=_given,
            args=(month, person, found, token),
        )


def _given(month: Month, person: Profile, found: NextGive, token: str) -> None:
    name = f"give_{person.contact_id}"
    act(
        f"{found.label} for {person.name} is noted as given",
        lambda: record_give(
            LOCAL_USER, month, person.contact_id, found.give, st.session_state[f"adv_{name}_day"], token, now()
        ),
        about=person.contact_id,
        form=name,
    )
