"""The checklist of money after the sale: answered for a quarter, each answer beside the level that counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select

from core.errors import RuleBroken, length_faults
from core.glossary import NOTHING
from core.model.checklist import ChecklistItem, checklist
from core.services.access import Actor, require
from core.services.home import records_database
from core.services.maturity_evidence import maturity_model
from core.services.maturity_saving import TEXT_LENGTH, name_of, put
from core.services.maturity_state import read_recorded
from core.services.maturity_view import AgreedLevel, quarter_of
from core.store.audit import audit
from core.store.tables import ChecklistAnswer


@dataclass(frozen=True)
class ChecklistLine:
    """One thing to have.

    Attributes:
        answer: no, some, half or most; empty before it is answered.
        note: What was said beside it.
        author: Who answered last.
        beside: Agreed level of the capability that covers it, in words; an en dash where none does.
        ahead: Whether the answer says more than the capability's level: the two do not go together.
    """

    id: str
    group: str
    text: str
    answer: str
    note: str
    author: str
    beside: str
    ahead: bool
    version: int | None


@dataclass(frozen=True)
class ChecklistView:
    """The list as it stands in a quarter; `answer` counts, and adds nothing up to a score."""

    label: str
    answer: str
    source: str
    context: tuple[tuple[str, str], ...]
    lines: tuple[ChecklistLine, ...]


def checklist_view(quarter: dt.date) -> ChecklistView:
    """The checklist of the quarter a day lies in."""
    known = read_recorded(quarter)
    with records_database().read() as session:
        found = session.exec(select(ChecklistAnswer).where(ChecklistAnswer.quarter == quarter_of(quarter))).all()
    kept = {row.item: row for row in found}
    lines = [_line(item, kept.get(item.id), known.agreed.get(item.capability)) for item in checklist().item]
    return ChecklistView(
        label=checklist().label,
        answer=_answer(lines),
        source=checklist().source,
        context=tuple((item.text, item.source) for item in checklist().context),
        lines=tuple(lines),
    )


def _line(item: ChecklistItem, row: ChecklistAnswer | None, level: AgreedLevel | None) -> ChecklistLine:
    rules, capabilities = maturity_model()
    answer = row.answer if row else ""
    agreed = f"level {level.level} agreed" if level else "no level agreed"
    low = level is not None and level.level < rules.summary.low_below
    return ChecklistLine(
        id=item.id,
        group=item.group,
        text=item.text,
        answer=answer,
        note=row.note if row else "",
        author=row.author if row else "",
        beside=f"{capabilities[item.capability].label}: {agreed}" if item.capability else NOTHING,
        ahead=low and answer == rules.answers.values[-1].id,
        version=row.version if row else None,
    )


def answer_item(
    actor: Actor,
    quarter: dt.date,
    item: str,
    answer: str,
    note: str,
    version: int | None,
    at: dt.datetime,
    author: str = "",
) -> int:
    """Answer one line for a quarter; the same again saves nothing.

    Args:
        actor: Who answers; needs the role assessor or validator.
        quarter: Any day of the quarter.
        item: Id of the line.
        answer: no, some, half or most.
        note: What is to be said beside it; may be empty.
        version: Version of the answer when it was opened; None for the first.
        at: Time of the act, UTC.
        author: Who says so; empty takes the actor.

    Returns:
        The version of the answer as it now stands.

    Raises:
        NotAllowed: The role is missing, or it is said in another's name.
        RuleBroken: An unknown line or answer, or the note is too long.
        StaleRecord: Somebody answered it otherwise since.
    """
    require(actor, "answer the checklist", "assessor", "validator")
    name = name_of(actor, author, "answer the checklist")
    texts = {line.id: line.text for line in checklist().item}
    words = [entry.id for entry in maturity_model()[0].answers.values]
    wrong = [] if item in texts else [f'there is no line "{item}"']
    wrong += [] if answer in words else [f'expected one of {", ".join(words)}; found "{answer}"']
    wrong += length_faults(("the note", note, TEXT_LENGTH))
    if wrong:
        raise RuleBroken(f"The checklist was not answered: {'; '.join(wrong)}.")
    with records_database().write() as session:
        key: Mapping[str, object] = {"quarter": quarter_of(quarter), "item": item}
        values = {"answer": answer, "note": note.strip(), "author": name}
        row, is_new = put(session, ChecklistAnswer, key, version, values, f'"{texts[item]}"')
        if is_new:
            audit(session, at, actor.name, "answer checklist", f"checklist_answers/{row.id}", item=item, answer=answer)
        return row.version


def _answer(lines: list[ChecklistLine]) -> str:
    rules = maturity_model()[0]
    given = [line for line in lines if line.answer]
    if not given:
        return f"{len(lines)} things to have; none is answered in this quarter"
    best = rules.answers.values[-1]
    whole = sum(line.answer == best.id for line in given)
    weak = sum((rules.answer_value(line.answer) or 0) < rules.level.reached for line in given)
    rest = f"; {len(lines) - len(given)} open" if len(given) < len(lines) else ""
    return f"{whole} of {len(lines)} hold in most or all cases, {weak} in less than half{rest}"
