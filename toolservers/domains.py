"""The domains: the packages of tools, by name. Light, so that listing them imports none."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache

import toolservers

INFRASTRUCTURE = frozenset({"world"})  # packages of toolservers that are no domain


@cache
def domains() -> tuple[str, ...]:
    """Names of the domain packages, in order."""
    found = (module.name for module in pkgutil.iter_modules(toolservers.__path__) if module.ispkg)
    return tuple(sorted(set(found) - INFRASTRUCTURE))


def check_domains(names: Iterable[str]) -> None:
    """Raises ValueError for a name that is no domain's."""
    if unknown := sorted(set(names) - set(domains())):
        raise ValueError(f"unknown domain {unknown[0]!r}; there are {', '.join(domains())}")
