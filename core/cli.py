"""Command line: import, demo company, figures and rows, for scripts and for finance."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli_data import add_data_commands
from core.cli_mapping import add_mapping_commands
from core.cli_words import told as _told
from core.demo import generate, write
from core.errors import CouncilError, InputProblems
from core.glossary import display, display_day, display_interval, display_month
from core.kpis.result import KpiResult, State
from core.services.access import LOCAL_USER
from core.services.advocates import advocates as list_of_advocates
from core.services.advocates import advocates_frame, advocates_json
from core.services.budget import optimise_json
from core.services.clock import now
from core.services.definitions import definitions_markdown
from core.services.export import csv_text
from core.services.home import Month, open_month
from core.services.importing import ImportReport, ensure_demo, run_import
from core.services.maturity import matrices, maturity_json, quarter_of
from core.services.maturity import maturity as maturity_view
from core.services.overview import month_kpis, segments
from core.services.rows import rows_behind
from core.services.targets import read_targets
from core.settings import ROOT
from core.stats.months import month_from
from core.store.facts import Mode

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
add_mapping_commands(app)
add_data_commands(app)

MonthOption = Annotated[
    str | None, typer.Option("--month", help="Month as YYYY-MM; the last complete one if not given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def _month(text: str | None) -> Month:
    wanted = None
    if text is not None:
        wanted = month_from(text)
        if wanted is None:
            raise CouncilError(f'--month: expected a month as YYYY-MM, found "{text}"')
    return open_month(wanted)


def _print(value: object) -> None:
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=str))


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    preset: Annotated[str | None, typer.Option(help="Name of a preset, for example ravenstack.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping file (TOML) instead of a preset.")] = None,
    source: Annotated[str | None, typer.Option(help="Name the rows are kept under; its saved mapping is used.")] = None,
    mode: Annotated[str, typer.Option(help="update, replace_months or replace_table.")] = "update",
    as_of: Annotated[str | None, typer.Option(help="Day the files describe, YYYY-MM-DD.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import CSV or Parquet files: all of it becomes visible, or nothing."""
    try:
        if mapping is not None and not mapping.is_file():
            raise CouncilError(f'--mapping: there is no file "{mapping}"')
        report = run_import(
            LOCAL_USER,
            paths,
            now(),
            preset=preset,
            mapping=mapping,
            source=source,
            mode=_mode(mode),
            as_of=_day(as_of),
            dry_run=dry_run,
        )
    except InputProblems as error:
        if as_json:
            _print({"imported": False, "problems": [_problem(item) for item in error.problems]})
        else:
            typer.echo(error.render(), err=True)
        raise typer.Exit(1) from None
    except CouncilError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    _print(_report_json(report)) if as_json else typer.echo(_report_text(report))


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(min=1, help="Number of accounts.")],
    months: Annotated[int, typer.Option(min=13, help="Months of history.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    kind: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
) -> None:
    """Generate a demo company with its planted truth."""
    with _told():
        if kind not in ("csv", "parquet"):
            raise CouncilError(f'--format: expected csv or parquet, found "{kind}"')
        company = generate(accounts, months, seed)
        write(company, out, "csv" if kind == "csv" else "parquet")
        typer.echo(f"{out}: {len(company.tables)} tables, {sum(map(len, company.tables.values())):,} rows, truth.json")


@app.command("ensure-demo")
def ensure_demo_() -> None:
    """Load the demo company into an empty home; leave a filled one alone."""
    with _told():
        report = ensure_demo(LOCAL_USER, now())
        typer.echo(_report_text(report) if report else "The home already holds a company; nothing was loaded.")


@app.command()
def kpis(
    month: MonthOption = None,
    by: Annotated[str | None, typer.Option(help="segment: one result per KPI and segment.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Every KPI of a month."""
    with _told():
        if by not in (None, "segment"):
            raise CouncilError(f'--by: expected segment, found "{by}"')
        data = _month(month)
        groups: list[str | None] = list(segments(data)) if by else [None]
        results = [(group, result) for group in groups for result in month_kpis(data, group).values()]
        if as_json:
            _print([_kpi_json(result, group, bool(by)) for group, result in results])
            return
        typer.echo(f"{display_month(data.month)}, as of {display_day(data.as_of)}")
        for group, result in results:
            head = f"{group}: " if group else ""
            typer.echo(f"{head}{result.label} [{result.id}]: {_spoken(result)}")


@app.command()
def rows(
    kpi: Annotated[str, typer.Argument(help="Id of the KPI.")],
    month: MonthOption = None,
    segment: Annotated[str | None, typer.Option(help="Only this segment.")] = None,
    as_csv: CsvOption = False,
) -> None:
    """The rows behind a KPI; their sums are the arguments of its formula."""
    with _told():
        behind = rows_behind(_month(month), kpi, segment)
        if as_csv:
            typer.echo(csv_text(behind.frame), nl=False)
        else:
            typer.echo(f"{behind.title}\n{behind.shown.fillna('').to_string(index=False)}\n\n{behind.tie}")


@app.command()
def advocates(month: MonthOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """Scores, next ask and what stands in its way, for every contact."""
    with _told():
        data = _month(month)
        if as_json:
            _print(advocates_json(data))
        elif as_csv:
            typer.echo(csv_text(advocates_frame(data)), nl=False)
        else:
            view = list_of_advocates(data)
            typer.echo(f"{view.answer}\n{view.note}")
            for row in view.ask.to_dict("records"):
                typer.echo("  " + " · ".join(str(value) for name, value in row.items() if name != "contact_id"))


@app.command()
def maturity(month: MonthOption = None, as_json: JsonOption = False) -> None:
    """Claimed, measured and reported level of every capability."""
    with _told():
        data = _month(month)
        views = [maturity_view(data, quarter_of(data.as_of), "", read_targets(), item.id) for item in matrices()]
        if as_json:
            _print([row for view in views for row in maturity_json(view)])
            return
        for view in views:
            typer.echo(f"{view.matrix.label}: {view.answer}")
            for row in maturity_json(view):
                names = ("claimed", "measured", "reported", "target")
                levels = ", ".join(f"{name} {row[name] if row[name] is not None else '–'}" for name in names)
                typer.echo(f"  {row['id']}: {levels} ({str(row['status']).replace('_', ' ')})")


@app.command()
def optimise(
    month: MonthOption = None,
    cap: Annotated[
        float | None, typer.Option(help="Largest change of a line, as a fraction; 0.2 if not given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The allocation that is expected to earn most under today's total."""
    with _told():
        result = optimise_json(_month(month), cap)
        if as_json:
            _print(result)
            return
        expected, currency = result["expected"], result["currency"]
        gain = display(expected["gain"], "money", currency, signed=True)
        band = display_interval(expected["low90"], expected["high90"], "money", currency)
        typer.echo(f"Expected gain in 12 months {gain} (90 %: {band}): {expected['label']}")
        for line in result["lines"]:
            amounts = " to ".join(display(line[name], "money", currency) for name in ("current", "proposed"))
            typer.echo(f"  {line['label']}: {amounts} ({line['evidence']})")


@app.command()
def docs() -> None:
    """Write docs/definitions.md from the registry."""
    target = ROOT / "docs" / "definitions.md"
    target.write_text(definitions_markdown(), encoding="utf-8")
    typer.echo(f"{target.relative_to(ROOT)} written")


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise CouncilError(f'--as-of: expected a day as YYYY-MM-DD, found "{text}"') from None


def _mode(text: str) -> Mode:
    modes: dict[str, Mode] = {name: name for name in ("update", "replace_months", "replace_table")}
    if text not in modes:
        raise CouncilError(f'--mode: expected {", ".join(modes)}; found "{text}"')
    return modes[text]


def _kpi_json(result: KpiResult, segment: str | None, by_segment: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": result.id,
        "value": result.value if result.shown else None,
        "low": result.low if result.shown else None,
        "high": result.high if result.shown else None,
        "n": result.n,
        "unit": result.unit,
        "status": result.state.value,
        "reason": result.reason,
        "previous": result.previous,
        "year_ago": result.year_ago,
        "currency": result.currency or None,
    }
    return {"segment": segment, **row} if by_segment else row


def _spoken(result: KpiResult) -> str:
    if not result.shown:
        state = result.state.value.replace("_", " ")
        return f"{state} ({(result.reason or '').removeprefix(f'{state}: ')})"
    text = display(result.value, result.unit, result.currency)
    if result.low is not None:
        text += f" (95 %: {display_interval(result.low, result.high, result.unit, result.currency)})"
    flag = f"; {result.reason}" if result.state is not State.OK else ""
    return f"{text}, n {result.n}{flag}"


def _problem(item: Any) -> dict[str, Any]:
    return {
        "file": item.place, "line": item.line, "column": item.column, "found": item.found, "rule": item.rule,
        "message": item.message,
    }  # fmt: skip


def _report_json(report: ImportReport) -> dict[str, Any]:
    return {
        "imported": not report.dry_run,
        "source": report.source,
        "changed": report.changed,
        "tables": [vars_of(item) for item in report.tables],
        "files": list(report.files),
        "warnings": [_problem(item) for item in report.warnings],
        "conflicts": [list(item) for item in report.conflicts],
    }


def vars_of(item: Any) -> dict[str, Any]:
    """Fields of a slotted or plain dataclass, in order."""
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def _report_text(report: ImportReport) -> str:
    head = "Dry run, nothing was written." if report.dry_run else "Imported." if report.changed else "Nothing changed."
    lines = [
        f"  {item.table}: {item.new:,} new, {item.changed:,} changed, {item.same:,} same"
        + (f", {item.disappeared:,} disappeared" if item.disappeared else "")
        + (f", {item.conflicts:,} edited here and left as they are" if item.conflicts else "")
        for item in report.tables
    ]
    return "\n".join([head, *lines, *(f"Warning: {item.place}: {item}" for item in report.warnings)])
