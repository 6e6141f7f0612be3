"""What is asked of the pool: hours against hours act by act, and what becomes of the asks; in readers' words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.advocacy.pool_capacity import Alarm, Capacity
from core.advocacy.pool_funnel import CUTS, Cut, Funnels, Step
from core.advocacy.pool_load import Figure
from core.glossary import NOTHING, display, display_interval
from core.model.activities import load_activities
from core.model.kpi_rules import kpi_rules
from core.model.pool import pool_rules
from core.services.pool_words import ALARM_WORDS, Card, Section, hours, rows_word

CUT_LABELS: dict[Cut, str] = {"activity": "Ask", "persona": "Role", "asked_by": "Asked by"}
"""What a cut of the asks is called."""
NOT_STATED = "Not stated"
ACCEPT_WORDS: dict[Alarm, str] = {"yes": "under {}", "maybe": "perhaps under {}", "no": ""}
"""What the interval of the share that accepts supports, against the least share."""


_CAPACITY = (
    "An hour of one act does not serve another, so the two sides are compared act by act, and only acts on both are "
    "summed. Can be borne: people whose next act it is and who may be asked within the quarter x asks the caps leave "
    "them x hours of the act. Asked for: hours of its asks of the last four quarters, a quarter. So the asks sent are "
    "those of a year, the asks the caps allow those of one quarter."
)


def capacity_answer(part: Capacity) -> str:
    """What nobody may be asked for, or else how much of the pool is asked for; and of which acts too much.

    Empty where the two sides cannot be compared.
    """
    if part.used.value is None:
        return ""
    if part.unmet:
        acts = _named(_without(part))
        return f"{_unmet(part)} h asked for in a quarter find nobody who may be asked ({acts}){_pressed(part)}"
    share = display(part.used.value, "ratio")
    return f"Asks take {share} of what the pool can bear, act by act{_pressed(part)}"


def _pressed(part: Capacity) -> str:
    """The acts over the alarm, or perhaps over it, in words."""
    limit = f"the alarm at {100 * pool_rules().capacity.alarm:.0f} %"
    for alarm in ("yes", "maybe"):
        if acts := part.over(alarm):
            verb = rows_word(len(acts), "is", "are")
            return f"; {_named(acts)} {verb} {'' if alarm == 'yes' else 'perhaps '}over {limit}"
    return f"; no act is over {limit}"


def _named(acts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(_label(name) for name in acts[:-1]), _label(acts[-1])]))


def _unmet(part: Capacity) -> str:
    """Hours of acts nobody can be asked for, of all hours asked for."""
    return f"{part.unmet:,.0f} of {part.unmet + (part.demand.value or 0):,.0f}"


def _without(part: Capacity) -> tuple[str, ...]:
    """Acts that are asked for and nobody can be asked for, most hours first."""
    rows = part.rows
    return tuple(rows.loc[(rows["hours"] == 0) & (rows["demand_hours"] > 0), "activity"])


def _label(activity: str) -> str:
    known = load_activities().activities
    return {str(name): item.label for name, item in known.items()}.get(activity, activity)


def capacity_section(part: Capacity) -> Section:
    """Hours the pool can give against hours asked for."""
    rules = pool_rules().capacity
    limit = f"{100 * rules.alarm:.0f} %"
    band = part.demand.interval
    about = f"{hours(band.low)} to {hours(band.high)}, " if band and part.demand.value is not None else ""
    idle = f", and {hours(part.idle)} for acts nobody asks for" if part.idle else ""
    borne = f"a quarter: {part.people:,} people, {part.asks:,} asks their caps allow{idle}"
    asked = part.demand.reason or f"a quarter: {about}mean of the last {rules.past_quarters}"
    return Section("capacity", _capacity_title(part), (
        Card("Can be borne", hours(part.hours), borne,
             "People no stop holds for whose rest ends within the quarter x asks the caps leave them x hours of their "
             "next act."),
        Card("Will be asked for", hours(part.demand.value), asked,
             f"Hours of the {part.demand.n:,} asks of the last {rules.past_quarters} quarters for acts somebody can be "
             "asked for, a quarter."),
        Card("Used", display(part.used.value, "ratio"), _used_note(part.used),
             f"Asked for / can be borne, over the acts on both sides; the alarm is at {limit} of any of them."),
        Card("Nobody left for", hours(part.unmet), "asked for, of acts nobody can be asked for",
             "Hours of one act do not serve another, so these stand in neither of the two sums."),
        Card("Requests waiting", f"{part.waiting:,}", "reference requests without a person",
             "They come on top of what is usual."),
    ), _capacity_rows(part.rows), "Nobody can be asked in the next quarter.", _CAPACITY)  # fmt: skip


def _capacity_title(part: Capacity) -> str:
    """What nobody may be asked for comes first: no share of the rest makes up for it."""
    if part.used.value is None:
        return f"Capacity cannot be compared with demand: {part.used.reason}"
    share = display(part.used.value, "ratio")
    if part.unmet:
        rest = f"the rest takes {share} of what its acts have{_pressed(part)}"
        return f"{_unmet(part)} h find nobody who may be asked; {rest}"
    return f"Next quarter's asks take {share} of the hours the pool can give for the same acts{_pressed(part)}"


def _used_note(used: Figure) -> str:
    if used.value is None or used.interval is None:
        return used.reason or ""
    band = display_interval(used.interval.low, used.interval.high, "ratio", line=pool_rules().capacity.alarm)
    return f"{band} · from {used.n:,} asks sent in {pool_rules().capacity.past_quarters} quarters"


def _capacity_rows(rows: pd.DataFrame) -> pd.DataFrame:
    words: dict[str, str] = {str(alarm): text for alarm, text in ALARM_WORDS.items()}
    says = rows["alarm"].map(words).astype("str")
    says = says.mask(rows["hours"] == 0, "nobody can be asked for it").mask(rows["sent"] == 0, "nobody asks for it")
    return pd.DataFrame(
        {
            "Activity": [_label(name) for name in rows["activity"]],
            "People": rows["people"],
            "Asks they can bear": rows["asks"],
            "Hours they can give": rows["hours"],
            "Hours asked for": rows["demand_hours"],
            "Used": [display(value, "ratio") for value in rows["used"]],
            "What it says": says,
        }
    )


def funnel_section(part: Funnels) -> Section:
    """From ask to act over everybody; its rows are those of every cut, one below the other."""
    whole, rules = part.whole, pool_rules().funnel
    return Section("funnel", _funnel_title(whole, rules.least_accepted), (
        Card("Asked", f"{whole.asked:,}", f"of {whole.sent:,} sent: {whole.bounced:,} not delivered, the "
             f"{rules.within_days} days of {whole.young:,} not over",
             f"Asks of {rules.days} days that were delivered and whose {rules.within_days} days have passed."),
        Card("Accepted", *_share(whole.accept, whole.accepted, "of those asked"),
             f"Answered with yes, or done, within {rules.within_days} days."),
        Card("Done", *_share(whole.follow, whole.done, "of those accepted"), f"Done within {rules.within_days} days."),
        Card("Asked and done", *_share(whole.act, whole.done, "of those asked"),
             "Accepted and done, ask by ask. Invite to action on the Overview counts the people of one month."),
        Card("Used", f"{whole.used:,}", f"of {whole.done:,} done, by now or by being done",
             f"Not used, below, leaves out what is used by being done and waits for {kpi_rules().load.use_days} days."),
    ), pd.concat([funnel_rows(part, cut, cut_column=True) for cut in CUTS], ignore_index=True),
        f"Nobody was asked in {rules.days} days.",
        f"Of the asks of {rules.days} days that were delivered and had their {rules.within_days} days: accepted and "
        "done count within these days, so that old and new asks had the same time. The rows sum to all. Used counts "
        "every act done, also those used by being done (a reference call, a referral); Not used, below, counts acts "
        f"that need a use and had {kpi_rules().load.use_days} days for it.")  # fmt: skip


def _funnel_title(whole: Step, least: float) -> str:
    if whole.accept.value is None:
        return f"How many accept is not known: {whole.accept.reason}"
    warned = _accept_words(whole, least)
    return (f"{display(whole.accept.value, 'ratio')} of those asked accept"
            + (f", {warned}" if warned else "")
            + f"; {whole.done:,} of {whole.accepted:,} who accepted did it")  # fmt: skip


def _accept_words(step: Step, least: float) -> str:
    return ACCEPT_WORDS[step.alarm].format(f"{100 * least:.0f} %")


def _share(figure: Figure, part: int, noun: str) -> tuple[str, str]:
    """A share and what it rests on; the counts alone where they are too few."""
    if figure.value is None or figure.interval is None:
        return NOTHING, f"{part:,} of {figure.n:,}" + (f" · {figure.reason}" if figure.reason and figure.n else "")
    band = display_interval(figure.interval.low, figure.interval.high, "ratio")
    return display(figure.value, "ratio"), f"{part:,} of {figure.n:,} {noun} · {band}"


def funnel_rows(part: Funnels, cut: Cut, *, cut_column: bool = False) -> pd.DataFrame:
    """The asks of one cut, its rows and below them all asks; every count of the rows sums to that of all.

    Args:
        part: The asks.
        cut: By what they are told apart.
        cut_column: Whether a first column names the cut, for a file that holds several.
    """
    named = [*((_name(cut, step), step) for step in part.cuts[cut]), ("All", part.whole)]
    least = pool_rules().funnel.least_accepted
    rows = [_cells(CUT_LABELS[cut] if not cut_column else "What", name, step, least) for name, step in named]
    frame = pd.DataFrame(rows)
    if cut_column:
        frame.insert(0, "By", CUT_LABELS[cut])
    elif frame["Says"].eq("").all():
        frame = frame.drop(columns="Says")
    return frame if part.whole.sent else frame.iloc[:0]


def _cells(label: str, name: str, step: Step, least: float) -> dict[str, Any]:
    return {
        label: name,
        "Asked": step.asked,
        "Accepted": step.accepted,
        "Of asked": _cell(step.accept, step.accepted),
        "Done": step.done,
        "Of accepted": _cell(step.follow, step.done),
        "Used": step.used,
        "Open": step.young,
        "Bounced": step.bounced,
        "Sent": step.sent,
        "Says": _accept_words(step, least) if step.alarm == "yes" else "",
    }


def _cell(figure: Figure, part: int) -> str:
    if not figure.n:
        return NOTHING
    return f"too few ({part:,} of {figure.n:,})" if figure.value is None else display(figure.value, "ratio")


def _name(cut: Cut, step: Step) -> str:
    if step.name is None:
        return NOT_STATED
    return _label(step.name) if cut == "activity" else step.name
