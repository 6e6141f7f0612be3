"""The evidence of a capability: what people recorded, and the forms to record and to review it."""

import datetime as dt

import streamlit as st

from core.glossary import NOTHING
from core.services.access import LOCAL_USER
from core.services.clock import local_day, now
from core.services.maturity import CapabilityRow, MaturityView
from core.services.maturity_proof import LINK_LENGTH, ProofDraft, ProofLine, add_evidence, evidence_of, review_evidence
from core.services.maturity_saving import LINE_LENGTH, TEXT_LENGTH
from core.services.maturity_view import quarter_end
from pages._app.maturity_saving import attempt, form_token, next_token, opened_with, outcome, rater_name, who_acts
from pages._app.texts import text_line
from pages._app.widgets import md

ACCEPT, RETRACT = "Accept", "Retract"
STATES = {"proposed": "proposed, waits for a second person", "accepted": "accepted", "retracted": "retracted"}


def proof_panel(view: MaturityView, row: CapabilityRow) -> None:
    """What is recorded, newest first, with what was recorded for a capability that shares evidence with this one."""
    lines = evidence_of([row.capability.id], quarter_end(view.quarter))[row.capability.id]
    st.markdown(f"## {md(row.capability.label)}: evidence people recorded", anchors=False)
    if not lines:
        st.markdown(":small[Nothing is recorded yet. A title, where it lies and its date are enough.]")
    else:
        shown = [_shown(line) for line in lines]
        # a column nobody has filled would only push the others off the edge
        empty = [name for name in shown[0] if all(row[name] is None for row in shown)]
        st.dataframe(
            [{name: value for name, value in row.items() if name not in empty} for row in shown],
            hide_index=True,
            placeholder=NOTHING,
            alt=f"Evidence of {row.capability.label}",
            column_config={
                "Evidence": st.column_config.TextColumn("Evidence", width="medium"),
                "Link": st.column_config.LinkColumn("Link", width="small"),
                "Where it lies": st.column_config.TextColumn("Where it lies", width="medium"),
                "Dated": st.column_config.DateColumn("Dated", format="D MMM YYYY"),
            },
        )
        _review_form([line for line in lines if line.state != "retracted"])
    _add_form(row)


def _shown(line: ProofLine) -> dict[str, object]:
    age = ", older than a year" if line.old else ""
    word = f" by {line.reviewer}" if line.reviewer else ""
    return {
        "Evidence": line.title,
        "Where it lies": line.note or None,
        "Link": line.link or None,
        "Dated": line.dated,
        "By": line.author,
        "State": f"{STATES[line.state]}{word}{age}",
        "Remark": line.remark or None,
        "Recorded for": line.capability if line.shared else None,
    }


def _add_form(row: CapabilityRow) -> None:
    with st.expander("Record evidence", icon=":material/add:"):
        outcome("proof")
        token = form_token("proof")
        with st.form("mat_proof", border=False, enter_to_submit=False):
            fields = {name: f"mat_proof_{name}_{token}" for name in ("title", "link", "note", "dated")}
            text_line("What it is", key=fields["title"], limit=LINE_LENGTH)
            with st.container(horizontal=True):
                text_line("Link", key=fields["link"], limit=LINK_LENGTH, placeholder="https://")
                st.date_input("Dated", None, key=fields["dated"], format="YYYY-MM-DD", width=160)
            text_line("Or where it lies", key=fields["note"], limit=TEXT_LENGTH)
            who_acts()
            st.form_submit_button(
                "Record", key="mat_proof_save", disabled=not rater_name(), on_click=_save, args=(row, fields, token)
            )


def _review_form(lines: list[ProofLine]) -> None:
    if not lines:
        return
    titles = {line.id: line.title for line in lines}
    versions = {line.id: line.version for line in lines}
    with st.expander("Accept or retract as a second person", icon=":material/rule:"):
        outcome("review")
        opened = opened_with("review", str(sorted(versions.items())), None)
        with st.form("mat_review", border=False, enter_to_submit=False):
            keys = {name: f"mat_review_{name}_{opened}" for name in ("which", "word", "remark")}
            st.selectbox("Evidence", list(titles), format_func=titles.__getitem__, key=keys["which"])
            st.segmented_control("Your word", (ACCEPT, RETRACT), default=ACCEPT, required=True, key=keys["word"])
            text_line("Remark; a retraction needs one", key=keys["remark"], limit=TEXT_LENGTH)
            who_acts()
            st.form_submit_button(
                "Save your word",
                key="mat_review_save",
                disabled=not rater_name(),
                on_click=_save_review,
                args=(keys, versions, opened),
            )


def _save(row: CapabilityRow, fields: dict[str, str], token: str) -> None:
    state = st.session_state

    def save() -> str:
        title, link, note = (str(state.get(fields[name]) or "") for name in ("title", "link", "note"))
        dated: dt.date | None = state.get(fields["dated"])
        draft = ProofDraft(title, link, note, dated)
        add_evidence(LOCAL_USER, row.capability.id, draft, token, now(), rater_name())
        return f"{row.capability.label}: evidence recorded"

    if attempt("proof", token, save):
        next_token("proof")


def _save_review(keys: dict[str, str], versions: dict[int, int], opened: str) -> None:
    state, at = st.session_state, now()

    def save() -> str:
        which, accepted = int(state[keys["which"]]), state.get(keys["word"]) == ACCEPT
        remark = str(state.get(keys["remark"]) or "")
        review_evidence(LOCAL_USER, which, accepted, remark, versions[which], local_day(at), at, rater_name())
        return f"Evidence {'accepted' if accepted else 'retracted'}"

    attempt("review", opened, save)
