"""What the settings of advocacy keep between runs; the key names what it was built from."""

import datetime as dt

from core.services.advocacy_preview import Preview, preview
from core.services.home import Month
from pages._app.memory import remembered
from pages._app.this_run import working_day


@remembered(8)
def _preview(month_key: str, changes: tuple[tuple[str, float | None], ...], day: dt.date, _month: Month) -> Preview:
    return preview(_month, dict(changes), day)


def settings_preview(month: Month, changes: dict[str, float | None]) -> Preview:
    """Who would move by changes of the settings. Raises RuleBroken for what cannot be set."""
    return _preview(month.key, tuple(sorted(changes.items())), working_day(), month)
