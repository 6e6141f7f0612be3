"""Import mappings as data: how the files of one system become the tables of the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.numbers import number_style
from core.model.toml import STRICT, load_each, parse, read
from core.settings import MODEL_DIR

DateStyle = Literal[
    "YYYY-MM-DD",
    "YYYY/MM/DD",
    "DD-MM-YYYY",
    "DD/MM/YYYY",
    "DD.MM.YYYY",
    "MM/DD/YYYY",
    "MM-DD-YYYY",
    "epoch seconds",
    "epoch milliseconds",
]
Encoding = Literal[
    "utf-8", "utf-16-le", "utf-16-be", "windows-1252", "iso-8859-15", "windows-1250", "windows-1251", "mac-roman"
]


def _stated_number(example: str) -> str:
    return number_style(example).example if example else example


NumberExample = Annotated[str, AfterValidator(_stated_number)]
"""How the number 1234.56 is written; empty where it is written so."""


@dataclass(frozen=True, config=STRICT)
class Choice:
    """A further place a cell may come from, asked when all earlier ones are empty.

    Attributes:
        column: Column of the file, or of a look-up as `look_up.column`; empty when `join` is given.
        join: Columns whose texts are put together with a space between them.
        json: Key of a JSON object the column holds; empty takes the cell as it is.
        when: Column -> texts, whatever their case, "" for an empty cell: the place counts only in rows where each of
            these columns holds one of its texts.
    """

    column: str = ""
    join: tuple[str, ...] = ()
    json: str = ""
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.column) == bool(self.join):
            raise ValueError("give either column or join")

    @property
    def places(self) -> tuple[str, ...]:
        """The columns it reads."""
        return self.join or (self.column,)


@dataclass(frozen=True, config=STRICT)
class LookUp:
    """Another file of the same export whose columns are added to each row, as `name.column`.

    Attributes:
        files: File names, `*` allowed; the first one present is read.
        by: Column of the row, or of an earlier look-up, that holds the id.
        key: Column of the other file with that id; of several rows with one id the first is taken.
        only: Column of the other file -> texts, as in a table's `only`.
        encoding: Encoding of the other file when it is not UTF-8; one that is stated where its rows are read holds too.
    """

    files: tuple[str, ...]
    by: str
    key: str
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    encoding: Encoding | None = None


@dataclass(frozen=True, config=STRICT)
class ColumnRule:
    """Where one column of the contract comes from.

    Attributes:
        column: Column of the file, or of a look-up as `look_up.column`; empty when `constant` or `join` is given.
        constant: The same text for every row.
        join: Columns whose texts are put together with a space between them.
        otherwise: Further places, in order: the first one that is filled is taken. Header names agree whatever their
            case, spaces, hyphens and underscores, so that only true alternatives are listed.
        json: Key of a JSON object the column holds.
        when: Column -> texts, as in `Choice`: the first place counts only in rows where they hold.
        split: Separator of a cell with several ids, of which the first is taken.
        prefix: Text put before each id.
        recode: Text of the file -> text of the contract; any other text is a problem.
        recode_other: Text of the contract for every filled cell that `recode` does not list.
        default: Text for empty cells, and for all rows of a file without the column; both are reported.
        scale: Factor to the contract's unit, 100 for an amount in currency units that becomes cents.
        multiply: Columns with a number to multiply by, such as seats, the first filled one counts; empty means 1.
        interval: Columns with what an amount pays for (day, week, month, quarter, year), the first filled one
            counts: the amount is divided into months and rounded to whole cents.
        interval_count: Columns with how many of these an amount pays for; empty means 1.
        plus_minutes: Column of the file with minutes to add to an instant.
        dates: Styles a date column may have, when they differ from the table's.
        times: Whether a date may carry a time, of which the company's own day is taken; None takes the table's word.
        utc: Whether a time without an offset is UTC, not what the company's clocks showed; one with am or pm is never.
        number: How the column writes 1234.56, when it differs from the table's.
    """

    column: str = ""
    constant: str = ""
    join: tuple[str, ...] = ()
    otherwise: tuple[Choice, ...] = ()
    json: str = ""
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    split: str = ""
    prefix: str = ""
    recode: dict[str, str] = Field(default_factory=dict)
    recode_other: str = ""
    default: str = ""
    scale: int = 1
    multiply: tuple[str, ...] = ()
    interval: tuple[str, ...] = ()
    interval_count: tuple[str, ...] = ()
    plus_minutes: str = ""
    dates: tuple[DateStyle, ...] = ()
    times: bool | None = None
    utc: bool = False
    number: NumberExample = ""

    def __post_init__(self) -> None:
        if [bool(self.column), bool(self.constant), bool(self.join)].count(True) != 1:
            raise ValueError("give either column or constant (or join)")

    @property
    def places(self) -> tuple[str, ...]:
        """Every column the text may come from, best first."""
        own = (self.column, *self.join)
        return tuple(name for name in (*own, *(each for c in self.otherwise for each in c.places)) if name)

    @property
    def computed(self) -> bool:
        """Whether the text is put together, rather than one cell as it stands."""
        parts = (self.join, self.otherwise, self.json, self.when, self.split, self.prefix, self.recode_other)
        return any(parts) or bool(self.multiply or self.interval or self.utc) or "." in self.column


@dataclass(frozen=True, config=STRICT)
class TableRule:
    """Where one table of the contract comes from.

    Attributes:
        files: File names, `*` allowed, best first; files of the first pattern that is present are read, files
            of later patterns are the same table and are not read.
        columns: Column of the contract -> its rule; empty when the files carry the contract's own names.
        dates: Styles of the table's dates; each column as a whole must fit exactly one.
        times: Whether dates may carry a time, of which the company's own day is taken.
        number: How the table writes the number 1234.56; every cell must fit.
        encoding: Encoding of its files when it is not UTF-8; it is never guessed.
        table: Table of the contract, when several rules fill it and this one has a name of its own.
        lookups: Name -> another file whose columns are added.
        leave_out: Column -> texts, whatever their case, "" for an empty cell: rows that hold one are left out. A
            column the file lacks leaves nothing out.
        only: Column -> texts: rows that hold none of them are left out.
        empty: Texts that stand for an empty cell in this file.
        if_has: Columns of which the file must have one, else this rule does not read it.
        earliest_by: Columns of the contract: of several rows that agree in them, the one of the earliest event date is
            kept, for a history that repeats what did not change.
        no_period: What happens to a row that ends on or before the day it starts: `refuse`, which accepts an end on
            the same day, or `leave_out`.
        unknown: What happens to a row that refers to an id no file holds: `refuse` the import, or `leave_out` the
            row and say how many.
    """

    files: tuple[str, ...]
    columns: dict[str, ColumnRule] = Field(default_factory=dict)
    dates: tuple[DateStyle, ...] = ("YYYY-MM-DD",)
    times: bool = False
    number: NumberExample = ""
    encoding: Encoding | None = None
    table: str = ""
    lookups: dict[str, LookUp] = Field(default_factory=dict)
    leave_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    empty: tuple[str, ...] = ()
    if_has: tuple[str, ...] = ()
    earliest_by: tuple[str, ...] = ()
    no_period: Literal["refuse", "leave_out"] = "refuse"
    unknown: Literal["refuse", "leave_out"] = "refuse"

    @property
    def computed(self) -> bool:
        """Whether rows or cells need more than a choice of columns."""
        return bool(self.lookups or self.leave_out or self.only or self.empty) or any(
            rule.computed for rule in self.columns.values()
        )


@dataclass(frozen=True, config=STRICT)
class CountRule:
    """One way to count something, read from a file as it is.

    Attributes:
        label: What this count says.
        file: File name, `*` allowed.
        column: Column that is counted.
        equals: Text a cell must have to count, whatever its case; empty counts every filled cell.
        distinct: Whether equal cells count once.
    """

    label: str
    file: str
    column: str
    equals: str = ""
    distinct: bool = False


@dataclass(frozen=True, config=STRICT)
class ConflictRule:
    """Several counts that should be the same figure; a warning when they are not.

    Attributes:
        id: Permanent id.
        label: What all of them claim to count.
        counts: Two or more ways to count it.
        advice: Which one the product goes by, and what to agree on.
    """

    id: str
    label: str
    counts: tuple[CountRule, ...]
    advice: str


@dataclass(frozen=True, config=STRICT)
class Preset:
    """The mapping of one system's files.

    Attributes:
        id: Permanent id; also the source its rows are kept under.
        label: Name on the screen.
        source: Where the file layout is documented.
        tables: Table of the contract, or `usage_events`, -> its rule.
        conflicts: Counts to hold against each other.
        notes: What the files cannot say; told at every import.
        marks: Column names by which files of this system are recognised; without any, only file names tell.
    """

    id: str
    label: str
    source: str
    tables: dict[str, TableRule]
    conflicts: tuple[ConflictRule, ...] = ()
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def load_presets(folder: Path = MODEL_DIR) -> dict[str, Preset]:
    """Every preset of `data/model/presets`, by id. Raises ModelError naming each wrong key."""
    return load_each("presets", Preset, folder)


def load_preset(name: str, folder: Path = MODEL_DIR) -> Preset:
    """One preset by id. Raises ModelError with the known ids."""
    presets = load_presets(folder)
    if name not in presets:
        raise ModelError(f'no import preset "{name}"; there are: {", ".join(presets) or "none"}.')
    return presets[name]


def read_mapping(path: Path) -> Preset:
    """A mapping of the user's own, in the form of a preset. Raises ModelError naming each wrong key."""
    return parse(read(path), Preset, path.name)
