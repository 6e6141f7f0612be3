"""Tables of judgement: settings laid over the model files, and scores set by hand. No row is ever overwritten."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel


class ModelSetting(SQLModel, table=True):
    """One value laid over a model file from a month on; a later row of the same key and month replaces it.

    Attributes:
        key: Path of the value in its file, `@` and a segment behind it where it holds for that segment alone.
        value: The value; null takes the setting back to the model file from that month on.
        valid_from: First day of the first month it holds for.
        at: When it was saved, UTC.
        version: How many rows its key has with this one: two writers cannot both be the third.
    """

    __tablename__ = "model_settings"
    __table_args__ = (UniqueConstraint("key", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str
    value: float | None = Field(sa_column=Column(JSON, nullable=False))
    author: str
    reason: str
    valid_from: dt.date
    at: dt.datetime
    version: int = 1


class ScoreOverride(SQLModel, table=True):
    """A score of a contact set by hand.

    Attributes:
        score: Which score, such as readiness.
        value: What it is set to. [0-100]
        set_on: First day it holds.
        expires_on: Last day it holds by itself.
        ended_on: First day it no longer holds because somebody ended or replaced it; empty while nobody did.
        ended_by: Who did; empty as well.
        token: Makes three fast clicks one override.
    """

    __tablename__ = "score_overrides"
    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True)
    contact_id: str = Field(index=True)
    score: str
    value: float
    author: str
    reason: str
    set_on: dt.date
    expires_on: dt.date
    ended_on: dt.date | None = None
    ended_by: str = ""
    at: dt.datetime
    version: int = 1
