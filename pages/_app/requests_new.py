"""The form that asks for a reference for an open deal: what is wanted, and who could give it before it is saved."""

import datetime as dt

import streamlit as st

from core.model.requests import ATTRIBUTES
from core.services.access import LOCAL_USER
from core.services.clock import now, today
from core.services.home import Month
from core.services.request_acts import RequestDraft, open_request
from core.services.request_choices import draft_reach, pool_choices
from core.services.request_deals import deal_line, open_deal_names
from core.services.request_saving import TEXT_LENGTH
from core.services.request_words import LABELS
from core.services.requests import OPEN_LIST
from pages._app.acting import behind
from pages._app.requests_acting import act, fresh, token_of
from pages._app.texts import text_line
from pages._app.widgets import md


def new_request(month: Month, opportunity_id: str | None) -> None:
    """The form that asks for a reference for an open deal, behind a button; it starts from what is known of the deal.

    Args:
        month: The month the deals are read from.
        opportunity_id: The deal that is chosen; None offers every open deal.
    """
    names = open_deal_names(month)
    if not names:
        st.markdown(":small[No deal is open: import opportunities first.]")
        return
    with st.container(horizontal=True, gap="small"):
        if opportunity_id is not None:
            label = f"Ask for a reference for {names[opportunity_id]}"
            key = fresh(f"req_ask_deal_{opportunity_id}")
            place = f"deal_{opportunity_id}"
            behind(md(label), key, lambda: _form(month, opportunity_id, place), icon=":material/add:", type="primary")
        behind("For another deal", fresh("req_ask_other"), lambda: _other(month, names), icon=":material/add:")


def _other(month: Month, names: dict[str, str]) -> None:
    """The form for any open deal."""
    _form(month, st.selectbox("Deal", list(names), format_func=names.__getitem__, key="req_deal"), "new")


def _form(month: Month, deal: str, place: str) -> None:
    """No form of Streamlit: what is chosen is answered at once, before anything is saved."""
    this_day, known = today(), deal_line(month, deal)
    choices = pool_choices(month, this_day)
    start = dict(known.wanted) if known else {}
    keys: dict[str, str] = {name: f"req_{name}_{place}_{deal}" for name in (*ATTRIBUTES, "day", "note")}
    st.markdown(":small[Leave empty what does not matter: fewer wishes, more people.]")
    wanted: dict[str, str] = {}
    with st.grid(2, gap="small", min_column_width=150):
        for name in ATTRIBUTES:
            options = list(dict.fromkeys([*([start[name]] if name in start else []), *choices[name]]))
            chosen = st.selectbox(
                LABELS[name].capitalize(),
                options,
                index=0 if name in start else None,
                key=keys[name],
                accept_new_options=True,
                placeholder="Choose or type",
            )
            wanted[name] = chosen or ""
        st.date_input(
            "Needed by", this_day + dt.timedelta(days=14), min_value=this_day, format="YYYY-MM-DD", key=keys["day"]
        )
    text_line("What it is to help with", key=keys["note"], limit=TEXT_LENGTH)
    reach, *nobody = draft_reach(month, deal, wanted, this_day)
    st.markdown(f":small[{md(reach)}]")
    for words in nobody:
        st.markdown(f":small[:orange[:material/warning: {md(words)}]]")
    args = (month, deal, keys, place, token_of(place))
    st.button(
        "Ask for it", type="primary", icon=":material/add:", key=f"req_open_{place}_{deal}", on_click=_open, args=args
    )


def _open(month: Month, deal: str, keys: dict[str, str], place: str, token: str) -> None:
    wanted = {str(name): str(st.session_state[keys[name]] or "") for name in ATTRIBUTES}
    draft = RequestDraft(deal, st.session_state[keys["day"]], wanted, st.session_state[keys["note"]] or "")
    name = open_deal_names(month)[deal]
    opened = act(
        place,
        f"A reference for {name} is asked for: find a person on the right",
        lambda: open_request(LOCAL_USER, month, draft, token, now()),
    )
    if opened:
        st.query_params.update({"queue": OPEN_LIST, "request": opened})
