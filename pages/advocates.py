"""Advocates: Whom do we ask, whom do we thank, whom do we leave in peace?"""

from pages._app.widgets import heading

heading("Whom do we ask, whom do we thank, whom do we leave in peace?", "Advocates", "No contacts are loaded yet.")
