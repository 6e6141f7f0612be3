"""What a column of the contract can be, and how a table is described from its data model."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from sqlmodel import AutoString, Field, SQLModel


class Kind(StrEnum):
    """Meaning of a column's values; decides how it is parsed, checked and stored."""

    ID = "id"
    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    CENTS = "cents"
    CURRENCY = "currency"
    FRACTION = "fraction"
    FLAG = "flag"
    DATE = "date"
    INSTANT = "instant"
    MONTH = "month"


Id = Annotated[str, Kind.ID]
Text = Annotated[str, Kind.TEXT]
Integer = Annotated[int, Kind.INTEGER]
Cents = Annotated[int, Kind.CENTS]
Currency = Annotated[str, Kind.CURRENCY]
Fraction = Annotated[float, Kind.FRACTION]
Flag = Annotated[bool, Kind.FLAG]
Day = Annotated[dt.date, Kind.DATE]
Instant = Annotated[dt.datetime, Kind.INSTANT]
"""Kept in UTC; what a file writes without an offset is what the clocks of the company showed."""
Month = Annotated[dt.date, Kind.MONTH]
"""First day of a calendar month of the company's zone; files write it YYYY-MM or YYYY-MM-01."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    Attributes:
        name: The column's name in every table, view and template.
        kind: How values are parsed, checked and stored.
        required: Whether an empty cell is refused.
        meaning: One sentence for templates and documentation.
        choices: Allowed values of a choice; empty otherwise.
        low: Least allowed value, or None.
        high: Greatest allowed value, or None.
    """

    name: str
    kind: Kind
    required: bool
    meaning: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """One importable table of the contract.

    Attributes:
        name: Table name: the file name of a template, the view name in a query.
        model: The SQLModel data model the description is read from.
        group: `fact` (observed, kept as Parquet parts) or `record` (worked on, kept in the database).
        key: Columns that identify a row; a fact whose attributes keep versions adds `valid_from`.
        event_date: Column that decides from when a row is visible; None for plain attributes.
        plans: Date columns that may lie after the as-of date without being hidden.
        unlocks: What a company sees once it imports the table.
        references: Column -> table whose id it must hold, where that table is loaded.
    """

    name: str
    model: type[Contract]
    group: Literal["fact", "record"]
    key: tuple[str, ...]
    event_date: str | None
    unlocks: str
    plans: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Columns in the order of the model."""
        return tuple(_column(name, info) for name, info in self.model.model_fields.items())

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def versioned(self) -> bool:
        """Whether attributes keep versions (`valid_from` is part of the key)."""
        return "valid_from" in self.key


class Contract(SQLModel):
    """Base of the contract's data models; never a database table itself."""

    described: ClassVar[Table]


TABLES: dict[str, Table] = {}
"""Every importable table by name, in the order of the design."""


def table(
    *,
    group: Literal["fact", "record"],
    key: tuple[str, ...],
    unlocks: str,
    event_date: str | None = None,
    plans: tuple[str, ...] = (),
    references: dict[str, str] | None = None,
) -> Callable[[type[Contract]], type[Contract]]:
    """Register a data model as an importable table named like the class in snake case, plural as written."""

    def register(model: type[Contract]) -> type[Contract]:
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in model.__name__).lstrip("_")
        model.described = TABLES[name] = Table(
            name=name,
            model=model,
            group=group,
            key=key,
            event_date=event_date,
            unlocks=unlocks,
            plans=plans,
            references=references or {},
        )
        return model

    return register


def col(meaning: str, *, low: float | None = None, high: float | None = None) -> Any:
    """A required column."""
    return Field(description=meaning, ge=low, le=high)


def opt(meaning: str, *, low: float | None = None, high: float | None = None) -> Any:
    """A column that may be empty."""
    return Field(default=None, description=meaning, ge=low, le=high)


def choice(meaning: str) -> Any:
    """A required column with a closed list of values, given by its `Literal`."""
    return Field(description=meaning, sa_type=AutoString)


def opt_choice(meaning: str) -> Any:
    """A column with a closed list of values that may be empty."""
    return Field(default=None, description=meaning, sa_type=AutoString)


def _column(name: str, info: Any) -> Column:
    annotation, marks = info.annotation, list(info.metadata)
    if get_origin(annotation) in (Union, types.UnionType):
        inner = next(item for item in get_args(annotation) if item is not type(None))
        if get_origin(inner) is Annotated:
            marks += get_args(inner)[1:]
            inner = get_args(inner)[0]
        annotation = inner
    choices = tuple(get_args(annotation)) if get_origin(annotation) is Literal else ()
    kind = next((mark for mark in marks if isinstance(mark, Kind)), Kind.CHOICE if choices else None)
    if kind is None:
        raise TypeError(f"column {name}: annotate it with a kind of core.schema.base")
    return Column(
        name=name,
        kind=kind,
        required=info.is_required(),
        meaning=info.description or "",
        choices=choices,
        low=next((mark.ge for mark in marks if getattr(mark, "ge", None) is not None), None),
        high=next((mark.le for mark in marks if getattr(mark, "le", None) is not None), None),
    )


SQL_TYPES: dict[Kind, str] = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.CHOICE: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.CENTS: "BIGINT",
    Kind.CURRENCY: "VARCHAR",
    Kind.FRACTION: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.INSTANT: "TIMESTAMP",
    Kind.MONTH: "DATE",
}
"""Type of a column in the fact parts and in every view; instants are UTC."""
