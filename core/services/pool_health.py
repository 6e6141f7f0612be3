"""Pool health: whether the same few carry the asks, what the pool can bear, where it falls short, who is owed what."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.advocacy.pool_load import Figure
from core.advocacy.turnaround import OPEN
from core.glossary import display, display_day, display_interval
from core.model.kpi_rules import kpi_rules
from core.model.pool import pool_rules
from core.month import Month
from core.month.pool import PoolFigures
from core.schema import TABLES
from core.services.pool_asks import capacity_answer, capacity_section, funnel_section
from core.services.pool_tables import tables_of
from core.services.pool_tiers import tiers_section
from core.services.pool_words import METHOD, Card, Section, rows_word

QUESTION = "Is the pool well: who carries it, what can it bear, whom do we owe?"
NEEDS: dict[str, tuple[str, ...]] = {
    "load": ("asks",),
    "capacity": ("contacts", "asks"),
    "funnel": ("asks",),
    "coverage": ("contacts", "opportunities"),
    "promoters": ("contacts", "survey_responses"),
    "debt": ("asks",),
    "balance": ("asks", "interactions"),
    "watch": ("asks",),
    "referrers": ("contacts",),
    "champions": ("contacts", "asks"),
    "tiers": ("asks", "enrolments"),
}
"""Tables without which a section says nothing."""
NEEDED = ("contacts", "asks", "survey_responses", "interactions", "opportunities", "enrolments")


UNEVENNESS = "0 all asked alike, 1 one person asked for everything"
"""How the Gini index reads."""


@dataclass(frozen=True)
class PoolHealth:
    """Everything the screen of the pool says.

    Attributes:
        question: What it answers.
        answer: The answer in one sentence.
        note: As-of date and size of the pool.
        sections: In the order of the screen; each with its finding, cards and the rows behind it.
        figures: What the charts draw.
        missing: Tables that are not loaded, with what each would unlock.
        method: How it is computed, as label and text.
    """

    question: str
    answer: str
    note: str
    sections: tuple[Section, ...]
    figures: PoolFigures
    missing: tuple[tuple[str, str], ...]
    method: tuple[tuple[str, str], ...] = METHOD


def pool_health(month: Month) -> PoolHealth:
    """The pool as of the end of a month."""
    found = month.pool_figures
    tables = tables_of(month, found)
    sections = (
        _load(found, tables["load"]),
        capacity_section(found.capacity),
        funnel_section(found.funnels),
        _coverage(month, found, tables["coverage"]),
        _promoters(found, tables["promoters"]),
        _debt(found, tables["debt"]),
        _balance(found, tables["balance"]),
        _watch(found, tables["watch"]),
        _referrers(found, tables["referrers"]),
        _champions(found, tables["champions"]),
        tiers_section(month),
    )
    missing = tuple((name, TABLES[name].unlocks) for name in NEEDED if name not in month.loaded)
    known = tuple(_known(section, month.loaded) for section in sections)
    return PoolHealth(QUESTION, _answer(found), _note(month, found), known, found, missing)


def _known(section: Section, loaded: frozenset[str]) -> Section:
    """The section, or what it waits for: a table that is not loaded is no zero."""
    absent = [name.replace("_", " ") for name in NEEDS[section.id] if name not in loaded]
    if not absent:
        return section
    title = f"Not known: nothing is loaded of {' and '.join(absent)}"
    return Section(section.id, title, (), section.table.iloc[:0], title)


def _answer(found: PoolFigures) -> str:
    """What presses most, in one sentence."""
    if not found.concentration.people:
        return "Nobody is in the pool yet"
    parts = [words] if (words := capacity_answer(found.capacity)) else []
    owed = len(found.debt.rows)
    parts.append(f"{owed:,} {rows_word(owed, 'act is', 'acts are')} overdue for thanks, use or news")
    quiet = len(found.promoters.rows)
    days = pool_rules().promoters.quiet_days
    parts.append(f"{quiet:,} {rows_word(quiet, 'promoter', 'promoters')} without an ask in {days} days")
    return "; ".join(parts)


def _note(month: Month, found: PoolFigures) -> str:
    people = found.concentration.people
    return f"As of {display_day(month.as_of)} · {people:,} people in the pool: asked in a year, or no hard stop"


def _card(label: str, figure: Figure, unit: str, noun: str, *, text: str | None = None, help_text: str) -> Card:
    """A figure with what it rests on, how sure it is, or why it is not shown."""
    value = text if text is not None and figure.value is not None else display(figure.value, unit)
    about = [f"{figure.n:,} {noun}"]
    if figure.interval is not None and figure.value is not None and text is None:
        about.append(display_interval(figure.interval.low, figure.interval.high, unit))
    if figure.reason:
        about.append(figure.reason)
    return Card(label, value, " · ".join(about), help_text)


def _load(found: PoolFigures, table: pd.DataFrame) -> Section:
    part, rules = found.concentration, pool_rules().load
    share = part.top_share.value
    title = (f"The {rules.top} busiest people carried {display(share, 'ratio')} of the asks of {rules.days} days"
             if share is not None else f"Who carries the asks is not known: {part.top_share.reason}")  # fmt: skip
    return Section("load", title, (
        _card(f"Share of the {rules.top} busiest", part.top_share, "ratio", "asks",
              help_text=f"Asks to the {rules.top} busiest people / all asks of {rules.days} days."),
        _card("Unevenness of asks (Gini)", part.gini, "count", f"people in the pool · {UNEVENNESS}",
              text=None if part.gini.value is None else f"{part.gini.value:.2f}",
              help_text="Gini index over everybody in the pool."),
        Card("People asked", f"{part.asked:,}", f"of {part.people:,} in the pool",
             "In the pool is who was asked in the year, can be asked now or rests."),
    ), table, "Nobody was asked in the last year.")  # fmt: skip


def _coverage(month: Month, found: PoolFigures, table: pd.DataFrame) -> Section:
    part = found.coverage
    n = part.covered.n
    if part.covered.value is None:
        title = f"No gap to show: {part.covered.reason}"
    elif part.covered.value == 1:
        whom = rows_word(n, "the one late deal", f"all {n:,} late deals")
        title = f"People enough to give {whom} a reference of the segment"
    else:
        left = n - round(part.covered.value * n)
        title = f"Too few people to give {left:,} of {n:,} late deals a reference of their segment"
    amount = None if part.uncovered_cents is None else part.uncovered_cents / 100
    return Section("coverage", title, (
        _card("Could have one", part.covered, "ratio", "late deals of new business",
              help_text="One reference serves one deal of its segment, the largest deals first, asked for or not."),
        Card("Pipeline out of reach", display(amount, "money", month.currency), "first-year amount",
             "Amount of the late deals nobody of their segment is left for."),
        *_unasked(month, part.deals),
    ), table, "No open deal is in a late stage.")  # fmt: skip


def _unasked(month: Month, deals: pd.DataFrame) -> tuple[Card, ...]:
    """Late deals nobody asked a reference for: what Requests calls without a request, whoever could give it."""
    if deals.empty:
        return ()
    requests = month.records["reference_requests"]
    served = requests.loc[requests["state"].isin([*OPEN, "done"]), "opportunity_id"]
    count = int((~deals["opportunity_id"].isin(served)).sum())
    words = rows_word(count, "it is on Requests", "they are on Requests") if count else "every one was asked for"
    return (Card("Without a request", f"{count:,} of {len(deals):,}", f"nobody asked yet; {words}" if count else words,
                 "Late deals without a reference request that is open or filled."),)  # fmt: skip


def _promoters(found: PoolFigures, table: pd.DataFrame) -> Section:
    part, days = found.promoters, pool_rules().promoters.quiet_days
    quiet = len(part.rows)
    return Section("promoters", f"{quiet:,} {rows_word(quiet, 'promoter', 'promoters')} at healthy accounts "
                   f"without an ask in {days} days", (
        _card(f"Not asked in {days} days", part.share, "ratio", "promoters at healthy accounts",
              help_text=f"Newest NPS answer 9 or 10, healthy account, no ask in {days} days."),
    ), table, f"Every promoter at a healthy account was asked within {days} days.")  # fmt: skip


def _debt(found: PoolFigures, table: pd.DataFrame) -> Section:
    part = found.debt
    owed = len(part.rows)
    nouns = {"not used": f"acts that need a use and had {kpi_rules().load.use_days} days"}
    cards = (
        _card("Acts with a promise broken", part.share, "ratio", "acts",
              help_text="Of the acts whose time to be thanked, used or told about is over."),
        *(_card(text.capitalize(), figure, "ratio", nouns.get(text, "acts"),
                help_text="Of the acts whose time for it is over.")
          for text, figure in part.broken.items()),
    )  # fmt: skip
    days = pool_rules().debt.days
    title = f"{owed:,} {rows_word(owed, 'act', 'acts')} of {days} days overdue for thanks, use or news"
    return Section("debt", title, cards, table, "No promise is broken.", _left_out(part.left_out))


def _left_out(counts: dict[str, int]) -> str:
    """Acts that owe something to people nobody writes to any more, in words; empty without any."""
    if not counts:
        return ""
    acts, total = rows_word(sum(counts.values()), "act", "acts"), sum(counts.values())
    whys = ", ".join(f"{count:,} {why}" for why, count in counts.items())
    return f"Left out: {total:,} overdue {acts} of people nobody writes to any more ({whys}); that cannot be made good."


def _balance(found: PoolFigures, table: pd.DataFrame) -> Section:
    part, rules = found.balance, pool_rules().balance
    per = "no ask" if part.per_ask.value is None else f"{part.per_ask.value:.1f}"
    title = f"{per} gives for every ask of {rules.days} days" if part.per_ask.value is not None else (
        part.per_ask.reason or "nobody was asked").capitalize()  # fmt: skip
    return Section("balance", title, (
        _card("Gives per ask", part.per_ask, "count", "asks",
              text=per, help_text="Gives to people asked / asks, within the year."),
        _card("Got less than they gave", part.short, "ratio", "people asked",
              help_text=f"Fewer than {rules.least_gives_per_ask:g} gives per ask."),
    ), table, "Everybody asked got as much as was asked of them.")  # fmt: skip


def _watch(found: PoolFigures, table: pd.DataFrame) -> Section:
    part, days = found.watch, pool_rules().watch.days
    seen = len(part.rows)
    return Section("watch", f"After {seen:,} {rows_word(seen, 'ask', 'asks')} an answer fell, a severe ticket came or "
                   f"silence, within {days} days", (
        _card("An answer fell", part.fell, "ratio", "asks with an answer before and after",
              help_text="NPS by two points or CSAT by one; after the ask, which need not mean because of it."),
        _card("Severe ticket", part.tickets, "ratio", "asks", help_text="Opened by the account after the ask."),
        _card("Silence", part.silent, "ratio", "asks whose time is over",
              help_text=f"No answer, act or survey answer of the person within {days} days."),
    ), table, "Nothing to watch after the asks of the last half year.")  # fmt: skip


def _referrers(found: PoolFigures, table: pd.DataFrame) -> Section:
    part = found.referrers
    seen = len(part.rows)
    title = f"{seen:,} referred {rows_word(seen, 'customer', 'customers')} to watch"
    paying = int((part.rows["mrr_cents"] > 0).sum())
    if paying < seen:
        title += f": {paying:,} still paying whose referrer is gone or at risk, {seen - paying:,} no longer paying"
    return Section("referrers", title, (
        _card("Referrer gone or at risk", part.share, "ratio", "paying referred customers",
              help_text="Referred customers stay longer only while their referrer stays."),
    ), table, "Every referrer of a paying customer is still there and well.")  # fmt: skip


def _champions(found: PoolFigures, table: pd.DataFrame) -> Section:
    days = pool_rules().champions.days
    left = len(found.champions.rows)
    alone = int((found.champions.rows["successors"] == 0).sum())
    return Section("champions", f"{left:,} {rows_word(left, 'advocate', 'advocates')} left in {days} days, "
                   f"{alone:,} without a successor", (
        Card("Advocates who left", f"{left:,}", f"{alone:,} at accounts where nobody can follow",
             "In the programme, or with an act in the year before."),
    ), table, f"No advocate left in {days} days.")  # fmt: skip
