"""What the curves of the Cohorts screen say: their finding, what is drawn, and why nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.model.cohorts import cohort_rules
from core.model.small_samples import small_samples
from core.services.cohort_words import age_words, begin_words, column_words, figure_words
from core.services.cohorts import Cohorts


def curve_title(view: Cohorts) -> str:
    """What the curves show."""
    if view.query.along != "age":
        return _newest(view)
    pair = view.comparison
    if pair is None:
        found = view.everybody
        age = age_words(view.query.age or 0, view.offset)
        if found is None or found.value is None:
            return f"{view.measure.label} by age"
        return f"{figure_words(found, view.measure, view.currency)} after {age}"
    when = f"at {age_words(pair.age, view.offset)}"
    if pair.raw.outcome == "not_shown":
        return f"Too few to tell {pair.first} from {pair.second} {when}"
    if pair.raw.outcome == "none":
        return f"{pair.first} and {pair.second} {when}: the difference may be chance"
    ahead = pair.first if pair.raw.outcome == "first" else pair.second
    return f"{ahead} is ahead {when}"


def _newest(view: Cohorts) -> str:
    """The figures compared at the end of the newest period; no more than that, since ages differ."""
    if view.triangle is None:
        return view.measure.label
    newest = view.triangle.ages[-1]
    when = f"at the end of {column_words(view, newest)}"
    wanted = (view.comparison.first, view.comparison.second) if view.comparison else None
    found = [
        (curve.name, point.figure)
        for curve in view.curves
        for point in curve.points
        if point.age == newest and point.figure.shown and (wanted is None or curve.name in wanted)
    ]
    if not found:
        return f"Too few customers for a figure {when}"
    order = sorted(found, key=lambda item: wanted.index(item[0])) if wanted else found
    if len(order) == 1 and not wanted:
        return f"{figure_words(order[0][1], view.measure, view.currency)} {when}"
    figures = ", ".join(f"{name} {figure_words(item, view.measure, view.currency)}" for name, item in order)
    return f"{figures} {when}; ages differ"


def curve_subtitle(view: Cohorts) -> str:
    """What is drawn."""
    small = [curve.name for curve in view.curves if not curve.drawn]
    left = f" (not drawn: {', '.join(small)})" if small else ""
    if view.query.along != "age":
        each = " per customer won" if view.measure.kind == "mean" else ""
        return (
            f"{view.measure.label}{each} since {begin_words(view)}, customers who had started by the end of each "
            f"{view.query.along}, whatever their age: new ones move it; band 95 %; gaps where too few{left}"
        )
    base = {
        "share": "Kaplan-Meier over all customers",
        "part": "customers who reached each age",
        "ratio": "customers who reached each age",
        "mean": "per customer won who reached each age",
    }[view.measure.kind]
    return (
        f"{view.measure.label} by months since {begin_words(view)}, {base}; band 95 %; "
        f"ends where too few are followed{left}{_why_it_rises(view)}"
    )


def _why_it_rises(view: Cohorts) -> str:
    """What makes a figure rise that no customer's own expansion can; empty where no curve does."""
    drawn = [[point.figure.value for point in curve.points] for curve in view.curves if curve.drawn]
    if view.measure.id != "gross" or not any(map(rises, drawn)):
        return ""
    return ". Where it rises, other customers have come to the age, or lost revenue came back"


def rises(values: Sequence[float | None]) -> bool:
    """Whether a share rises by a whole per cent as it is written, from one place with a figure to the next."""
    known = [round(100 * value) for value in values if value is not None]
    return any(later > earlier for earlier, later in pairwise(known))


def nothing_drawn(view: Cohorts) -> str:
    """Why no curve is drawn, in one sentence; empty where one is."""
    if any(curve.drawn for curve in view.curves):
        return ""
    rules = small_samples()
    least = {
        "share": rules.proportion.least_units,
        "part": rules.account_ratio.least_accounts,
        "ratio": rules.account_ratio.least_accounts,
        "mean": rules.money_average.least_deals,
    }[view.measure.kind]
    if view.query.along != "age":
        return f"No curve yet: it takes a group of at least {least} customers at the end of two {view.query.along}s."
    months = age_words(cohort_rules().ages.columns[0], view.offset)
    return f"No curve yet: it takes a group of at least {least} customers followed for {months} or longer."
