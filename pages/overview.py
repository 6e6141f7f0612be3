"""Overview: Does advocacy earn its money?"""

from pages._app.widgets import heading

heading("Does advocacy earn its money?", "Overview", "No month is loaded yet.")
