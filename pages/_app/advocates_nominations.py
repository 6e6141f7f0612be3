"""Nominations: a colleague proposes a person; customer marketing takes it in or says why not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.home import Month
from core.services.nominations import (
    ANSWER_LENGTH,
    OPEN,
    REASON_LENGTH,
    NominationLine,
    decide_nomination,
    nominate,
    nominations,
)
from core.services.pool_view import NO_TIER
from core.services.profile import Profile
from pages._app import cached
from pages._app.acting import act, token_of
from pages._app.advocates_views import profile_button
from pages._app.cached_advocates import pool_of
from pages._app.texts import text_block, text_line
from pages._app.widgets import md


def nominations_board(lines: Sequence[NominationLine]) -> None:
    """Open nominations with the buttons that answer them; nothing is drawn while there is none."""
    if not lines:
        return
    with st.expander(f"Nominated: {len(lines)} to decide", icon=":material/person_add:", expanded=True):
        for line in lines:
            _decide(line)


def nomination_panel(month: Month, person: Profile) -> None:
    """What became of nominations of one person, and the form for another one."""
    lines = nominations(cached.advocates_view(month).pool, person.contact_id)
    for line in lines:
        if line.state == OPEN:
            _decide(line, opened=True)
        else:
            st.markdown(f":small[{md(f'{line.reason} ({line.by}) · {line.answer}')}]")
    is_member = pool_of(month).of(person.contact_id)["Tier"] != NO_TIER
    if not is_member and not any(line.state == OPEN for line in lines):
        with st.popover("Nominate for the programme", icon=":material/person_add:", key="adv_nominate"):
            _form(month, person)


def _form(month: Month, person: Profile) -> None:
    key = f"adv_nominate_{person.contact_id}"
    token = token_of(key)
    with st.form(f"{key}_form", border=False):
        text_block(f"Why would {person.name} speak for us?", key=f"{key}_why", limit=REASON_LENGTH)
        st.form_submit_button("Nominate", on_click=_nominate, args=(month, person, key, token))


def _nominate(month: Month, person: Profile, key: str, token: str) -> None:
    why = st.session_state[f"{key}_why"]
    act(
        f"{person.name} is nominated",
        lambda: nominate(LOCAL_USER, month, person.contact_id, why, token, now()),
        about=person.contact_id,
        form=key,
    )


def _decide(line: NominationLine, *, opened: bool = False) -> None:
    """One open nomination with its buttons; the way to the profile where that is not `opened`."""
    key = f"adv_nomination_{line.id}"
    st.markdown(f"**{md(line.person)}** · {md(line.account)}  \n:small[{md(f'{line.reason} · by {line.by}')}]")
    with st.container(horizontal=True, gap="small"):
        st.button("Take in", key=f"{key}_yes", type="primary", on_click=_answer, args=(line, True, ""))
        with st.popover("Return", key=f"{key}_no"), st.form(f"{key}_form", border=False):
            text_line("Why not", key=f"{key}_why", limit=ANSWER_LENGTH)
            st.form_submit_button("Return to the colleague", on_click=_answer, args=(line, False, f"{key}_why"))
        if not opened:
            profile_button(line.contact_id, f"{key}_open")


def _answer(line: NominationLine, approve: bool, why: str) -> None:
    answer = str(st.session_state.get(why, "")) if why else ""
    act(
        f"{line.person} is {'taken into the programme' if approve else 'returned to the colleague'}",
        lambda: decide_nomination(LOCAL_USER, line.id, line.version, approve=approve, answer=answer, at=now()),
        about=line.contact_id,
    )
