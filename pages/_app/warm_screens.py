"""What each screen needs when it is first opened, as steps that are built beside the visitors after the start.

A step is short, and calls what the screen itself calls, so that the screen finds the result. A CouncilError of a step
(a table is not loaded) is the screen's to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.kpis import REGISTRY
from core.services.clock import today
from core.services.cohort_choices import choices
from core.services.cohorts import CohortQuery, cohorts, opening
from core.services.definitions_view import result_of
from core.services.home import Month
from core.services.maturity import maturity
from core.services.maturity_view import recent_quarters
from core.services.meeting import meeting
from core.services.path import path_view
from pages._app import cached, cached_advocates, cached_definitions, cached_maturity, cached_requests
from pages._app.cached import Company

Steps = Iterator[Callable[[], object]]
FIRST = 3
"""People of the list to ask whose profile is put together: the first is drawn at once, the next follow its act."""


def advocates(company: Company, month: Month) -> Steps:
    """Today with the cards of the first people, the pool."""
    yield lambda: cached.advocates_view(month)
    people = list(cached.advocates_view(month).ask["contact_id"].head(FIRST))
    yield lambda: cached_advocates.worklists_of(month)
    for contact in people:
        yield lambda contact=contact: cached.readiness_figure(cached.contact_profile(month, contact))  # type: ignore[misc]
    yield lambda: cached_advocates.pool_of(month)
    yield lambda: cached_advocates.gives_of(month)
    yield lambda: cached_advocates.to_send_of(month)


def requests(company: Company, month: Month) -> Steps:
    """The three parts of Requests."""
    yield lambda: cached_requests.requests_of(month)
    yield lambda: cached_requests.lane_of(month)
    yield lambda: cached_requests.pilot_of(month)


def budget(company: Company, month: Month) -> Steps:
    """The response of every line and the best split."""
    yield lambda: cached.best_split(cached.budget_of(month))


def path(company: Company, month: Month) -> Steps:
    """The path of all customers."""
    yield lambda: month.path
    yield lambda: cached.kept("path", (month.key, None), lambda: path_view(month, None))


def cohort(company: Company, month: Month) -> Steps:
    """The cohorts as they are first shown."""
    yield lambda: month.cohort_input
    look = cached.kept("cohort opening", month.key, lambda: opening(month))
    known = cached.kept("cohort choices", (month.key, look.split), lambda: choices(month, look.split))
    first, second = known.groups[:2] if len(known.groups) > 1 else (None, None)
    query = CohortQuery(split=look.split, measure=look.measure, first=first, second=second)
    yield lambda: cached.kept("cohorts", (month.key, query), lambda: cohorts(month, query))


def profiles(company: Company, month: Month) -> Steps:
    """What every profile rests on, told by the first one, and the pool's health."""
    if company.months[1:]:
        yield lambda: company.load(company.months[1]).scores
    for contact in cached.advocates_view(month).ask["contact_id"].head(1):
        yield lambda contact=contact: cached_advocates.scores_of(month, contact)  # type: ignore[misc]
        yield lambda contact=contact: cached_advocates.story_of(month, contact)  # type: ignore[misc]
    yield lambda: month.propensity
    yield lambda: month.pool_figures
    yield lambda: cached_advocates.health_of(month)
    for name in ("load", "capacity"):
        yield lambda name=name: cached_advocates.health_figures(month, name)  # type: ignore[misc]
    yield lambda: cached_advocates.propensity_figures(month)


def definitions(company: Company, month: Month) -> Steps:
    """Every figure of the registry; cards of other screens and claims of maturity rest on them."""
    for name in REGISTRY:
        yield lambda name=name: result_of(month, name)  # type: ignore[misc]
    yield lambda: cached_definitions.definition_lines(month, False)


def council(company: Company, month: Month) -> Steps:
    """Maturity and meeting; they are read anew each time, from figures of the month."""
    quarter = recent_quarters(today())[0]
    claimed = cached_maturity.month_of_quarter(company, quarter)
    yield lambda: maturity(claimed, quarter, targets=company.targets)
    yield lambda: meeting(month, today())


SCREENS = (advocates, requests, budget, path, cohort, profiles, definitions, council)
"""The screens in the order they are opened most."""
