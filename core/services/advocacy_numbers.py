"""The numbers of advocacy.toml that people may set: how each is called, where it comes from, and what is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.glossary import display_month
from core.model.advocacy import SCORES, AdvocacyRules, ScoreId, load_advocacy_rules, number_at
from core.model.advocacy_settings import Range, in_force, load_setting_rules
from core.month import Month

GROUPS = {
    "readiness": "Readiness to advocate: what counts how much",
    "health": "Health of the account: what counts how much",
    "engagement": "Recent engagement: what counts how much",
    "fading": "How fast a signal fades",
    "stops": "Hard stops: nobody can override them, their reach can change",
    "limits": "How often, and how long to rest",
}
"""Groups of numbers, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number that can be set.

    Attributes:
        path: Where it stands in advocacy.toml.
        group: One of `GROUPS`.
        label: What it is called.
        range: Unit, lowest and highest value, step.
        default: Value of the model file.
        value: Value in force.
        source: Where the default comes from.
        whole: Whether it is a whole number.
        back: Value it goes back to without its own setting: the default, for a segment that of everybody.
        since: Who set the value in force, from when and why; empty where it is the default.
    """

    path: str
    group: str
    label: str
    range: Range
    default: float
    value: float
    source: str
    whole: bool
    back: float
    since: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it is a share, which people read in per cent."""
        return self.range.most <= 1

    def entry(self, value: float) -> float | int:
        """A value as people enter it: a share in per cent."""
        shown = round(value * (100 if self.is_share else 1), 6)
        return int(shown) if self.whole or self.is_share else shown

    def entered(self, shown: float) -> float | None:
        """What an entry changes the number to; None where it goes back to what holds without a setting of its own."""
        value = shown / 100 if self.is_share else float(shown)
        return None if value == self.back else value

    @property
    def is_slid(self) -> bool:
        """Whether it is only meant beside others, as weights and shares are: a slider shows it better than a field."""
        return self.range.unit.startswith(("points", "share"))

    def told(self, value: float) -> str:
        """A value of it in words."""
        if self.is_share:
            return f"{100 * value:.0f} %"
        return f"{value:g}" if self.range.unit.startswith(("points", "score")) else f"{value:g} {self.range.unit}"

    def named(self, segment: str | None) -> str:
        """What it is called, and for whom."""
        what = f"{self.label} ({self.group})" if self.group in SCORES else self.label
        return f"{what}, {segment}" if segment else what


def numbers(month: Month, segment: str | None = None) -> tuple[Number, ...]:
    """Every number that can be set, as it holds in a month for everybody or for one segment."""
    everybody, held = month.advocacy_rules, in_force(month.settings, month.month)
    rules = everybody.of(segment)
    found = []
    for item in _all(load_advocacy_rules()):
        value = number_at(rules, item.path)
        if segment is not None and not item.range.segments:
            continue
        own = held.get(f"{item.path}@{segment}") if segment else None
        by = own if own is not None and own.value is not None else held.get(item.path)
        since = f"{by.author}, from {display_month(by.valid_from)}: {by.reason}" if by and by.value is not None else ""
        shared = number_at(everybody, item.path) if segment is not None else None
        back = item.default if shared is None else shared
        found.append(replace(item, value=item.default if value is None else value, back=back, since=since))
    return tuple(found)


def numbers_by_path(month: Month) -> dict[str, Number]:
    """Every number that can be set, by its path, as it holds for everybody."""
    return {item.path: item for item in numbers(month)}


def _all(rules: AdvocacyRules) -> tuple[Number, ...]:
    """Every number, in groups, with its value in the model file."""
    found = [*_weights(rules), *_fading(rules), *_others(rules)]
    order = list(GROUPS)
    return tuple(sorted(found, key=lambda item: order.index(item.group)))


def _weights(rules: AdvocacyRules) -> Iterator[Number]:
    ranges = load_setting_rules()
    for score in SCORES:
        own = rules.scores[score]
        for signal, weight in own.weights.items():
            label = ranges.weight.label.format(signal=rules.signals[signal].label)
            path = f"scores.{score}.weights.{signal}"
            yield _number(path, score, label, ranges.weight, weight, own.source)
        label = ranges.coverage.label.format(score=score)
        yield _number(
            f"scores.{score}.minimum_coverage", score, label, ranges.coverage, own.minimum_coverage, own.source
        )


def _fading(rules: AdvocacyRules) -> Iterator[Number]:
    ranges = load_setting_rules()
    for name, signal in rules.signals.items():
        words = {"signal": signal.label, "score": " and ".join(_scores_of(rules, name))}
        for key, value, span in (
            ("half_life_days", signal.half_life_days, ranges.half_life),
            ("max_age_days", signal.max_age_days, ranges.max_age),
        ):
            if value is not None:
                label = span.label.format(**words)
                yield _number(f"signals.{name}.{key}", "fading", label, span, value, signal.source)


def _scores_of(rules: AdvocacyRules, signal: str) -> list[ScoreId]:
    return [score for score in SCORES if signal in rules.scores[score].weights]


def _others(rules: AdvocacyRules) -> Iterator[Number]:
    for path, span in load_setting_rules().number.items():
        table = rules
        for part in path.split(".")[:-1]:
            table = getattr(table, part)
        value, group = number_at(rules, path), "stops" if path.startswith("stops.") else "limits"
        yield _number(path, group, span.label, span, value or 0, str(getattr(table, "source", "")))


def _number(path: str, group: str, label: str, span: Range, value: float, source: str) -> Number:
    whole = span.step == int(span.step) and not path.startswith("scores.")
    return Number(path, group, label, span, float(value), float(value), source, whole, float(value))
