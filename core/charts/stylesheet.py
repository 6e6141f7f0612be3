"""The rules of style of every piece of HTML written here, in one sheet: a tab loads it once, no piece has its own."""

from __future__ import annotations

from core.charts import advocates_story, cards, cohort_compare, definitions, lists, overview_style, path


def stylesheet() -> str:
    """Rules in CSS; what a later module says of an element holds where both say something with equal weight."""
    modules = (definitions, lists, advocates_story, overview_style, cards, path, cohort_compare)
    return "".join(module.STYLE for module in modules)
