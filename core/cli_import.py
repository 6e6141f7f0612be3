"""Importing on the command line: files in, what would change, what stands in the way and the option that mends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli_words import told
from core.cli_words import write_json as _print
from core.errors import CouncilError, InputProblems, Problem
from core.glossary import display_day, display_month
from core.ingest.mapping import BY_NAME
from core.model.presets import Preset, read_mapping
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.home import has_database
from core.services.import_as_of import command_for, day_words, state_as_of
from core.services.import_request import TRANSLATE, by_column, flags, preset_of, presets_of, stated, with_stated
from core.services.importing import ImportRefused, ImportReport, Skip, run_import
from core.services.mappings import saved_mapping
from core.store.facts import Mode

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_import_commands(app: typer.Typer) -> None:
    """Add `import` and `as-of` to the command line."""
    app.command("import")(import_)
    app.command("as-of")(as_of_)


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    preset: Annotated[
        list[str] | None, typer.Option(help="A preset, for example salesforce; give several for a mixed folder.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping file (TOML) instead of a preset.")] = None,
    source: Annotated[str | None, typer.Option(help="Name the rows are kept under; its saved mapping is used.")] = None,
    mode: Annotated[str, typer.Option(help="update, replace_months or replace_table.")] = "update",
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Day the files describe, YYYY-MM-DD; else their newest event, where it is after what is loaded."
        ),
    ] = None,
    read: Annotated[
        list[str] | None, typer.Option(help="How a column is written: FILE:COLUMN=DD/MM/YYYY, or FILE=ENCODING.")
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            help="Where a column comes from: FILE:CONTRACT_COLUMN=COLUMN_OF_THE_FILE. An amount is read as 12.50 of "
            "its currency, as cents where the column of the file has cent in its name."
        ),
    ] = None,
    translate: Annotated[
        list[str] | None, typer.Option(help="What a word of a column means: FILE:COLUMN=WORD=MEANING.")
    ] = None,
    skip: Annotated[bool, typer.Option("--skip", help="Leave out exactly the rows that have problems.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count, write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import CSV, XLSX or Parquet files: all of it becomes visible, or nothing."""
    options: dict[str, Any] = {"source": source, "dry_run": dry_run}
    try:
        options |= {"mode": _mode(mode), "as_of": day_of(as_of, "--as-of")}
        options["mapping"] = _rules(paths, preset or [], mapping, source, read or [], take or [], translate or [])
        report = _run(paths, options, skip)
    except InputProblems as error:
        if as_json:
            _print({"imported": False, "problems": [_problem(item) for item in error.problems]})
        else:
            typer.echo(_refused(error, () if preset or mapping else presets_of(paths)), err=True)
        raise typer.Exit(1) from None
    except CouncilError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    _print(report_json(report)) if as_json else typer.echo(report_text(report))


