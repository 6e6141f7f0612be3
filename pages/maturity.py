"""Maturity: what we can do, claimed and measured, and what the next level takes."""

import streamlit as st

from core.services.clock import today
from core.services.maturity import matrices, maturity, next_level, proof_needed, quarter_label, recent_quarters
from core.services.maturity_drafts import drafts_of
from core.services.maturity_gaps import gaps_of
from core.services.maturity_kpis import kpi_lines
from core.services.maturity_roadmap import steps_of
from core.services.maturity_rounds import round_of
from core.services.targets import Targets
from pages._app import cached
from pages._app.cached_maturity import month_of_quarter
from pages._app.maturity_forms import agree_form, exempt_form, target_form, validation_form
from pages._app.maturity_panels import all_panel, evidence_panel, kpi_panel, matrix_card, raters_panel, standing_card
from pages._app.maturity_plan import gaps_panel, roadmap_panel, step_forms
from pages._app.maturity_proof import proof_panel
from pages._app.maturity_rating import own_line, rating_form
from pages._app.maturity_round import checklist_panel, round_forms, round_panel
from pages._app.maturity_saving import CHOSEN, rater_field, rater_name, say_done
from pages._app.maturity_time import export_panel, time_panel
from pages._app.widgets import heading, heading_row, md

company = cached.company()
targets = company.targets if company else Targets()
this_day = today()
left, right = heading_row()
labels = {item.id: item.label for item in matrices()}
with right:
    matrix = st.selectbox(
        "Matrix", list(labels), format_func=labels.__getitem__, key="matrix", bind="query-params", width=230
    )
    quarter = st.selectbox(
        "Quarter", recent_quarters(this_day), format_func=quarter_label, key="quarter", bind="query-params", width=110
    )
    rater_field()
month = month_of_quarter(company, quarter)
rater = rater_name()
view = maturity(month, quarter, rater, targets, matrix)
heading(view.question, view.answer, view.note, left)
say_done()

rows = {row.capability.id: row for row in view.rows}
names = {name: row.capability.label for name, row in rows.items()}
with st.grid(2, min_column_width=520, gap="small"):
    matrix_card(view)
    with st.container(border=True, height="stretch", gap="small"):
        chosen = st.selectbox("Capability", list(rows), format_func=names.__getitem__, key=CHOSEN, bind="query-params")
        row = rows[chosen]
        own = own_line(row, rater)
        standing_card(row, next_level(row, own.answers if own else {}), proof_needed(row))

rating, deciding, proof, plan, time, rounds, after = st.tabs(
    ["Rate", "Agree", "Evidence", "Gaps and roadmap", "Over time", "Round", "After the sale"],
    key="part",
    bind="query-params",
)
line = round_of(matrix, view.quarter)
steps = steps_of(list(rows), this_day) if plan.open or time.open else ()
if rating.open:
    with rating:
        rating_form(view, row, own, drafts_of(view.quarter, rater), line)
if deciding.open:
    with deciding, st.grid(2, min_column_width=420, gap="small"):
        with st.container(border=True, height="stretch"):
            st.markdown(f"## {md(row.capability.label)}: what the raters say", anchors=False)
            raters_panel(row, own)
            agree_form(view, row, month, line)
        with st.container(border=True, height="stretch"):
            st.markdown("## A second person's word", anchors=False)
            validation_form(view, row)
            st.markdown("## Where it is to be", anchors=False)
            target_form(view, row)
            with st.expander("It does not apply to us"):
                exempt_form(view, row)
if proof.open:
    with proof:
        kpi_panel(row, kpi_lines(row.capability, month, targets), month)
        evidence_panel(row)
        proof_panel(view, row)
if plan.open:
    with plan:
        gaps_panel(gaps_of(view, month, targets, steps))
        roadmap_panel(steps)
        step_forms(view, row, steps, this_day)
if time.open:
    with time:
        time_panel(view)
        export_panel(view, month, targets, steps)
        all_panel(view)
if rounds.open:
    with rounds:
        round_panel(view, line)
        round_forms(view, line)
if after.open:
    with after:
        checklist_panel(view)

with st.expander("How levels are made"):
    st.markdown(
        "A rater reaches the highest level whose criteria all hold in at least half of cases, while those of every "
        "level below hold in most or all. The claim is the agreed level; before there is one, the median of the "
        "raters. Measurement supports the highest level whose rule and all lower rules hold; a rule that cannot be "
        "tested neither holds nor fails, and stops it. Claims of 4 and 5 count only as far as measurement supports "
        "them, otherwise as 3.\n\n"
        "**The first round is unseen.** Single answers open to those who handed in their own on that capability, or to "
        "all once its level is agreed; they carry no names. Once you typed your name, the level of a capability "
        "others have rated is hidden from you too until then. There is no sign-in on this machine: the rule holds "
        "as far as people type their own names."
    )
