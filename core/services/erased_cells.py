"""What a person who was erased was called and how to write to them: shown on no side of a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, or_, select

from core.store.cells import row_key
from core.store.records import Difference
from core.store.tables import Person

ERASED = "erased"
"""What stands where a name or an address stood."""
TABLE, PERSONAL = "people", ("full_name", "email")
"""The only table with names and addresses, and its columns with them."""


def erased_rows(session: Session) -> frozenset[str]:
    """Keys, as `row_key` writes them, of every row of somebody who was erased, further rows of the contact included."""
    gone = col(Person.erased_at).is_not(None)
    contacts = select(Person.contact_id).where(gone, col(Person.contact_id).is_not(None))
    rows = session.exec(select(Person.person_id).where(or_(gone, col(Person.contact_id).in_(contacts)))).all()
    return frozenset(row_key([row]) for row in rows)


def is_hidden(rows: frozenset[str], table: str, key: str, column: str) -> bool:
    """Whether a cell is the name or the address of somebody who was erased.

    Args:
        rows: As `erased_rows` returns them.
        table: Record table.
        key: Key of the row, as `row_key` writes it.
        column: Column of the cell.
    """
    return table == TABLE and column in PERSONAL and key in rows


def hidden(session: Session, table: str, differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same differences, with "erased" on both sides where the cell names somebody who was erased."""
    rows = erased_rows(session) if table == TABLE and differences else frozenset()
    return tuple(
        replace(item, ours=ERASED, theirs=ERASED) if is_hidden(rows, table, item.key, item.column) else item
        for item in differences
    )


def left_out(session: Session, table: str, differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The differences without the names and addresses of people who were erased: there is nothing to decide on them."""
    rows = erased_rows(session) if table == TABLE and differences else frozenset()
    return tuple(item for item in differences if not is_hidden(rows, table, item.key, item.column))
