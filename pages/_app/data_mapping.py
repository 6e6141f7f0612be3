"""The columns of each table, to be looked over and changed, and the mapping to be kept."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.import_check import remember
from core.services.import_columns import RuleView
from core.services.import_draft import (
    Draft,
    with_choices,
    with_file_as,
    with_mapping,
    with_version,
)
from core.services.import_frames import optional_frame, style_options, styles_frame
from core.services.import_screen import ImportView, Place
from core.services.mappings import mapping_from, mapping_toml
from core.services.templates import template_tables
from pages._app.data_later import later
from pages._app.data_solve import column_field
from pages._app.data_views import DRAFT
from pages._app.widgets import md

NOT_READ = "Do not read this file"


def columns_step(view: ImportView, draft: Draft) -> None:
    """The columns of one table at a time."""
    if not view.places:
        st.info("No file could be looked into yet: answer the questions above first.", icon=":material/info:")
        return
    with st.container(border=True, gap="small"):
        st.markdown("## Which column is which", anchors=False)
        labels = [place.label for place in view.places]
        kept = st.session_state.get("imp_place_kept")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            chosen = st.selectbox(
                "File and table", labels, index=labels.index(kept) if kept in labels else 0, key="imp_place"
            )
            place = view.places[labels.index(chosen)]
            st.session_state["imp_place_kept"] = chosen
            _table_choice(place)
        if place.rule is None:
            st.info("Nothing is read from this file. Choose the table it holds to read it.", icon=":material/info:")
        else:
            _columns_form(place.rule)
    _keeping(draft)


def _table_choice(place: Place) -> None:
    tables = [NOT_READ, *template_tables()]
    key = f"imp_table_{place.label}"
    st.selectbox(
        "Read it as",
        tables,
        index=tables.index(place.rule.table) if place.rule else 0,
        format_func=lambda name: name.replace("_", " "),
        key=key,
        on_change=_take_table,
        args=(place.file, key),
        help="Another table starts with the columns that match by name and values.",
        width=260,
    )


def _take_table(file: str, key: str) -> None:
    draft, table = st.session_state[DRAFT], st.session_state[key]
    st.session_state.pop("imp_place_kept", None)
    wanted = None if table == NOT_READ else table
    later("Matching the columns", lambda: with_file_as(draft, file, wanted))


def _columns_form(rule: RuleView) -> None:
    """Required columns as fields, the others and the styles as tables, one button for all."""
    stem = f"imp_{rule.file}_{rule.rule}_{hash(rule)}"
    required = [column for column in rule.columns if column.required]
    with st.form(f"{stem}_form", border=False, enter_to_submit=False):
        st.caption("Needed columns. Pick a column of the file, or type the text that every row is to have.")
        with st.grid(4, min_column_width=210, gap="small"):
            for column in required:
                column_field(column, f"{stem}_{column.column}")
        options, styles = optional_frame(rule), styles_frame(rule)
        header = sorted({name for column in rule.columns for name in column.options if not name.startswith("= ")})
        with st.expander(f"Columns that may stay empty ({len(options)})", expanded=len(options) <= 8):
            edited = st.data_editor(
                options,
                hide_index=True,
                key=f"{stem}_optional",
                disabled=["Column", "Meaning"],
                column_config={
                    "Column": st.column_config.TextColumn("Column", pinned=True, width="medium"),
                    "From": st.column_config.SelectboxColumn("From", options=["", *header], width="medium"),
                },
                placeholder="",
                alt="Columns that may stay empty",
            )
        with st.expander(f"How dates and numbers are written ({len(styles)})"):
            stated = st.data_editor(
                styles,
                hide_index=True,
                key=f"{stem}_styles",
                disabled=["Column", "From", "Example"],
                column_config={
                    "Written as": st.column_config.SelectboxColumn(
                        "Written as", options=["", *style_options(rule)], help="Empty: as the preset says."
                    )
                },
                alt="How dates and numbers are written",
            )
        if st.form_submit_button("Use these columns", key=f"{stem}_use"):
            _use(rule, {each.column: st.session_state[f"{stem}_{each.column}"] for each in required}, edited, stated)


def _use(rule: RuleView, fields: dict[str, str | None], edited: Any, stated: Any) -> None:
    draft: Draft = st.session_state[DRAFT]
    choices = {name: value or "" for name, value in fields.items()}
    choices |= {row["Column"]: row["From"] or _fixed(row) for row in edited.fillna("").to_dict("records")}
    styles = {row["Column"]: row["Written as"] for row in stated.fillna("").to_dict("records")}
    later("Reading the files that way", lambda: with_choices(draft, rule, choices, styles))
    st.rerun()


def _fixed(row: dict[Any, Any]) -> str:
    text = str(row["Same text in every row"])
    return f"= {text}" if text else ""


def _keeping(draft: Draft) -> None:
    """Keep the mapping: for the next files of the source, as a file, or edited as text."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(md(f"Remember for {draft.source}"), key="imp_remember", on_click=_remember, args=(draft,))
        text = mapping_toml(draft.mapping)
        name = f"{draft.source}.toml".replace("/", "_")
        st.download_button("Download mapping (TOML)", text, name, on_click="ignore", key="imp_toml")
        if said := st.session_state.pop("imp_said", None):
            st.caption(md(said))
    with st.expander("Edit the mapping as text"):
        key = f"imp_text_{hash(text)}"
        st.text_area("Mapping", text, height=320, key=key, label_visibility="collapsed")
        st.button("Use this mapping", key="imp_text_use", on_click=_take_text, args=(key,))


def _remember(draft: Draft) -> None:
    try:
        saved = remember(LOCAL_USER, draft, now())
    except CouncilError as problem:
        st.session_state["imp_problem"] = str(problem)
        return
    st.session_state["imp_said"] = f"Remembered for {saved.source}: the next files of that name are read the same way."
    st.session_state[DRAFT] = with_version(st.session_state[DRAFT], saved.version)


def _take_text(key: str) -> None:
    draft, text = st.session_state[DRAFT], st.session_state[key]
    later("Reading the files that way", lambda: with_mapping(draft, mapping_from(text)))
