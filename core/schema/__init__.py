"""The contract of the importable tables: columns, types, keys, allowed values.

Facts (customers, money) are what is only observed and kept as Parquet parts; records are what people change.
"""

from core.schema import customers, money, records
from core.schema.base import SQL_TYPES, TABLES, Column, Contract, Kind, Table

__all__ = ["SQL_TYPES", "TABLES", "Column", "Contract", "Kind", "Table", "customers", "money", "records"]
