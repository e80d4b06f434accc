"""The catalogue of tools: every `Tool` found in the modules of a domain package, by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import toolservers
from toolservers.tool import Tool


class Catalog(Mapping[str, Tool]):
    """An immutable set of tools, in name order."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in sorted(tools, key=lambda tool: tool.name)}

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)

    def select(self, names: Iterable[str]) -> Catalog:
        """The named tools; raises KeyError for a name that is not here."""
        return Catalog(self[name] for name in names)


@cache
def domains() -> tuple[str, ...]:
    """Names of the domain packages, in order."""
    found = (module.name for module in pkgutil.iter_modules(toolservers.__path__) if module.ispkg)
    return tuple(sorted(name for name in found if name != "world"))


@cache
def load(*names: str) -> Catalog:
    """The tools of the named domains (of all domains if none is named). Raises ValueError for an unknown domain."""
    if unknown := set(names) - set(domains()):
        raise ValueError(f"unknown domain {sorted(unknown)[0]!r}; there are {', '.join(domains())}")
    return Catalog(tool for name in names or domains() for tool in _tools(name))


def _tools(domain: str) -> Iterator[Tool]:
    package = importlib.import_module(f"toolservers.{domain}")
    for module in pkgutil.iter_modules(package.__path__):
        members = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        yield from (member for member in members.values() if isinstance(member, Tool) and member.group == module.name)
