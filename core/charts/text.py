"""Text of data inside a figure or a piece of HTML: shown as typed, never as markup."""

from __future__ import annotations

import html


def figure_text(text: object) -> str:
    """Text for a title, tick, label or hover of a figure.

    Plotly takes a few HTML tags for markup, links among them; escaped they are shown as typed. Line breaks become
    spaces.
    """
    return html.escape(" ".join(str(text).split("\n")), quote=False)


def heading_html(question: str, answer: str, note: str) -> str:
    """A screen's question, its answer as the title and a line of note as HTML, every text escaped.

    Args:
        question: What the screen answers.
        answer: The answer.
        note: Period, as-of date, currency.
    """
    words = [html.escape(text) for text in (question, answer, note)]
    return f'<div class="rc-head"><p>{words[0]}</p><h1>{words[1]}</h1><p>{words[2]}</p></div>'
