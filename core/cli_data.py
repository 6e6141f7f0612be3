"""Commands around the data that are there: imports, taking one back, the tie-out with finance, what is loaded."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Hashable
from dataclasses import asdict
from typing import Annotated, Any

import pandas as pd
import typer

from core.cli_words import told
from core.errors import CouncilError
from core.glossary import display, display_day, display_month
from core.services.access import LOCAL_USER
from core.services.clock import moment_words, now
from core.services.corrections import corrections
from core.services.data_conflicts import data_conflicts
from core.services.data_state import SourceFreshness, coverage, freshness
from core.services.export import csv_text
from core.services.home import open_month
from core.services.import_as_of import command_for, later_in_store
from core.services.import_undo import UndoReport, undo_import
from core.services.importing import RunReport, import_runs
from core.services.record_conflicts import open_conflicts
from core.services.tie_out import REASONS, TieLine, TieOut, tie_out, tie_out_json
from core.stats.months import month_from

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV: one row per account and figure.")]
MonthOption = Annotated[
    str | None, typer.Option("--month", help="Month as YYYY-MM; the last complete one if not given.")
]


def add_data_commands(app: typer.Typer) -> None:
    """Add `imports`, `undo`, `tie-out` and `data` to the command line."""
    app.command("imports")(imports)
    app.command("undo")(undo)
    app.command("tie-out")(tie)
    app.command("data")(data)


def imports(as_json: JsonOption = False) -> None:
    """Every import, newest first: what it read, what it changed, whether it was taken back."""
    with told():
        runs = import_runs()
        if as_json:
            _print([asdict(run) for run in runs])
            return
        typer.echo("\n".join(_run(run) for run in runs) or "Nothing was imported yet.")


def undo(
    source: Annotated[str | None, typer.Option(help="Take back the newest import of this source.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take back the newest import; import the files again to undo this."""
    with told():
        report = undo_import(LOCAL_USER, now(), source=source, dry_run=dry_run)
        _print(asdict(report)) if as_json else typer.echo(_undone(report))


def tie(month: MonthOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """ARR, new ARR and bookings beside finance's, per account and in total; ends with 2 when they differ."""
    with told():
        result = tie_out(open_month(month_of_option(month)))
    if as_json:
        _print(tie_out_json(result))
    elif as_csv:
        typer.echo(csv_text(result.rows), nl=False)
    else:
        typer.echo(_tied(result))
    if result.ties is False:
        raise typer.Exit(2)


def data(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """How fresh the sources are, what is loaded, what was corrected, and where tables or people disagree."""
    with told():
        sources, tables, loaded = freshness(), coverage(), open_month(month_of_option(month))
        found = [item for item in data_conflicts(loaded) if item.count]
        later = later_in_store()
        if as_json:
            _print(
                {
                    "sources": [asdict(item) for item in sources],
                    "later": [asdict(item) for item in later.rows],
                    "tables": [asdict(item) for item in tables],
                    "corrections": [asdict(item) for item in corrections()],
                    "edited_here": [asdict(item) for item in open_conflicts()],
                    "contradictions": [{**asdict(item), "rows": _records(item.rows)} for item in found],
                }
            )
            return
        typer.echo("\n".join(f"{item.source}: {_age(item)}, {item.rows:,} rows" for item in sources))
        if later.rows:
            typer.echo(f"{later.words} If these days are past: {command_for(later.rows)}")
        missing = [item.table for item in tables if not item.loaded]
        typer.echo(f"Not loaded: {', '.join(missing) or 'nothing'}")
        typer.echo(f"Corrected cells: {len(corrections())}; edited here and different at the source: ", nl=False)
        typer.echo(f"{len(open_conflicts())}")
        typer.echo("\n".join(f"{item.label}: {item.sentence} {item.advice}" for item in found))


def month_of_option(text: str | None) -> dt.date | None:
    """The month a `--month` option names; None when it was not given.

    Raises:
        CouncilError: It names no month.
    """
    wanted = month_from(text) if text else None
    if text and wanted is None:
        raise CouncilError(f'--month: expected a month as YYYY-MM, found "{text}"')
    return wanted


def _records(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Rows of a frame, None where empty."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def _age(item: SourceFreshness) -> str:
    if item.as_of is None:
        return item.reason or "age unknown"
    behind = f", {item.age_days} days behind the newest source" if item.age_days else ""
    usual = f", usually every {item.rhythm_days} days" if item.rhythm_days else ""
    return f"{'old' if item.stale else 'fresh'}, as of {display_day(item.as_of)}{behind}{usual}"


def _print(value: object) -> None:
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=str))


def _run(run: RunReport) -> str:
    changed = ", ".join(
        f"{item.table} +{item.new:,} ~{item.changed:,} -{item.disappeared:,}"
        for item in run.tables
        if item.new or item.changed or item.disappeared
    )
    day = f", as of {display_day(run.as_of)}" if run.as_of else ""
    undone = f", taken back by {run.undone_by}" if run.undone_at else ""
    return f"{run.id}: {run.source} by {run.actor} on {moment_words(run.at)}{day}{undone}: {changed or 'no rows'}"


def _undone(report: UndoReport) -> str:
    head = f"{'Would take' if report.dry_run else 'Took'} back import {report.run_id} of {report.source}."
    facts = [
        f"  {item.table}: {item.rows_now:,} rows"
        + (", values as before" if item.rows_now == item.rows_then else f", then {item.rows_then:,}")
        for item in report.facts
    ]
    records = [f"  {item.table}: {item.removed:,} removed, {item.restored:,} as before" for item in report.records]
    return "\n".join([head, *facts, *records])


def _tied(result: TieOut) -> str:
    if result.reason:
        return f"{display_month(result.month)}: nothing to compare: {result.reason}."
    return "\n".join([f"{display_month(result.month)}", *(_line(line, result.currency) for line in result.lines)])


def _line(line: TieLine, currency: str) -> str:
    if line.product is None or line.finance is None or line.difference is None:
        return f"  {line.label}: not compared ({line.reason})"
    figures = f"{display(line.product, 'money', currency)}, finance {display(line.finance, 'money', currency)}"
    parts = [
        f"{display(part, 'money', currency, signed=True)} {REASONS[name]}" for name, part in line.explained.items()
    ]
    count = line.accounts_differing
    accounts = f"; {count} {'account differs' if count == 1 else 'accounts differ'}" if count else ""
    return f"  {line.label}: {line.state}: {figures}{accounts}{'; ' if parts else ''}{'; '.join(parts)}"
