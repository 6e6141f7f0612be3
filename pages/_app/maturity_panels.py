"""What Maturity shows of a capability: the matrix, where it stands, who rated what, and the measured rules."""

from typing import Literal

import streamlit as st

from core.charts.base import CONFIG
from core.glossary import MINUS, NOTHING, display_month
from core.services.home import Month
from core.services.maturity import CapabilityRow, MaturityView, NextLevel, ProofNeeded, RaterLine, quarter_label
from core.services.maturity_kpis import KpiLine, kpis_with_rows
from core.services.maturity_words import flag_means
from core.services.rows import rows_behind
from pages._app.cached_maturity import matrix_figure
from pages._app.rows import show_rows
from pages._app.widgets import md, rows_choice

BADGES = {
    "holds": ":green-badge[:material/check: holds]",
    "fails": ":red-badge[:material/close: fails]",
    "untestable": ":gray-badge[:material/help: cannot be tested]",
}
TONES = {"supported": ("green", "check"), "unsupported": ("red", "priority_high"), "stretch": ("orange", "trending_up")}


def matrix_card(view: MaturityView) -> None:
    """The matrix of what is rated, the mean beside its minimum, and what is still open."""
    drawn = [row.assessment for row in view.rows if row.assessment is not None]
    unrated = [row.capability.label for row in view.rows if row.rater_count == 0 and row.agreed is None]
    unseen = [row.capability.label for row in view.rows if row.hidden]
    with st.container(border=True, height="stretch", gap="xsmall"):
        if drawn:
            trends = tuple((row.capability.id, row.trend) for row in view.rows)
            figure = matrix_figure(tuple(drawn), view.scale, view.finding, trends)
            st.markdown(f"## {md(view.finding)}", anchors=False)
            st.plotly_chart(figure, key="mat_matrix", config=CONFIG, alt=f"{view.finding}. {view.summary}")
            lines = [view.summary, *([f"Not rated yet: {', '.join(unrated)}"] if unrated else [])]
            lines += [f"Rated by others, open once you rate: {', '.join(unseen)}"] if unseen else []
            st.markdown("  \n".join(f":small[{md(line)}]" for line in lines))
        else:
            st.markdown("## The matrix fills as capabilities are rated", anchors=False)
            for row in view.rows:
                st.markdown(f"**{md(row.capability.label)}** :small[{md(row.capability.operationalised)}]")


def standing_card(row: CapabilityRow, step: NextLevel | None, proof: ProofNeeded | None) -> None:
    """One capability: its poles, claim, measurement, level that counts, target, and what it and the next level take."""
    capability, target = row.capability, row.target
    st.markdown(
        f":small[**Ad hoc** {md(capability.ad_hoc)}  \n**Operationalised** {md(capability.operationalised)}  \n"
        f"**Owner** {md(', '.join(capability.owner))}]"
    )
    with st.grid(4, min_column_width=110, gap="xsmall"):
        st.metric("Claimed", row.claimed or NOTHING, help=md(row.basis.capitalize()) or None)
        st.metric("Measured", row.measured if row.testable else NOTHING, help=md(row.measured_words))
        st.metric("Reported", row.reported or NOTHING, help="Above 3 a claim counts only as far as measured.")
        st.metric("Target", target.level if target else NOTHING, help=_target_words(row))
    if row.claimed is not None:
        said = filter(None, (f"Level {row.claimed}: {row.basis}", row.validation_words, row.trend))
        st.markdown(f":small[{md('; '.join(said))}]")
    tone, icon = TONES.get(row.status, ("gray", "help"))
    words = [row.status_words, *([row.measured_words] if row.testable else [])]
    st.markdown(f":{tone}-badge[:material/{icon}: {md(row.status.replace('_', ' '))}] :small[{md(' '.join(words))}]")
    if row.flags:
        badges = " ".join(f":{_flag_tone(flag)}-badge[{md(flag)}]" for flag in row.flags)
        st.markdown(badges, help=md(flag_means()))
    if row.falling:
        lines = "\n".join(f"- :small[{md(flag)}]" for flag in row.falling)
        st.markdown(f":orange-badge[:material/trending_down: the claim stands against its own figures]\n{lines}")
    if proof is not None:
        st.markdown(f"### To count as level {proof.level} it takes measurement", anchors=False)
        st.markdown("\n".join(f"- :small[{md(line)}]" for line in proof.lines))
        return
    if step is None:
        st.markdown(":small[The highest level: keep the evidence running.]")
        return
    with st.container(gap="xxsmall"):
        st.markdown(f"### Level {step.level}, {md(step.label)}, takes", anchors=False)
        for often, texts in (("In at least half of cases", step.half), ("In most or all cases", step.most)):
            if texts:
                st.markdown(f":small[{often}]\n" + "\n".join(f"- :small[{md(text)}]" for text in texts))
        if not (step.half or step.most):
            st.markdown(":small[By your answers nothing more: agree on the level.]")


