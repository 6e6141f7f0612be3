"""The figures of one group as cards behind one line, each with its definition and its rows."""

from __future__ import annotations

import streamlit as st

from core.charts.cards import cards_html
from core.services.figure_cards import GroupCards, group_cards
from core.services.home import Month
from core.services.rows import rows_behind
from core.services.targets import Targets
from pages._app import cached
from pages._app.memory import remembered
from pages._app.rows import show_rows
from pages._app.widgets import md, piece, rows_choice


@remembered(8)
def _group(month_key: str, group: str, targets_key: int, _month: Month, _targets: Targets) -> GroupCards:
    return group_cards(_month, group, _targets)


def figure_cards(month: Month, group: str, label: str) -> None:
    """Draw the group; its figures are computed when the reader opens it.

    Args:
        month: The month.
        group: Id of the group of definitions.
        label: The line it stands behind.
    """
    place = st.expander(md(label), key=f"figures_{group}", icon=":material/monitoring:", on_change="rerun")
    company = cached.company()
    if not place.open or company is None:
        return
    found = _group(month.key, group, company.targets.key, month, company.targets)
    with place:
        st.markdown(f"**{md(found.title)}**  \n:small[{md(found.question)}]")
        piece(cards_html(found.cards))
        chosen = rows_choice([card.result.label for card in found.cards if card.result.shown])
    names = {card.result.label: card.rows_of for card in found.cards}.get(chosen or "", ())
    if names:
        show_rows([rows_behind(month, name, None) for name in names])
