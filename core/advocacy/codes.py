"""Short names for advocates and their referrals, that survive being read out and typed by hand."""

from __future__ import annotations

from typing import Literal

from core.errors import RuleBroken

Kind = Literal["advocate", "referral"]

ALPHABET = "23456789ACDEFGHJKLMNPQRTVWXYZ"
"""Signs none of which is easily taken for another: no 0 or O, 1 or I, B or 8, S or 5, U or V twice."""
BASE = len(ALPHABET)
"""A prime number, 29: then one check sign finds every one of the errors below."""
LENGTH = 6
"""Signs of the number at least; more once a programme has named 594 million."""
PREFIXES: dict[Kind, str] = {"advocate": "A", "referral": "R"}


def code_of(number: int, kind: Kind) -> str:
    """The code of a number, such as "A-222222-J".

    The number in base 29, then a check sign c, so that with the signs s counted from 0 and the place of each from the
    right: Σ 2^place · s + c + start(kind) · 2^n = 0  mod 29. The weight of every sign differs from 0 and from that of
    its neighbour, modulo a prime, so that no wrong sign and no two neighbours exchanged leave the sum at 0.

    Args:
        number: Which advocate or referral; whoever stores them never gives a number twice.
        kind: An advocate's id or a referral code: one is never valid as the other.

    Raises:
        ValueError: When the number is below 0.
    """
    if number < 0:
        raise ValueError(f"number must not be below 0; found {number}")
    signs: list[int] = []
    while number or len(signs) < LENGTH:
        number, sign = divmod(number, BASE)
        signs.append(sign)
    body = "".join(ALPHABET[sign] for sign in reversed(signs))
    return f"{PREFIXES[kind]}-{body}-{_check(body, kind)}"


def number_of(code: str, kind: Kind) -> int:
    """The number a code stands for, however it was typed: small letters, blanks and missing dashes are forgiven.

    Raises:
        RuleBroken: When it is no such code or was misread: any one wrong sign and any two neighbours exchanged are
            found.
    """
    typed = "".join(code.upper().split()).replace("-", "")
    prefix, body, check = typed[:1], typed[1:-1], typed[-1:]
    known = len(body) >= LENGTH and all(sign in ALPHABET for sign in body)
    longer = len(body) > LENGTH and body.startswith(ALPHABET[0])
    if prefix != PREFIXES[kind] or not known or longer or check != _check(body, kind):
        what = "an advocate id" if kind == "advocate" else "a referral code"
        raise RuleBroken(f'"{code}" is not {what}; expected one such as {code_of(0, kind)}. Read it out once more.')
    number = 0
    for sign in body:
        number = number * BASE + ALPHABET.index(sign)
    return number


def _check(body: str, kind: Kind) -> str:
    total = 1 + list(PREFIXES).index(kind)
    for sign in body:
        total = (total * 2 + ALPHABET.index(sign)) % BASE
    return ALPHABET[-total * 2 % BASE]
