"""Reference requests: the list and the late deals on the left, the chosen request on the right."""

import streamlit as st

from core.services.home import Month
from core.services.request_deals import deal_frame
from core.services.request_lines import request_frame
from core.services.requests import ASKED_LIST, CLOSED_LIST, OPEN_LIST, RequestsView
from pages._app.advocates_views import HEALTH, SHOW
from pages._app.requests_acting import choose, download, forget_param, pick
from pages._app.requests_card import request_card
from pages._app.requests_new import new_request
from pages._app.screens import PAGES
from pages._app.widgets import empty_state, fact_row, md

FITS = (
    "Who is proposed. Full fit: meets all that is wanted and may be asked today. Near fit: may be asked today and "
    "meets part of it, which the card names."
)
NOTHING = {
    OPEN_LIST: "No request is open: ask for a reference for one of the deals below.",
    ASKED_LIST: "Nobody who was asked has still to give the reference.",
    CLOSED_LIST: "No request was closed lately.",
}


def requests_part(month: Month, view: RequestsView) -> None:
    """The part Reference requests of the screen."""
    fact_row(view.facts)
    left, right = st.columns([3, 2], gap="small")
    with left:
        with st.container(border=True, gap="small"):
            chosen = _requests(view)
        with st.container(border=True, gap="small"):
            _deals(month, view)
    line = next((line for line in view.lines if line.request_id == chosen), None)
    if line is not None:
        with right:
            request_card(month, line)


def _requests(view: RequestsView) -> str | None:
    which = choose("queue", {name: f"{name} ({len(lines):,})" for name, lines in view.lists.items()})
    frame = request_frame(view.lists[which])
    if frame.empty:
        forget_param("request")
        empty_state(NOTHING[which])
        return None
    text = st.column_config.TextColumn
    columns = {
        "Deal": text("Deal", width=104),
        "Clock": text("Clock", width=88),
        "State": text("State", width=88),
        "Person": text("Person", width=100, help=FITS),
        "Needed by": text("Needed by", width=92),
    }
    hidden = ["Clock"] if which == CLOSED_LIST else ["State"]
    chosen = pick(frame.drop(columns=hidden), "request", f"Reference requests: {which}", columns)
    download(frame.drop(columns="request_id"), "reference requests")
    return chosen


def _deals(month: Month, view: RequestsView) -> None:
    """Late deals without a request, and the form that asks for one."""
    words = "Late, or known to need a reference, and nobody asked for one yet"
    st.markdown(f"## Deals without a request\n\n:small[{md(words)}]", anchors=False)
    frame, text = deal_frame(view.deals), st.column_config.TextColumn
    columns = {
        "Deal": text("Deal", width=116),
        "Amount": st.column_config.Column("Amount", width=68, alignment="right"),
        "Stage": text("Stage", width=108),
        "Why": text("Why", width=126),
    }
    new_request(month, pick(frame, "deal", "Deals without a request", columns))
    if st.button("Are there people enough for them?", key="req_pool", type="tertiary", icon=":material/groups:",
                 help="Late deals against the people of their segment, on Pool health of Advocates"):  # fmt: skip
        st.switch_page(PAGES / "advocates.py", query_params={SHOW: HEALTH})
