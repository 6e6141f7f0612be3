"""Data: what do we know, how fresh is it, and does it tie to finance?"""

from pages._app import data_conflicts, data_finance, data_import, data_runs, data_sources
from pages._app.data_views import CONFLICTS, IMPORT, RUNS, SOURCES, TIE_OUT, current_view

SHOW = {
    SOURCES: data_sources.show,
    TIE_OUT: data_finance.show,
    CONFLICTS: data_conflicts.show,
    IMPORT: data_import.show,
    RUNS: data_runs.show,
}
SHOW[current_view()]()
