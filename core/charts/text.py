"""Text of data inside a figure: shown as typed, never as markup."""

from __future__ import annotations

import html


def figure_text(text: object) -> str:
    """Text for a title, tick, label or hover of a figure.

    Plotly takes a few HTML tags for markup, links among them; escaped they are shown as typed. Line breaks become
    spaces.
    """
    return html.escape(" ".join(str(text).split("\n")), quote=False)
