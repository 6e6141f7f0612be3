"""What a figure means, in the same words wherever it is said: card, Definitions screen, docs/definitions.md."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import CouncilError
from core.glossary import QUANTITIES, display, display_day
from core.kpis import MEASURES, REGISTRY, Kpi
from core.model.definitions import Group, definition_rules
from core.model.kpi_rules import kpi_rules
from core.model.kpis import Benchmark
from core.model.small_samples import small_samples
from core.model.targets import target_rules

MEASURE_GROUP = Group("measures", "Maturity measures", "Is the thing done, and for what share of cases?", ())
"""The figures that only the evidence of maturity reads; they are no KPIs and stand apart from them."""
UNITS = {
    "ratio": "per cent",
    "pp": "percentage points",
    "money": "money in the reporting currency",
    "days": "days",
    "months": "months",
    "count": "number",
    "score": "points",
}
BETTER = {"higher": "Higher is better", "lower": "Lower is better", "neither": "Neither direction is good by itself"}
GRADES = {
    "A": "primary source",
    "B": "careful secondary source",
    "C": "vendor marketing or without a stated method",
    "D": "template of unknown origin",
}


@dataclass(frozen=True)
class Definition:
    """Everything that is fixed about one figure.

    Attributes:
        item: The registered figure.
        group: The group it is listed in.
        lines: Label and words of every part of its definition, in the order they are read.
        benchmark: What others publish, with source and grade; None where no published figure was found.
        quantities: Label and meaning of what the formula is made of.
    """

    item: Kpi
    group: Group
    lines: tuple[tuple[str, str], ...]
    benchmark: Benchmark | None
    quantities: tuple[tuple[str, str], ...]

    @property
    def question(self) -> str:
        """The question the figure answers."""
        return self.item.text.question


def registered(name: str) -> Kpi:
    """The KPI or maturity measure with that id.

    Raises:
        CouncilError: There is none.
    """
    item = REGISTRY.get(name) or MEASURES.get(name)
    if item is None:
        raise CouncilError(f'no figure has the id "{name}"')
    return item


def group_of(name: str) -> Group:
    """The group of a figure.

    Raises:
        CouncilError: No group of data/model/definitions.toml takes it.
    """
    if name in MEASURES:
        return MEASURE_GROUP
    groups, module = definition_rules().group, _module(name)
    named = next((group for group in groups if name in group.kpis), None)
    found = named or next((group for group in groups if module in group.modules), None)
    if found is None:
        raise CouncilError(f"definitions.toml: no group names the module {module} of {name}")
    return found


def in_order() -> list[str]:
    """Every KPI by group, inside a group in the order of its modules."""
    place = {module: (at, rank) for at, group in enumerate(definition_rules().group)
             for rank, module in enumerate(group.modules)}  # fmt: skip
    groups = [group.id for group in definition_rules().group]

    def order(name: str) -> tuple[int, int]:
        at = groups.index(group_of(name).id)
        own, rank = place.get(_module(name), (at, 0))
        return at, rank if own == at else len(place)

    return sorted(REGISTRY, key=order)


def definition_of(name: str) -> Definition:
    """The definition of a KPI or maturity measure. Raises CouncilError when there is none."""
    item = registered(name)
    text = item.text
    lines = (
        ("Says", text.says),
        ("Formula", item.formula),
        ("Who is counted", text.population),
        ("Over which time", text.window),
        ("Left out", text.left_out),
        ("Unit", UNITS[item.unit]),
        ("Direction", BETTER[item.better]),
        ("Interval", _capital(item.judge.method)),
        ("Small samples", small_sample_words(item)),
        ("By segment", "Yes" if item.by_segment else "No: it is one figure of the whole company"),
        ("Without a figure", _capital(text.when_empty)),
        *((("Plausible", _plausible(item, text.plausible)),) if text.plausible else ()),
        *((("Common mistakes", text.mistakes),) if text.mistakes else ()),
        ("Owner", text.owner),
        ("Version", version_words(item)),
        ("Source", text.source),
    )
    return Definition(item, group_of(name), lines, text.benchmark, quantities_of(item))


def definition_words(name: str) -> str:
    """The definition in short, for the card of a figure; paragraphs parted by an empty line."""
    words = dict(definition_of(name).lines)
    shown = ("Formula", "Who is counted", "Over which time", "Left out")
    return "\n\n".join(
        (
            words["Says"],
            *(f"{label}: {words[label]}" for label in shown),
            f"Interval: {words['Interval']}. {words['Small samples']}",
            f"{words['Direction']}. Owner: {words['Owner']}. Version {registered(name).version}.",
        )
    )


def quantities_of(item: Kpi) -> tuple[tuple[str, str], ...]:
    """Label and meaning of each argument of a formula."""
    return tuple(
        (QUANTITIES[name].label, QUANTITIES[name].meaning) if name in QUANTITIES else (_label(name), "")
        for name in item.arguments
    )


def benchmark_words(item: Kpi, benchmark: Benchmark) -> str:
    """What others publish, who publishes it, and how far it is to be believed."""
    value = f" ({display(benchmark.value, item.unit)})" if benchmark.value is not None else ""
    says = benchmark.says.rstrip(".")
    return f"{says}{value}. Source: {benchmark.source}; grade {benchmark.grade}, {GRADES[benchmark.grade]}."


def default_target_words(name: str) -> str:
    """The target of the product itself, with its reason; the council sets any other on the screen."""
    own = target_rules().default.get(name)
    if own is None:
        return "None of the product's own; the council sets it on the Definitions screen."
    return f"{display(own.value, registered(name).unit)}. {own.reason} ({own.source})"


def version_words(item: Kpi) -> str:
    """The version of a definition and when it changed."""
    changes = [change for change in definition_rules().change if change.kpi == item.id]
    if not changes:
        return f"{item.version}, unchanged since the first"
    return "; ".join(f"{change.version} since {display_day(change.on)}: {change.what}" for change in changes)


def small_sample_words(item: Kpi) -> str:
    """From how many units on a figure is shown, and when without colour or rank.

    Raises:
        CouncilError: definitions.toml names no rule for the method of its interval.
    """
    rule = definition_rules().small_sample.get(item.judge.method)
    if rule is None:
        raise CouncilError(f'definitions.toml, small_sample: no rule for "{item.judge.method}" of {item.id}')
    limits, noun = small_samples(), item.judge.noun
    points = f"{100 * limits.wide.width:.0f} points or"
    wide = f"{points} {100 * limits.wide.relative_width:.0f} % of the value"
    of_share = f"{points} {100 * limits.wide.share_relative_width:.0f} % of the smaller of the share and its complement"
    few = f"Below {limits.account_ratio.least_accounts} {noun} no figure; with a band of over"
    coloured = "it carries neither colour nor rank"
    least, stay = limits.money_average.least_deals, kpi_rules().lifetime
    of_value = f"no figure; with a band of over {100 * limits.wide.relative_width:.0f} % of the value {coloured}."
    return {
        "none": "Shown however small the count is.",
        "proportion": (
            f"Below {limits.proportion.least_units} {noun}, or with a band of "
            f"{100 * limits.proportion.suppressed_width:.0f} points or more, counts instead of a rate; "
            f"with a band of over {of_share} {coloured}."
        ),
        "account_share": f"{few} {of_share} {coloured}.",
        "account_ratio": f"{few} {wide} {coloured}.",
        "money_average": f"Below {least} {noun} {of_value}",
        "duration": f"Below {least} {noun} that got there {of_value}",
        "lifetime": f"Below {stay.least_accounts} {noun}, {stay.least_losses} lost or {least} new ones {of_value}",
        "two_arms": (
            f"Below {limits.two_arms.least_units} units or {limits.two_arms.least_events} events on either side of "
            f"the comparison no figure; with a band of over {100 * limits.wide.width:.0f} points {coloured}."
        ),
        "belief": f"While any line rests on opinion {coloured}.",
    }[rule]


def _plausible(item: Kpi, limits: tuple[float, float]) -> str:
    low, high = (display(limit, item.unit) for limit in limits)
    return f"{low} to {high}; outside, the figure is flagged and carries no decision"


def _module(name: str) -> str:
    return REGISTRY[name].function.__module__.rpartition(".")[2]


def _label(name: str) -> str:
    return name.removesuffix("_cents").replace("_", " ").capitalize()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
