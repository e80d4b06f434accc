"""The manifest of a volume: the pinned packages it is built from, their licences, and how many rows come of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A pinned package. `wheel` and `sha256` are empty for one that is installed and computes its facts."""

    name: str
    version: str
    licence: str
    supplies: str
    tables: tuple[str, ...]
    wheel: str = ""
    sha256: str = ""
    files: tuple[str, ...] = ()
    platform: str = ""
    """Platform tag to ask for, so that a compiled package comes as the same file everywhere."""


@dataclass(frozen=True)
class Manifest:
    """Every source of a volume, and the rows that each of its tables holds once it is built."""

    wheels: tuple[Source, ...]
    computed: tuple[Source, ...]
    rows: dict[str, int]
    version: str
    """The version that the pinned sources give."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.wheels + self.computed


def read(text: str) -> Manifest:
    """The manifest in a TOML text."""
    raw = tomllib.loads(text)
    wheels, computed = ([_source(**entry) for entry in raw.get(kind, ())] for kind in ("source", "computed"))
    return Manifest(tuple(wheels), tuple(computed), raw["rows"], raw["version"])


def _source(tables: list[str], files: list[str] | None = None, **fields: str) -> Source:
    return Source(tables=tuple(tables), files=tuple(files or ()), **fields)
