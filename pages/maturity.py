"""Maturity: What can we do, and what is the next step?"""

from pages._app.widgets import heading

heading("What can we do, and what is the next step?", "Maturity", "No ratings are given yet.")
