"""Commands about the pool: its health, the learned chance that an ask is completed, a request to be forgotten."""

from __future__ import annotations

import json
from typing import Annotated

import pandas as pd
import typer

from core.advocacy.codes import Kind, number_of
from core.cli_data import JsonOption, MonthOption, month_of_option
from core.cli_words import told
from core.errors import CouncilError
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.erasing import erase_person
from core.services.export import csv_text
from core.services.home import open_month
from core.services.pool_health import PoolHealth, pool_health
from core.services.pool_words import Card
from core.services.propensity import propensity_view

CODE_KINDS: dict[str, Kind] = {"A": "advocate", "R": "referral"}


def add_pool_commands(app: typer.Typer) -> None:
    """Add `pool`, `propensity`, `code` and `erase` to the command line."""
    app.command("pool")(pool)
    app.command("propensity")(propensity)
    app.command("code")(code)
    app.command("erase")(erase)


def pool(
    month: MonthOption = None,
    rows: Annotated[str | None, typer.Option(help="Print the rows of a section as CSV, such as debt.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Pool health: load, hours, gaps, promises, give and take, what followed asks."""
    with told():
        found = pool_health(open_month(month_of_option(month)))
        if rows is not None:
            typer.echo(csv_text(_section(found, rows)), nl=False)
        elif as_json:
            typer.echo(json.dumps(_json(found), indent=1, ensure_ascii=False))
        else:
            lines = [found.answer, found.note]
            for section in found.sections:
                said = [f"  {section.definition}"] if section.definition else []
                lines += ["", section.title, *(_line(card) for card in section.cards), *said]
            typer.echo("\n".join(lines))


def propensity(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """The learned chance that an ask is completed, and how it did on later asks."""
    with told():
        view = propensity_view(open_month(month_of_option(month)))
        if as_json:
            shown = {"used": view.used, "reason": view.reason, "figures": [vars(card) for card in view.cards],
                     "groups": json.loads(view.groups.to_json(orient="records"))}  # fmt: skip
            typer.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        else:
            typer.echo("\n".join([view.answer, *(_line(card) for card in view.cards)]))


def code(text: Annotated[str, typer.Argument(help="An advocate id or a referral code as it was read out.")]) -> None:
    """Whether an advocate id or a referral code was read out right, and its number."""
    with told():
        kind = CODE_KINDS.get(text.strip()[:1].upper())
        if kind is None:
            raise CouncilError(f'"{text}" is neither an advocate id (A-…) nor a referral code (R-…).')
        typer.echo(f"{kind} number {number_of(text, kind)}")


def erase(
    contact: Annotated[str, typer.Argument(help="Id of the contact who asked to be forgotten.")],
    sure: Annotated[bool, typer.Option("--yes", help="Erase without asking: nobody can take it back.")] = False,
) -> None:
    """Erase name and addresses of a person for good; the sums stay, and later imports leave the person out."""
    with told():
        if not sure:
            typer.confirm(f"Erase contact {contact} for good?", abort=True)
        rows = erase_person(LOCAL_USER, open_month(), contact, now())
        typer.echo(f"Contact {contact} is erased: rows changed: {rows}." if rows else f"{contact} was erased before.")


def _line(card: Card) -> str:
    return f"  {card.label}: {card.value} ({card.note})"


def _section(found: PoolHealth, name: str) -> pd.DataFrame:
    for section in found.sections:
        if section.id == name:
            return section.table
    known = ", ".join(section.id for section in found.sections)
    raise CouncilError(f'--rows: expected one of {known}; found "{name}".')


def _json(found: PoolHealth) -> dict[str, object]:
    sections = {section.id: {"title": section.title, "figures": [vars(card) for card in section.cards],
                             "definition": section.definition, "rows": len(section.table)}
                for section in found.sections}  # fmt: skip
    return {"answer": found.answer, "sections": sections}
