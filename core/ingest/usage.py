"""Event-level usage files: days of events that become account × ISO week."""

# ruff: noqa: S608 - names come from the contract, never from data

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.schema.base import Contract, Day, Id, Integer, Table, Text, col, opt
from core.store.facts_before import FILE
from core.store.facts_parts import PartFiles
from core.store.facts_shape import USAGE_DAYS, relation, shape
from core.store.manifest import Manifest


class UsageEvents(Contract):
    """One row per use of a feature: by account or by subscription."""

    account_id: Id | None = opt("Account; may be left out when subscription_id is given.")
    subscription_id: Id | None = opt("Subscription the use belongs to; its account is looked up.")
    day: Day = col("Day of the use.")
    feature: Text | None = opt("Feature that was used.")
    count: Integer | None = opt("How often; empty counts once.", low=0)


USAGE_EVENTS = Table(
    name="usage_events",
    model=UsageEvents,
    group="fact",
    key=(),
    event_date="day",
    unlocks="the usage part of health and readiness",
    references={"account_id": "accounts", "subscription_id": "subscriptions"},
)
"""What an event-level file holds. It is no table of the contract: it arrives as `usage` and `usage_days`."""


def roll_up_days(
    connection: duckdb.DuckDBPyConnection, events: str, owners: Sequence[str], target: str, unsaid: Mapping[str, str]
) -> None:
    """Make `target`: one row per account and day, with its events and the features that were used.

    The file of a day is the first that says which features were used, or the first of all where none does.

    Args:
        connection: Where the relations can be read.
        events: Relation of checked events.
        owners: SQL of `subscription_id`, `account_id`, one for each place they stand in.
        target: Table to create, in the shape of `usage_days`, with `_file` where `feature` is unsaid.
        unsaid: Column -> SQL condition of the events, as `n`, whose file does not hold it.
    """
    every = " UNION ALL ".join(owners) or "SELECT NULL AS subscription_id, NULL AS account_id WHERE FALSE"
    files, own = "", ""
    if "feature" in unsaid:  # else nobody asks for the file of a day, and millions of events tell it for nothing
        files = f", MIN(n.{FILE}) AS any_file, MIN(n.{FILE}) FILTER (NOT ({unsaid['feature']})) AS own_file"
        own = f", COALESCE(MIN(own_file), MIN(any_file)) AS {FILE}"
    connection.execute(f"""
        CREATE OR REPLACE TABLE {target} AS
        WITH owner AS (SELECT subscription_id, MIN(account_id) AS account_id FROM ({every}) GROUP BY ALL),
        used AS (
            SELECT COALESCE(n.account_id, o.account_id) AS account_id, n.day, n.feature,
                CAST(SUM(COALESCE(n.count, 1)) AS BIGINT) AS events{files}
            FROM {events} n LEFT JOIN owner o ON n.subscription_id = o.subscription_id
            GROUP BY ALL
        )
        SELECT account_id, day, CAST(SUM(events) AS BIGINT) AS core_events,
            list(feature ORDER BY feature) FILTER (feature IS NOT NULL AND events > 0) AS features{own}
        FROM used WHERE account_id IS NOT NULL GROUP BY account_id, day""")


def unsaid_by_events(absent: Collection[str], unsaid: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`usage` and `usage_days` -> column -> SQL condition of the rows, as `n`, of which events say nothing.

    Args:
        absent: Columns no file of events holds; without `feature` the features used are not known either.
        unsaid: Column -> SQL condition of the events, as `n`, whose file does not hold it.
    """
    uncounted = ["active_users", "licensed_seats", "features_entitled"]
    weeks = dict.fromkeys([*uncounted, "features_used"] if "feature" in absent else uncounted, "TRUE")
    days = {"features": unsaid["feature"]} if "feature" in unsaid else {}
    return {"usage": weeks, USAGE_DAYS.name: days}


@dataclass(frozen=True)
class Weeks:
    """How the weeks of `usage` follow from merged days.

    Attributes:
        files: Where the parts lie.
        before: Manifest before the days were merged.
        after: Manifest after it.
        source: Source of the import.
        staged: Relation of the days of this import.
        whole: Whether days may have disappeared, so that weeks may as well.
    """

    files: PartFiles
    before: Manifest
    after: Manifest
    source: str
    staged: str
    whole: bool

    def roll_up(self, connection: duckdb.DuckDBPyConnection, target: str) -> None:
        """Make `target`, in the shape of `usage` and with `_file`: each week this import touched, summed from its days.

        A week is the sum of its days, whichever file they came from, so that loading a day twice replaces it.
        With `whole`, the stored weeks that were not touched are added: `target` is then the table to keep.
        """
        week = "CAST(date_trunc('week', day) AS DATE)"
        gone = self._gone()
        touched = f"SELECT day FROM {self.staged} UNION ALL SELECT day FROM {relation(USAGE_DAYS, gone)}"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE _weeks AS SELECT DISTINCT {week} AS week_start FROM ({touched})"
        )
        days = relation(USAGE_DAYS, self._near(connection))
        connection.execute(f"""
            CREATE OR REPLACE TABLE {target} AS
            WITH days AS (
                SELECT account_id, core_events, features, {week} AS week_start FROM {days}
                WHERE {week} IN (SELECT week_start FROM _weeks)
            ), events AS (
                SELECT account_id, week_start, CAST(SUM(core_events) AS BIGINT) AS core_events FROM days GROUP BY ALL
            ), used AS (
                SELECT account_id, week_start, COUNT(DISTINCT feature) AS features_used
                FROM (SELECT account_id, week_start, unnest(features) AS feature FROM days) GROUP BY ALL
            )
            SELECT account_id, week_start, CAST(NULL AS BIGINT) AS active_users, CAST(NULL AS BIGINT) AS licensed_seats,
                core_events, features_used, CAST(NULL AS BIGINT) AS features_entitled, 0 AS {FILE}
            FROM events LEFT JOIN used USING (account_id, week_start)""")
        if self.whole:
            usage = shape("usage")
            stored = relation(usage, self.files.paths(self.before.of("usage", self.source)))
            connection.execute(
                f"INSERT INTO {target} SELECT {usage.columns}, 0 FROM {stored} "
                "WHERE week_start NOT IN (SELECT week_start FROM _weeks)"
            )

    def _gone(self) -> list[Path]:
        if not self.whole:
            return []
        kept = set(self.after.parts)
        return self.files.paths([p for p in self.before.of(USAGE_DAYS.name, self.source) if p not in kept])

    def _near(self, connection: duckdb.DuckDBPyConnection) -> list[Path]:
        """Files of the months a touched week lies in: its first and its last day."""
        found = connection.execute(
            "SELECT DISTINCT strftime(unnest([week_start, week_start + INTERVAL 6 DAY]), '%Y-%m') FROM _weeks"
        ).fetchall()
        months = {month for (month,) in found}
        return self.files.paths([p for p in self.after.of(USAGE_DAYS.name, self.source) if p.month in months])
