"""What the settings of advocacy and the change of a score keep between runs; every key names what it was built from."""

import plotly.graph_objects as go

from core.charts.score_change import change_waterfall
from core.model.advocacy import ScoreId
from core.services.advocacy_preview import Preview, preview
from core.services.home import Month
from core.services.score_change import ChangeView, score_change
from pages._app.memory import remembered


@remembered(8)
def _preview(month_key: str, changes: tuple[tuple[str, float | None], ...], _month: Month) -> Preview:
    return preview(_month, dict(changes))


def settings_preview(month: Month, changes: dict[str, float | None]) -> Preview:
    """Who would move by changes of the settings. Raises RuleBroken for what cannot be set."""
    return _preview(month.key, tuple(sorted(changes.items())), month)


@remembered(128)
def _change(
    month_key: str, earlier_key: str, contact_id: str, name: ScoreId, _month: Month, _then: Month
) -> ChangeView:
    return score_change(_month, _then, contact_id, name)


def change_view(month: Month, earlier: Month, contact_id: str, name: ScoreId = "readiness") -> ChangeView:
    """What changed in a score of a contact since an earlier month."""
    return _change(month.key, earlier.key, contact_id, name, month, earlier)


@remembered(128)
def _figure(month_key: str, earlier_key: str, contact_id: str, name: ScoreId, _view: ChangeView) -> go.Figure | None:
    if _view.then is None or _view.now is None:
        return None
    lines = [(line.label, line.change, line.words) for line in _view.lines]
    return change_waterfall(lines, _view.then, _view.now, title=_view.title, subtitle=_view.subtitle)


def change_figure(month: Month, earlier: Month, contact_id: str, name: ScoreId = "readiness") -> go.Figure | None:
    """The waterfall of that change; None where one of the months has no score."""
    view = change_view(month, earlier, contact_id, name)
    return _figure(month.key, earlier.key, contact_id, name, view)
