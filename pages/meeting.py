"""Meeting: What do we decide this month, and what became of what we decided?"""

from pages._app.widgets import heading

heading("What do we decide this month, and what became of what we decided?", "Meeting", "No meeting is planned yet.")
