"""People who were erased: nobody proposes, lists, counts, exports or names them any more."""

from __future__ import annotations

import pandas as pd

from core.stats.ids import known


def not_erased(people: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table `people` that still stand; who was erased on any day is out, in earlier months too."""
    erased = people["erased_at"].notna()
    return people[~erased] if erased.any() else people


def without_erased(contacts: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Contacts of whom no row of the table `people` was erased.

    Args:
        contacts: One row per contact, with contact_id.
        people: The table `people`.

    Returns:
        The same object where nobody is to be left out, so that what rests on it is kept; else numbered afresh.
    """
    erased = people.loc[people["erased_at"].notna(), "contact_id"].dropna()
    out = known(contacts["contact_id"], erased) if len(erased) else None
    return contacts if out is None or not out.any() else contacts[~out].reset_index(drop=True)
