"""Checking a draft, importing it, taking it back, and remembering its mapping."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Any

from core.errors import CouncilError, Problem
from core.ingest.progress import Progress, silent
from core.ingest.skipping import ImportRefused, Skip
from core.ingest.written import ColumnReading, FileRead
from core.model.mapping_toml import mapping_toml
from core.model.presets import Preset
from core.services.access import Actor
from core.services.import_draft import Draft
from core.services.import_report import ImportReport
from core.services.import_undo import UndoReport, undo_import
from core.services.importing import run_import
from core.services.mappings import Saved, save_mapping


@dataclass(frozen=True)
class Checked:
    """What an import would do, or why it would be refused.

    Attributes:
        report: What it would do; None when it would be refused.
        problems: Why it would be refused.
        skip: Leaves out the rows of all problems that have one; None when there are none.
        read: How each file was read.
        error: Why it could not be checked at all; empty when it could.
    """

    report: ImportReport | None = None
    problems: tuple[Problem, ...] = ()
    skip: Skip | None = None
    read: tuple[FileRead, ...] = ()
    error: str = ""


def check(actor: Actor, draft: Draft, at: dt.datetime, progress: Progress = silent) -> Checked:
    """What the import would do; nothing is written."""
    try:
        report = _run(actor, draft, at, dry_run=True, progress=progress)
    except ImportRefused as refused:
        skip = refused.leave_out() if refused.skippable else None
        return Checked(problems=refused.problems, skip=skip, read=refused.read)
    except CouncilError as error:
        return Checked(error=str(error))
    return Checked(report=report, read=_read(report))


def commit(actor: Actor, draft: Draft, at: dt.datetime, progress: Progress = silent) -> ImportReport:
    """Import: all of it becomes visible, or nothing. Raises as `run_import`."""
    return _run(actor, draft, at, dry_run=False, progress=progress)


def take_back(actor: Actor, source: str, run_id: int, at: dt.datetime) -> UndoReport:
    """Take back one import, as long as it is the newest of its source. Raises as `undo_import`."""
    newest = undo_import(actor, at, source=source, dry_run=True).run_id
    if newest != run_id:
        raise CouncilError(
            f"undo: {source} was imported again since (import {newest}); nothing was taken back. "
            "Take that one back first."
        )
    return undo_import(actor, at, source=source)


def remember(actor: Actor, draft: Draft, at: dt.datetime) -> Saved:
    """Keep the mapping for the next files of the source. Raises as `save_mapping`."""
    return save_mapping(actor, draft.source, lasting(draft.mapping), at, draft.version)


def _run(actor: Actor, draft: Draft, at: dt.datetime, *, dry_run: bool, progress: Progress) -> ImportReport:
    return run_import(
        actor,
        [draft.folder],
        at,
        mapping=draft.mapping,
        mode=draft.mode,
        as_of=draft.as_of,
        dry_run=dry_run,
        source=draft.source,
        skip=draft.skip,
        progress=progress,
    )


def lasting(mapping: Preset) -> Preset:
    """The mapping with file names that fit next month's files: digits of a name, as in a date, may be others then."""
    tables = {}
    for name, rule in mapping.tables.items():
        wide = [re.sub(r"\d[\d_.-]*(?=\.|[^\d_.-])", "*", file) for file in rule.files if "*" not in file]
        tables[name] = replace(rule, files=tuple(dict.fromkeys((*rule.files, *wide))))
    return replace(mapping, tables=tables)


def _read(report: ImportReport) -> tuple[FileRead, ...]:
    """How the files were read, from the report's own words."""
    found = []
    for item in report.files:
        values: dict[str, Any] = {**item}
        values["ignored"] = tuple(values["ignored"])
        values["readings"] = tuple(ColumnReading(**each) for each in values["readings"])
        found.append(FileRead(**values))
    return tuple(found)


def draft_key(draft: Draft) -> str:
    """What a check depends on, as text: equal when it would find the same."""
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(draft.folder.iterdir())]
    return repr((files, mapping_toml(draft.mapping), draft.source, draft.mode, draft.as_of, draft.skip))
