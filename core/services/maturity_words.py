"""The sentences of the Maturity screen, computed from what it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core.glossary import display, display_month
from core.kpis import Kpi
from core.maturity.assess import Assessment
from core.maturity.evidence import Measure, Outcome
from core.maturity.scoring import Consensus, matrix_summary
from core.model.maturity import Matrix, MaturityRules, load_maturity
from core.month import Month
from core.services.maturity_evidence import LevelRule
from core.services.maturity_view import AgreedLevel, CapabilityRow, quarter_label

QUESTION = "What can we do, and what is the next step?"
HIDDEN = "Shown once you have handed in your own answers."
UNRATED = "Nobody has rated it in this quarter."
EXEMPT = "does not apply"
NOT_APPLICABLE = "not_applicable"
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def flags(found: Consensus, rules: MaturityRules, agreed: AgreedLevel | None = None) -> tuple[str, ...]:
    """How far raters agree, and whether they must talk before they agree on a level; empty without ratings."""
    if found.respondents == 0:
        return ()
    talk = ": talk first" if agreed is None else ""
    least = rules.consensus.minimum_respondents
    said = (
        (found.wide, f"{found.range} levels apart{talk}"),
        (found.owner_above, f"its owner rates it higher than the others{talk}"),
        (found.too_few, f"{found.respondents} of at least {least} raters"),
        (found.reached and not found.discuss, "raters agree"),
    )
    return tuple(words for applies, words in said if applies)


def flag_means() -> str:
    """What the words on agreement mean, for readers."""
    rule = load_maturity().consensus
    return (
        f"Talk first: the answers lie {_number(rule.discuss_range)} levels or more apart, or whoever answers for the "
        f"capability rates it at least {rule.discuss_owner_above:g} level above the middle answer of the others. "
        "Owners tend to see their own work kindly, so the group looks at the evidence before it agrees on a level."
    )


def basis(raters: int, agreed: AgreedLevel | None, rules: MaturityRules) -> str:
    """What a claim rests on; an agreement of fewer raters than a round wants says so."""
    if agreed is not None:
        least = rules.consensus.minimum_respondents
        return f"agreed by {agreed.author}" + (f" with {raters} of {least} raters" if raters < least else "")
    return "" if raters == 0 else "one rater, not agreed" if raters == 1 else f"median of {raters}, not agreed"


def status_words_of(row: Assessment) -> str:
    """How a claim stands to its measurement."""
    level = row.support.level
    return {
        "supported": f"Measurement reaches level {level} too.",
        "stretch": f"One level above the measured level {level}.",
        "unsupported": f"Claimed {row.claimed}, measured {level}; levels 4 and 5 count only as measured.",
        "under_claimed": f"Measured level {level} is above the claim; ask why.",
        "not_testable": "What is missing is measurement; levels 4 and 5 count as 3.",
    }[row.status]


def measured_words_of(rules: Sequence[LevelRule]) -> str:
    """What measurement stopped at: the first level whose rule does not hold, and what would change that."""
    stop = next((rule for rule in rules if rule.outcome is not Outcome.HOLDS), None)
    if stop is None:
        return "Every rule holds."
    line = next(line for line in stop.lines if line.outcome is stop.outcome)
    # a failing line says itself what was asked
    named = line.label if line.outcome is Outcome.FAILS and line.threshold is not None else line.text
    return f"Measurement stops below level {stop.level}. {named}: {line.words}."


def falling(claimed: int, kpi: Kpi, measure: Measure, currency: str) -> str:
    """A claim beside a KPI of its own that gets worse."""
    sign = currency if kpi.unit == "money" else ""
    before, after = (display(value, kpi.unit, sign) for value in (measure.baseline, measure.value))
    return f"Claimed {claimed} while {kpi.label} went from {before} to {after} in a year"


def answer(rows: Sequence[CapabilityRow], rules: MaturityRules) -> str:
    """The page's answer, from the levels that count; what does not apply is nobody's weakness."""
    rows = [row for row in rows if row.status != NOT_APPLICABLE] or rows
    levels = {row.capability.label: row.reported for row in rows if row.reported is not None}
    if not levels:
        others = sum(row.hidden for row in rows)
        if others:
            return f"Others have rated {_number(others)} of {_number(len(rows))}: hand in your answers to see theirs"
        return f"No capability is rated yet: start with {rows[0].capability.label}"
    low, line = min(levels.values()), rules.summary.low_below
    weakest = [label for label, level in levels.items() if level == low]
    unseen = sum(row.hidden for row in rows)
    unrated = len(rows) - len(levels) - unseen
    tail = f"; {_number(unseen)} open once you rate" if unseen else ""
    tail += f"; {_number(unrated)} not rated yet" if unrated else ""
    if len(weakest) == len(levels):
        return _one_level(rows, low, tail)
    name = " and ".join(weakest) if len(weakest) < 3 else f"{_number(len(weakest))} capabilities"
    reached = sum(level >= line for level in levels.values())
    verb = "reaches" if reached < 2 else "reach"
    return f"Weakest: {name} at level {low}; {_number(reached)} of {_number(len(rows))} {verb} level {line}{tail}"


def _one_level(rows: Sequence[CapabilityRow], level: int, tail: str) -> str:
    """The answer where everything rated stands at one level: then nothing is the weakest."""
    rated = [row for row in rows if row.reported is not None]
    if len(rated) == len(rows):
        return f"All {_number(len(rows))} capabilities stand at level {level}"
    if len(rated) > 1:
        seen = f"{_number(len(rated))} of {_number(len(rows))} capabilities are rated, all at level {level}"
        unseen = sum(row.hidden for row in rows)
        return seen.capitalize() + (f"; {_number(unseen)} open once you rate" if unseen else "")
    row = rated[0]
    if row.agreed is not None:
        return f"{row.capability.label} stands at level {level}{tail}"
    people = "one person" if row.rater_count == 1 else f"{_number(row.rater_count)} people"
    counts = f", and counts as {level}" if row.claimed != level else ""
    return f"{row.capability.label} is rated {row.claimed} by {people}, not agreed{counts}{tail}"


def finding(rows: Sequence[CapabilityRow]) -> str:
    """What the matrix shows: the claims that stand furthest from what is measured."""
    rows = [row for row in rows if row.status != NOT_APPLICABLE]
    status = [row.status for row in rows if row.claimed is not None]
    if not status:
        return "No level yet"
    # Only a claim above the highest level that needs no evidence counts for less than it says.
    bare = sum(row.status == "not_testable" and row.reported != row.claimed for row in rows if row.claimed is not None)
    if bare:
        ahead = sum(word in ("unsupported", "stretch") for word in status)
        said = f"{bare} claim above level 3 has" if bare == 1 else f"{bare} claims above level 3 have"
        more = f"; {ahead} exceed{'s its own' if ahead == 1 else ' theirs'}" if ahead else ""
        return f"{said} no measured evidence{more}"
    for word, ending in (("unsupported", "two levels or more"), ("stretch", "one level")):
        if word in status:
            stand = "stands" if status.count(word) == 1 else "stand"
            return f"{status.count(word)} of {len(status)} claims {stand} {ending} above what is measured"
    untested = status.count("not_testable")
    if untested == len(status):
        return "No claim can be tested yet"
    return f"{untested} of {len(status)} claims cannot be tested yet" if untested else "Measurement backs every claim"


def summary(rows: Sequence[CapabilityRow], matrix: Matrix, rules: MaturityRules) -> str:
    """The mean of the matrix, never without its minimum; empty while nothing is rated."""
    capabilities = {row.capability.id: row.capability for row in rows}
    levels = {row.capability.id: float(row.reported) for row in rows if row.reported is not None}
    found = matrix_summary(levels, matrix.id, capabilities, rules)
    if found.mean is None or found.minimum is None:
        return ""
    out = sum(row.status == NOT_APPLICABLE for row in rows)
    tail = f"; {out} of them {'does' if out == 1 else 'do'} not apply and {'counts' if out == 1 else 'count'} as 1"
    return (
        f"Levels that count, {len(levels)} of {len(rows)} rated: minimum {found.minimum:.0f}, "
        f"mean {display(found.mean, 'score')}, {found.below} below level {rules.summary.low_below}{tail if out else ''}"
    )


def note(rows: Sequence[CapabilityRow], matrix: Matrix, quarter: dt.date, month: Month | None) -> str:
    """Matrix, quarter, how far the round is, and the month of the figures."""
    agreed = sum(row.agreed is not None for row in rows)
    figures = f"measured on {display_month(month.month)}" if month else "no figures loaded: nothing can be tested yet"
    return f"{matrix.label} · {quarter_label(quarter)} · {agreed} of {len(rows)} levels agreed · {figures}"
