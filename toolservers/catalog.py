"""The catalogue of tools: every `Tool` found in the modules of a domain package, by name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from types import MappingProxyType

from toolservers.domains import check_domains, domains
from toolservers.tool import Tool

FIRST_PARTY = {"", "toolservers"}  # a module of these that is missing is a bug


class Catalog(Mapping[str, Tool]):
    """An immutable set of tools, in name order. `hidden` says of each group that is missing ("domain.group") why."""

    def __init__(self, tools: Iterable[Tool], hidden: Mapping[str, str] = MappingProxyType({})) -> None:
        self._tools = {tool.name: tool for tool in sorted(tools, key=lambda tool: tool.name)}
        self.hidden = hidden

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
def load(*names: str) -> Catalog:
    """The tools of the named domains (of all domains if none is named). Raises ValueError for an unknown domain.

    A module that needs a library which is not installed is left out, and the catalogue's `hidden` says so. `LIBRARIES`
    of a module names those that its tools import on first use.
    """
    check_domains(names)
    tools: list[Tool] = []
    hidden: dict[str, str] = {}
    for module in (module for name in names or domains() for module in _modules(name)):
        try:
            tools.extend(_tools(module))
        except ModuleNotFoundError as error:
            if (missing := (error.name or "").partition(".")[0]) in FIRST_PARTY:
                raise
            hidden[module.partition(".")[2]] = f"module {missing} is not installed: pip install divegym"
    return Catalog(tools, MappingProxyType(hidden))


def _modules(domain: str) -> Iterator[str]:
    package = importlib.import_module(f"toolservers.{domain}")
    return (f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)
            if not module.ispkg)


def _tools(module: str) -> list[Tool]:
    members = vars(importlib.import_module(module))
    for library in members.get("LIBRARIES", ()):
        if find_spec(library) is None:
            raise ModuleNotFoundError(name=library)
    group = module.rpartition(".")[2]
    return [member for member in members.values() if isinstance(member, Tool) and member.group == group]
