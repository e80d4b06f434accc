"""What every table of the world is made of: the base of the models, their column types, and a volume's own record.

A country is written by its English short name ("Japan"), a currency by its ISO 4217 code, an exchange by its ISO 10383
code, and a stock by its US ticker in every table, so that any two tables join on the plain value.
"""

from __future__ import annotations

import datetime
from typing import Annotated, ClassVar

from sqlalchemy import BigInteger, Double, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Key = Annotated[str, mapped_column(primary_key=True)]
Day = Annotated[datetime.date, mapped_column(primary_key=True)]
Indexed = Annotated[str, mapped_column(index=True)]
COMPACT = {"sqlite_with_rowid": False}  # rows live in the primary key's own B-tree


class Model(DeclarativeBase):
    """Base of every table. Types are chosen so that SQLite and PostgreSQL store, sort and return the same values."""

    type_annotation_map: ClassVar = {
        str: String().with_variant(String(collation="C"), "postgresql"),  # sorts by code point, as SQLite does
        int: BigInteger().with_variant(Integer(), "sqlite"),
        float: Double(),
    }


class Meta(Model):
    """What a volume says about itself, one row each. Not part of the content hash."""

    __tablename__ = "meta"
    volume: Mapped[Key]
    version: Mapped[str]
    """The hash of the volume's rows."""
    schema: Mapped[str]
    """The hash of its tables' columns."""
