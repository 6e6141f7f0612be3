"""Referrals that somebody looks at before they are paid for: of one's own company, known already, or too many."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from core.advocacy.inputs import Bools
from core.model.requests import FraudRules
from core.stats.ids import numbered

Flag = Literal["own_company", "same_domain", "customer", "in_talks", "referred_before", "unknown_referrer", "too_many"]
FLAGS: tuple[Flag, ...] = get_args(Flag)
STANDINGS: dict[str, Flag] = {
    "customer already": "customer",
    "deal open already": "in_talks",
    "referred before": "referred_before",
    "referrer not known": "unknown_referrer",
}
"""Flag of a referral that does not count as a lead, by its standing."""
REASONS: dict[Flag, str] = {
    "own_company": "the referred company is the referrer's own",
    "customer": "the company was a customer already",
    "in_talks": "a deal with the company was open already",
    "referred_before": "somebody had referred the company before",
    "unknown_referrer": "the referrer is not among the contacts",
}


def referral_flags(referrals: pd.DataFrame, rules: FraudRules) -> pd.DataFrame:
    """What stands against a referral, in words.

    Args:
        referrals: One row per referral: referral_id, contact_id, submitted_at, standing (whether it counts as a lead),
            own_company (whether the referred company is the referrer's own), shared_domain (domain of e-mail both
            sides have, missing where they have none in common).
        rules: When referrals of one person are many, and domains that everybody has.

    Returns:
        One row per referral and flag: referral_id, flag, reason; in the order of the referrals, then of `FLAGS`.
    """
    rows = referrals.reset_index(drop=True)
    domain = rows["shared_domain"].astype("str").str.casefold()
    shared = domain.notna() & ~domain.isin(list(rules.public_domains))
    counts = recent_counts(rows, rules.many_days)
    standing = rows["standing"].map(dict(STANDINGS))
    found: dict[Flag, Bools] = {
        "own_company": rows["own_company"].to_numpy(dtype=bool),
        "same_domain": shared.to_numpy(dtype=bool) & ~rows["own_company"].to_numpy(dtype=bool),
        **{flag: (standing == flag).to_numpy(dtype=bool) for flag in STANDINGS.values()},
        "too_many": counts >= rules.many,
    }
    parts = [_rows(rows, flag, met, place) for place, (flag, met) in enumerate((name, found[name]) for name in FLAGS)]
    flags = pd.concat(parts, ignore_index=True).sort_values(["row", "place"], kind="stable")
    reason = flags["flag"].map({str(name): words for name, words in REASONS.items()})
    reason = reason.fillna("both sides use the e-mail domain " + domain.reindex(flags["row"]).set_axis(flags.index))
    many = pd.Series([f"{counts[row]} referrals of this person in {rules.many_days} days" for row in flags["row"]])
    reason = reason.where(flags["flag"] != "too_many", many.set_axis(flags.index).astype("str"))
    return flags[["referral_id", "flag"]].assign(reason=reason).reset_index(drop=True)


def recent_counts(rows: pd.DataFrame, days: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Referrals of the same person in the days up to each, itself included.

    Args:
        rows: contact_id and submitted_at, none missing.
        days: The days.
    """
    person = numbered(rows["contact_id"])[0].astype(np.int64)
    seconds = rows["submitted_at"].to_numpy().astype("datetime64[s]").astype(np.int64)
    start, span = (int(seconds.min()) if len(rows) else 0), days * 86_400
    width = (int(seconds.max()) - start if len(rows) else 0) + span + 1
    key = person * width + seconds - start
    ordered = np.sort(key)
    upto = np.searchsorted(ordered, key, side="right")
    before = np.searchsorted(ordered, np.maximum(key - span, person * width), side="left")
    counts: np.ndarray[tuple[int], np.dtype[np.int64]] = (upto - before).astype(np.int64)
    return counts


def _rows(rows: pd.DataFrame, flag: Flag, met: Bools, place: int) -> pd.DataFrame:
    at = np.flatnonzero(met)
    frame = pd.DataFrame({"referral_id": rows["referral_id"].iloc[at].to_numpy(), "row": at})
    return frame.assign(flag=pd.Series(flag, index=frame.index, dtype="str"), place=place)
