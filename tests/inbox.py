"""Files to import, for tests of imports: `files.put(accounts=...)` writes accounts.csv, `files.load()` imports it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.services.access import LOCAL_USER
from core.services.home import current_state, manifest_of, open_engine
from core.services.import_report import ImportReport
from core.services.importing import run_import

NOW = dt.datetime(2026, 11, 4, 9, 0, tzinfo=dt.UTC)
ACCOUNTS = "account_id,name,start_date,segment\nA-1,Aster,2025-01-01,SMB\nA-2,Birch,2025-02-01,SMB\n"
SUBSCRIPTIONS = (
    "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "S-1,A-1,Pro,10,120000,EUR,2025-01-01,,false\n"
    "S-2,A-2,Pro,5,60000,EUR,2025-02-01,2025-08-01,false\n"
)
OUTCOMES = "outcome_id,account_id,agreed_on,value_cents\nO-1,A-1,2025-03-01,100\nO-2,A-2,2025-03-01,\n"


class Inbox:
    """A folder whose files are imported together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def put(self, **tables: str) -> Inbox:
        """Write name.csv for each."""
        for name, content in tables.items():
            (self.folder / f"{name}.csv").write_text(content)
        return self

    def only(self, **tables: str) -> Inbox:
        """Write these and nothing else."""
        for path in self.folder.iterdir():
            path.unlink()
        return self.put(**tables)

    def load(self, **options: Any) -> ImportReport:
        """Import the folder."""
        return run_import(LOCAL_USER, [self.folder], options.pop("at", NOW), **options)


def cells(table: str, key: str, column: str) -> Mapping[Any, Any]:
    """Column of a fact table as every query sees it, by key."""
    frame = open_engine(current_state()).query(f'SELECT t.{key} AS k, t.{column} AS v FROM "{table}" AS t')
    return dict(zip(frame["k"], frame["v"], strict=True))


def manifest_hash() -> str:
    """What names the facts now."""
    return manifest_of(current_state()).hash
