"""The accounts of the path: a list of them, and one in full."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import CouncilError
from core.glossary import display, display_day
from core.journey.path import Path
from core.model.journey import STAGES, StageId
from core.month import Month
from core.services.advocates import judged_words
from core.services.path_words import (
    Contacts,
    day_words,
    labels,
    late_record,
    next_steps,
    owner_words,
    stage_rule,
    why_stuck,
)

HERE, LATE, SILENT, REACHED = "Here", "Late", "Silent", "Reached"
LISTS = (HERE, LATE, SILENT, REACHED)
"""Which accounts the list shows."""
LIST_HELP = (
    "Here: accounts whose furthest stage it is. Late: of those, who waits longer than usual, or than our target where "
    "too few customers go on. Silent: of those, who got no give and gave no answer for 90 days. Reached: all who have "
    "reached the stage, wherever they stand now."
)


@dataclass(frozen=True)
class AccountList:
    """Accounts of one list, the late ones first, most ARR first.

    Attributes:
        ids: Their ids, in the order of the rows.
        rows: Account, Stage, Days here, Late by (days, missing where not late), Silent for (days, missing while shorter
            than 60), ARR (units of the currency), Owner, Segment, Next step, Who.
        shown: Those of the first seven of these columns that a row has a value of, for a screen.
        said: Number of accounts and sum of their ARR, in words.
    """

    ids: tuple[str, ...]
    rows: pd.DataFrame
    shown: pd.DataFrame
    said: str


@dataclass(frozen=True)
class AccountPath:
    """One account on its path.

    Attributes:
        account_id: Its id.
        name: Its name.
        about: Segment, ARR and owner in one line.
        stands: Stage and how long, in words.
        why: Why it needs somebody; empty when nothing is wrong.
        step: What to do; it asks for nothing where no contact may be asked.
        who: Who does it.
        line: Label, day in words and state (reached, here, missing, ahead) of every stage.
        signs: Last give and last answer in words.
        people: Name, role, readiness in words and what to do of every contact, readiest first.
        judged: On which day it is judged who may be asked, where that is later than the month's last; else empty.
    """

    account_id: str
    name: str
    about: str
    stands: str
    why: str
    step: str
    who: str
    line: tuple[tuple[str, str, str], ...]
    signs: str
    people: tuple[tuple[str, str, str, str], ...]
    judged: str


def path_accounts(
    month: Month,
    segment: str | None = None,
    stage: StageId | None = None,
    which: str = HERE,
    search: str = "",
    day: dt.date | None = None,
) -> AccountList:
    """Accounts of a month by stage and state.

    Args:
        month: The month.
        segment: Only this segment; None for all.
        stage: Only this stage; None for all.
        which: One of `LISTS`.
        search: Part of a name or an owner; empty lets all pass.
        day: Today, on which it is judged who may be asked; None is the month's last day, as in every
            earlier month.

    Raises:
        CouncilError: There is no such list.
    """
    if which not in LISTS:
        raise CouncilError(f'list: expected one of {", ".join(LISTS)}; found "{which}"')
    accounts = month.path.accounts
    if segment is not None:
        accounts = accounts[accounts["segment"] == segment]
    rows = accounts[_chosen(accounts, stage, which)]
    rows = rows.assign(named=[owner_words(owner) for owner in rows["owner"]])
    if search:
        text = rows["account_name"] + "\n" + rows["named"]
        rows = rows[text.str.contains(search, case=False, regex=False, na=False)]
    rows = rows.sort_values(["late", "arr_cents", "account_id"], ascending=[False, False, True])
    money = display(float(rows["arr_cents"].sum()) / 100, "money", month.currency)
    said = f"{len(rows):,} {'account' if len(rows) == 1 else 'accounts'}, {money} ARR"
    frame = _shown(rows, _contact_states(month, day))
    return AccountList(tuple(rows["account_id"]), frame, frame.iloc[:, :7].dropna(axis=1, how="all"), said)


def accounts_frame(month: Month, day: dt.date | None = None) -> pd.DataFrame:
    """Every active account for a file: ids, stage, days, ARR in units of the currency, why and next step, no names of
    people; one row per account.

    Args:
        month: The month.
        day: As in `path_accounts`.
    """
    accounts = month.path.accounts
    steps = next_steps(accounts, _contact_states(month, day))
    frame = accounts.assign(
        arr=accounts["arr_cents"] / 100,
        why=why_stuck(accounts),
        next_step=[step for step, _ in steps],
        who=[who for _, who in steps],
    )
    return frame.drop(columns=["arr_cents", "stay_from"])


def account_path(month: Month, account_id: str, pool: pd.DataFrame, day: dt.date | None = None) -> AccountPath:
    """One account in full.

    Args:
        month: The month.
        account_id: Which.
        pool: Contacts as `core.services.advocates.pool` returns them for the month and the day.
        day: As in `path_accounts`.

    Raises:
        CouncilError: The account is not active in that month.
    """
    accounts = month.path.accounts
    found = accounts[accounts["account_id"] == account_id]
    if found.empty:
        raise CouncilError(f'account "{account_id}" is not active on {display_day(month.as_of)}')
    row = found.iloc[0]
    step, who = next_steps(found, _contact_states(month, day))[0]
    money = display(float(row["arr_cents"]) / 100, "money", month.currency)
    return AccountPath(
        account_id=account_id,
        name=str(row["account_name"]),
        about=f"{row['segment']} · {money} ARR · looked after by {owner_words(row['owner'])}",
        stands=_stands(row),
        why=why_stuck(found)[0],
        step=step,
        who=who,
        line=_line(month.path, row),
        signs=_signs(month.path, row),
        people=_people(month, account_id, pool),
        judged=judged_words(month.on(day), "Who may be asked"),
    )


def stage_named(label: str | None) -> StageId | None:
    """The stage with that label; None where there is none."""
    return next((stage for stage, name in labels().items() if name == label), None)


def _chosen(accounts: pd.DataFrame, stage: StageId | None, which: str) -> np.ndarray:
    if which == REACHED:
        return accounts[f"{stage or 'contract'}_on"].notna().to_numpy()
    chosen = np.ones(len(accounts), dtype=bool) if stage is None else accounts["stage"].eq(stage).to_numpy()
    if which == HERE:
        return chosen
    return np.asarray(chosen & accounts["late" if which == LATE else "silent"].to_numpy(dtype=bool))


def _contact_states(month: Month, day: dt.date | None) -> Contacts:
    family = dict(zip(month.facts.accounts["account_id"], month.facts.accounts["unit_id"], strict=True))
    found: dict[str, set[str]] = {}
    for account, state in zip(month.advocacy_input.contacts["account_id"], month.on(day).standings, strict=True):
        found.setdefault(family.get(account, account), set()).add(state)
    return found


def _shown(rows: pd.DataFrame, contacts: Contacts) -> pd.DataFrame:
    names, steps = labels(), next_steps(rows, contacts)
    return pd.DataFrame(
        {
            "Account": rows["account_name"],
            "Stage": [names[_id(stage)] for stage in rows["stage"]],
            "Days here": rows["waiting_days"],
            "Late by": (rows["waiting_days"] - rows["usual_days"]).where(rows["late"]),
            "Silent for": rows["silent_days"].where(rows["silent"] | rows["watched"]),
            "ARR": rows["arr_cents"] / 100,
            "Owner": rows["named"],
            "Segment": rows["segment"],
            "Next step": [step for step, _ in steps],
            "Who": [who for _, who in steps],
        }
    ).reset_index(drop=True)


def _id(stage: object) -> StageId:
    return stage_rule(str(stage)).id


def _stands(row: pd.Series) -> str:
    stage = _id(row["stage"])
    stands = f"{labels()[stage]} for {display(int(row['waiting_days']), 'days')}"
    told = bool(row["late"]) and row["limit_from"] == "target"
    if pd.isna(row["next_stage"]) or told:
        return stands
    if pd.isna(row["usual_days"]):
        return f"{stands}; fewer than half go on within our {stage_rule(stage).within_days}-day target"
    limit = "usual is at most" if row["limit_from"] == "customers" else "our target is"
    return f"{stands}, {limit} {int(row['usual_days'])}"


def _line(path: Path, row: pd.Series) -> tuple[tuple[str, str, str], ...]:
    unknown = {stage.id: stage.unknown for stage in path.stages if stage.unknown}
    here = STAGES.index(_id(row["stage"]))
    return tuple(
        (labels()[stage], *_landmark(row, at, here, stage, unknown.get(stage))) for at, stage in enumerate(STAGES)
    )


def _landmark(row: pd.Series, at: int, here: int, stage: StageId, unknown: str | None) -> tuple[str, str]:
    if unknown:
        return f"not known: {unknown}", "missing"
    if day := day_words(row[f"{stage}_on"]):
        return late_record(row, stage) or day, "here" if at == here else "reached"
    if at > here:
        return "not yet", "ahead"
    return ("nobody now" if stage == "promoter" else "not on record"), "missing"


def _signs(path: Path, row: pd.Series) -> str:
    if path.silence_unknown:
        return f"Last give and answer not known: {path.silence_unknown}"
    give, reply = (day_words(row[name]) or "none on record" for name in ("last_give_on", "last_answer_on"))
    return f"Last give: {give}. Last answer: {reply}."


def _people(month: Month, account_id: str, pool: pd.DataFrame) -> tuple[tuple[str, str, str, str], ...]:
    family = month.facts.accounts
    own = family.loc[family["unit_id"] == account_id, "account_id"]
    people = pool[pool["account_id"].isin(own)].sort_values(["readiness", "contact_id"], ascending=[False, True])
    return tuple(
        (
            str(row["name"]),
            "" if pd.isna(row["persona"]) else str(row["persona"]),
            "no score" if pd.isna(row["readiness"]) else display(round(row["readiness"]), "score"),
            str(row["todo"]),
        )
        for row in people.to_dict("records")
    )
