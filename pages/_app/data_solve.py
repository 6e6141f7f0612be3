"""What stands between files and an import: questions, settings that mend a column, words to translate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.services.cell_words import column_label
from core.services.import_columns import ColumnView, RuleView
from core.services.import_draft import Draft, with_choices, with_remedies, with_words, without_rule
from core.services.import_remedies import Mending, Question, Recoding, all_label
from core.services.import_screen import ImportView
from pages._app.data_later import later
from pages._app.data_views import DRAFT
from pages._app.widgets import md

SHOWN = 6
"""Problems with a remedy of their own that are shown one by one."""


def is_open(view: ImportView) -> bool:
    """Whether something is left that a click or an answer settles: its button is the one that leads on, then."""
    return bool(view.questions or view.mendings or view.recodings or view.lacking)


def to_solve(view: ImportView) -> None:
    """Everything a click or an answer can settle, before anything else on the screen; one button leads on."""
    if not is_open(view):
        return
    with st.container(border=True, gap="small", key="imp_solve"):
        st.markdown("## To settle first", anchors=False)
        if view.questions:
            _questions(view.questions)
        if view.mendings:
            _mendings(view.mendings, leads=not view.questions)
        before = bool(view.questions or view.mendings)
        for number, rule in enumerate(view.lacking):
            _lacking(rule, leads=not before and number == 0)
        before = before or bool(view.lacking)
        for number, item in enumerate(view.recodings):
            _recoding(item, number, leads=not before and number == 0)


def _lacking(rule: RuleView, *, leads: bool) -> None:
    """The needed columns nothing fills, to be chosen on the spot."""
    stem = f"imp_lack_{rule.file}_{rule.rule}"
    wanted = [column for column in rule.columns if column.lacking]
    with st.form(stem, border=False, enter_to_submit=False):
        st.markdown(
            f"**{md(rule.label)}**: no column was found for the fields below. Choose the column, or type one text for "
            "every row; what stands there already is the usual one."
        )
        with st.grid(4, min_column_width=210, gap="small"):
            for column in wanted:
                column_field(column, f"{stem}_{column.column}")
        keys = {column.column: f"{stem}_{column.column}" for column in wanted}
        with st.container(horizontal=True):
            kind = _kind(leads)
            st.form_submit_button("Use these", type=kind, key=f"{stem}_use", on_click=_fill, args=(rule, keys))
            st.form_submit_button("Do not read this table", key=f"{stem}_not", on_click=_drop, args=(rule,))


def _kind(leads: bool) -> Literal["primary", "secondary"]:
    return "primary" if leads else "secondary"


def _fill(rule: RuleView, keys: dict[str, str]) -> None:
    draft: Draft = st.session_state[DRAFT]
    choices = {column: st.session_state[key] for column, key in keys.items() if st.session_state.get(key)}
    later("Reading the files that way", lambda: with_choices(draft, rule, choices, {}))


def _drop(rule: RuleView) -> None:
    draft: Draft = st.session_state[DRAFT]
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
        draft = st.session_state[DRAFT]
        later("Reading the files that way", lambda: with_remedies(draft, chosen))


def _answer_key(number: int, question: Question) -> str:
    return f"imp_q_{number}_{question.file}_{question.column}"


def _mendings(mendings: Sequence[Mending], *, leads: bool) -> None:
    for number, item in enumerate(mendings[:SHOWN]):
        where = f"{item.problem.place}, {item.problem.column}" if item.problem.column else item.problem.place
        words, action = st.columns([2, 1], vertical_alignment="center", gap="medium")
        words.markdown(f"**{md(where)}**: {md(item.problem.message)}")
        action.button(
            md(item.label),
            type=_kind(leads and len(mendings) == 1),
            key=f"imp_mend_{number}",
            on_click=_mend,
            args=((item,),),
            width="stretch",
        )
    if len(mendings) > SHOWN:
        st.caption(f"And {len(mendings) - SHOWN} more of this kind, which the button below settles too.")
    if len(mendings) > 1:
        st.button(
            md(all_label(mendings)), type=_kind(leads), key="imp_mend_all", on_click=_mend, args=(tuple(mendings),)
        )


def _mend(mendings: Sequence[Mending]) -> None:
    draft = st.session_state[DRAFT]
    wanted = {(item.problem.place, item.problem.column or ""): item.remedy for item in mendings}
    later("Reading the files that way", lambda: with_remedies(draft, wanted))


def _recoding(item: Recoding, number: int, *, leads: bool) -> None:
    with st.form(f"imp_words_{number}", border=False):
        st.markdown(
            f"**{md(item.rule.file)}, {md(item.found)}**: what do these words mean for {md(column_label(item.column))}?"
        )
        keys = {}
        with st.grid(4, min_column_width=180, gap="small"):
            for place, word in enumerate(item.words):
                keys[word] = f"imp_word_{number}_{place}_{word}"
                st.selectbox(md(word), item.choices, index=None, key=keys[word], placeholder="Choose")
        key, kind = f"imp_translate_{number}", _kind(leads)
        st.form_submit_button("Translate", type=kind, key=key, on_click=_translate, args=(item, keys))


def _translate(item: Recoding, keys: dict[str, str]) -> None:
    chosen = {word: st.session_state[key] for word, key in keys.items() if st.session_state.get(key)}
    draft: Draft = st.session_state[DRAFT]
    later("Translating", lambda: with_words(draft, item.rule, item.column, chosen))


def column_field(column: ColumnView, key: str) -> None:
    """The field in which a column of the file, or a text for every row, is chosen."""
    sample = f" For example: {column.sample}" if column.sample else ""
    proposed = column.current or column.usual
    options = column.options if proposed in ("", *column.options) else (proposed, *column.options)
    st.selectbox(
        md(column.label),
        options,
        index=options.index(proposed) if proposed else None,
        format_func=_option_words,
        placeholder="Not found",
        accept_new_options=True,
        key=key,
        help=md(f"{column.meaning}{sample}"),
    )


def _option_words(option: str) -> str:
    """A column of the file by its name; the same text in every row as such."""
    return f"{option.removeprefix('= ')}, in every row" if option.startswith("= ") else option
