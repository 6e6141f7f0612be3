"""The pieces of the Overview, put together from what its service says."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from core.charts import overview as charts
from core.charts.cards import cards_html
from core.charts.overview_style import PROJECTOR
from core.glossary import display, display_day, display_month
from core.model.exceptions import exception_rules
from core.services.look_back import LookBack
from core.services.overview import Attention, Overview
from core.services.overview_added import Added
from core.services.overview_bridge import MONTHS_BACK, Bridge, Since
from core.services.overview_exceptions import Exceptional
from core.services.overview_moves import Moved
from pages._app.data_views import CONFLICTS, SOURCES, VIEW

LOOK_BACKS = 2
"""Look-backs in the band; the others stand on the Meeting screen."""
ROWS = 4
"""Rows of the projector's band before what referrals add, "all" among them: with more, what moved the figures would
fall below the picture."""
RETENTION = ("Net retention, 12 months", "Gross retention, 12 months")
"""Columns that do not follow the choice of a window."""


def top(view: Overview, words: Attention, *, is_projected: bool) -> str:
    """HTML of what needs a word, and the cards; on the projector larger, and each word on one row."""
    above = PROJECTOR if is_projected else ""
    cards = cards_html(view.cards, words.decisions)
    if is_projected:
        rows = _brief(words, view)
        return above + (charts.board((), (rows,)) if rows else "") + cards
    if words.look_backs or words.exceptions:
        above += charts.board((), (_look_backs(words.look_backs), _exceptions(words.exceptions, view.segment)))
    return above + cards + _added(view)


def since_words(since: Since) -> str:
    """How far back, as the choice and the address say it."""
    back = MONTHS_BACK.get(since)
    return "quarter to date" if back is None else f"{back} month" if back == 1 else f"{back} months"


def panels(view: Overview, moved: Moved, window: tuple[dt.date | None, Since], *, is_projected: bool) -> str:
    """HTML of the bridge and what moved each figure; below, segments, and what is not loaded and how it is made.

    Args:
        view: The figures.
        moved: What moved them.
        window: First day of the month, None for the newest, and how far back it was looked; a segment leads to its own
            of the same window.
        is_projected: Without notes.
    """
    drawn = [
        charts.panel(
            each.id,
            each.bars,
            each.unit,
            each.currency,
            title=each.title,
            subtitle=each.subtitle,
            sentence=each.sentence,
        )
        for each in moved.moves
    ]
    bridge = moved.bridge
    if bridge is not None:
        drawn.insert(
            0,
            charts.panel(
                "bridge",
                bridge.bars,
                "money",
                bridge.currency,
                title=bridge.title,
                subtitle=bridge.subtitle,
                sentence=bridge.sentence,
            ),
        )
    table = (_segments(view, bridge, *window),) if view.segments and bridge is not None else ()
    return charts.board(drawn, (*table, *(() if is_projected else _notes(view))))


def _added(view: Overview) -> str:
    """What referrals add, as it looks and adjusted, below the cards."""
    if not view.added:
        return ""
    return charts.board((), (charts.note([_added_line(each) for each in view.added], (), "added"),))


def _added_line(each: Added) -> charts.Line:
    return each.about, "", each.said, f"definitions?kpi={each.kpi}"


def _notes(view: Overview) -> tuple[str, ...]:
    missing = (f"Not loaded: {gap.table.replace('_', ' ')}. It unlocks {gap.unlocks}." for gap in view.gaps)
    return (*map(charts.hint, missing), charts.fold("How these figures are made", view.method))


def _segments(view: Overview, bridge: Bridge, month: dt.date | None, since: Since) -> str:
    """Every segment on one line, the one that lost most in the window of the bridge first; its name leads to it."""
    standing = {line.segment: line for line in view.segments}
    start = bridge.bars[0].label
    names = ("Segment", "Customers", "ARR", f"Lost since {start}", f"New and won back since {start}")
    # What the page begins with stands in no address: it would take it out again, and Back would seem to do nothing.
    shown = ({} if month is None else {"month": display_month(month)}) | (
        {} if since == "month" else {"since": since_words(since)}
    )
    links = [f"?{urlencode({**shown, 'segment': each.segment})}" for each in bridge.segments]
    rows = []
    for each in bridge.segments:
        line, amounts = standing.get(each.segment), (each.lost_arr, each.new_arr)
        moved = [display(amount, "money", view.currency) for amount in amounts]
        if line is None:
            rows.append((each.segment, "", "", *moved, "", ""))
            continue
        arr = display(line.arr, "money", view.currency)
        rows.append((line.segment, f"{line.customers:,}", arr, *moved, line.net_retention, line.gross_retention))
    return charts.table(
        [*((name, place > 0) for place, name in enumerate(names)), *((name, False) for name in RETENTION)],
        rows,
        links=links,
        title=bridge.segments_title,
        subtitle="Lost and new: accounts by their segment now. Retention: always of twelve months, accounts by their "
        "segment at the start, with its 95 % band",
    )


def _brief(words: Attention, view: Overview) -> str:
    """Both on the projector, each on a row of its own, then what referrals add; everything behind "all"."""
    due, found, segment = words.look_backs, words.exceptions, view.segment
    rows = ROWS if len(due) + len(found) <= ROWS else ROWS - 1
    shown = min(len(due), max(LOOK_BACKS, rows - len(found)))
    others = rows - shown
    first: tuple[LookBack | Exceptional, ...] = (*due[:shown], *found[:others], *due[shown:], *found[others:])
    lines = [
        (f"Look-back due: {each.title}", each.brief)
        if isinstance(each, LookBack)
        else (f"{_mark(each, segment)} {each.figure}".rstrip(), each.why)
        for each in first[:rows]
    ]
    every = [
        _look_back(each, each.sentence) if isinstance(each, LookBack) else _exception(each, segment) for each in first
    ]
    lines[rows:rows] = [(each.about, each.said) for each in view.added[:1]]
    every[rows:rows] = map(_added_line, view.added[:1])
    return charts.brief(lines, every, "brief") if lines else ""


def _look_backs(due: tuple[LookBack, ...]) -> str:
    if not due:
        return ""
    lines = [_look_back(each, each.short) for each in due]
    return charts.note(lines[:LOOK_BACKS], lines[LOOK_BACKS:], "look-backs")


def _look_back(each: LookBack, said: str) -> charts.Line:
    return f"Look-back due: {each.title}", f"({display_day(each.decided_on)})", said, "meeting"


def _exceptions(found: tuple[Exceptional, ...], segment: str | None) -> str:
    if not found:
        return ""
    lines = [_exception(each, segment) for each in found]
    shown = exception_rules().shown
    return charts.note(lines[:shown], lines[shown:], "exceptions")


def _exception(each: Exceptional, segment: str | None) -> charts.Line:
    return _mark(each, segment), each.figure, each.why, _address(each)


def _mark(item: Exceptional, segment: str | None) -> str:
    """What it is about; beside the figures of one segment it says that its own is of all."""
    of_all = ", all segments" if segment and item.kpi else ""
    return f"{'▲' if item.good else '!'} {item.label}{of_all}"


def _address(item: Exceptional) -> str:
    """The screen where it is looked into, as a link beside this one."""
    if item.screen == "data":
        return f"data?{VIEW}={SOURCES if item.kind == 'stale' else CONFLICTS}"
    return f"{item.screen}?kpi={item.kpi}" if item.kpi else item.screen
