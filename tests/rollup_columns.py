"""Columns that a rollup finds in a table: those of the contract, and the company's day beside each instant."""

from core.schema import TABLES, Kind


def columns_found(table: str) -> dict[str, str]:
    """The column of the contract by the name a rollup reads it by."""
    columns = TABLES[table].columns
    days = {f"{column.name}_day": column.name for column in columns if column.kind is Kind.INSTANT}
    return {column.name: column.name for column in columns} | days
