"""What an import says of columns that its files leave empty, do not hold, or tell anew though they are told once."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Problem
from core.ingest.load import Loaded
from core.services.cell_words import column_label, table_label
from core.store.facts_before import Frozen
from core.store.records import Changes

CLEARED, UNSAID, FROZEN = "cleared", "not_carried", "frozen"
"""Rules of the warnings; they stand below the counts of an import."""


def emptied(loaded: Loaded, done: Mapping[str, Changes]) -> list[Problem]:
    """One warning for each table and kind: stored values that empty cells clear, no file holds, or were first and stay.

    Args:
        loaded: What becomes of the facts.
        done: Record table -> what becomes of its rows.
    """
    cleared = {**loaded.cleared, **{name: item.cleared for name, item in done.items()}}
    kept = {**loaded.kept, **{name: item.kept for name, item in done.items()}}
    told = [Problem(table_label(table), _cleared(counts), rule=CLEARED) for table, counts in cleared.items() if counts]
    told += [Problem(table_label(table), _kept(counts), rule=UNSAID) for table, counts in kept.items() if counts]
    return told + [Problem(table_label(table), _frozen(item), rule=FROZEN) for table, item in loaded.frozen.items()]


def _cleared(counts: Mapping[str, int]) -> str:
    one = sum(counts.values()) == 1
    return (
        f"empty cells clear {_listed(counts)}, loaded before. If that is not meant, fill {'it' if one else 'them'} in, "
        "or leave the column out: what is loaded then stays."
    )


def _kept(counts: Mapping[str, int]) -> str:
    one = sum(counts.values()) == 1
    return f"not in the file of these rows: {_listed(counts)} {'stays' if one else 'stay'} as loaded before."


def _frozen(item: Frozen) -> str:
    rows = f"{item.rows:,} {'row has' if item.rows == 1 else 'rows have'}"
    return (
        f"the first {column_label(item.column)} stays: {rows} another one than loaded before, which is left out (for "
        f'example {item.example}: "{item.stays}" stays, the file says "{item.left_out}"). If the first one was wrong, '
        "correct it on the row."
    )


def _listed(counts: Mapping[str, int]) -> str:
    parts = [
        f"{count:,} {'value' if count == 1 else 'values'} of {column_label(column)}" for column, count in counts.items()
    ]
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
