"""`build_month(as_of, source) -> Month`: rollups, calculations and records of one month, assembled once."""

from core.month.facts import FactMonth
from core.month.month import Month, build_month
from core.month.source import Source, complete_months

__all__ = ["FactMonth", "Month", "Source", "build_month", "complete_months"]
