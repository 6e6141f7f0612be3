"""Every KPI's definition as one document."""

from __future__ import annotations

from core.kpis import REGISTRY


def definitions_markdown() -> str:
    """docs/definitions.md: question, formula, population, window, interval, owner and source of every KPI."""
    parts = [
        "# Definitions\n\nWritten by `make docs` from the registry of KPIs and `data/model/kpis/`; "
        "do not edit by hand. Rates are fractions in code and files; `%` exists on screens only.\n"
    ]
    for name, item in REGISTRY.items():
        text = item.text
        facts = (
            ("Formula", f"`{item.formula}`"),
            ("Says", text.says),
            ("Who", text.population),
            ("Window", text.window),
            ("Left out", text.left_out),
            ("Needs", ", ".join(item.needs)),
            ("Interval", item.judge.method),
            ("Better", item.better),
            ("Owner", text.owner),
            ("Version", str(item.version)),
            ("Source", text.source),
        )
        body = "\n".join(f"- **{label}**: {value}" for label, value in facts)
        parts.append(f"## {item.label} — `{name}`\n\n{text.question}\n\n{body}\n")
    return "\n".join(parts)
