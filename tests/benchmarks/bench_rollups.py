"""Rollups beside SQL written by hand for DuckDB over the same files, and how their cost grows with the company.

The company is made of plain arithmetic, once a machine, into the folder for temporary files; the larger one has
1,000,000 accounts, 25 million account-months and 100 million weeks of usage.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from functools import lru_cache, partial
from math import log
from pathlib import Path
from statistics import median

import duckdb

from core.month.facts import BEGINNING
from core.rollups.engine import Engine, rollup_sql
from tests.benchmarks.measure import time_call
from tests.benchmarks.registry import REGISTRY, Goal
from tests.benchmarks.scratch import scratch

MEDIUM, LARGE = 50_000, 1_000_000
AS_OF = dt.date(2026, 10, 31)
PARAMETERS = {"as_of": AS_OF, "beginning": BEGINNING, "first_month": BEGINNING}

FILES = {
    "subscriptions": """
        SELECT 'SUB-' || i AS subscription_id, 'ACC-' || lpad(i::VARCHAR, 7, '0') AS account_id, 'core' AS product,
            5 AS quantity, 10000 + hash(i) % 90000 AS mrr_cents, 'USD' AS currency, start_date,
            CASE WHEN i % 3 = 0 THEN start_date + 540 END AS end_date, i % 50 = 0 AS is_trial
        FROM (SELECT i, DATE '2023-09-01' + (hash(i, 1) % 730)::INTEGER AS start_date FROM range({accounts}) t(i))""",
    "usage": """
        SELECT 'ACC-' || lpad(i::VARCHAR, 7, '0') AS account_id, DATE '2024-10-07' + (7 * w)::INTEGER AS week_start,
            (hash(i, w) % 40)::BIGINT AS active_users, (40 + i % 60)::BIGINT AS licensed_seats,
            (hash(w, i) % 900)::BIGINT AS core_events, NULL::BIGINT AS features_used, NULL::BIGINT AS features_entitled
        FROM range(100) s(w), range({accounts}) t(i)""",
    "opportunities": """
        SELECT 'OPP-' || i AS opportunity_id, NULL::DATE AS valid_from,
            'ACC-' || lpad(i::VARCHAR, 7, '0') AS account_id, 'Deal ' || i AS name,
            CASE WHEN i % 4 = 0 THEN 'expansion' ELSE 'new' END AS kind, 'inbound' AS source,
            NULL AS trigger, 'SMB' AS segment, 'retail' AS industry, 'EMEA' AS region, 100000 + i AS amount_cents,
            'USD' AS currency, created_on, CASE WHEN i % 5 > 0 THEN created_on + 90 END AS closed_on,
            CASE WHEN i % 5 > 2 THEN 'won' WHEN i % 5 > 0 THEN 'lost' ELSE 'open' END AS outcome,
            false AS reference_required, 'OWN-1' AS owner_id
        FROM (SELECT i, DATE '2024-01-01' + (hash(i, 2) % 1000)::INTEGER AS created_on FROM range({accounts}) t(i))""",
    "stage_history": """
        SELECT 'OPP-' || i AS opportunity_id, ['discovery', 'evaluation', 'proposal', 'closing'][n + 1] AS stage,
            DATE '2024-01-01' + (hash(i, 2) % 1000)::INTEGER + (20 * n)::INTEGER AS entered_on
        FROM range({accounts}) t(i), range(4) s(n)""",
    "interactions": """
        SELECT 'INT-' || i || '-' || n AS interaction_id, 'ACC-' || lpad(i::VARCHAR, 7, '0') AS account_id,
            'CON-' || i || '-' || n % 3 AS contact_id, NULL AS opportunity_id,
            TIMESTAMP '2024-11-01' + to_hours((hash(i, n) % 17000)::INTEGER) AS at, 'email' AS channel,
            CASE WHEN n % 4 = 0 THEN 'recognition' ELSE 'email' END AS kind,
            CASE WHEN n % 5 = 0 THEN 'ask' ELSE 'give' END AS direction, 'us' AS started_by, NULL AS play,
            NULL::DATE AS planned_on, NULL::BOOLEAN AS value_stated, NULL AS asset_id
        FROM range({accounts}) t(i), range(10) s(n)""",
}  # fmt: skip
"""Table of the contract -> its rows in a company of so many accounts."""


@dataclass(frozen=True)
class Question:
    """One rollup and what an engineer would write for the same rows.

    Attributes:
        words: Words of the table.
        rollup: Its file name under core/rollups/sql.
        by_hand: SQL of DuckDB's own dialect over the same files, named in braces.
    """

    words: str
    rollup: str
    by_hand: str


QUESTIONS = (
    Question(
        "MRR by account and month",
        "account_month",
        """
        SELECT account_id, m.month, currency, SUM(mrr_cents)::BIGINT AS native_mrr_cents,
            COUNT(*) AS open_subscriptions
        FROM {subscriptions} s
        JOIN (SELECT UNNEST(GENERATE_SERIES(DATE '1990-01-01', :as_of, INTERVAL 1 MONTH))::DATE AS month) m
            ON start_date <= LAST_DAY(m.month) AND (end_date IS NULL OR end_date > LAST_DAY(m.month))
        WHERE NOT is_trial AND mrr_cents > 0
        GROUP BY ALL""",
    ),
    Question(
        "usage by account and month",
        "usage_month",
        """
        SELECT account_id, DATE_TRUNC('month', week_start + 6)::DATE AS month, SUM(active_users)::BIGINT AS user_weeks,
            COUNT(active_users) AS weeks_known,
            SUM(active_users) FILTER (licensed_seats > 0)::BIGINT AS seated_user_weeks,
            SUM(licensed_seats) FILTER (active_users IS NOT NULL)::BIGINT AS seat_weeks
        FROM {usage} WHERE week_start + 6 <= :as_of GROUP BY ALL""",
    ),
    Question(
        "stages of new deals with the day each was left",
        "stage_entries",
        """
        SELECT opportunity_id, stage, entered_on,
            LEAD(entered_on) OVER (PARTITION BY opportunity_id ORDER BY entered_on, stage) AS left_on
        FROM {stage_history} SEMI JOIN
            (FROM {opportunities} WHERE kind = 'new' AND created_on <= :as_of) USING (opportunity_id)
        WHERE entered_on <= :as_of""",
    ),
    Question(
        "new deals with the stage entered first",
        "new_deals",
        """
        SELECT opportunity_id, COALESCE(valid_from, :beginning) AS known_from, account_id, segment, industry, region,
            amount_cents AS native_cents, currency, e.stage AS entry_stage, e.entered_on
        FROM {opportunities} LEFT JOIN (
            SELECT opportunity_id, ARG_MIN(stage, (entered_on, stage)) AS stage, MIN(entered_on) AS entered_on
            FROM {stage_history} WHERE entered_on <= :as_of GROUP BY ALL) e USING (opportunity_id)
        WHERE kind = 'new' AND created_on <= :as_of AND COALESCE(valid_from, :beginning) <= :as_of""",
    ),
    Question(
        "days of advocacy touches",
        "advocacy_touches",
        """
        SELECT DISTINCT account_id, contact_id, CAST(i.at AS DATE) AS day, (direction = 'ask')::INTEGER AS is_ask
        FROM {interactions} i
        WHERE (kind = 'recognition' OR direction = 'ask') AND account_id IS NOT NULL
            AND CAST(i.at AS DATE) <= :as_of""",
    ),
)


@lru_cache(maxsize=2)
def parts(accounts: int) -> dict[str, list[Path]]:
    """The files of a company, made once a machine; a half-made folder is never left under its name."""
    folder = Path(tempfile.gettempdir()) / f"council-bench-rollups-{accounts}"
    if not folder.exists():
        made = scratch(f"{folder.name}-")
        for table, rows in FILES.items():
            duckdb.execute(f"COPY ({rows.format(accounts=accounts)}) TO '{made / table}.parquet' (COMPRESSION zstd)")
        made.rename(folder)
    return {table: [folder / f"{table}.parquet"] for table in FILES}


@lru_cache(maxsize=2)
def engine(accounts: int) -> Engine:
    """The product's engine over the files of a company."""
    return Engine(parts(accounts))


