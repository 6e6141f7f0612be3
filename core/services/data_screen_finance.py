"""What the Data screen shows of the tie-out: the answer, a card per figure, what explains a gap, account by account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from core.glossary import NOTHING, display, display_month
from core.model.data_state import TieOutRule, data_state
from core.month import Month
from core.services.tie_out import LABELS, REASONS, TieLine, TieOut, tie_out

QUESTION = "Do our figures tie with finance's?"
STATES = {"ties": "✓ ties", "differs": "▲ differs", "unknown": "? not compared"}

PLURAL = frozenset({"Bookings"})


@dataclass(frozen=True)
class Part:
    """One explained part of a difference, in units of the currency."""

    label: str
    amount: float


@dataclass(frozen=True)
class FinanceLine:
    """One figure beside finance's.

    Attributes:
        measure: Id of the figure.
        label: Its name.
        state: Ties, differs or not compared, as a word with a sign.
        tone: Colour of the word.
        difference: Difference with its share, in words; why there is none when it is not compared.
        sides: Ours and finance's, in words.
        accounts: How many accounts differ, in words; empty when finance gives no accounts.
        parts: What explains the difference, largest first; they sum to `total`.
        total: The difference; None when it is not compared.
        finding: What the parts say, in one sentence.
    """

    measure: str
    label: str
    state: str
    tone: str
    difference: str
    sides: str
    accounts: str
    parts: tuple[Part, ...]
    total: float | None
    finding: str


@dataclass(frozen=True)
class FinanceView:
    """The tie-out of one month.

    Attributes:
        question: What the view answers.
        answer: The answer.
        note: Month, currency and the thresholds.
        month: First day of the month.
        currency: Reporting currency.
        lines: One per figure; empty when nothing can be compared.
        rows: One row per account and figure, columns named for readers, largest difference first; `measure` is the
            figure's id and `differs` tells the rows that differ.
        export: The same rows as the command line writes them.
        reason: Why nothing can be compared; None when it can.
        missing: Whether finance's figures are not loaded at all.
    """

    question: str
    answer: str
    note: str
    month: dt.date
    currency: str
    lines: tuple[FinanceLine, ...]
    rows: pd.DataFrame
    export: pd.DataFrame
    reason: str | None
    missing: bool

    def accounts(self, measure: str, differing: bool) -> pd.DataFrame:
        """Accounts of one figure for a table: all of them, or those that differ."""
        chosen = self.rows[self.rows["measure"] == measure]
        chosen = chosen[chosen["differs"]] if differing else chosen
        return chosen.drop(columns=["measure", "differs"]).reset_index(drop=True)


def finance_view(month: Month, rule: TieOutRule | None = None) -> FinanceView:
    """The tie-out of a month.

    Args:
        month: The month.
        rule: Thresholds; the product's own by default.
    """
    used = rule or data_state().tie_out
    result = tie_out(month, used)
    return FinanceView(
        question=QUESTION,
        answer=_answer(result),
        note=_note(result, used),
        month=result.month,
        currency=result.currency,
        lines=tuple(_line(line, result) for line in result.lines),
        rows=_rows(result),
        export=result.rows,
        reason=result.reason,
        missing="finance_totals" not in month.loaded,
    )


def note_with_tie(view: FinanceView | None, note: str) -> str:
    """What a view beside the tie-out says below its answer: first whether our figures tie with finance's.

    Args:
        view: The tie-out; None where no month can be shown.
        note: What is said anyway.
    """
    if view is None:
        return note
    tie = view.answer
    if view.reason is not None:
        tie = f"Finance: not compared for {display_month(view.month)}, {view.reason.replace('_', ' ')}"
    return f"{tie} · {note}"


def _answer(result: TieOut) -> str:
    when = display_month(result.month)
    if result.reason is not None:
        return f"Not known for {when}: {result.reason.replace('_', ' ')}"
    wrong = [line for line in result.lines if line.state == "differs"]
    if not wrong:
        known = [_short(line) for line in result.lines if line.state == "ties"]
        verb = "ties" if len(known) == 1 and known[0] not in PLURAL else "tie"
        hidden = sum(line.accounts_differing or 0 for line in result.lines if line.state == "ties")
        cancel = f", though {hidden:,} differences of accounts cancel out" if hidden > 1 else ""
        return f"{_listed(known)} {verb} with finance for {when}{cancel}"
    worst = max(wrong, key=lambda line: abs(line.difference or 0.0))
    gap = worst.difference or 0.0
    size = display(abs(gap), "money", result.currency)
    verb = "are" if _short(worst) in PLURAL else "is"
    head = f"{_short(worst)} {verb} {size} {'above' if gap > 0 else 'below'} finance's for {when}"
    open_ = worst.explained.get("unexplained", 0.0)
    up, down = _sides_of(worst.explained.values())
    if up and down:
        above, below = (display(side, "money", result.currency) for side in (up, down))
        rest = f"; {display(abs(open_), 'money', result.currency)} of it unexplained" if abs(open_) >= 0.005 else ""
        return f"{head}: {above} above and {below} below, which partly cancel out{rest}"
    if abs(open_) < 0.005:
        return f"{head}, all of it explained"
    return f"{head}, {display(abs(open_), 'money', result.currency)} unexplained"


def _note(result: TieOut, rule: TieOutRule) -> str:
    share = display(rule.share, "ratio")
    least = display(rule.account_cents / 100, "money", result.currency)
    parts = [display_month(result.month), *([result.currency] if result.currency else [])]
    return " · ".join([*parts, f"a total ties within {share} of finance's, an account within {share} or {least}"])


def _line(line: TieLine, result: TieOut) -> FinanceLine:
    parts = sorted(line.explained.items(), key=lambda item: abs(item[1]), reverse=True)
    told = tuple(Part(REASONS[name].capitalize(), amount) for name, amount in parts)
    return FinanceLine(
        measure=line.measure,
        label=line.label,
        state=STATES[line.state],
        tone={"ties": "green", "differs": "red"}.get(line.state, "gray"),
        difference=_difference(line, result.currency),
        sides=_sides(line, result.currency),
        accounts=_accounts(line),
        parts=told,
        total=line.difference,
        finding=_finding(line, told, result.currency),
    )


def _difference(line: TieLine, currency: str) -> str:
    if line.difference is None:
        return (line.reason or "not compared").replace("_", " ")
    if abs(line.difference) < 0.005:
        return "no difference"
    amount = display(round(line.difference, 2), "money", currency, signed=True)
    share = f" ({display(line.share, 'ratio', signed=True)})" if line.share and line.state == "differs" else ""
    return amount + share


def _sides(line: TieLine, currency: str) -> str:
    ours, theirs = (
        NOTHING if side is None else display(side, "money", currency) for side in (line.product, line.finance)
    )
    return f"ours {ours} · finance {theirs}"


def _accounts(line: TieLine) -> str:
    if line.accounts_differing is None:
        return ""
    if line.accounts_differing == 0:
        return "every account ties"
    return f"{line.accounts_differing:,} {'account differs' if line.accounts_differing == 1 else 'accounts differ'}"


def _finding(line: TieLine, parts: Sequence[Part], currency: str) -> str:
    if line.difference is None:
        return f"{line.label} is not compared"
    if not parts:
        return f"{line.label}: nothing to explain"
    if line.state == "ties" and abs(line.difference) < 0.005:
        return f"{line.label}: the total ties, its parts cancel out"
    largest = parts[0]
    told = f"{line.label}: the largest part is {_part(largest, currency)}"
    against = next((part for part in parts if part.amount * largest.amount < 0), None)
    return f"{told}, partly cancelled by {_part(against, currency)}" if against else told


def _part(part: Part, currency: str) -> str:
    amount = display(part.amount, "money", currency, signed=True)
    return f"{part.label[0].lower()}{part.label[1:]}, {amount}"


def _sides_of(amounts: Iterable[float]) -> tuple[float, float]:
    """What is above and what is below, both as positive amounts."""
    kept = list(amounts)
    return sum(each for each in kept if each > 0), -sum(each for each in kept if each < 0)


def _rows(result: TieOut) -> pd.DataFrame:
    frame = result.rows
    reasons = frame["reason"].map(REASONS).fillna("") if len(frame) else frame["reason"]
    return pd.DataFrame(
        {
            "measure": frame["measure"],
            "differs": frame["state"] == "differs",
            "State": frame["state"].map(STATES),
            "Account": frame["name"].where(frame["name"].notna(), frame["account_id"]),
            "Ours": frame["product"],
            "Finance": frame["finance"],
            "Difference": frame["difference"],
            "Explained by": reasons,
        }
    )


def _short(line: TieLine) -> str:
    """The figure without its date: "ARR", "new ARR", "bookings"; a sentence may start with it."""
    return LABELS[line.measure].split(" of ")[0].split(" at ")[0]


def _listed(words: Sequence[str]) -> str:
    lower = [words[0], *(word[0].lower() + word[1:] if not word.isupper() else word for word in words[1:])]
    return lower[0] if len(lower) == 1 else f"{', '.join(lower[:-1])} and {lower[-1]}"
