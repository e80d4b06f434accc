"""The manifest: which pinned packages the world is built from, under which licences, and how many rows come of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


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
    """Every source of the world, and the rows that each table holds once it is built."""

    wheels: tuple[Source, ...]
    computed: tuple[Source, ...]
    rows: dict[str, int]
    version: str
    """The version that the pinned sources give."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.wheels + self.computed


@cache
def manifest() -> Manifest:
    """The manifest that ships with this package."""
    raw = tomllib.loads(text())
    wheels = tuple(_source(**entry) for entry in raw["source"])
    return Manifest(wheels, tuple(_source(**entry) for entry in raw["computed"]), raw["rows"], raw["version"])


def text() -> str:
    return files(__package__).joinpath("manifest.toml").read_text("utf-8")


def _source(tables: list[str], files: list[str] | None = None, **fields: str) -> Source:
    return Source(tables=tuple(tables), files=tuple(files or ()), **fields)
