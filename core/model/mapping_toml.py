"""A mapping written as TOML: what `read_mapping` reads, it gives back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from core.model.presets import Preset, TableRule

_NESTED = ("columns", "lookups")


def mapping_toml(preset: Preset) -> str:
    """The mapping as text; values that are the default are left out.

    Returns:
        TOML that `read_mapping` reads as an equal mapping.
    """
    head = [f"{name} = {_value(value)}" for name, value in _set(preset) if name not in ("tables", "conflicts")]
    if not preset.tables:
        head.append("tables = {}")
    parts = ["\n".join(head)]
    for name, rule in preset.tables.items():
        parts += _table(f"tables.{_key(name)}", rule)
    for conflict in preset.conflicts:
        parts.append("[[conflicts]]\n" + "\n".join(f"{name} = {_value(value)}" for name, value in _set(conflict)))
    return "\n\n".join(parts) + "\n"


def _table(path: str, rule: TableRule) -> Iterator[str]:
    own = [f"{name} = {_value(value)}" for name, value in _set(rule) if name not in _NESTED]
    yield "\n".join([f"[{path}]", *own])
    for name, look in rule.lookups.items():
        lines = [f"{each} = {_value(value)}" for each, value in _set(look)]
        yield "\n".join([f"[{path}.lookups.{_key(name)}]", *lines])
    if rule.columns:
        lines = [f"{_key(name)} = {_value(column)}" for name, column in rule.columns.items()]
        yield "\n".join([f"[{path}.columns]", *lines])


def _set(item: Any) -> Iterator[tuple[str, Any]]:
    """Fields that differ from their default, or have none."""
    for each in fields(item):
        value = getattr(item, each.name)
        if value is not None and value != _default(each):
            yield each.name, value


def _default(each: Field[Any]) -> Any:
    """The default of a field, also where pydantic's own description of it holds the default."""
    default = each.default
    if default is MISSING:
        return each.default_factory() if each.default_factory is not MISSING else MISSING
    factory = getattr(default, "default_factory", None)
    return factory() if factory is not None else default


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if is_dataclass(value):
        return "{ " + ", ".join(f"{name} = {_value(each)}" for name, each in _set(value)) + " }"
    return "[" + ", ".join(_value(each) for each in value) + "]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's, which wants U+007F escaped as well."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
