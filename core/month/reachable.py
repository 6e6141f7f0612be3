"""Who is not written to any more, and why: people known to have opted out, left, or been erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.advocacy.guardrails import GuardState, guardrails
from core.month.erased import erased_contacts
from core.stats.ids import known

if TYPE_CHECKING:
    from core.month.month import Month

WORDS = {"left_company": "left the company", "opted_out": "opted out"}
"""Guards that forbid even a thank-you, in the order in which the later one tells more."""
ERASED = "erased"


def unreachable(month: Month) -> pd.DataFrame:
    """Everybody nobody writes to any more; kept until a consent changes or somebody is erased.

    Who is not among the contacts is not here for that alone: of such people nothing is known, save an e-mail consent
    that was refused or withdrawn, or an erasure.

    Args:
        month: The month; who was erased on any day is erased in it.

    Returns:
        By contact_id, one row per person: why, the last of left the company, opted out, erased; and reason, every one
        of them with its day, in the words of the guardrails.
    """
    inputs, rules, people = month.advocacy_input, month.advocacy_rules, month.records["people"]
    tables = sorted(inputs.loaded & {"contacts", "consents"}), "consents" in inputs.stated
    sources = month.contact_facts, inputs.consents, inputs.since, rules, people
    return month.facts.memory.kept(f"unreachable {tables}", sources, lambda: _unreachable(month))


def _unreachable(month: Month) -> pd.DataFrame:
    guards = guardrails(month.advocacy_input, month.advocacy_rules, tuple(WORDS))
    stopped = guards.loc[guards["state"] == GuardState.BLOCKED, ["contact_id", "guard", "reason"]].astype("str")
    stopped = stopped.assign(why=stopped["guard"].map(WORDS).astype("str")).drop(columns="guard")
    gone = erased_contacts(month.records["people"]).drop_duplicates()
    rows = pd.concat([stopped, _alike(_refused(month), WORDS["opted_out"]), _alike(gone, ERASED)], ignore_index=True)
    several = rows[rows["contact_id"].duplicated(keep=False)].groupby("contact_id")["reason"].agg("; ".join)
    found = rows.drop_duplicates("contact_id", keep="last").set_index("contact_id")
    return found.assign(reason=several.reindex(found.index).fillna(found["reason"]).astype("str"))[["why", "reason"]]


def _refused(month: Month) -> pd.Series:
    """People not among the contacts who refused e-mail or withdrew their consent to it: no guardrail looks at them."""
    inputs = month.advocacy_input
    out = inputs.consents["use"].eq("email") & inputs.consents["status"].isin(["withdrawn", "refused"])
    whose = inputs.consents.loc[out, "contact_id"].drop_duplicates()
    return whose[~known(whose, inputs.ids)]


def _alike(whose: pd.Series, why: str) -> pd.DataFrame:
    return pd.DataFrame({"contact_id": whose.to_numpy(), "reason": why, "why": why}).astype("str")
