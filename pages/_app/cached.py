"""What is kept between runs: the engine of a manifest, the months built on it. Nothing here can be stale:
every key names the data, the model files and the revisions of the records it was built from.
"""

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.charts.advocates import readiness_waterfall
from core.charts.budget import Shown, gain_plot, response_chart
from core.services import home
from core.services.advocates import Advocates, advocates
from core.services.budget import Budget, Optimum, open_budget, optimum
from core.services.budget_curves import curves_shown
from core.services.budget_view import BudgetView, Proposal, budget_view
from core.services.home import Engine, FactMonth, Month, Source, State
from core.services.import_files import UploadFolder
from core.services.overview import Attention, Overview, attention, month_kpis, overview
from core.services.overview_bridge import Since
from core.services.overview_moves import Moved, moved
from core.services.profile import ActivityId, Profile, profile, profile_key
from core.services.targets import Targets, read_targets
from core.stats.months import month_end
from pages._app.memory import Built, recall, remembered
from pages._app.this_run import keep_state, working_day


@st.cache_resource(show_spinner=False, max_entries=2)
def _engine(manifest_hash: str, _state: State) -> Engine:
    return home.open_engine(_state)


@remembered(4)
def _months(manifest_hash: str, _engine: Engine) -> tuple[dt.date, ...]:
    return home.complete_months(_engine)


@remembered(64)
def _records(name: str, revision: int) -> pd.DataFrame:
    return home.record_frame(name)


@remembered(64)
def _stated(name: str, revision: int) -> bool:
    return home.is_stated(name)


@remembered(4)
def _judgement(revisions: tuple[int, int]) -> home.Judgement:
    return home.read_judgement()


@remembered(4)
def _source(facts_key: str, records_key: str, _state: State) -> Source:
    engine = _engine(_state.manifest_hash, _state)
    return home.open_source(
        _state,
        engine,
        months=_months(_state.manifest_hash, engine),
        frames={name: _records(name, revision) for name, revision in _state.revisions},
        judgement=_judgement(_state.judgement),
        stated=frozenset(name for name, revision in _state.revisions if _stated(name, revision)),
    )


@remembered(24)
def _facts(facts_key: str, month: dt.date, _source: Source) -> FactMonth:
    return home.build_facts(month_end(month), _source)


@remembered(48)
def _month(facts_key: str, records_key: str, month: dt.date, _source: Source) -> Month:
    return home.month_of_source(_source, month, _facts(facts_key, month, _source))


@dataclass(frozen=True, slots=True)
class Company:
    """The company as it stands at the start of one run: the months there are, and each of them.

    Attributes:
        months: Months that can be shown, newest first.
        load: A month by its first day, built once for its data and records.
        targets: What figures are to reach.
        talk: Changes when a decision or a conflict with a source does.
        nominations: Changes when a nomination does.
    """

    months: tuple[dt.date, ...]
    load: Callable[[dt.date], Month]
    targets: Targets
    talk: tuple[int, int]
    nominations: int = 0


@remembered(4)
def _targets(revision: int) -> Targets:
    return read_targets(revision)


def company() -> Company | None:
    """The company of this installation; None while no revenue is imported."""
    state = home.current_state()
    keep_state(state)
    if state.is_empty:
        return None
    source = _source(state.facts_key, state.records_key, state)
    if not source.months:
        return None
    load = partial(_month_of, state, source)
    return Company(source.months, load, _targets(state.targets), state.talk, state.nominations)


def _month_of(state: State, source: Source, month: dt.date) -> Month:
    return _month(state.facts_key, state.records_key, month, source)


def newest_month() -> Month | None:
    """The last complete month; None while no revenue is imported."""
    known = company()
    return known.load(known.months[0]) if known else None


@remembered(64)
def _overview(figures_key: str, segment: str | None, targets_key: int, _month: Month, _targets: Targets) -> Overview:
    return overview(_month, segment, _targets)


def overview_view(month: Month, segment: str | None, targets: Targets) -> Overview:
    """The Overview of a month and segment; settings of advocacy and scores set by hand change none of its figures."""
    return _overview(month.figures_key, segment, targets.key, month, targets)


@remembered(64)
def _moved(facts_key: str, month: dt.date, segment: str | None, since: Since, _month: Month) -> Moved:
    return moved(_month, segment, since, month_kpis(_month, segment)["net_revenue_retention"])


def moved_since(month: Month, segment: str | None, since: Since) -> Moved:
    """What moved in a month and segment since an earlier month; it rests on facts alone."""
    return _moved(month.facts.key, month.month, segment, since, month)


@remembered(48)
def _attention(month_key: str, targets_key: int, talk: tuple[int, int], _month: Month, _targets: Targets) -> Attention:
    return attention(_month, _targets)


def attention_of(month: Month, known: Company) -> Attention:
    """Look-backs that are due in a month, and its exceptions."""
    return _attention(month.key, known.targets.key, known.talk, month, known.targets)


@remembered(16)
def _advocates(month_key: str, day: dt.date, _month: Month) -> Advocates:
    return advocates(_month, day)


