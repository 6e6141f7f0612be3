"""One table read from one file, column by column, as it is looked at and changed."""

from __future__ import annotations

from dataclasses import dataclass

from core.services.cell_words import column_label


@dataclass(frozen=True)
class ColumnView:
    """Where one column of a table comes from in one file.

    Attributes:
        column: Column of the contract.
        required: Whether it must be filled.
        meaning: What it holds, and what is expected in it.
        current: Column of the file, `= text` for the same text in every row, words for what a preset puts together;
            empty when nothing fills it.
        options: What it may be instead, the current one first where it is no column of the file.
        sample: A cell of the file's column; empty without one.
        styles: Styles its cells may be stated to have; empty where it has none.
        style: The one that is stated; empty when none is.
        choices: Allowed words; empty where any text goes.
        usual: Text proposed for every row where no column of the file fills it, written `= text`; empty for none.
    """

    column: str
    required: bool
    meaning: str
    current: str
    options: tuple[str, ...]
    sample: str
    styles: tuple[str, ...]
    style: str
    choices: tuple[str, ...] = ()
    usual: str = ""

    @property
    def label(self) -> str:
        """Its name for readers."""
        words = column_label(self.column)
        return f"{words[:1].upper()}{words[1:]}"

    @property
    def lacking(self) -> bool:
        """Whether an import is refused because nothing fills it."""
        return self.required and not self.current


@dataclass(frozen=True)
class RuleView:
    """One table read from one file.

    Attributes:
        file: File name.
        rule: Name of its rule in the mapping.
        table: Table of the contract.
        columns: Its columns, required ones first.
        unread: Columns of the file that nothing reads.
    """

    file: str
    rule: str
    table: str
    columns: tuple[ColumnView, ...]
    unread: tuple[str, ...]

    @property
    def label(self) -> str:
        """The file and the table, to choose from."""
        return f"{self.file} → {self.table.replace('_', ' ')}"
