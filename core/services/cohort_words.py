"""What the Cohorts screen says: no more than the intervals support, and never that a difference is an effect."""

from __future__ import annotations

from core.cohorts.compare import Comparison, Difference
from core.cohorts.figures import Figure
from core.cohorts.triangle import Period, period_of
from core.glossary import NOTHING, SPACE, display, display_day, display_interval, display_month
from core.model.cohorts import Measure, cohort_rules
from core.month import Month
from core.services.cohorts import Apart, Cohorts

Fact = tuple[str, str, str]


def answer(view: Cohorts) -> str:
    """The answer to the screen's question in one sentence."""
    if view.gap is not None:
        return f"{view.measure.label} cannot be shown: {view.gap}"
    pair = view.comparison
    if pair is None:
        return _of_all(view)
    when = f"after {age_words(pair.age, view.offset)}"
    one, other = (figure_words(item, view.measure, view.currency) for item in pair.figures)
    sides = f"{view.measure.label} {when}: {pair.first} {one}, {pair.second} {other}"
    if pair.raw.outcome == "not_shown" and all(item.shown for item in pair.figures):
        return f"{sides}; too few to tell whether they differ"
    if pair.raw.outcome == "not_shown":
        return f"Too few customers to compare {pair.first} with {pair.second} {when}{_all_clause(view)}"
    if pair.raw.outcome == "none":
        return f"{sides}; the difference may be chance"
    ahead, behind = (pair.first, pair.second) if pair.raw.outcome == "first" else (pair.second, pair.first)
    more, less = (one, other) if pair.raw.outcome == "first" else (other, one)
    return f"{ahead} {view.measure.verb} than {behind} {when}: {more} against {less}{_alike_clause(pair)}"


def _of_all(view: Cohorts) -> str:
    age = view.query.age or 0
    found = view.everybody
    if found is None or found.value is None:
        return f"{view.measure.label} after {age_words(age, view.offset)} cannot be shown: {reason_of(found)}"
    value = figure_words(found, view.measure, view.currency)
    band = display_interval(*ends_of(found, view.measure), view.measure.unit, view.currency)
    return f"{view.measure.label} after {age_words(age, view.offset)} is {value} (95 %: {band})"


def _all_clause(view: Cohorts) -> str:
    found = view.everybody
    if found is None or found.value is None:
        return ""
    return f"; all customers together: {figure_words(found, view.measure, view.currency)}"


def _alike_clause(pair: Comparison) -> str:
    """Whether the difference is still there among customers alike."""
    if pair.alike.outcome == pair.raw.outcome:
        return "; also among customers alike"
    if pair.alike.outcome == "none":
        return "; among customers alike it may be chance"
    return ""


def note(view: Cohorts, month: Month) -> str:
    """Company, month, number of customers, and who is left out."""
    parts = [month.facts.company] if month.facts.company else []
    parts += [
        f"{display_month(month.month)}, as of {display_day(month.as_of)}, not closed",
        f"{view.customers:,} customers with a known start{_range_words(view.query.since, view.query.until)}",
    ]
    if view.left_out:
        parts.append(f"{view.left_out:,} of the first month left out")
    return " · ".join(parts)


def _range_words(since: str | None, until: str | None) -> str:
    """Whose start counts, where that was narrowed."""
    if since is None and until is None:
        return ""
    if until is None:
        return f" from {since} on"
    return f" up to {until}" if since is None else f" in {since} to {until}"


def facts(view: Cohorts) -> list[Fact]:
    """The two groups, their difference as they are and among customers alike: label, figure, note."""
    pair = view.comparison
    if pair is None:
        return []
    sides = [
        (f"{name}, {age_words(pair.age, view.offset)}", counts_words(item, view), _n_words(item, view))
        for name, item in zip((pair.first, pair.second), pair.figures, strict=True)
    ]
    return [
        *sides,
        ("Difference as they are", _difference_words(pair.raw, view), _why(pair.raw, view)),
        ("Among customers alike", _difference_words(pair.alike, view), _alike_words(pair, view)),
    ]


def caution(view: Cohorts) -> str:
    """What the comparison is not."""
    pair = view.comparison
    if pair is None:
        return ""
    months = cohort_rules().comparison.start_months
    on = "start periods" if view.query.split == "segment" else "segments and start periods"
    return (
        f"A difference, not an effect: {pair.first} and {pair.second} may be different customers from the start. "
        f"Alike: {pair.second} weighted to the {on} ({months} months) of {pair.first}; "
        "nothing else is taken out."
        + (
            f" Who is an advocate is decided {view.offset} months after the start, among customers still there; "
            "ages count from then on."
            if view.offset
            else ""
        )
    )


