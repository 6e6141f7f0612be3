"""Maturity: what we can do, claimed and measured, and what the next level takes."""

import streamlit as st

from core.services.clock import now
from core.services.maturity import matrices, maturity, next_level, proof_needed, quarter_label, recent_quarters
from pages._app import cached
from pages._app.maturity_forms import CHOSEN, RATER, agree_form, own_line, rating_tab, target_form
from pages._app.maturity_panels import all_panel, evidence_panel, matrix_card, raters_panel, standing_card
from pages._app.widgets import heading, heading_row, md

company = cached.company()
month = company.load(company.months[0]) if company else None
quarters = recent_quarters(month.as_of if month else now().date())
left, right = heading_row()
labels = {item.id: item.label for item in matrices()}
with right:
    matrix = st.selectbox(
        "Matrix", list(labels), format_func=labels.__getitem__, key="matrix", bind="query-params", width=250
    )
    quarter = st.selectbox(
        "Quarter", quarters, format_func=quarter_label, key="quarter", bind="query-params", width=130
    )
rater = str(st.session_state.get(RATER) or "").strip()
view = maturity(month, quarter, rater, company.targets if company else None, matrix)
heading(view.question, view.answer, view.note, left)
if done := st.session_state.pop("mat_done", None):
    st.toast(md(done), icon=":material/check:")

rows = {row.capability.id: row for row in view.rows}
names = {name: row.capability.label for name, row in rows.items()}
with st.grid(2, min_column_width=520, gap="small"):
    matrix_card(view)
    with st.container(border=True, height="stretch", gap="small"):
        chosen = st.selectbox(
            "Capability",
            list(rows),
            format_func=names.__getitem__,
            key=CHOSEN,
            bind="query-params",
        )
        row = rows[chosen]
        own = own_line(row, rater)
        standing_card(row, next_level(row, own.answers if own else {}), proof_needed(row))

rating, deciding, proof, every = st.tabs(["Rate", "Agree and set a target", "Evidence rules", "All"], key="mat_tab")
with rating:
    rating_tab(view, row, own)
with deciding, st.grid(2, min_column_width=420, gap="small"):
    with st.container(border=True, height="stretch"):
        st.markdown(f"## {md(row.capability.label)}: what the raters say", anchors=False)
        raters_panel(row, own)
        agree_form(view, row)
    with st.container(border=True, height="stretch"):
        st.markdown(f"## {md(row.capability.label)}: where it is to be", anchors=False)
        target_form(view, row)
with proof:
    evidence_panel(row)
with every:
    all_panel(view)

with st.expander("How levels are made"):
    st.markdown(
        "A rater reaches the highest level whose criteria all hold in at least half of cases, while those of every "
        "level below hold in most or all. The claim is the agreed level; before there is one, the median of the "
        "raters. Measurement supports the highest level whose rule and all lower rules hold; a rule that cannot be "
        "tested neither holds nor fails, and stops it. Claims of 4 and 5 count only as far as measurement supports "
        "them, otherwise as 3.\n\n"
        "**The first round is unseen.** Single answers open to those who saved their own on that capability, or to "
        "all once its level is agreed; they carry no names. Once you typed your name, the level of a capability "
        "others have rated is hidden from you too until then. There is no sign-in on this machine: the rule holds "
        "as far as people type their own names."
    )
