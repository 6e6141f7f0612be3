"""What Advocates keeps between runs; as in `pages._app.cached`, every key names what it was built from."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
from numpy.typing import NDArray

from core.advocacy.pool_funnel import Cut
from core.charts.advocates import readiness_waterfall
from core.charts.advocates_pool import chance_figures, pool_figures
from core.charts.advocates_story import story_html
from core.charts.score_change import change_waterfall
from core.services.access import LOCAL_USER
from core.services.advocates import Advocates
from core.services.advocates_words import Words, nobody_words, pool_words, profile_words, today_words
from core.services.home import Month
from core.services.nominations import NominationLine, nominations
from core.services.permissions import Permissions, permissions
from core.services.person_scores import PersonScore, person_scores
from core.services.person_story import PersonStory, person_story
from core.services.pool_asks import funnel_rows
from core.services.pool_health import PoolHealth, pool_health
from core.services.pool_view import PoolPage, PoolQuery, PoolTable, found, pool_page, pool_table
from core.services.propensity import PropensityView, propensity_view
from core.services.saved_views import SavedView, saved_views, views_revision
from core.services.worklists import Worklists, before_sending, clear_first, what_to_give, worklists
from core.stats.months import shift_month
from pages._app import cached
from pages._app.advocates_views import HEALTH, POOL, PROFILE
from pages._app.memory import remembered
from pages._app.this_run import working_day


def _lists_key(month: Month) -> str:
    """Identifies a month and the day on which rests are judged."""
    return month.on(working_day()).key


@remembered(8)
def _worklists(month_key: str, day: dt.date, _month: Month) -> Worklists:
    return worklists(_month, cached.advocates_view(_month).pool, day)


def worklists_of(month: Month) -> Worklists:
    """The lists of the day; what is late is told from today, the day acts are noted on."""
    return _worklists(month.key, working_day(), month)


@remembered(8)
def _nominated(lists_key: str, revision: int, _month: Month) -> tuple[NominationLine, ...]:
    return nominations(cached.advocates_view(_month).pool, only_open=True)


def nominated(month: Month, revision: int) -> tuple[NominationLine, ...]:
    """Nominations nobody has decided on yet.

    Args:
        month: The newest month.
        revision: As `cached.Company` has it.
    """
    return _nominated(_lists_key(month), revision, month)


@remembered(8)
def _before_sending(month_key: str, day: dt.date, _month: Month) -> list[str]:
    return before_sending(_month, worklists_of(_month).send, day)


def before_sending_of(month: Month) -> list[str]:
    """What stands against sending each accepted ask today."""
    return _before_sending(month.key, working_day(), month)


@remembered(8)
def _to_send(month_key: str, day: dt.date, _month: Month) -> pd.DataFrame:
    return clear_first(worklists_of(_month).send.assign(**{"Before sending": before_sending_of(_month)}))


def to_send_of(month: Month) -> pd.DataFrame:
    """Accepted asks with what stands against sending them, those clear to send first."""
    return _to_send(month.key, working_day(), month)


@remembered(8)
def _gives(month_key: str, day: dt.date, _month: Month) -> pd.DataFrame:
    return what_to_give(_month, worklists_of(_month).give)


def gives_of(month: Month) -> pd.DataFrame:
    """People to give something, with what."""
    return _gives(month.key, working_day(), month)


@remembered(8)
def _pool(lists_key: str, _month: Month) -> PoolTable:
    return pool_table(_month, cached.advocates_view(_month).pool, working_day())


def pool_of(month: Month) -> PoolTable:
    """Everybody of a month, for the table."""
    return _pool(_lists_key(month), month)


@remembered(8)
def _saved_views(actor: str, revision: int) -> tuple[SavedView, ...]:
    return saved_views(LOCAL_USER)


def saved_views_of() -> tuple[SavedView, ...]:
    """The views of the pool the reader keeps."""
    return _saved_views(LOCAL_USER.name, views_revision())


@remembered(64)
def _places(lists_key: str, query: PoolQuery, _month: Month) -> NDArray[np.intp]:
    return found(pool_of(_month), query)


def places_of(month: Month, query: PoolQuery) -> NDArray[np.intp]:
    """Places of the people of a choice, in its order."""
    return _places(_lists_key(month), query, month)


@remembered(64)
def _page(lists_key: str, query: PoolQuery, page: int, _month: Month) -> PoolPage:
    return pool_page(pool_of(_month), query, page, places_of(_month, query))


def page_of(month: Month, query: PoolQuery, page: int) -> PoolPage:
    """One page of a choice."""
    return _page(_lists_key(month), query, page, month)


@remembered(64)
def _page_sent(
    lists_key: str, query: PoolQuery, page: int, names: tuple[str, ...], first: str, _month: Month
) -> pa.Table:
    rows = page_of(_month, query, page).rows[list(names)]
    rows.insert(0, first, "Open")
    return pa.Table.from_pandas(rows, preserve_index=False)


def page_sent(month: Month, query: PoolQuery, page: int, names: tuple[str, ...], first: str) -> pa.Table:
    """One page as it is sent: a column that opens the row, and the named ones."""
    return _page_sent(_lists_key(month), query, page, names, first, month)


def headline(month: Month, view: Advocates, which: str, contact_id: str) -> Words:
    """Question, answer and note of a view.

    Raises:
        CouncilError: It is the profile of somebody who is not known.
    """
    return _headline(month.key, which, contact_id if which == PROFILE else "", working_day(), month, view)


@remembered(64)
def _headline(month_key: str, which: str, contact_id: str, day: dt.date, _month: Month, _view: Advocates) -> Words:
    if which == HEALTH:
        found = health_of(_month)
        return found.question, found.answer, found.note
    if which == POOL:
        return pool_words(_month.on(day), _view, pool_of(_month))
    if which == PROFILE and contact_id:
        person, row = cached.contact_profile(_month, contact_id), pool_of(_month).of(contact_id)
        return profile_words(_month.on(day), person, str(row["Tier"]), str(row["Segment"]))
    if which == PROFILE:
        return nobody_words(_month.on(day), "Nobody is chosen yet")
    return today_words(_view, worklists_of(_month), day)


@remembered(128)
def _story(month_key: str, contact_id: str, day: dt.date, _month: Month) -> PersonStory:
    return person_story(_month, contact_id, day)


def story_of(month: Month, contact_id: str) -> PersonStory:
    """The story of one person."""
    return _story(month.key, contact_id, working_day(), month)


@remembered(128)
def _scores(month_key: str, contact_id: str, _month: Month, _earlier: Month | None) -> tuple[PersonScore, ...]:
    return person_scores(_month, _earlier, contact_id)


def scores_of(month: Month, contact_id: str) -> tuple[PersonScore, ...]:
    """The three scores of one person and what changed since the month before."""
    known = cached.company()
    before = shift_month(month.month, -1)
    earlier = known.load(before) if known is not None and before in known.months else None
    return _scores(month.key, contact_id, month, earlier)


@remembered(128)
def _score_figure(month_key: str, contact_id: str, name: str, _score: PersonScore) -> go.Figure | None:
    if _score.value is None:
        return None
    parts = [(part.label, part.points, part.raw) for part in _score.parts if part.points is not None]
    return readiness_waterfall(
        parts, _score.value, title=_score.finding, subtitle=_score.definition, total=_score.label
    )


def score_figure(month: Month, contact_id: str, score: PersonScore) -> go.Figure | None:
    """The waterfall of one score of a person; None where there is no score."""
    return _score_figure(month.key, contact_id, score.id, score)


@remembered(128)
def _change_figure(month_key: str, contact_id: str, name: str, _score: PersonScore) -> go.Figure | None:
    if _score.value is None or _score.change is None or not _score.changes:
        return None
    return change_waterfall(
        _score.changes,
        _score.value - _score.change,
        _score.value,
        title=f"What changed in {_score.label.lower()}",
        subtitle=_score.change_definition,
    )


def change_figure(month: Month, contact_id: str, score: PersonScore) -> go.Figure | None:
    """What changed in one score of a person since the month before; None where nothing did or nothing is known."""
    return _change_figure(month.key, contact_id, score.id, score)


@remembered(128)
def _permissions(month_key: str, contact_id: str) -> Permissions:
    return permissions(contact_id)


def permissions_of(month: Month, contact_id: str) -> Permissions:
    """What one person permits and likes; the month's key changes with every record of it."""
    return _permissions(month.key, contact_id)