def apart_words(view: Cohorts) -> str:
    """That the two groups are further apart than calls for a look, and at which ages; empty where they are not."""
    if not view.apart:
        return ""
    share = round(100 * cohort_rules().divergence.relative)
    ages = "; ".join(
        f"after {age_words(apart.age, view.offset)} "
        + " and ".join(figure_words(item, view.measure, view.currency) for item in (apart.first, apart.second))
        + _points(apart, view.measure)
        for apart in view.apart
    )
    return (
        f"Far enough apart to look into, by more than {share}{SPACE}% of the second figure: {ages}. "
        "Whether it may be chance is said at each age."
    )


def _points(apart: Apart, measure: Measure) -> str:
    """How far two shares are apart, in points; empty for amounts."""
    if measure.unit == "money" or apart.first.value is None or apart.second.value is None:
        return ""
    return f" ({display(abs(apart.first.value - apart.second.value), 'pp').removeprefix('+')})"


def figure_words(found: Figure, measure: Measure, currency: str) -> str:
    """A figure as text; its counts where it may not be shown."""
    if found.value is None:
        return f"{found.numerator:,.0f} of {found.n:,}" if measure.kind == "share" else f"{found.n:,} customers"
    return display(found.value / (100 if measure.unit == "money" else 1), measure.unit, currency)


def counts_words(found: Figure, view: Cohorts) -> str:
    """A figure, or its counts."""
    return figure_words(found, view.measure, view.currency) if found.state != "unknown" else NOTHING


def age_words(age: int, offset: int = 0) -> str:
    """An age as text."""
    months = "1 month" if age == 1 else f"{age} months"
    return months if not offset else f"{months} after month {offset}"


def column_words(view: Cohorts, at: int) -> str:
    """A column of the triangle as text, the same in the address: an age, or the quarter or month it ends."""
    if view.triangle is None or not view.triangle.months:
        return age_words(at)
    period = column_period(view, at)
    return period.label if view.query.along == "quarter" else f"{period.first:%b %Y}"


def column_period(view: Cohorts, at: int) -> Period:
    """The quarter or month of a column along the calendar."""
    shown = view.triangle
    if shown is None or not shown.months:
        raise ValueError("columns are ages")
    return period_of(shown.months[shown.ages.index(at)], "quarter" if view.query.along == "quarter" else "month")


def sentence(words: str) -> str:
    """Words with a capital at the beginning."""
    return words[:1].upper() + words[1:]


def begin_words(view: Cohorts) -> str:
    """From when on ages count."""
    return f"month {view.offset} after the start" if view.offset else "the start"


def reason_of(found: Figure | None) -> str:
    """Why there is no figure."""
    return (found.reason if found is not None else None) or "nothing is known of these customers"


def ends_of(found: Figure, measure: Measure) -> tuple[float | None, float | None]:
    """Ends of the interval in the unit that is written."""
    scale = 100 if measure.unit == "money" else 1
    low, high = (None if end is None else end / scale for end in (found.low, found.high))
    return low, high


def _n_words(found: Figure, view: Cohorts) -> str:
    if found.value is None:
        return sentence(reason_of(found))
    return f"{display_interval(*ends_of(found, view.measure), view.measure.unit, view.currency)}, n {found.n:,}"


def _scaled(value: float | None, measure: Measure) -> tuple[float | None, str]:
    """A difference in the unit it is spoken of."""
    if measure.unit == "money":
        return (None if value is None else value / 100), "money"
    return value, "pp"


def _difference_words(found: Difference, view: Cohorts) -> str:
    if found.value is None:
        return "Not shown"
    value, unit = _scaled(found.value, view.measure)
    return display(value, unit, view.currency, signed=True)


def _band_words(found: Difference, measure: Measure, currency: str) -> str:
    low, unit = _scaled(found.low, measure)
    verdict = "may be chance" if found.outcome == "none" else "beyond chance"
    return f"{display_interval(low, _scaled(found.high, measure)[0], unit, currency)}, {verdict}"


def _alike_words(pair: Comparison, view: Cohorts) -> str:
    """The band of the difference among customers alike, or why it is not shown."""
    if pair.alike.value is not None:
        return _band_words(pair.alike, view.measure, view.currency)
    if not pair.alike_customers:
        kind = "start period" if view.query.split == "segment" else "segment and start period"
        return f"Nobody to compare: no {pair.first} customer shares {kind} with enough {pair.second} customers"
    return f"{_why(pair.alike, view)} ({pair.alike_customers:,} of {pair.figures[0].n:,} {pair.first} compared)"


def _why(found: Difference, view: Cohorts) -> str:
    if found.value is None:
        return sentence(found.reason or "")
    return _band_words(found, view.measure, view.currency)
