"""Names that other systems give the columns of the contract, and how far a match by name or value is trusted."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load


@dataclass(frozen=True, config=STRICT)
class Confidence:
    """What each kind of evidence is worth, from 0 to 1, and where it is too little.

    Attributes:
        source: Where these figures come from.
        same_name: The header has the contract's own name.
        synonym: The header has the first known synonym.
        synonym_step: Less for each further synonym, so that of two known names the better one wins.
        same_words: The names consist of the same words.
        values_alone: The cells look like nothing else (e-mail addresses, currency codes), whatever the name.
        values_agree: More when the cells look like the column.
        values_differ: Factor when they do not.
        recoding: Factor when the cells are words the contract does not have.
        preset: A column of a recognised preset.
        least: Nothing below is assigned.
        table_least: Least score of a table.
        table_margin: Least distance to the second table.
        required_share: Weight of the required columns found, in the score of a table.
        explained_share: Weight of the file's columns that found a place.
        file_name_share: Weight of the file's name.
        preset_least: Share of a preset's columns that a header must have.
        date_share: Share of cells that must look like days for a column of days.
        style_share: Share of cells that one style of dates or numbers must read for the others to be single errors.
    """

    source: str
    same_name: float
    synonym: float
    synonym_step: float
    same_words: float
    values_alone: float
    values_agree: float
    values_differ: float
    recoding: float
    preset: float
    least: float
    table_least: float
    table_margin: float
    required_share: float
    explained_share: float
    file_name_share: float
    preset_least: float
    date_share: float
    style_share: float


@dataclass(frozen=True, config=STRICT)
class TableWords:
    """How other systems name one table.

    Attributes:
        files: Words of file names.
        columns: Column of the contract -> names it has elsewhere, best first.
        usual: Needed column that files often lack -> the value that is proposed for every row, for people to confirm.
    """

    files: tuple[str, ...] = ()
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    usual: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, config=STRICT)
class Synonyms:
    """All known names.

    Attributes:
        source: Where they were read.
        confidence: What a match is worth.
        connector: Columns that connectors add to every table they write.
        tables: Table of the contract -> its names elsewhere.
    """

    source: str
    confidence: Confidence
    connector: tuple[str, ...]
    tables: dict[str, TableWords]


@lru_cache(maxsize=1)
def load_synonyms() -> Synonyms:
    """Read `data/model/synonyms.toml`. Raises ModelError naming each wrong key."""
    return load("synonyms.toml", Synonyms)
