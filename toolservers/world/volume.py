"""A volume: the facts of one domain, with tables, loaders, manifest, seeds and version of their own.

It lives in the sub-package `facts` of its domain: `NEEDS` in `__init__.py` names the volumes whose tables its tools and
loaders use, `models.py` holds the tables, `loaders/` the `LOADERS`, `seeds.py` the `STATEMENTS` and `manifest.toml` the
sources. A domain without that sub-package has no facts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Table
from sqlalchemy.exc import InvalidRequestError

from toolservers.domains import check_domains, domains
from toolservers.world.errors import WorldError
from toolservers.world.manifest import Manifest, read
from toolservers.world.model import Model

if TYPE_CHECKING:
    from toolservers.world.loader import Loader
    from toolservers.world.world import Statement

RECIPE_DIGITS = 12
FRAMEWORK = ("model.py", "loader.py")  # what decides the contents of every volume


@dataclass(frozen=True)
class Volume:
    """The facts in a package; its parts are imported when they are first asked for."""

    package: str
    """For example "toolservers.financial.facts"."""

    @property
    def domain(self) -> str:
        return self.package.split(".")[-2]

    @cached_property
    def folder(self) -> Path:
        return Path(str(import_module(self.package).__file__)).parent

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Domains of the volumes that this one cannot do without."""
        return tuple(import_module(self.package).NEEDS)

    @cached_property
    def manifest(self) -> Manifest:
        return read((self.folder / "manifest.toml").read_text("utf-8"))

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, in name order. Raises `WorldError` if one has the name of another volume's table."""
        try:
            members = vars(import_module(f"{self.package}.models")).values()
        except InvalidRequestError as error:
            raise WorldError(f"volume {self.domain}: {error}") from error
        models = {member for member in members if isinstance(member, type) and issubclass(member, Model)}
        found = (cast(Table, model.__table__) for model in models if model.__module__ == f"{self.package}.models")
        return tuple(sorted(found, key=lambda table: table.name))

    @property
    def loaders(self) -> Sequence[Loader]:
        return cast("Sequence[Loader]", import_module(f"{self.package}.loaders").LOADERS)

    @property
    def seeds(self) -> Mapping[str, Statement]:
        """By entity type, the statement that gives its canonical values."""
        return cast("Mapping[str, Statement]", import_module(f"{self.package}.seeds").STATEMENTS)

    @cached_property
    def recipe(self) -> str:
        """A hash of everything that decides what a build holds: models, manifest and loaders, and those it needs."""
        parts = [*(Path(__file__).parent / name for name in FRAMEWORK), self.folder / "models.py",
                 self.folder / "manifest.toml", *sorted((self.folder / "loaders").glob("*.py"))]
        digests = [volumes()[name].recipe.encode() for name in self.needs]
        texts = [part.read_bytes() for part in parts]
        return hashlib.sha256(b"\0".join([*digests, *texts])).hexdigest()[:RECIPE_DIGITS]


@cache
def volumes() -> Mapping[str, Volume]:
    """Every volume by its domain, in name order. Raises `WorldError` if two list a table of the same name."""
    packages = (f"toolservers.{domain}.facts" for domain in domains())
    found = [Volume(package) for package in packages if find_spec(package)]
    check_tables(found)
    return {volume.domain: volume for volume in found}


def check_tables(found: Iterable[Volume]) -> None:
    """Raises `WorldError` if two volumes list a table of the same name: statements name tables without their volume."""
    owners: dict[str, str] = {}
    for volume in found:
        for table in volume.manifest.rows:
            if owners.setdefault(table, volume.domain) != volume.domain:
                raise WorldError(f"volumes {owners[table]} and {volume.domain} both have a table {table!r}; rename one")


def closure(names: Iterable[str] | None = None) -> tuple[Volume, ...]:
    """The volumes of the named domains (None: of all) and those that they need, each after what it needs.

    Raises ValueError for an unknown domain.
    """
    wanted = domains() if names is None else tuple(names)
    check_domains(wanted)
    found: dict[str, Volume] = {}
    for name in sorted(set(wanted)):
        _add(name, found)
    return tuple(found.values())


def _add(name: str, found: dict[str, Volume]) -> None:
    volume = volumes().get(name)
    if volume is not None and name not in found:
        for needed in volume.needs:
            _add(needed, found)
        found[name] = volume
