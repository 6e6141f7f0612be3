"""What the path is computed from: customers, the days of their landmarks and of their last give and answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from core.model.journey import StageId


@dataclass(frozen=True, eq=False)
class PathInput:
    """One company as of one day. Every account_id is that of a counted (parent) account.

    Nothing later is in it but events and touches that people recorded in the product since, on their own day: they
    count as of the day.

    Attributes:
        as_of: Last visible day.
        loaded: Tables of the contract that hold rows.
        customers: One row per account that ever paid: account_id, account_name, segment, owner (missing where nobody
            is named), mrr_cents (at month end, 0 for those that left), started_on (first contract), stay_from (start of
            the present stay, missing for those that left), left_on (first day nothing was paid, also of those that came
            back; missing for those that stayed), followed (whether durations may be told of it: not of one that had
            paid before its contract).
        events: account_id, stage, day: every time a landmark was reached, `contract` left out.
        promoters: First day of the present spell by account_id, of those where somebody's latest answer is a promoter's
            and not too old.
        touches: account_id, last_give_on, last_answer_on: one row per account with either.
        recorded: First day on which each landmark, and a give (`touch`), was on record for anybody.
    """

    as_of: dt.date
    loaded: frozenset[str]
    customers: pd.DataFrame
    events: pd.DataFrame
    promoters: Mapping[str, pd.Timestamp]
    touches: pd.DataFrame
    recorded: Mapping[StageId | str, pd.Timestamp]
