"""Errors that people read: place, expected, found, what to do; all problems of one input together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CouncilError(Exception):
    """Base of every error whose text may be shown to a user as it is."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A setting of the mapping that mends a problem of a file or of a column as a whole.

    Attributes:
        setting: `dates`, `number`, `encoding`, or `text` for the same text in every row of the column.
        value: What to set; an empty encoding states none.
        column: Column of the contract; empty when the whole file is meant.
        times: Whether dates may carry a time.
        shows: What the offending text reads as then; empty where the message says it.
    """

    setting: str
    value: str
    column: str = ""
    times: bool = False
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    Attributes:
        place: File or table the problem is in.
        message: Expected, found and the remedy, in one or two sentences.
        line: Line of the file, the header being line 1; None when the whole file is meant.
        column: Column name as the file spells it; None when the whole row is meant.
        found: The offending text, as it stands in the input.
        rule: Short id of the broken rule, for grouping.
        remedies: Settings that mend it, each by itself; several when it is for people to say which one is meant.
    """

    place: str
    message: str
    line: int | None = None
    column: str | None = None
    found: str | None = None
    rule: str = "input"
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (
                f"line {self.line}" if self.line is not None else "",
                f'column "{self.column}"' if self.column is not None else "",
            )
            if part
        )
        return f"{where}: {self.message}" if where else self.message


class InputProblems(CouncilError):
    """An input was refused as a whole; every problem is listed."""

    def __init__(self, problems: Sequence[Problem], consequence: str = "nothing was imported") -> None:
        self.problems = tuple(problems)
        self.consequence = consequence
        super().__init__(self.render())

    def render(self, limit: int = 50) -> str:
        """The message as text: one block a place, at most `limit` problems written out."""
        lines: list[str] = []
        shown = 0
        for place in dict.fromkeys(problem.place for problem in self.problems):
            own = [problem for problem in self.problems if problem.place == place]
            noun = "problem" if len(own) == 1 else "problems"
            lines.append(f"{place}: {len(own)} {noun}; {self.consequence}.")
            room = max(limit - shown, 0)
            lines += [f"  {problem}" for problem in own[:room]]
            shown += min(len(own), room)
            if len(own) > room:
                lines.append(f"  … and {len(own) - room} more of this place.")
        return "\n".join(lines)


class ModelError(CouncilError):
    """A file under data/model is wrong: names the file and every wrong key."""


class NotAllowed(CouncilError):
    """The user's roles do not permit this act."""


class RuleBroken(CouncilError):
    """The act is against a rule of the product (a guardrail, a total, a missing reason)."""


def too_long(text: str, most: int) -> str:
    """How far a text is over what its field holds; empty where it is not.

    Args:
        text: What was entered; spaces around it do not count.
        most: Most characters.
    """
    found = len(text.strip())
    return f"{found:,} of {most:,} characters; shorten by {found - most:,}" if found > most else ""


def length_faults(*fields: tuple[str, str, int]) -> list[str]:
    """Texts longer than their field holds, in words.

    Args:
        fields: Name, text and most characters of each.
    """
    over = ((name, most, too_long(text, most)) for name, text, most in fields)
    return [f"{name} is longer than {most:,} characters ({words})" for name, most, words in over if words]


def check_length(name: str, text: str, most: int) -> None:
    """Refuse a text longer than its field holds.

    Raises:
        RuleBroken: It is too long; nothing was saved.
    """
    for fault in length_faults((name, text, most)):
        raise RuleBroken(f"Nothing was saved: {fault}.")


def same_subject(saved: object, wanted: object) -> None:
    """Refuse a form that comes again about something else than it has saved.

    A token tells one opened form from another; it says nothing of what the form is about.

    Args:
        saved: What the record of the token is about.
        wanted: What the act is about.

    Raises:
        RuleBroken: They differ; nothing was saved.
    """
    if saved != wanted:
        raise RuleBroken(
            "Nothing was saved: this form has saved something else already. Reload the page and enter it again."
        )


class StaleRecord(CouncilError):
    """Somebody else changed the record after it was opened; nothing was saved."""

    def __init__(self, what: str, yours: str, theirs: str) -> None:
        self.what, self.yours, self.theirs = what, yours, theirs
        super().__init__(
            f"{what} was changed by somebody else after you opened it; nothing was saved. "
            f"Now it says: {theirs}. You wanted: {yours}. Reload the page and decide again."
        )
