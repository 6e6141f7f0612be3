"""Who is left out of the lists to thank and to tell, because nobody may write to them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._app.acting import behind


def not_written_to(silent: pd.DataFrame, which: str) -> None:
    """How many acts are left out and why; the rows behind, paid for only while they are open.

    Args:
        silent: As `Worklists.unthanked`.
        which: Name of the list.
    """
    if not silent.empty:
        label = f"{len(silent):,} not shown: opted out or left"
        behind(label, f"adv_silent_{which}", lambda: _rows(silent, which), type="tertiary")


def _rows(silent: pd.DataFrame, which: str) -> None:
    st.dataframe(
        silent.drop(columns=["ask_id", "contact_id"]),
        hide_index=True,
        alt=f"Not shown: {which}",
        placeholder="",
        width=560,
    )
