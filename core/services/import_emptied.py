"""What an import says of columns that its files leave empty or do not hold."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Problem
from core.ingest.load import Loaded
from core.services.cell_words import column_label, table_label
from core.store.records import Changes

CLEARED, UNSAID = "cleared", "not_carried"
"""Rules of the two warnings; they stand below the counts of an import."""


def emptied(loaded: Loaded, done: Mapping[str, Changes]) -> list[Problem]:
    """One warning for each table whose empty cells clear stored values, or whose files say nothing of some.

    Args:
        loaded: What becomes of the facts.
        done: Record table -> what becomes of its rows.
    """
    cleared = {**loaded.cleared, **{name: item.cleared for name, item in done.items()}}
    kept = {**loaded.kept, **{name: item.kept for name, item in done.items()}}
    told = [Problem(table_label(table), _cleared(counts), rule=CLEARED) for table, counts in cleared.items() if counts]
    return told + [Problem(table_label(table), _kept(counts), rule=UNSAID) for table, counts in kept.items() if counts]


def _cleared(counts: Mapping[str, int]) -> str:
    one = sum(counts.values()) == 1
    return (
        f"empty cells clear {_listed(counts)}, loaded before. If that is not meant, fill {'it' if one else 'them'} in, "
        "or leave the column out: what is loaded then stays."
    )


def _kept(counts: Mapping[str, int]) -> str:
    one = sum(counts.values()) == 1
    return f"not in the file of these rows: {_listed(counts)} {'stays' if one else 'stay'} as loaded before."


def _listed(counts: Mapping[str, int]) -> str:
    parts = [
        f"{count:,} {'value' if count == 1 else 'values'} of {column_label(column)}" for column, count in counts.items()
    ]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
