"""Commands around a first import: a template to fill in, a mapping proposed, saved and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.cli_words import told
from core.errors import CouncilError, Problem
from core.model.presets import load_preset, read_mapping
from core.services.access import LOCAL_USER
from core.services.clock import now
from core.services.import_request import flags, stated, with_stated
from core.services.mappings import Suggestion, mapping_toml, save_mapping, saved_mapping, suggested_mapping
from core.services.templates import template_csv, template_notes, template_tables

MEANINGS = "MEANINGS.md"
"""File beside the templates that says what each column holds; an import does not read it."""

mapping_app = typer.Typer(no_args_is_help=True, help="How the files of a source become tables.")


def add_mapping_commands(app: typer.Typer) -> None:
    """Put `template` and `mapping` into the command line."""
    app.command()(template)
    app.add_typer(mapping_app, name="mapping")


def template(
    table: Annotated[str, typer.Argument(help="Table, or all with --out.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write <table>.csv to; printed if not given.")] = None,
) -> None:
    """The template of a table: header and two example rows; what each column means goes to standard error.

    With --out the meanings stand beside the templates, in MEANINGS.md.
    """
    with told():
        if out is None:
            typer.echo(template_csv(table), nl=False)
            typer.echo("\n".join(_notes(table)), err=True)
            return
        tables = template_tables()
        texts = {name: template_csv(name) for name in (tables if table == "all" else [table])}
        there = [path for path in (out / f"{name}.csv" for name in texts) if path.exists()]
        if there:
            raise CouncilError(f"template: {there[0]} is there already; nothing was overwritten")
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / f"{name}.csv").write_text(text, encoding="utf-8")
            typer.echo(f"{out / f'{name}.csv'} written")
        present = [name for name in tables if (out / f"{name}.csv").exists()]
        (out / MEANINGS).write_text(_meanings(present, tables), encoding="utf-8")
        typer.echo(f"{out / MEANINGS} written")


@mapping_app.command("suggest")
def suggest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    read: Annotated[
        list[str] | None, typer.Option(help="How a column is written: FILE:COLUMN=DD/MM/YYYY, or FILE=ENCODING.")
    ] = None,
) -> None:
    """Propose a mapping: TOML on standard output, the reasons and what is lacking on standard error."""
    with told():
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise CouncilError(f"mapping suggest: there is no file or folder {', '.join(map(str, missing))}")
        ways = [stated(text, "--read") for text in read or []]
        encodings = {way.file: way.value for way in ways if not way.column}
        suggestion, faults = suggested_mapping(LOCAL_USER, paths, encodings)
        typer.echo("\n".join([*_reasons(suggestion), *_unreadable(faults)]), err=True)
        typer.echo(mapping_toml(with_stated(paths, suggestion.mapping, ways, []) or suggestion.mapping), nl=False)


@mapping_app.command("save")
def save(
    source: Annotated[str, typer.Argument(help="Name the rows of this source are kept under.")],
    mapping: Annotated[Path | None, typer.Argument(help="Mapping file (TOML).")] = None,
    preset: Annotated[str | None, typer.Option(help="A preset instead of a file.")] = None,
) -> None:
    """Remember the mapping of a source: `import --source NAME` uses it."""
    with told():
        if (mapping is None) == (preset is None):
            raise CouncilError("mapping save: give either a mapping file or --preset")
        chosen = load_preset(preset) if preset else read_mapping(mapping or Path())
        known = saved_mapping(source)
        saved = save_mapping(LOCAL_USER, source, chosen, now(), known.version if known else None)
        typer.echo(f"{saved.source}: version {saved.version} saved by {saved.author}")


@mapping_app.command("show")
def show(source: Annotated[str, typer.Argument(help="Name of the source.")]) -> None:
    """Print the remembered mapping of a source as TOML."""
    with told():
        saved = saved_mapping(source)
        if saved is None:
            raise CouncilError(f'mapping show: no mapping is saved for "{source}"')
        typer.echo(mapping_toml(saved.mapping), nl=False)


def _notes(table: str) -> list[str]:
    return [
        f"{note.column}{'' if note.required else ' (may be empty)'}: {note.meaning} "
        f"Expected: {note.kind}{f' ({note.allowed})' if note.allowed else ''}."
        for note in template_notes(table)
    ]


def _meanings(names: Sequence[str], tables: Mapping[str, str]) -> str:
    """What every column of some templates holds, as a page of text."""
    parts = ["# What the columns hold", ""]
    for name in names:
        parts += [f"## {name}.csv", "", f"Unlocks {tables[name]}.", "", *(f"- {note}" for note in _notes(name)), ""]
    return "\n".join(parts)


def _unreadable(faults: Sequence[Problem]) -> Iterator[str]:
    """Why files cannot be read, with the option that mends it."""
    for item in faults:
        yield f"{item.place}: cannot be read: {item}"
        if ways := flags(item):
            yield f"  Add to the command: {'  or  '.join(ways)}"


def _reasons(suggestion: Suggestion) -> list[str]:
    lines = [f"Recognised: preset {suggestion.preset.replace('+', ' and ')}."] if suggestion.preset else []
    for match in suggestion.files:
        lines.append(f"{match.file}: {match.table or 'not read'} ({match.confidence:.2f}: {match.reason})")
        lines += [f"  {each.column} from {each.found} ({each.confidence:.2f}: {each.reason})" for each in match.columns]
    for item in suggestion.lacking:
        what = f"{item.table}.{item.column} in {item.file}" if item.column else f"a file for {item.table}"
        lines.append(f"Not found: {what} ({item.meaning.rstrip('.')})")
    return lines
