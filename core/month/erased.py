"""People who were erased: nobody proposes, lists, counts, exports or names them any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats.ids import beside, known

if TYPE_CHECKING:
    from core.month.reuse import Memory


def not_erased(people: pd.DataFrame) -> pd.DataFrame:
    """The rows of the table `people` that still stand; who was erased on any day is out, in earlier months too.

    Further rows of a contact go with the one that was erased: they name the same person.
    """
    out = _gone(people)
    return people[~out] if out.any() else people


def erased_contacts(people: pd.DataFrame) -> pd.Series:
    """contact_id of everybody of whom a row of the table `people` was erased, each as often as it stands there."""
    return people.loc[people["erased_at"].notna(), "contact_id"].dropna()


def _gone(people: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows of people who were erased, further rows of the contact included."""
    own: NDArray[np.bool_] = people["erased_at"].notna().to_numpy(dtype=bool)
    return own | known(people["contact_id"], erased_contacts(people)) if own.any() else own


def without_erased(contacts: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Contacts of whom no row of the table `people` was erased.

    Args:
        contacts: One row per contact, with contact_id.
        people: The table `people`.

    Returns:
        The same object where nobody is to be left out, so that what rests on it is kept; else numbered afresh.
    """
    out = known(contacts["contact_id"], erased_contacts(people))
    return contacts[~out].reset_index(drop=True) if out.any() else contacts


def without_addresses(records: Mapping[str, pd.DataFrame], memory: Memory) -> dict[str, pd.DataFrame]:
    """The record tables, with referrals of somebody who was erased under the id of that person.

    Some files call a referred company by the address of the person there, in any case and with spaces around it; the id
    keeps two referrals by the same address together. The address of a further row of an erased contact goes too.

    Args:
        records: Record tables by name; the very same frames where no address is to be left out.
        memory: Keeps what was changed, so that what rests on it is kept too.
    """
    people, referrals = records["people"], records["referrals"]
    gone = people[_gone(people)]
    if not len(gone) or not len(referrals):
        return dict(records)

    def build() -> pd.DataFrame:
        known_as = gone[["person_id"]].assign(address=_compared(gone["email"].astype("str")))
        named = beside(_compared(referrals["prospect_id"]), known_as.drop_duplicates("address"), "address")
        ids = named["person_id"].set_axis(referrals.index)
        return referrals.assign(prospect_id=ids.fillna(referrals["prospect_id"])) if ids.notna().any() else referrals

    return {**records, "referrals": memory.kept("referrals", (people, referrals), build)}


def _compared(addresses: pd.Series) -> pd.Series:
    """Addresses as they are compared: without spaces around them, in one case."""
    return addresses.str.strip().str.casefold()
