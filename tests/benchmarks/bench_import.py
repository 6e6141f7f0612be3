"""What an import costs with every check, beside DuckDB casting the same file without any."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import lru_cache
from pathlib import Path

import duckdb

from tests.benchmarks.registry import REGISTRY, Goal
from tests.benchmarks.scratch import scratch

ACCOUNTS, WEEKS = 50_000, 120
"""Six million rows of usage."""
CASTING = "DuckDB casts the same file to Parquet, no checks"
TYPES = {
    "account_id": "VARCHAR",
    "week_start": "DATE",
    "active_users": "BIGINT",
    "licensed_seats": "BIGINT",
    "core_events": "BIGINT",
}


@lru_cache(maxsize=1)
def company() -> Path:
    """Accounts, their subscriptions and their weeks of usage as CSV files, made once for all processes."""
    folder = Path(tempfile.gettempdir()) / f"council-bench-import-{ACCOUNTS}x{WEEKS}"
    if not folder.exists():
        made = scratch()
        for name, rows in queries().items():
            duckdb.execute(f"COPY ({rows}) TO '{made / name}.csv' (HEADER)")
        made.rename(folder)
    return folder


def queries() -> dict[str, str]:
    """File name -> its rows."""
    account = "'ACC-' || lpad(CAST(i AS VARCHAR), 6, '0') AS account_id"
    start = "DATE '2021-01-04' + CAST(i % 900 AS INTEGER) AS start_date"
    rows = f"FROM range({ACCOUNTS}) t(i)"
    numbers = "hash(i, w) % 40 AS active_users, 40 + i % 60 AS licensed_seats, hash(w, i) % 900 AS core_events"
    return {
        "accounts": f"SELECT {account}, 'Company ' || i AS name, {start} {rows}",
        "subscriptions": f"SELECT 'SUB-' || i AS subscription_id, {account}, 'core' AS product, 5 AS quantity, "
        f"10000 + i AS mrr_cents, 'USD' AS currency, {start}, NULL AS end_date, false AS is_trial {rows}",
        "usage": f"SELECT {account}, DATE '2023-10-02' + CAST(7 * w AS INTEGER) AS week_start, {numbers} "
        f"{rows}, range({WEEKS}) s(w) ORDER BY w, i",
    }


@REGISTRY.benchmark(CASTING, repeats=3, own_process=True)
def casting():
    target = scratch() / "usage.parquet"
    file = company() / "usage.csv"
    texts = ", ".join(f"'{name}': 'VARCHAR'" for name in TYPES)
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in TYPES.items())
    rows = f"SELECT {casts} FROM read_csv('{file}', header = true, auto_detect = false, columns = {{{texts}}})"
    return lambda: duckdb.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


@REGISTRY.benchmark(
    "import of 6,000,000 checked rows",
    beside=CASTING,
    goal=Goal(ratio=2, peak_mb=700),
    repeats=3,
    own_process=True,
)
def importing():
    from core.ingest.load import load
    from core.ingest.prepare import prepare
    from core.store.manifest import Manifest

    files, facts = company(), scratch()

    def run():
        with prepare([files]) as prepared:
            return load(prepared, facts, Manifest())

    return run


@REGISTRY.benchmark("import of 500,000 record rows", goal=Goal(cpu_ms=10_000), repeats=3, own_process=True)
def records():
    import pandas as pd

    from core.store.database import Database
    from core.store.records import upsert

    uses = ("name", "logo", "quote", "call", "recording")
    rows = [
        (f"C-{i // 5:06d}", uses[i % 5], "granted", dt.date(2025, 1, 1 + i % 28), None, "crm") for i in range(500_000)
    ]
    names = ["contact_id", "use", "status", "granted_on", "expires_on", "author"]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    database = Database(f"sqlite:///{scratch() / 'council.db'}")
    database.migrate()

    def run():
        with database.write() as session:
            return upsert(session, "consents", frame, "crm")

    return run
