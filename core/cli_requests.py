"""Commands about requests: who can give the references sales needs, and the clocks of referrals."""

from __future__ import annotations

import json

import typer

from core.cli_data import JsonOption, MonthOption, month_of_option
from core.cli_words import told
from core.services.home import open_month
from core.services.referrals import lane_view, sla_json
from core.services.requests import match_json, requests_view


def add_requests_commands(app: typer.Typer) -> None:
    """Add `match` and `sla` to the command line."""
    app.command("match")(match)
    app.command("sla")(sla)


def match(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """Open reference requests served together: who fits and why, who gives which, what to relax."""
    with told():
        data = open_month(month_of_option(month))
        if as_json:
            typer.echo(json.dumps(match_json(data), indent=1, ensure_ascii=False, allow_nan=False))
            return
        view = requests_view(data, {})
        typer.echo(f"{view.answer}\n{view.note}")
        for line in view.lines:
            if line.to_match:
                typer.echo(f"{line.deal}, needed by {line.needed_by}: {line.who}. {line.found}")
                typer.echo("\n".join(f"  {one.fit:.0f} {one.person}: {one.reasons}" for one in line.candidates))


def sla(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """Referrals with their clocks, breached first: what the system and what people took, what the referrer was told."""
    with told():
        data = open_month(month_of_option(month))
        if as_json:
            typer.echo(json.dumps(sla_json(data), indent=1, ensure_ascii=False, allow_nan=False))
            return
        view = lane_view(data, {})
        typer.echo(f"{view.answer}\n{view.note}")
        for line in view.lines:
            if line.status != "no_clock":
                typer.echo(f"  {line.company}, by {line.person}: {line.state_words}, {line.clock} {line.left}")
