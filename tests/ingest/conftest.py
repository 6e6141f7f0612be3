from dataclasses import dataclass
from pathlib import Path

import pytest

from core.ingest.load import load
from core.ingest.prepare import Stored, prepare
from core.store.manifest import Manifest

ACCOUNTS = "account_id,name,start_date\nA-1,Aster,2025-01-01\nA-2,Birch,2025-02-01\n"
SUBSCRIPTIONS = (
    "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "S-1,A-1,Pro,10,120000,EUR,2025-01-01,,false\n"
    "S-2,A-2,Pro,5,60000,EUR,2025-02-01,2025-08-01,false\n"
)


@dataclass
class Company:
    """A folder of files to import, and the facts they were loaded into."""

    root: Path
    manifest: Manifest = Manifest()  # noqa: RUF009 - frozen

    @property
    def inbox(self):
        return self.root / "inbox"

    @property
    def facts(self):
        return self.root / "facts"

    def put(self, **tables):
        """Write `name=text` as name.csv; bytes are written as they are."""
        self.inbox.mkdir(exist_ok=True)
        for name, content in tables.items():
            data = content if isinstance(content, bytes) else content.encode()
            (self.inbox / f"{name}.csv").write_bytes(data)
        return self

    def prepare(self, mapping=None, **options):
        return prepare([self.inbox], mapping, stored=Stored(self.facts, self.manifest), **options)

    def problems(self, mapping=None):
        with self.prepare(mapping) as prepared:
            return prepared.problems

    def warnings(self, mapping=None):
        with self.prepare(mapping) as prepared:
            assert prepared.problems == ()
            return prepared.warnings

    def load(self, mode="update", dry_run=False, mapping=None, **options):
        with self.prepare(mapping, **options) as prepared:
            loaded = load(prepared, self.facts, self.manifest, mode, dry_run)
        if not dry_run:
            self.manifest = loaded.manifest
        return loaded


@pytest.fixture
def company(tmp_path):
    """Two accounts with a subscription each, as files not yet imported."""
    return Company(tmp_path).put(accounts=ACCOUNTS, subscriptions=SUBSCRIPTIONS)
