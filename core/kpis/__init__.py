"""Every KPI: one decorated function each, evaluated by the registry for any month and segment."""

from core.kpis import acquisition, advocacy, deals, retention
from core.kpis.registry import REGISTRY, Kpi, evaluate

__all__ = ["REGISTRY", "Kpi", "acquisition", "advocacy", "deals", "evaluate", "retention"]
