"""Every figure's definition as one document: docs/definitions.md."""

from __future__ import annotations

from collections.abc import Iterable

from core.kpis import MEASURES, REGISTRY
from core.model.definitions import Group, definition_rules
from core.schema import TABLES
from core.services.definition_text import (
    MEASURE_GROUP,
    Definition,
    benchmark_words,
    default_target_words,
    definition_of,
    group_of,
    in_order,
)

INTRODUCTION = (
    "# Definitions\n\n"
    "Written by `make docs` from the registry of KPIs and `data/model/`; do not edit by hand. Rates are fractions in "
    "code and files; `%` exists on screens only. A benchmark is what others publish, with the grade of its source "
    "(A primary, B careful secondary, C vendor marketing or without a method, D template of unknown origin); it is "
    "never a target.\n"
)


def definitions_markdown() -> str:
    """docs/definitions.md: every KPI by group, then the maturity measures, with all parts of each definition."""
    parts = [INTRODUCTION, _contents()]
    for group in definition_rules().group:
        names = [name for name in in_order() if group_of(name) == group]
        parts += [_heading(group, len(names)), *map(_entry, names)]
    return "\n".join([*parts, _heading(MEASURE_GROUP, len(MEASURES)), *map(_entry, MEASURES)])


def _contents() -> str:
    """The groups with what they answer."""
    groups = (*definition_rules().group, MEASURE_GROUP)
    return "\n".join(f"- **{group.label}**: {group.question}" for group in groups) + "\n"


def _heading(group: Group, count: int) -> str:
    return f"## {group.label}\n\n{group.question} {count} figures.\n"


def _entry(name: str) -> str:
    found = definition_of(name)
    body = "\n".join(f"- **{label}**: {words}" for label, words in _fields(found))
    return f"### {found.item.label} — `{name}`\n\n{found.question}\n\n{body}\n"


def _fields(found: Definition) -> Iterable[tuple[str, str]]:
    """The parts of a definition as they stand in the document."""
    item = found.item
    for label, words in found.lines:
        yield label, f"`{words}`" if label == "Formula" else words
        if label == "Formula":
            made_of = "; ".join(
                f"{name} ({meaning.rstrip('.')})" if meaning else name for name, meaning in found.quantities
            )
            yield "Made of", made_of
    yield "Needs", "; ".join(f"{_title(name)} (unlocks {TABLES[name].unlocks})" for name in item.needs)
    if item.also:
        yield "Also uses, where loaded", "; ".join(map(_title, item.also))
    published = benchmark_words(item, found.benchmark) if found.benchmark else None
    yield "Others publish", published or "no published figure was found for this definition"
    if item.id in REGISTRY:
        yield "Target", default_target_words(item.id)


def _title(table: str) -> str:
    return table.replace("_", " ")
