"""Commands about requests: who can give the references sales needs, and the clocks of referrals."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import typer

from core.cli_data import JsonOption, MonthOption, month_of_option
from core.cli_words import told
from core.services.clock import now, today
from core.services.home import Month, open_month
from core.services.referrals import lane_view, sla_json
from core.services.requests import match_json, requests_view


def add_requests_commands(app: typer.Typer) -> None:
    """Add `match` and `sla` to the command line."""
    app.command("match")(match)
    app.command("sla")(sla)


def match(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """Open reference requests served together: who fits and why, who gives which, what to relax."""
    _print(month, _match_json if as_json else _match_lines)


def sla(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """Referrals with their clocks, breached first: what the system and what people took, what the referrer was told."""
    _print(month, _sla_json if as_json else _sla_lines)


def _print(month: str | None, found: Callable[[Month], str | list[dict[str, Any]]]) -> None:
    """What was found in a month, as text or as JSON."""
    with told():
        said = found(open_month(month_of_option(month)))
        typer.echo(said if isinstance(said, str) else json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False))


def _match_json(month: Month) -> list[dict[str, Any]]:
    return match_json(month, today())


def _match_lines(month: Month) -> str:
    view = requests_view(month, {}, now())
    lines = [view.answer, view.note]
    for line in view.lines:
        if line.to_match:
            lines.append(f"{line.deal}, needed by {line.needed_by}: {line.who}. {line.found}")
            lines += [f"  {one.fit:.0f} {one.person}: {one.reasons}" for one in line.candidates]
    return "\n".join(lines)


def _sla_json(month: Month) -> list[dict[str, Any]]:
    return sla_json(month, now())


def _sla_lines(month: Month) -> str:
    view = lane_view(month, {}, now())
    waiting = [line for line in view.lines if line.status != "no_clock"]
    lines = [
        f"  {line.company}, by {line.person}: {line.state_words}, {line.clock} {line.clock_left}"
        + "".join(f"; {label.lower()} {words}" for label, words in line.slipped)
        for line in waiting
    ]
    return "\n".join([view.answer, view.note, *lines])
