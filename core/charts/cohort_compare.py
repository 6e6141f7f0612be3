"""The two groups of the Cohorts screen beside one another, as one piece of HTML; every text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.charts.definitions import facts_html

STYLE = """
.rc-compare{border:1px solid light-dark(#CBD5E1,#334155);border-radius:.4rem;padding:.85rem 1rem}
.rc-compare .rc-facts{grid-template-columns:repeat(auto-fit,minmax(10rem,1fr))}
.rc-compare>p{margin:.7rem 0 0;padding:0;font-size:.87rem;line-height:1.4}
.rc-compare>p+p{margin-top:.3rem}
.rc-look{font-weight:600;color:light-dark(#8A3A06,#EE8354)}
"""


def comparison_html(facts: Sequence[tuple[str, str, str]], caution: str, apart: str) -> str:
    """The two groups and their difference, and below them what it is not.

    Args:
        facts: Label, figure and note of each.
        caution: What the comparison is not.
        apart: At which ages the groups are further apart than calls for a look; empty where they are not.
    """
    look = f'<p><span class="rc-look">▲ look</span> {escape(apart)}</p>' if apart else ""
    return f'<div class="rc-compare">{facts_html(facts, ())}<p>{escape(caution)}</p>{look}</div>'
