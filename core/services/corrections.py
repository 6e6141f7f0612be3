"""Corrections: one wrong cell of a fact row put right, kept by later imports, withdrawn, and shown."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
from sqlmodel import Session, select

from core.errors import InputProblems, RuleBroken, StaleRecord, check_length
from core.ingest.load import circles, overlapping_periods
from core.ingest.prepare import Stored, prepare
from core.schema import TABLES, Kind, Table
from core.services.access import Actor, require
from core.services.correction_list import CorrectionView, corrected_keys, corrections, view_of
from core.services.home import State, current_state, manifest_of, records_database
from core.settings import settings
from core.store.audit import audit
from core.store.cells import cell_text
from core.store.corrections import Cell, StoredRow, covered, find_row, patch
from core.store.facts import PartFiles
from core.store.facts_shape import connect, shape, text
from core.store.import_runs import FACTS, commit_manifest
from core.store.manifest import Manifest
from core.store.revisions import serialise
from core.store.tables import Correction

__all__ = ["CorrectionView", "correct", "corrected_keys", "corrections", "withdraw"]

NOTHING = "nothing was corrected"
TEXT_LENGTH = 500
"""Most characters of a reason; a form says so, a save refuses more."""
_CLOCK = r"[ T]\d{1,2}:\d\d(:\d\d(\.\d+)?)?"


def correct(
    actor: Actor, table: str, key: Mapping[str, object], column: str, new: object, reason: str, at: dt.datetime
) -> CorrectionView:
    """Correct one cell of a stored fact row; every query sees it, and later imports keep it.

    The value is checked as a cell of an import is: kind, range, allowed values, references, order of dates, overlaps.

    Args:
        actor: Who; needs the role finance.
        table: Fact table of the contract.
        key: Key columns and values of the row; a key column left out is empty.
        column: Column to correct; not one of the key, which names the row.
        new: The right value, as text or as a value; None or empty text empties the cell.
        reason: Why, in words.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason, no such table, column or row, or nothing would change.
        InputProblems: The value breaks a rule of the contract.
        CouncilError: Somebody else changed the facts in the meantime.
    """
    require(actor, "correct a value", "finance")
    target = _table(table, column, reason)
    texts = {part: cell_text(key.get(part)) or None for part in target.key}
    state = current_state()
    manifest = manifest_of(state)
    with _facts() as (connection, files):
        row = find_row(connection, files, manifest, shape(table), texts)
        if row is None:
            raise RuleBroken(f"{table}: there is no row with the key {_label(texts)}; {NOTHING}.")
        texts = {part: row.cells[part] for part in target.key}
        typed = cell_text(new) or None
        if typed and target.by_name[column].kind is Kind.INSTANT and re.search(r"(?i)\d ?[ap]m$", typed):
            raise RuleBroken(
                f'{table}: expected {column} as YYYY-MM-DD HH:MM:SS, without am and pm, found "{typed}"; {NOTHING}.'
            )
        value = _checked(target, manifest, row, column, typed)
        if value == row.cells[column]:
            raise RuleBroken(f"{table}: {column} of {_label(texts)} is {value or 'empty'} already; {NOTHING}.")
        made = Correction(
            table_name=table, key=texts, column_name=column, source=row.source, old=row.cells[column], new=value,
            delivered=row.cells[column], reason=reason.strip(), author=actor.name, at=at, manifest_id=0,
        )  # fmt: skip
        after = _patched(connection, files, manifest, made, row.cells[column], value)
        with records_database().write() as session:
            serialise(session, FACTS)
            _replace_earlier(session, made, at)
            _commit(session, actor, made, after, state, "correct", at)
            return view_of(made)


def withdraw(actor: Actor, correction: int, version: int, reason: str, at: dt.datetime) -> CorrectionView:
    """Let the source speak again: the cell becomes what the source last delivered.

    Args:
        actor: Who; needs the role finance.
        correction: Number of the correction.
        version: The version the user saw.
        reason: Why, in words.
        at: Time of the act, UTC.

    Raises:
        NotAllowed: The role is missing.
        RuleBroken: No reason, no such correction, or it holds no longer.
        StaleRecord: An import or somebody else changed it meanwhile.
        InputProblems: What the source says would break a rule, such as overlapping periods.
    """
    require(actor, "withdraw a correction", "finance")
    if not reason.strip():
        raise RuleBroken("Withdrawing a correction needs a reason; nothing was withdrawn.")
    state = current_state()
    manifest = manifest_of(state)
    with records_database().read() as session:
        found = session.get(Correction, correction)
    if found is None or found.state != "active":
        raise RuleBroken("There is no such correction, or it holds no longer; nothing was withdrawn.")
    with _facts() as (connection, files):
        after = _patched(connection, files, manifest, found, found.new, found.delivered)
        with records_database().write() as session:
            serialise(session, FACTS)
            row = session.get_one(Correction, correction)
            if row.version != version or row.state != "active":
                raise StaleRecord("The correction", "withdrawn", f"{row.state}, the source says {row.delivered}")
            row.state, row.retired_at = "retired", at
            row.retired_reason = f"withdrawn by {actor.name}: {reason.strip()}"
            row.version += 1
            _commit(session, actor, row, after, state, "withdraw", at)
            return view_of(row)


def _table(table: str, column: str, reason: str) -> Table:
    target = TABLES.get(table)
    if not reason.strip():
        raise RuleBroken(f"A correction needs a reason; {NOTHING}.")
    check_length("the reason", reason, TEXT_LENGTH)
    if target is None or target.group != "fact":
        raise RuleBroken(f'"{table}" is not a table of facts; {NOTHING}. Records are edited on their own screens.')
    if column not in target.by_name:
        raise RuleBroken(f'{table} has no column "{column}"; {NOTHING}.')
    if column in target.key:
        raise RuleBroken(
            f'"{column}" names the row of {table} and cannot be corrected here; {NOTHING}. '
            "Correct it at the source and import the table anew, replacing it."
        )
    return target


@contextmanager
def _facts() -> Iterator[tuple[duckdb.DuckDBPyConnection, PartFiles]]:
    with tempfile.TemporaryDirectory() as scratch, connect(Path(scratch)) as connection:
        yield connection, PartFiles(settings().facts_dir)


def _checked(target: Table, manifest: Manifest, row: StoredRow, column: str, new: str | None) -> str | None:
    """The value as the contract holds it, after the checks of an import of this one row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{target.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(row.cells)
            cells = {**row.cells, column: new}
            writer.writerow([_in_utc(target.by_name[each].kind, value or "") for each, value in cells.items()])
        with prepare([path], stored=Stored(settings().facts_dir, manifest), source=row.source) as prepared:
            if prepared.problems:
                told = [replace(item, place=target.name, line=None) for item in prepared.problems]
                raise InputProblems(told, NOTHING)
            sql = f'SELECT CAST("{column}" AS VARCHAR) FROM {prepared.facts[target.name]}'  # noqa: S608 - of the contract
            answer = prepared.connection.execute(sql).fetchone()
    return answer[0] if answer else None


def _in_utc(kind: Kind, value: str) -> str:
    """A cell as a file writes it: facts and corrections tell instants in UTC, a file without an offset does not."""
    return f"{value}Z" if kind is Kind.INSTANT and re.fullmatch(rf"[^ T]+{_CLOCK}", value) else value


def _patched(
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    manifest: Manifest,
    item: Correction,
    old: str | None,
    new: str | None,
) -> Manifest:
    """The facts with the cell changed in its row and in later versions that repeat it."""
    table = shape(item.table_name)
    rows = covered(connection, files, manifest, table, item)
    cells = [Cell(key, item.column_name, new) for key, value in rows if value == old]
    after = patch(connection, files, manifest, table, item.source, cells).manifest
    if item.table_name == "subscriptions":
        changed = f"(SELECT {text(item.key['subscription_id'])} AS subscription_id)"
        if problems := overlapping_periods(connection, files, after, changed):
            raise InputProblems(problems, "nothing was changed")
    if item.column_name == "parent_id" and (problems := circles(connection, files, after)):
        raise InputProblems(problems, "nothing was changed")
    return after


def _replace_earlier(session: Session, made: Correction, at: dt.datetime) -> None:
    """A cell corrected again has one correction that holds; the source's word is carried over."""
    known = session.exec(
        select(Correction).where(Correction.table_name == made.table_name, Correction.state == "active")
    ).all()
    for row in known:
        if row.key == made.key and row.column_name == made.column_name:
            if row.delivered == made.new:
                raise RuleBroken(f"That is what the source says: withdraw the correction instead; {NOTHING}.")
            made.old = made.delivered = row.delivered
            row.state, row.retired_at, row.retired_reason = "retired", at, f"corrected again by {made.author}"
            row.version += 1


def _commit(
    session: Session, actor: Actor, row: Correction, after: Manifest, state: State, act: str, at: dt.datetime
) -> None:
    made = commit_manifest(session, after, state.manifest_hash, act, at)
    assert made.id is not None
    if row.id is None:
        row.manifest_id = made.id
        session.add(row)
    else:
        row.retired_manifest_id = made.id
    session.flush()
    place = f"corrections/{row.id}"
    told = {"table": row.table_name, "key": row.key, "column": row.column_name}
    audit(session, at, actor.name, act, place, **told, old=row.delivered, new=row.new, reason=row.reason)


def _label(key: Mapping[str, str | None]) -> str:
    return ", ".join(f"{name} {value}" for name, value in key.items() if value is not None)
