"""The screens: one question, one file; the router and the shared widgets are in `_app`."""