def raters_panel(row: CapabilityRow, own: RaterLine | None) -> None:
    """Who rated what, nameless but for one's own line, and every answer side by side."""
    if row.rater_count == 0:
        st.markdown("Nobody has rated it in this quarter.")
        return
    if own is None and row.agreed is None:
        st.markdown(f"{row.rater_count} rated. Their answers open once you have handed in your own.")
        return
    names = [_who(line, own, place) for place, line in enumerate(row.raters, 1)]
    st.dataframe(
        [
            {"Rater": name, "Role": line.role_label, "Level": line.level}
            for name, line in zip(names, row.raters, strict=True)
        ],
        hide_index=True,
        alt=f"Raters of {row.capability.label} with role and level",
    )
    with st.expander("Answers side by side"):
        labels = {"no": "no", "some": "some", "half": "half", "most": "most", None: "open"}
        st.dataframe(
            [
                {"Level": level.level, "Criterion": criterion.text}
                | {name: labels[line.answers.get(criterion.id)] for name, line in zip(names, row.raters, strict=True)}
                for level in row.capability.levels
                for criterion in level.criteria
            ],
            hide_index=True,
            alt=f"Answers to every criterion of {row.capability.label}",
            column_config={"Criterion": st.column_config.TextColumn("Criterion", width="large")},
        )


def evidence_panel(row: CapabilityRow) -> None:
    """The measured rule of every level, each condition with its outcome in words."""
    st.markdown(f"## {md(row.capability.label)}: what is measured", anchors=False)
    st.markdown(f":small[Coverage: {md(row.capability.coverage.definition)} {md(row.measured_words)}]")
    if row.not_computed:
        names = ", ".join(row.not_computed)
        st.markdown(f":small[Not computed yet, so no level that asks for it can be tested: {md(names)}.]")
    for rule in row.rules:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f"**{rule.level}  {md(rule.label)}** {BADGES[rule.outcome.value]}")
            for line in rule.lines:
                text, words = st.columns([3, 2], gap="small")
                text.markdown(f":small[{md(line.text)}]")
                words.markdown(f":small[{md(line.words)}]")


def kpi_panel(row: CapabilityRow, lines: tuple[KpiLine, ...], month: Month | None) -> None:
    """The figures the capability answers for, each with its last thirteen months; their rows and those of its rules."""
    st.markdown(f"## {md(row.capability.label)}: the figures it answers for", anchors=False)
    if not lines:
        st.markdown(":small[Import data to see them.]")
        return
    with st.grid(3, min_column_width=200, gap="small"):
        for line in lines:
            known = [value for value in line.series if value is not None]
            st.metric(
                md(line.label),
                line.value,
                line.change or None,
                delta_color="off" if line.good is None else "green" if line.good else "red",
                delta_arrow=_arrow(line.change),
                delta_description="in a year" if line.change else None,
                chart_data=known if len(known) > 1 else None,
                chart_type="line",
                border=True,
                height="stretch",
                help=md(line.words),
            )
    _rows_panel(row, month)


def _rows_panel(row: CapabilityRow, month: Month | None) -> None:
    """The rows behind each figure the capability answers for, or is measured by."""
    names = kpis_with_rows(row, month)
    chosen = rows_choice(list(names)) if names else None
    if chosen is not None and month is not None:
        show_rows([rows_behind(month, names[chosen])])


def _arrow(change: str) -> Literal["up", "down", "off"]:
    """Streamlit takes no minus sign for one."""
    return "up" if change.startswith("+") else "down" if change.startswith(MINUS) else "off"


def all_panel(view: MaturityView) -> None:
    """Every capability in one table."""
    st.dataframe(
        [
            {
                "Capability": row.capability.label,
                "Claimed": row.claimed,
                "Claim rests on": row.basis or "not rated",
                "Measured": row.measured if row.testable else None,
                "Reported": row.reported,
                "Target": row.target.level if row.target else None,
                "Due": quarter_label(row.target.due) if row.target else None,
                "Gap": row.gap,
                "Status": row.status.replace("_", " "),
            }
            for row in view.rows
        ],
        hide_index=True,
        placeholder=NOTHING,
        alt="Every capability with claim, measurement, target and status",
    )
    st.markdown(f":small[{md(view.summary)}]")


def _target_words(row: CapabilityRow) -> str:
    if row.target is None:
        return "No target is set."
    return md(f"By {display_month(row.target.due)}, {row.target.owner}: {row.target.reason}")


def _flag_tone(flag: str) -> str:
    return "orange" if "apart" in flag or "higher" in flag else "green" if "agree" in flag else "gray"


def _who(line: RaterLine, own: RaterLine | None, place: int) -> str:
    return f"{place} (you)" if own is not None and line.rater == own.rater else str(place)
