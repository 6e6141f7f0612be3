"""How every command of the command line tells an error made for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from core.errors import CouncilError


@contextmanager
def told() -> Iterator[None]:
    """Errors made for people are printed as they are, and the command ends with 1."""
    try:
        yield
    except CouncilError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def write_json(value: object) -> None:
    """Print a value as JSON; days and times as text, never NaN."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=str))
