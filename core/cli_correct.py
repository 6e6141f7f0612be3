"""Putting data right on the command line: correct a cell, withdraw a correction, decide a conflict."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from core.cli_words import told, write_json
from core.errors import CouncilError
from core.glossary import display_day
from core.schema import TABLES
from core.services.access import LOCAL_USER
from core.services.cell_words import cell_words, column_label, typed_cell
from core.services.clock import local_day, now
from core.services.corrections import CorrectionView, correct, corrections, withdraw
from core.services.record_conflicts import OpenConflict, Side, open_conflicts, resolve_conflict

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the correction.")]


def add_correction_commands(app: typer.Typer) -> None:
    """Add `correct`, `corrections`, `withdraw`, `conflicts` and `resolve` to the command line."""
    app.command("correct")(correct_)
    app.command("corrections")(corrections_)
    app.command("withdraw")(withdraw_)
    app.command("conflicts")(conflicts)
    app.command("resolve")(resolve)


def correct_(
    table: Annotated[str, typer.Argument(help="Table, for example subscriptions.")],
    key: Annotated[list[str], typer.Option("--key", help="COLUMN=VALUE; once for each column of the key.")],
    column: Annotated[str, typer.Option(help="Column to correct.")],
    value: Annotated[str, typer.Option(help="The right value; amounts in units, such as 1200.00; empty to empty it.")],
    reason: Reason,
    as_json: JsonOption = False,
) -> None:
    """Correct one cell; later imports keep the correction."""
    with told():
        known = table in TABLES and column in TABLES[table].by_name
        cell = typed_cell(table, column, value) if known else value
        made = correct(LOCAL_USER, table, _key(key), column, cell, reason, now())
        write_json(asdict(made)) if as_json else typer.echo(_correction(made))


def corrections_(
    ended: Annotated[bool, typer.Option("--ended", help="Those that hold no longer, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Corrected cells, newest first."""
    with told():
        found = corrections(active=not ended)
        if as_json:
            write_json([asdict(item) for item in found])
        else:
            typer.echo("\n".join(map(_correction, found)) or "Nothing is corrected.")


def withdraw_(
    number: Annotated[int, typer.Argument(help="Number of the correction, as `corrections` lists it.")],
    reason: Reason,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a correction: the cell says again what the source says."""
    with told():
        known = next((item for item in corrections() if item.id == number), None)
        done = withdraw(LOCAL_USER, number, known.version if known else 0, reason, now())
        write_json(asdict(done)) if as_json else typer.echo(_correction(done))


def conflicts(as_json: JsonOption = False) -> None:
    """Cells edited here that a source wants otherwise, oldest first; `resolve` decides."""
    with told():
        found = open_conflicts()
        if as_json:
            write_json([asdict(item) for item in found])
        else:
            typer.echo("\n".join(map(_conflict, found)) or "No cell is in conflict.")


def resolve(
    number: Annotated[int, typer.Argument(help="Number of the conflict, as `conflicts` lists it.")],
    keep: Annotated[str, typer.Option(help="ours keeps what was edited here, theirs takes what the source says.")],
    as_json: JsonOption = False,
) -> None:
    """Decide a conflict between an edit made here and a source."""
    with told():
        sides: dict[str, Side] = {"ours": "ours", "theirs": "theirs"}
        if keep not in sides:
            raise CouncilError(f'--keep: expected ours or theirs, found "{keep}"')
        resolve_conflict(LOCAL_USER, number, sides[keep], now())
        left = len(open_conflicts())
        write_json({"resolved": number, "keep": keep, "open": left}) if as_json else typer.echo(
            f"Conflict {number} is decided; {left} {'is' if left == 1 else 'are'} left."
        )


def _key(parts: list[str]) -> dict[str, object]:
    key: dict[str, object] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals:
            raise CouncilError(f'--key: expected COLUMN=VALUE, found "{part}"')
        key[name] = value
    return key


def _correction(item: CorrectionView) -> str:
    key = ", ".join(f"{name} {value}" for name, value in item.key.items() if value is not None)
    before, after = (cell_words(item.table, item.column, cell) for cell in (item.delivered, item.new))
    end = f"; ended: {item.retired_reason}" if item.retired_reason else ""
    return (
        f"{item.id}: {item.table}, {key}, {column_label(item.column)}: {before} → {after} "
        f"({item.author}, {display_day(local_day(item.at))}: {item.reason}){end}"
    )


def _conflict(item: OpenConflict) -> str:
    here, there = (cell_words(item.table, item.column, cell) for cell in (item.ours, item.theirs))
    return (
        f"{item.id}: {item.table}, {item.key}, {column_label(item.column)}: here {here}, {item.source} says {there} "
        f"(since {display_day(local_day(item.since))})"
    )