def advocates_view(month: Month) -> Advocates:
    """The pool of a month, who rests as of today."""
    return _advocates(month.key, working_day(), month)


@remembered(256)
def _profile(month_key: str, contact_id: str, about: ActivityId | None, day: dt.date, _month: Month) -> Profile:
    people = advocates_view(_month).pool
    return _profile_as(profile_key(_month, contact_id, people, day), contact_id, about, day, _month, people)


@remembered(256)
def _profile_as(
    key: Hashable, contact_id: str, about: ActivityId | None, day: dt.date, _month: Month, _people: pd.DataFrame
) -> Profile:
    return profile(_month, contact_id, _people, about, day)


def contact_profile(month: Month, contact_id: str, about: ActivityId | None = None) -> Profile:
    """One contact of a month in full, with the guardrails of one activity; None takes the nearest."""
    return _profile(month.key, contact_id, about, working_day(), month)


@remembered(256)
def readiness_figure(person: Profile) -> go.Figure | None:
    """The waterfall of a contact's readiness; None where there is no score."""
    if person.readiness is None:
        return None
    parts = [(part.label, part.points, part.raw) for part in person.parts if part.points is not None]
    return readiness_waterfall(parts, person.readiness, title=person.finding, subtitle=person.definition)


@remembered(24)
def _budget(facts_key: str, month: dt.date, _month: Month) -> Budget:
    return open_budget(_month)


def budget_of(month: Month) -> Budget:
    """The budget of a month. Raises CouncilError when there is none."""
    return _budget(month.facts.key, month.month, month)


@remembered(128)
def _optimum(budget_key: str, locked: frozenset[str], _budget: Budget) -> Optimum:
    return optimum(_budget, locked)


def best_split(budget: Budget, locked: frozenset[str] = frozenset()) -> Optimum:
    """The best split with some lines locked."""
    return _optimum(budget.key, locked, budget)


@remembered(128)
def _plan_view(
    budget_key: str, plan: tuple[int | None, ...], locked: frozenset[str], state: str, _budget: Budget, _now: Proposal
) -> BudgetView:
    return budget_view(_budget, _now, best_split(_budget, locked), state)


def plan_view(budget: Budget, now: Proposal, state: str) -> BudgetView:
    """The Budget screen of a plan."""
    return _plan_view(budget.key, now.amounts, now.locked, state, budget, now)


@remembered(128)
def _gain(budget_key: str, plan: tuple[int | None, ...], locked: frozenset[str], _view: BudgetView) -> go.Figure | None:
    if _view.effect is None:
        return None
    return gain_plot(_view.effect, _view.currency, title=_view.effect_title, subtitle=_view.effect_subtitle)


def gain_figure(budget: Budget, now: Proposal, view: BudgetView) -> go.Figure | None:
    """What a plan should bring; None until it adds up."""
    return _gain(budget.key, now.amounts, now.locked, view)


@remembered(128)
def _curves(
    budget_key: str, plan: tuple[int | None, ...], lines: tuple[str, ...], _budget: Budget, _now: Proposal
) -> go.Figure | None:
    title, subtitle, shown = curves_shown(_budget, _now, lines)
    return response_chart([Shown(*line) for line in shown], _budget.currency, title=title, subtitle=subtitle)


def curves_figure(budget: Budget, now: Proposal, lines: tuple[str, ...]) -> go.Figure | None:
    """Response curves of some lines; None when none of them was ever spent on."""
    return _curves(budget.key, now.amounts, lines, budget, now)


@st.cache_resource(show_spinner=False, max_entries=128)
def _drawn(place: str, key: str, _draw: Callable[[], None]) -> None:
    _draw()


def drawn(place: str, key: object, draw: Callable[[], None]) -> None:
    """Draw what depends on nothing but its key: elements without widgets, sent again from memory on the next run.

    A single piece of HTML costs less as a `kept` text.

    Args:
        place: Permanent name of the part of the screen.
        key: Everything the part depends on; its text identifies it.
        draw: Draws the part.
    """
    # Named: for an argument given by its place Streamlit reads the function's signature anew.
    _drawn(place=place, key=repr(key), _draw=draw)


def kept(place: str, key: object, build: Callable[[], Built]) -> Built:
    """A result that depends on nothing but its key; never changed after it is built.

    Args:
        place: Permanent name of the result.
        key: Everything the result depends on; its text identifies it.
        build: Makes the result.
    """
    return recall(f"kept: {place}", repr(key), 64, build)


@st.cache_resource(show_spinner=False, scope="session", on_release=UploadFolder.let_go)
def _held(name: str, _folder: UploadFolder) -> UploadFolder:
    return _folder


def hold(folder: UploadFolder) -> None:
    """Keep the uploads of a session for as long as it lasts: told in every run, let go when its window is gone."""
    folder.keep()
    _held(folder.path.name, folder)


def warm() -> None:
    """Build what the first visitor needs."""
    known = company()
    if known is not None:
        month = known.load(known.months[0])
        overview_view(month, None, known.targets)
        moved_since(month, None, "month")
        attention_of(month, known)
