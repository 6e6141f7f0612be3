"""Exports for other systems, as `python -m core export …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli_data import MonthOption, month_of_option
from core.cli_words import told
from core.services.clock import today
from core.services.crm_export import crm_frame
from core.services.export import csv_bytes, csv_text
from core.services.home import open_month


def add_export_commands(app: typer.Typer) -> None:
    """Add `export` to the command line."""
    export = typer.Typer(no_args_is_help=True, help="Files for other systems.")
    export.command("advocates")(advocates)
    app.add_typer(export, name="export")


def advocates(
    system: Annotated[str, typer.Option("--for", help="salesforce or hubspot.")],
    month: MonthOption = None,
    out: Annotated[Path | None, typer.Option(help="File to write; printed if not given.")] = None,
) -> None:
    """Tier, status, last ask and blocked until of every contact, as CSV under the names the other system uses."""
    with told():
        frame = crm_frame(open_month(month_of_option(month)), system, today())
        if out is None:
            typer.echo(csv_text(frame), nl=False)
            return
        out.write_bytes(csv_bytes(frame))
        typer.echo(f"{out}: {len(frame):,} contacts")
