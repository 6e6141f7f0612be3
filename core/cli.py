"""Command line: import, demo company, figures and rows, for scripts and for finance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from core.cli_correct import add_correction_commands
from core.cli_council import add_council_commands
from core.cli_customers import add_customer_commands
from core.cli_data import JsonOption, MonthOption, add_data_commands
from core.cli_export import add_export_commands
from core.cli_import import add_import_commands, report_text
from core.cli_mapping import add_mapping_commands
from core.cli_pool import add_pool_commands
from core.cli_requests import add_requests_commands
from core.cli_words import told as _told
from core.demo import generate, write
from core.errors import CouncilError
from core.glossary import display, display_day, display_interval, display_month
from core.kpis.result import KpiResult, State
from core.services.access import LOCAL_USER
from core.services.advocate_rows import advocates_frame, advocates_json
from core.services.advocates import advocates as list_of_advocates
from core.services.budget import optimise_json
from core.services.clock import real_now, today
from core.services.definitions import definitions_markdown
from core.services.export import csv_text
from core.services.fact_rows import marked
from core.services.home import Month, open_month
from core.services.importing import ensure_demo
from core.services.maturity import matrices, maturity_json, quarter_of
from core.services.maturity import maturity as maturity_view
from core.services.overview import month_kpis, segments
from core.services.rows import rows_behind
from core.services.targets import read_targets
from core.settings import ROOT
from core.stats.months import month_from

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
add_mapping_commands(app)
add_data_commands(app)
add_import_commands(app)
add_correction_commands(app)
add_customer_commands(app)
add_council_commands(app)
add_export_commands(app)
add_requests_commands(app)
add_pool_commands(app)

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
        report = ensure_demo(LOCAL_USER, real_now())
        typer.echo(report_text(report) if report else "The home already holds a company; nothing was loaded.")


@app.command()
def kpis(
    month: MonthOption = None,
    by: Annotated[str | None, typer.Option(help="segment: one result per KPI and segment.")] = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Every KPI of a month."""
    with _told():
        if by not in (None, "segment"):
            raise CouncilError(f'--by: expected segment, found "{by}"')
        data = _month(month)
        groups: list[str | None] = list(segments(data)) if by else [None]
        results = [(group, result) for group in groups for result in month_kpis(data, group).values()]
        lines = [_kpi_json(result, group, bool(by)) for group, result in results]
        if as_json:
            _print(lines)
            return
        if as_csv:
            typer.echo(csv_text(pd.DataFrame(lines)), nl=False)
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
    as_json: JsonOption = False,
) -> None:
    """The rows behind a KPI, corrected ones first; their sums are the arguments of its formula."""
    with _told():
        behind = marked(rows_behind(_month(month), kpi, segment))
        if as_json:
            cells = behind.frame.astype(object).where(behind.frame.notna(), None)
            _print({"kpi": kpi, "title": behind.title, "tie": behind.tie, "rows": cells.to_dict("records")})
        elif as_csv:
            typer.echo(csv_text(behind.frame), nl=False)
        else:
            typer.echo(f"{behind.title}\n{behind.shown.fillna('').to_string(index=False)}\n\n{behind.tie}")


@app.command()
def advocates(month: MonthOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """Scores, next ask and what stands in its way, for every contact."""
    with _told():
        data = _month(month)
        if as_json:
            _print(advocates_json(data, today()))
        elif as_csv:
            typer.echo(csv_text(advocates_frame(data, today())), nl=False)
        else:
            view = list_of_advocates(data, today())
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
