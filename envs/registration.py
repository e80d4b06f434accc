"""Registers one environment a domain with gymnasium: `dive/General-v0`, `dive/Financial-v0` ..."""

from __future__ import annotations

import pkgutil

import gymnasium as gym

import toolservers

INFRASTRUCTURE = frozenset({"world"})  # packages of toolservers that are no domain


def register() -> None:
    """Once; environments that are registered already stay as they are."""
    for name in domains():
        if environment_id(name) not in gym.registry:
            gym.register(environment_id(name), "envs.gym_env:ToolEnv", vector_entry_point="envs.vector:ToolVectorEnv",
                         kwargs={"domain": name})


def domains() -> list[str]:
    """As `toolservers.catalog.domains`, without importing a tool: `import envs` has to be quick."""
    found = (module.name for module in pkgutil.iter_modules(toolservers.__path__) if module.ispkg)
    return sorted(set(found) - INFRASTRUCTURE)


def environment_id(domain: str) -> str:
    return f"dive/{domain.capitalize()}-v0"
