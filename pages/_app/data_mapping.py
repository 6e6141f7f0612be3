"""What stands between files and an import: questions, settings that mend a column, words to translate; and the columns
of each table, to be looked over and changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.import_check import remember
from core.services.import_draft import (
    Draft,
    with_choices,
    with_file_as,
    with_mapping,
    with_remedies,
    with_version,
    with_words,
    without_rule,
)
from core.services.import_frames import optional_frame, style_options, styles_frame
from core.services.import_mapping import ColumnView, RuleView
from core.services.import_remedies import Mending, Question, Recoding
from core.services.import_screen import ImportView, Place
from core.services.mappings import mapping_from, mapping_toml
from core.services.templates import template_tables
from pages._app.data_later import later
from pages._app.widgets import md

SHOWN = 6
"""Problems with a remedy of their own that are shown one by one."""
NOT_READ = "Do not read this file"


def to_solve(view: ImportView) -> None:
    """Everything a click or an answer can settle, before anything else on the screen."""
    if not (view.questions or view.mendings or view.recodings or view.lacking):
        return
    with st.container(border=True, gap="small", key="imp_solve"):
        st.markdown("## To settle first", anchors=False)
        if view.questions:
            _questions(view.questions)
        if view.mendings:
            _mendings(view.mendings)
        for rule in view.lacking:
            _lacking(rule)
        for number, item in enumerate(view.recodings):
            _recoding(item, number)


def _lacking(rule: RuleView) -> None:
    """The needed columns nothing fills, to be chosen on the spot."""
    stem = f"imp_lack_{rule.file}_{rule.rule}"
    wanted = [column for column in rule.columns if column.lacking]
    with st.form(stem, border=False, enter_to_submit=False):
        st.markdown(
            f"**{md(rule.label)}**: which column of the file is it? Or type the text that every row is to have."
        )
        with st.grid(4, min_column_width=210, gap="small"):
            for column in wanted:
                _field(column, f"{stem}_{column.column}")
        keys = {column.column: f"{stem}_{column.column}" for column in wanted}
        with st.container(horizontal=True):
            st.form_submit_button("Use these", type="primary", key=f"{stem}_use", on_click=_fill, args=(rule, keys))
            st.form_submit_button("Do not read this table", key=f"{stem}_not", on_click=_drop, args=(rule,))


def _fill(rule: RuleView, keys: dict[str, str]) -> None:
    draft: Draft = st.session_state["imp_draft"]
    choices = {column: st.session_state[key] for column, key in keys.items() if st.session_state.get(key)}
    later("Reading the files that way", lambda: with_choices(draft, rule, choices, {}))


def _drop(rule: RuleView) -> None:
    draft: Draft = st.session_state["imp_draft"]
    later("Reading the files that way", lambda: without_rule(draft, rule))


def _questions(questions: Sequence[Question]) -> None:
    # Options are numbers: two readings may look alike, and a question keeps its place until it is answered.
    with st.form("imp_questions", border=False):
        for number, question in enumerate(questions):
            st.radio(
                md(question.text),
                range(len(question.options)),
                index=None,
                format_func=[md(words) for words, _ in question.options].__getitem__,
                key=_answer_key(number, question),
                horizontal=True,
            )
        st.form_submit_button(
            "Use these readings", type="primary", key="imp_answer", on_click=_answer, args=(tuple(questions),)
        )


def _answer(questions: Sequence[Question]) -> None:
    chosen = {}
    for number, question in enumerate(questions):
        place = st.session_state.get(_answer_key(number, question))
        if place is not None:
            chosen[question.file, question.column] = question.options[place][1]
    if chosen:
        draft = st.session_state["imp_draft"]
        later("Reading the files that way", lambda: with_remedies(draft, chosen))


def _answer_key(number: int, question: Question) -> str:
    return f"imp_q_{number}_{question.file}_{question.column}"


def _mendings(mendings: Sequence[Mending]) -> None:
    for number, item in enumerate(mendings[:SHOWN]):
        where = f"{item.problem.place}, {item.problem.column}" if item.problem.column else item.problem.place
        words, action = st.columns([3, 1], vertical_alignment="center", gap="medium")
        words.markdown(f"**{md(where)}**: {md(item.problem.message)}")
        action.button(
            md(item.label),
            type="primary" if len(mendings) == 1 else "secondary",
            key=f"imp_mend_{number}",
            on_click=_mend,
            args=((item,),),
            width="stretch",
        )
    if len(mendings) > 1:
        label = f"Do all {len(mendings)}"
        st.button(label, type="primary", key="imp_mend_all", on_click=_mend, args=(tuple(mendings),))


def _mend(mendings: Sequence[Mending]) -> None:
    draft = st.session_state["imp_draft"]
    wanted = {(item.problem.place, item.problem.column or ""): item.remedy for item in mendings}
    later("Reading the files that way", lambda: with_remedies(draft, wanted))


def _recoding(item: Recoding, number: int) -> None:
    with st.form(f"imp_words_{number}", border=False):
        st.markdown(f"**{md(item.rule.file)}, {md(item.found)}**: what do these words mean for {md(item.column)}?")
        keys = {}
        with st.grid(4, min_column_width=180, gap="small"):
            for place, word in enumerate(item.words):
                keys[word] = f"imp_word_{number}_{place}_{word}"
                st.selectbox(md(word), item.choices, index=None, key=keys[word], placeholder="Choose")
        st.form_submit_button("Translate", key=f"imp_translate_{number}", on_click=_translate, args=(item, keys))


def _translate(item: Recoding, keys: dict[str, str]) -> None:
    chosen = {word: st.session_state[key] for word, key in keys.items() if st.session_state.get(key)}
    draft: Draft = st.session_state["imp_draft"]
    later("Translating", lambda: with_words(draft, item.rule, item.column, chosen))


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
    draft, table = st.session_state["imp_draft"], st.session_state[key]
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
                _field(column, f"{stem}_{column.column}")
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
        if st.form_submit_button("Use these columns", type="primary", key=f"{stem}_use"):
            _use(rule, {each.column: st.session_state[f"{stem}_{each.column}"] for each in required}, edited, stated)


def _field(column: ColumnView, key: str) -> None:
    sample = f" For example: {column.sample}" if column.sample else ""
    st.selectbox(
        md(column.column) + (" :material/error:" if column.lacking else ""),
        column.options,
        index=column.options.index(column.current) if column.current else None,
        placeholder="Not found",
        accept_new_options=True,
        key=key,
        help=md(f"{column.meaning}{sample}"),
    )


def _use(rule: RuleView, fields: dict[str, str | None], edited: Any, stated: Any) -> None:
    draft: Draft = st.session_state["imp_draft"]
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
    st.session_state["imp_draft"] = with_version(st.session_state["imp_draft"], saved.version)


def _take_text(key: str) -> None:
    draft, text = st.session_state["imp_draft"], st.session_state[key]
    later("Reading the files that way", lambda: with_mapping(draft, mapping_from(text)))
