"""Import mappings as data: how the files of one system become the tables of the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.errors import ModelError
from core.model.toml import STRICT, load_each, parse, read
from core.settings import MODEL_DIR

DateStyle = Literal["YYYY-MM-DD", "YYYY/MM/DD", "DD-MM-YYYY", "DD/MM/YYYY", "DD.MM.YYYY", "MM/DD/YYYY", "MM-DD-YYYY"]


@dataclass(frozen=True, config=STRICT)
class ColumnRule:
    """Where one column of the contract comes from.

    Attributes:
        column: Column of the file; empty when `constant` is given.
        constant: The same text for every row.
        recode: Text of the file -> text of the contract; any other text is a problem.
        default: Text for empty cells.
        scale: Factor to the contract's unit, 100 for an amount in currency units that becomes cents.
        plus_minutes: Column of the file with minutes to add to an instant.
        dates: Styles a date column may have, when they differ from the table's.
    """

    column: str = ""
    constant: str = ""
    recode: dict[str, str] = Field(default_factory=dict)
    default: str = ""
    scale: int = 1
    plus_minutes: str = ""
    dates: tuple[DateStyle, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.column) == bool(self.constant):
            raise ValueError("give either column or constant")


@dataclass(frozen=True, config=STRICT)
class TableRule:
    """Where one table of the contract comes from.

    Attributes:
        files: File names, `*` allowed, best first; files of the first pattern that is present are read, files
            of later patterns are the same table and are not read.
        columns: Column of the contract -> its rule.
        dates: Styles of the table's dates; each column as a whole must fit exactly one.
    """

    files: tuple[str, ...]
    columns: dict[str, ColumnRule]
    dates: tuple[DateStyle, ...] = ("YYYY-MM-DD",)


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
    """

    id: str
    label: str
    source: str
    tables: dict[str, TableRule]
    conflicts: tuple[ConflictRule, ...] = ()


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
