"""What the screen Requests keeps between runs; as in `pages._app.cached`, every key names what it was built from."""

from core.services.home import Month
from core.services.pilot import PilotView, pilot_view
from core.services.referrals import LaneView, lane_view
from core.services.request_log import log_revision, referral_versions, request_versions
from core.services.requests import RequestsView, requests_view
from pages._app.memory import remembered


@remembered(8)
def _requests(month_key: str, revision: int, _month: Month) -> RequestsView:
    return requests_view(_month, request_versions())


def requests_of(month: Month) -> RequestsView:
    """Reference requests of a month, with every step recorded so far."""
    return _requests(month.key, log_revision()[0], month)


@remembered(8)
def _lane(month_key: str, revision: int, _month: Month) -> LaneView:
    return lane_view(_month, referral_versions())


def lane_of(month: Month) -> LaneView:
    """The fast lane of a month, with every step recorded so far."""
    return _lane(month.key, log_revision()[1], month)


@remembered(8)
def _pilot(month_key: str, _month: Month) -> PilotView:
    return pilot_view(_month)


def pilot_of(month: Month) -> PilotView:
    """How far the start of the programme is in a month."""
    return _pilot(month.key, month)
