"""Corrections once an import is taken back: what the source says again, and what stays corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
from sqlmodel import Session, col, select

from core.store.corrections import Cell, covered, patch
from core.store.facts import PartFiles
from core.store.facts_shape import shape
from core.store.manifest import Manifest
from core.store.tables import Correction, ImportRecord, ImportRun

REASON = "the source says so itself since an import was taken back"


def corrected_back(
    session: Session,
    connection: duckdb.DuckDBPyConnection,
    files: PartFiles,
    restored: Manifest,
    run: ImportRun,
    at: dt.datetime,
) -> tuple[Manifest, Callable[[int], None]]:
    """Put the corrections that hold over the facts as they were before an import.

    A correction made before the import is in those facts already; one made later is not. One that the import
    retired holds again, one that a person withdrew later does not.

    Args:
        session: An open unit of work.
        connection: A DuckDB connection for imports.
        files: Where the parts lie.
        restored: The facts before the import.
        run: The import.
        at: Time of the act, UTC.

    Returns:
        The facts with corrections, and a function that settles the corrections, given the id of the new manifest.
    """
    kept = session.get(ImportRecord, (run.id, "corrections"))
    images = {item["id"]: item for item in kept.changed} if kept else {}
    rows = session.exec(select(Correction).where(Correction.source == run.source).order_by(col(Correction.id))).all()
    told: list[tuple[Correction, str | None, bool]] = []
    cells: dict[str, dict[tuple[object, ...], Cell]] = {}
    for row in rows:
        found = covered(connection, files, restored, shape(row.table_name), row)
        active, earlier = _holds(row, run, images), row.manifest_id < run.manifest_id
        if not found or not (active or _withdrawn_since(row, run)):
            continue
        image = images.get(row.id)
        raw = (image["delivered"] if image else row.delivered) if earlier else found[0][1]
        agreed = not earlier and raw == row.new
        told.append((row, raw, active and not agreed))  # type: ignore[arg-type]
        wanted = row.new if active else raw
        gone = raw if active else row.new  # what the cells hold that are to change
        for key, _ in [item for item in found if item[1] == gone != wanted]:
            place = (row.column_name, *key.values())
            cells.setdefault(row.table_name, {})[place] = Cell(key, row.column_name, wanted)  # type: ignore[arg-type]
    for table, own in cells.items():
        restored = patch(connection, files, restored, shape(table), run.source, list(own.values())).manifest

    def settle(manifest_id: int) -> None:
        for row, raw, active in told:
            _settle(row, raw, active, manifest_id, at)

    return restored, settle


def _holds(row: Correction, run: ImportRun, images: Mapping[Any, dict[str, object]]) -> bool:
    retired_here = row.id in images and bool(images[row.id]["retired"]) and row.retired_manifest_id == run.manifest_id
    return row.state == "active" or retired_here


def _withdrawn_since(row: Correction, run: ImportRun) -> bool:
    before, retired = row.manifest_id < run.manifest_id, row.retired_manifest_id
    return before and retired is not None and retired > run.manifest_id


def _settle(row: Correction, raw: str | None, active: bool, manifest_id: int, at: dt.datetime) -> None:
    was = row.state
    row.delivered = raw
    if active:
        row.state, row.retired_at, row.retired_reason, row.retired_manifest_id = "active", None, None, None
    elif was == "active":
        row.state, row.retired_at, row.retired_reason, row.retired_manifest_id = "retired", at, REASON, manifest_id
    row.version += 1
