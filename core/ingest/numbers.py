"""Numbers in a stated style become plain ones, as SQL over a column and in Python for one cell of a message."""

from __future__ import annotations

import re

from core.model.numbers import NumberStyle
from core.store.facts_shape import text

GROUPED = r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}"
"""Plain cells that could as well be thousands with a point: 1.234. Read only when other cells prove the point."""
_SPACE = "[ \u00a0\u202f]"
_GROUPS = {"": "", " ": _SPACE, "'": "['’]"}


def pattern(style: NumberStyle) -> str:
    """Regular expression of a cell in this style.

    Thousands are either all separated or not at all; a currency sign may be missing; with % every cell has it.
    """
    group = _GROUPS.get(style.group, re.escape(style.group))
    thousands = f"|[0-9]{{1,3}}({group}[0-9]{{3}}){{1,4}}" if group else ""
    number = f"([0-9]{{1,15}}{thousands})({re.escape(style.decimal)}[0-9]{{1,6}})?"
    sign = f"{re.escape(style.sign)}" if style.sign else ""
    before = f"({sign}{_SPACE}?)?" if sign else ""
    after = f"({_SPACE}?{sign})?" if sign else ""
    after += f"{_SPACE}?%" if style.percent else ""
    signed = f"([+-]?{before}|{sign}{_SPACE}?[+-])" if sign else "[+-]?"
    in_parentheses = rf"|\({before}{number}{after}\)" if style.parentheses else ""
    return f"({signed}{number}{after}{in_parentheses})"


def plain_number_sql(raw: str, style: NumberStyle) -> str:
    """SQL of the number in `raw` as digits with a decimal point and a minus; NULL when it is not in the style."""
    bare = f"replace({raw}, {text(style.sign)}, '')" if style.sign else raw
    others, marks = f"[^0-9{style.decimal}()+-]", f"{style.decimal}()"
    kept = f"regexp_replace({bare}, {text(others)}, '', 'g')"
    plain = f"translate({kept}, {text(marks)}, '.-')"
    return f"(CASE WHEN regexp_full_match({raw}, {text(pattern(style))}) THEN {plain} END)"


def plain_number(cell: str, style: NumberStyle) -> str | None:
    """One cell as digits with a decimal point and a minus; None when it is not in the style."""
    if not re.fullmatch(pattern(style), cell):
        return None
    bare = cell.replace(style.sign, "") if style.sign else cell
    kept = re.sub(f"[^0-9{style.decimal}()+-]", "", bare)
    return kept.replace(style.decimal, ".").replace("(", "-").replace(")", "")
