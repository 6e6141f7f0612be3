"""Budget: Where does the next unit of money earn most, and how sure are we?"""

from pages._app.widgets import heading

heading("Where does the next unit of money earn most, and how sure are we?", "Budget", "No spend is loaded yet.")