def hand_sql(question: Question, accounts: int) -> str:
    """The text by hand with the files in it."""
    named = {table: f"read_parquet('{found}')" for table, (found,) in parts(accounts).items()}
    return question.by_hand.format(**named)


def answers(sql: str, accounts: int) -> tuple[int, int]:
    """Number of the rows and a sum that changes with any of them, whatever their order."""
    row = engine(accounts).query(f"SELECT COUNT(*) AS n, BIT_XOR(HASH(r)) AS mark FROM ({sql}) AS r", PARAMETERS)
    return int(row["n"][0]), int(row["mark"][0])


def _register(question: Question) -> None:
    """Both texts give their rows to pandas; the first call of the rollup's refuses other rows than those by hand."""
    baseline = f"{question.words}, SQL by hand, {MEDIUM:,} accounts"

    @REGISTRY.benchmark(baseline)
    def by_hand():
        return lambda: engine(MEDIUM).query(hand_sql(question, MEDIUM), PARAMETERS)

    @REGISTRY.benchmark(f"{question.words}, the rollup, {MEDIUM:,} accounts", beside=baseline, goal=Goal(ratio=1.2))
    def by_rollup():
        expected, found = answers(hand_sql(question, MEDIUM), MEDIUM), answers(rollup_sql(question.rollup), MEDIUM)
        if expected != found:
            raise ValueError(f"{question.rollup}: expected the rows by hand, {expected}; found {found}")
        return lambda: engine(MEDIUM).query(rollup_sql(question.rollup), PARAMETERS)


for _question in QUESTIONS:
    _register(_question)


def _all(accounts: int) -> None:
    """Every rollup of a company, its rows counted and marked in the engine."""
    for question in QUESTIONS:
        answers(rollup_sql(question.rollup), accounts)


@REGISTRY.figure(f"rollups: cost exponent from {MEDIUM:,} to {LARGE:,} accounts", at_most=1.05)
def exponent() -> float:
    """Power of the number of accounts by which CPU time grows; 1 is in proportion.

    The sizes are measured in turns, so that a busy minute of the machine meets both.
    """
    cpu: dict[int, list[float]] = {MEDIUM: [], LARGE: []}
    for accounts in cpu:
        _all(accounts)  # warm
    for accounts in (MEDIUM, LARGE, MEDIUM) * 3:
        cpu[accounts].append(time_call(partial(_all, accounts)).cpu)
    return log(median(cpu[LARGE]) / median(cpu[MEDIUM])) / log(LARGE / MEDIUM)
