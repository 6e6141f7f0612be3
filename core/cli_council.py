"""Commands of the council: what is due for a look-back and what became of earlier decisions, and recording one."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Annotated
from uuid import uuid4

import typer

from core.cli_data import JsonOption
from core.cli_words import told
from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.home import open_month
from core.services.look_back import LookBack, due_look_backs
from core.services.reviews import AGAIN, STEPS, ReviewDraft, ReviewLine, record_review, review_lines, version_of

NEXT = ", ".join(f"{name} ({words})" for name, words in STEPS.items())


def add_council_commands(app: typer.Typer) -> None:
    """Add `look-backs` and `look-back` to the command line."""
    app.command("look-backs")(look_backs)
    app.command("look-back")(look_back)


def look_backs(as_json: JsonOption = False) -> None:
    """Decisions that are due for a look-back in the last complete month, then the look-backs that were held."""
    with told():
        due, held = due_look_backs(open_month()), review_lines()
        if as_json:
            typer.echo(json.dumps(_json(due, held), indent=1, ensure_ascii=False, allow_nan=False, default=str))
            return
        lines = [f"{item.decision_id}  {item.title}\n   {item.sentence}" for item in due]
        lines += [
            f"{item.title}\n   {item.held}, {item.by}: {item.verdict}; {item.next_step}. {item.lesson}" for item in held
        ]
        typer.echo("\n".join(lines) or "No decision is due, and no look-back was held.")


def look_back(
    decision: Annotated[int, typer.Argument(help="Number of the decision, as `look-backs` prints it.")],
    lesson: Annotated[str, typer.Option(help="What was learned.")],
    step: Annotated[str, typer.Option("--next", help=f"What is done next: {NEXT}.")],
    again: Annotated[str | None, typer.Option(help=f"Day of the next look-back, YYYY-MM-DD; for {AGAIN}.")] = None,
) -> None:
    """Record a look-back; figures and verdict are read from the last complete month."""
    with told():
        draft = ReviewDraft(decision, lesson, step, _day(again))
        record_review(LOCAL_USER, open_month(), draft, version_of(decision), uuid4().hex, now())
        line = next(line for line in review_lines() if line.decision_id == decision)
        typer.echo(f"{line.title}: promised {line.promised}, got {line.got}: {line.verdict}; {line.next_step}.")


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CouncilError(f'--again: expected a day as YYYY-MM-DD, found "{text}"') from None


def _json(due: tuple[LookBack, ...], held: tuple[ReviewLine, ...]) -> dict[str, object]:
    return {"due": [asdict(item) for item in due], "held": [asdict(item) for item in held]}
