"""The files of an import as they were read, where their mapping comes from, and the name their rows are kept under."""

from __future__ import annotations

import streamlit as st

from core.services.access import LOCAL_USER
from core.services.import_draft import SOURCE_LENGTH, Draft, open_draft, origins, with_origin, with_source
from core.services.import_frames import files_frame
from core.services.import_screen import ImportView
from pages._app.data_later import later
from pages._app.data_views import DRAFT
from pages._app.tables import row_table, rows_high
from pages._app.texts import text_line
from pages._app.widgets import md

MOST_ROWS = 10
"""Files up to which the table is shown whole."""


def files_step(view: ImportView, draft: Draft) -> None:
    """What each file was taken for."""
    with st.container(border=True, gap="small"):
        st.markdown("## What was recognised", anchors=False)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            known = origins()
            st.selectbox(
                "Read as",
                list(known),
                index=list(known).index(draft.origin) if draft.origin in known else 0,
                format_func=known.__getitem__,
                key="imp_origin",
                on_change=_origin,
                help="A system whose exports are known, the templates, or the mapping remembered of an earlier import.",
                width=280,
            )
            text_line(
                "Source",
                draft.source,
                key=f"imp_source_{draft.source}",
                on_change=_source,
                args=(f"imp_source_{draft.source}",),
                help="Rows are kept under this name. Files of the same system should come under the same name each "
                "time: then known rows are updated, and an import can be taken back.",
                limit=SOURCE_LENGTH,
                width=220,
            )
        row_table(
            files_frame(view.files),
            "Files and what was recognised",
            key="imp_files",
            most=rows_high(MOST_ROWS),
            config={
                "File": st.column_config.TextColumn("File", pinned=True, width="medium"),
                "Not found": st.column_config.TextColumn("Not found", width="small"),
                "Rows": st.column_config.NumberColumn("Rows", format="%,d"),
            },
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            names = [line.file for line in view.files]
            st.selectbox("Put a file aside", names, index=None, placeholder="Choose a file", key="imp_aside", width=280)
            st.button("Put aside", key="imp_aside_go", on_click=_aside, disabled=not st.session_state.get("imp_aside"))


def _origin() -> None:
    origin = st.session_state["imp_origin"]
    draft = st.session_state[DRAFT]
    later("Reading the files that way", lambda: with_origin(draft, origin))


def _source(key: str) -> None:
    st.session_state[DRAFT] = with_source(st.session_state[DRAFT], st.session_state[key])


def _aside() -> None:
    name, folder = st.session_state["imp_aside"], st.session_state["imp_folder"]
    if not name:
        return
    folder.remove(name)
    if not folder.files:
        st.session_state.pop(DRAFT)
        return
    draft = st.session_state[DRAFT]
    later(f"Putting {md(name)} aside", lambda: open_draft(LOCAL_USER, folder.path, draft))
