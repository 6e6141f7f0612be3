"""Fact parts nobody needs any more are deleted once an import is in."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from sqlmodel import select

from core.services.home import records_database
from core.settings import settings
from core.store.facts import sweep
from core.store.import_runs import kept_manifests
from core.store.tables import Scenario

SPARED = dt.timedelta(days=1)
"""Younger files stay: another import may be writing them, and a screen may be reading the state before this one."""


def sweep_parts(at: dt.datetime) -> tuple[str, ...]:
    """Delete the parts that neither today's facts, nor an import that can be taken back, nor a saved scenario needs.

    Called after the transaction of an import, never inside it. A file that cannot be deleted is left for the next
    time: the import is in, and stays so.

    Args:
        at: The real instant, UTC, as the files carry it.

    Returns:
        The deleted paths below the folder of the facts.
    """
    with records_database().read() as session:
        kept = kept_manifests(session, session.exec(select(Scenario.manifest_hash)).all())
    with suppress(OSError):
        return sweep(settings().facts_dir, kept, at - SPARED)
    return ()
