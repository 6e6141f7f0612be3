"""Reading one TOML file of data/model into a frozen dataclass, with every wrong key named."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from core.errors import ModelError
from core.settings import MODEL_DIR

STRICT = ConfigDict(extra="forbid")
"""Configuration of every model dataclass: `@dataclass(frozen=True, config=STRICT)` of pydantic."""

T = TypeVar("T")


def parse(data: Mapping[str, Any], kind: type[T], place: str) -> T:
    """Build `kind` from parsed TOML.

    Args:
        data: The parsed table.
        kind: A frozen pydantic dataclass declared with `config=STRICT`.
        place: File name, for the message.

    Raises:
        ModelError: Listing every unknown, missing or wrong key of the file.
    """
    try:
        return TypeAdapter(kind).validate_python(dict(data))
    except ValidationError as error:
        lines = [f"  {_wrong(item)}" for item in error.errors()]
        noun = "key" if len(lines) == 1 else "keys"
        raise ModelError(f"{place}: {len(lines)} wrong {noun}.\n" + "\n".join(lines)) from None


def _wrong(item: Mapping[str, Any]) -> str:
    """One wrong key in words; a whole table is not written out, what is wrong with it is said by the message."""
    place = "".join(f"{part}." for part in item["loc"])[:-1]
    words = f"{place}: {item['msg']}" if place else item["msg"]
    return words if isinstance(item["input"], Mapping) else f"{words}; found {item['input']!r}"


def read(path: Path) -> dict[str, Any]:
    """The tables of one TOML file; a syntax error names file, line and column."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise ModelError(f"{path.name}: not readable as TOML: {error}") from error


def load(name: str, kind: type[T], folder: Path = MODEL_DIR) -> T:
    """Read `folder/name` into `kind`. Raises ModelError as `parse` and `read` do."""
    return parse(read(folder / name), kind, name)


def load_each(subfolder: str, kind: type[T], folder: Path = MODEL_DIR) -> dict[str, T]:
    """Read every `*.toml` of a sub-folder, by id.

    The file name is the id: a file whose `id` differs is refused.

    Returns:
        Entries in the order of their file names.
    """
    entries: dict[str, T] = {}
    for path in sorted((folder / subfolder).glob("*.toml")):
        data = read(path)
        if data.get("id") != path.stem:
            raise ModelError(f'{subfolder}/{path.name}: key "id" must be "{path.stem}"; found {data.get("id")!r}.')
        entries[path.stem] = parse(data, kind, f"{subfolder}/{path.name}")
    return entries


def load_tables(subfolder: str, kind: type[T], folder: Path = MODEL_DIR) -> dict[str, T]:
    """Read every table of every `*.toml` of a sub-folder, by the table's name.

    Raises:
        ModelError: As `parse` and `read` do, and for a name that stands in two files.
    """
    entries: dict[str, T] = {}
    for path in sorted((folder / subfolder).glob("*.toml")):
        for name, entry in read(path).items():
            place = f"{subfolder}/{path.name} [{name}]"
            if name in entries:
                raise ModelError(f"{place}: defined in another file of the folder, too. Keep one of them.")
            entries[name] = parse(entry, kind, place)
    return entries


@lru_cache(maxsize=4)
def model_hash(folder: Path = MODEL_DIR) -> str:
    """SHA-256 over all model files: part of the key of a Month, so a changed threshold is never stale.

    Read once a process, as the files themselves are: a change takes effect at the next start.
    """
    digest = sha256()
    for path in sorted(folder.rglob("*.toml")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
