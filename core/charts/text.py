"""Text of data inside a figure or a piece of HTML: shown as typed, never as markup."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from core.glossary import plain_number


def figure_text(text: object) -> str:
    """Text for a title, tick, label or hover of a figure.

    Plotly takes a few HTML tags for markup, links among them; escaped they are shown as typed. Line breaks become
    spaces.
    """
    return html.escape(" ".join(str(text).split("\n")), quote=False)


def tenths(parts: Sequence[float], start: float, end: float) -> list[str]:
    """Signed parts of a difference to tenths: as printed, start and parts add up to the end.

    Those cut most are rounded up; where even that is too much, those cut least are rounded down once more.

    Args:
        parts: They sum to `end - start`.
        start: Where the parts begin, printed with one decimal.
        end: Where they end, printed with one decimal.
    """
    found = [math.floor(round(10 * part, 6)) for part in parts]
    order = sorted(range(len(parts)), key=lambda place: found[place] - 10 * parts[place])
    open_ = round(10 * round(end, 1)) - round(10 * round(start, 1)) - sum(found)
    for place in order[:open_] if open_ > 0 else order[open_:] if open_ < 0 else ():
        found[place] += 1 if open_ > 0 else -1
    return [plain_number(value / 10, 1, signed=True) for value in found]


def heading_html(question: str, answer: str, note: str) -> str:
    """A screen's question, its answer as the title and a line of note as HTML, every text escaped.

    Args:
        question: What the screen answers.
        answer: The answer.
        note: Period, as-of date, currency.
    """
    words = [html.escape(text) for text in (question, answer, note)]
    return f'<div class="rc-head"><p>{words[0]}</p><h1>{words[1]}</h1><p>{words[2]}</p></div>'
