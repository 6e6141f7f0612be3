"""Commands about customers: where they stand on the path from contract to referrer, and cohorts at equal ages."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from core.cli_data import JsonOption, MonthOption, month_of_option
from core.cli_words import told
from core.errors import CouncilError
from core.services.clock import today
from core.services.cohort_rows import cohorts_json, triangle_frame
from core.services.cohort_words import answer, caution, facts, note
from core.services.cohorts import cohorts as cohorts_view
from core.services.cohorts import query_of
from core.services.export import csv_text
from core.services.home import Month, open_month
from core.services.path import path_json, path_view
from core.services.path_accounts import accounts_frame


def add_customer_commands(app: typer.Typer) -> None:
    """Add `path` and `cohorts` to the command line."""
    app.command("path")(path)
    app.command("cohorts")(cohorts)


def path(
    month: MonthOption = None,
    by: Annotated[str | None, typer.Option(help="segment: one result per segment.")] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV: one row per active account.")] = False,
) -> None:
    """Where customers stand from contract to referrer, who waits too long, who is silent."""
    with told():
        if by not in (None, "segment"):
            raise CouncilError(f'--by: expected segment, found "{by}"')
        data = open_month(month_of_option(month))
        if as_json:
            result = path_json(data, by_segment=by is not None)
            shown = result if by else result[0]
            typer.echo(json.dumps(shown, indent=1, ensure_ascii=False, allow_nan=False, default=str))
        elif as_csv:
            typer.echo(csv_text(accounts_frame(data, today())), nl=False)
        else:
            groups: list[str | None] = list(data.facts.segments) if by else [None]
            typer.echo("\n\n".join(_told(data, segment) for segment in groups))


def cohorts(
    month: MonthOption = None,
    by: Annotated[
        str | None, typer.Option(help="all, channel, segment, tier, product or advocate; all if not given.")
    ] = None,
    measure: Annotated[
        str | None, typer.Option(help="logo, gross, net, arr, margin, adoption or value; logo if not given.")
    ] = None,
    width: Annotated[
        str | None, typer.Option(help="month, quarter, half or year of the start; what fits if not given.")
    ] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV: one row per cohort and age.")] = False,
) -> None:
    """Customers by when they started: how they stay and grow, and whether two groups differ at an equal age."""
    with told():
        query = query_of(by, measure, width)
        data = open_month(month_of_option(month))
        view = cohorts_view(data, query)
        if as_json:
            typer.echo(json.dumps(cohorts_json(view), indent=1, ensure_ascii=False, allow_nan=False))
        elif as_csv:
            typer.echo(csv_text(triangle_frame(view)), nl=False)
        else:
            compared = [f"  {label}: {figure} ({about})" for label, figure, about in facts(view)]
            typer.echo("\n".join(line for line in (answer(view), note(view, data), *compared, caution(view)) if line))


def _told(month: Month, segment: str | None) -> str:
    view = path_view(month, segment)
    lines = [f"{segment}: {view.answer}" if segment else view.answer, view.note]
    for line in view.stages:
        said = (
            f"not known: {line.unknown}" if line.unknown else f"{line.figures}{f'; {line.step}' if line.step else ''}"
        )
        lines.append(f"  {line.label}: {said}")
    return "\n".join(lines)