@remembered(4)
def _health(month_key: str, _month: Month) -> PoolHealth:
    return pool_health(_month)


def health_of(month: Month) -> PoolHealth:
    """The pool's health."""
    return _health(month.key, month)


def funnel_rows_of(month: Month, cut: Cut) -> pd.DataFrame:
    """What became of the asks, by one cut."""
    return cached.kept("funnel", (month.key, cut), lambda: funnel_rows(month.pool_figures.funnels, cut))


@remembered(4)
def _propensity(month_key: str, _month: Month) -> PropensityView:
    return propensity_view(_month)


def propensity_of(month: Month) -> PropensityView:
    """How well the chance of an act is foretold."""
    return _propensity(month.key, month)


def health_figures(month: Month, section: str) -> list[tuple[str, go.Figure]]:
    """Figures of a section of the pool's health, by name."""
    return cached.kept("pool health", (month.key, section), lambda: pool_figures(health_of(month), section))


def propensity_figures(month: Month) -> list[tuple[str, go.Figure]]:
    """Figures of the learned chance, by name; none where it was not tested."""
    return cached.kept("propensity", month.key, lambda: chance_figures(propensity_of(month).test))


@remembered(64)
def _story_piece(month_key: str, contact_id: str, kinds: tuple[str, ...], _story: PersonStory) -> str:
    lines = [(line.day, line.kind, line.words) for line in _story.lines if not kinds or line.kind in kinds]
    return story_html(lines, _story.older)


def story_piece(month: Month, contact_id: str, kinds: tuple[str, ...]) -> str:
    """The time line of a person as a piece of HTML."""
    return _story_piece(month.key, contact_id, kinds, story_of(month, contact_id))
