"""What the screen Requests keeps between runs; as in `pages._app.cached`, every key names what it was built from."""

import datetime as dt

from core.services.clock import now
from core.services.home import Month
from core.services.pilot import PilotView, pilot_view
from core.services.referrals import LaneView, lane_view
from core.services.request_log import log_revision, referral_versions, request_versions
from core.services.requests import RequestsView, requests_view
from pages._app.memory import remembered

TICK = dt.timedelta(minutes=15)
"""How long clocks are shown as they were read: nothing falls due but at a quarter of an hour."""


def _tick() -> dt.datetime:
    """The last quarter of an hour, UTC."""
    at = now()
    return at - (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) % TICK


@remembered(8)
def _requests(month_key: str, revision: int, at: dt.datetime, _month: Month) -> RequestsView:
    return requests_view(_month, request_versions(), at)


def requests_of(month: Month) -> RequestsView:
    """Reference requests of a month, with every step recorded so far."""
    return _requests(month.key, log_revision()[0], _tick(), month)


@remembered(8)
def _lane(month_key: str, revision: int, at: dt.datetime, _month: Month) -> LaneView:
    return lane_view(_month, referral_versions(), at)


def lane_of(month: Month) -> LaneView:
    """The fast lane of a month, with every step recorded so far."""
    return _lane(month.key, log_revision()[1], _tick(), month)


@remembered(8)
def _pilot(month_key: str, _month: Month) -> PilotView:
    return pilot_view(_month)


def pilot_of(month: Month) -> PilotView:
    """How far the start of the programme is in a month."""
    return _pilot(month.key, month)