def as_of_(
    day: Annotated[str, typer.Argument(help="Day up to which the data are complete, YYYY-MM-DD.")],
    source: Annotated[str | None, typer.Option(help="Source it is said of; the one with the subscriptions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """State a later as-of date for what is loaded; `undo` takes it back."""
    with told():
        wanted = day_of(day, "as-of")
        assert wanted is not None
        month = state_as_of(LOCAL_USER, wanted, now(), source)
        if as_json:
            _print({"as_of": wanted, "newest_month": f"{month:%Y-%m}" if month else None})
            return
        newest = f"The newest month is {display_month(month)}." if month else "Subscriptions are not loaded yet."
        typer.echo(f"The data are known up to {display_day(wanted)}. {newest}")


def day_of(text: str | None, option: str) -> dt.date | None:
    """The day an option names; None when it was not given.

    Raises:
        CouncilError: It names no day.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise CouncilError(f'{option}: expected a day as YYYY-MM-DD, found "{text}"') from None


def report_text(report: ImportReport) -> str:
    """What an import did or would do, for people."""
    head = "Dry run, nothing was written." if report.dry_run else "Imported." if report.changed else "Nothing changed."
    lines = [
        f"  {item.table}: {item.new:,} new, {item.changed:,} changed, {item.same:,} same"
        + (f", {item.disappeared:,} disappeared" if item.disappeared else "")
        + (f", {item.conflicts:,} edited here and left as they are" if item.conflicts else "")
        for item in report.tables
    ]
    return "\n".join([head, *lines, _day(report), *(f"Warning: {item.place}: {item}" for item in report.warnings)])


def report_json(report: ImportReport) -> dict[str, Any]:
    """What an import did or would do, for scripts."""
    month = report.day.newest_month
    return {
        "imported": not report.dry_run,
        "source": report.source,
        "changed": report.changed,
        "as_of": report.as_of,
        "newest_month": f"{month:%Y-%m}" if month else None,
        "later": [_fields(item) for item in report.day.later],
        "tables": [_fields(item) for item in report.tables],
        "files": list(report.files),
        "warnings": [_problem(item) for item in report.warnings],
        "conflicts": [list(item) for item in report.conflicts],
        "skipped": [_fields(item) for item in report.skipped],
    }


def _run(paths: list[Path], options: dict[str, Any], skip: bool) -> ImportReport:
    """Import, a second time without the rows that have problems where that was asked for."""
    try:
        return run_import(LOCAL_USER, paths, now(), **options)
    except ImportRefused as refused:
        if not skip or not refused.skippable:
            raise
        left_out: Skip = refused.leave_out()
        return run_import(LOCAL_USER, paths, now(), **options, skip=left_out)


def _rules(
    paths: list[Path],
    presets: list[str],
    mapping: Path | None,
    source: str | None,
    read: list[str],
    take: list[str],
    translate: list[str],
) -> Preset | None:
    if mapping is not None and not mapping.is_file():
        raise CouncilError(f'--mapping: there is no file "{mapping}"')
    if mapping is not None and presets:
        raise CouncilError("import: give a preset or a mapping, not both")
    chosen = read_mapping(mapping) if mapping is not None else preset_of(presets)
    if chosen is None and source and has_database():
        saved = saved_mapping(source)
        chosen = saved.mapping if saved else None
    ways = [stated(text, "--read") for text in read]
    taken, words = ([stated(text, name) for text in own] for name, own in (("--take", take), (TRANSLATE, translate)))
    return with_stated(paths, chosen, ways, taken, words) or BY_NAME


def _mode(text: str) -> Mode:
    modes: dict[str, Mode] = {name: name for name in ("update", "replace_months", "replace_table")}
    if text not in modes:
        raise CouncilError(f'--mode: expected {", ".join(modes)}; found "{text}"')
    return modes[text]


def _refused(error: InputProblems, known: Sequence[str]) -> str:
    """The problems, and below them the options that mend them; `known` are presets of the files' systems."""
    ways = {item: flags(item) for item in error.problems}
    told, words = by_column(error.problems)
    lines = [InputProblems(told, error.consequence).render()]
    one = dict.fromkeys(found[0] for found in ways.values() if len(found) == 1)
    if one:
        lines.append(f"Add to the command: {' '.join(one)}")
    lines += [f"Add to the command one of: {'  or  '.join(found)}" for found in ways.values() if len(found) > 1]
    if words:
        lines.append(f"Add to the command, each with its meaning: {' '.join(words)}")
    rules = {item.rule for item in error.problems}
    if known and not rules.isdisjoint({"missing_column", "no_table"}):
        lines.append(f"Add to the command: {' '.join(f'--preset {name}' for name in known)}")
    elif not rules.isdisjoint({"missing_column", "no_table"}):
        if "missing_column" in rules:
            lines.append(
                'Say which column it is: --take "FILE:NEEDED_COLUMN=COLUMN_OF_THE_FILE", '
                'or "FILE:NEEDED_COLUMN==TEXT" for the same text in every row'
            )
        way = "python -m core mapping suggest FOLDER > mapping.toml, then --mapping mapping.toml"
        lines.append(f"{'Or have' if 'missing_column' in rules else 'Have'} all columns matched: {way}")
    if "as_of" in rules:
        lines.append("Add to the command: --as-of YYYY-MM-DD, the day the files were exported")
    if "other_source" in rules:
        lines.append("Add to the command: --source NAME, the one they are loaded from")
    rows = len({(row.file, row.line) for row in error.skippable}) if isinstance(error, ImportRefused) else 0
    if rows:
        lines.append(f"Or leave out exactly the {'row' if rows == 1 else f'{rows:,} rows'} listed: --skip")
    return "\n".join(lines)


def _day(report: ImportReport) -> str:
    if report.as_of is None:
        return day_words(report.day, report.dry_run)
    how = "as stated" if report.day.stated else "the newest event in the files; state another day with --as-of"
    later = report.day.later
    way = f" A later day is stated with: {command_for(later, report.dry_run)}" if later else ""
    return f"As of {display_day(report.as_of)} ({how}). {day_words(report.day, report.dry_run)}{way}"


def _problem(item: Problem) -> dict[str, Any]:
    return {
        "file": item.place, "line": item.line, "column": item.column, "found": item.found, "rule": item.rule,
        "message": item.message, "options": list(flags(item)),
    }  # fmt: skip


def _fields(item: Any) -> dict[str, Any]:
    """Fields of a slotted or plain dataclass, in order."""
    return {name: getattr(item, name) for name in item.__dataclass_fields__}
