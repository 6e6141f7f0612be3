"""How a column writes its numbers, stated by one example: `number = "1.234,56"`, `"$1,234.56"`, `"(1 234,56 €)"`."""

from __future__ import annotations

import re
from dataclasses import dataclass

PLAIN = "1234.56"
"""The form that is read without being stated."""

BODIES: dict[str, tuple[str, str]] = {
    "1234.56": ("", "."),
    "1234,56": ("", ","),
    "1,234.56": (",", "."),
    "1.234,56": (".", ","),
    "1 234.56": (" ", "."),
    "1 234,56": (" ", ","),
    "1'234.56": ("'", "."),
    "1'234,56": ("'", ","),
}
"""Example -> character between thousands, decimal character. The closed set of ways to separate digits."""

_SIGN = r"[^\d\s.,'’%()+-][^\d\s'’%()+-]{0,3}"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """One way to write numbers.

    Attributes:
        example: How 1234.56 is written, as a mapping states it.
        group: Character between thousands; empty for none.
        decimal: Decimal character.
        sign: Currency sign or code before or after the number; empty for none.
        parentheses: Whether parentheses mean minus.
        percent: Whether numbers are per cent, so that 45% is 0.45.
    """

    example: str
    group: str
    decimal: str
    sign: str = ""
    parentheses: bool = False
    percent: bool = False

    @property
    def plain(self) -> bool:
        """Whether numbers stand as a database writes them."""
        return self.example == PLAIN


def number_style(example: str) -> NumberStyle:
    """The style that writes 1234.56 as `example`.

    Raises:
        ValueError: Naming the forms there are.
    """
    text = " ".join(example.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").split())
    parentheses = text.startswith("(") and text.endswith(")")
    inner = text[1:-1].strip() if parentheses else text
    percent = inner.endswith("%")
    inner = inner.removesuffix("%").strip()
    found = re.fullmatch(rf"(?P<before>{_SIGN})? ?(?P<body>1[ ,.']?234[.,]56) ?(?P<after>{_SIGN})?", inner)
    if not found or found["body"] not in BODIES or (found["before"] and found["after"]):
        forms = ", ".join(f'"{body}"' for body in BODIES)
        raise ValueError(
            f"write the number 1234.56 as the column writes it: one of {forms}, with a currency sign before or "
            'after it ("$1,234.56"), in parentheses when those mean minus ("(1,234.56)"), or with % ("1234.56%")'
        )
    group, decimal = BODIES[found["body"]]
    return NumberStyle(example, group, decimal, found["before"] or found["after"] or "", parentheses, percent)
