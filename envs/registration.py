"""Registers one environment a domain with gymnasium: `dive/General-v0`, `dive/Financial-v0` ..."""

from __future__ import annotations

import gymnasium as gym

from toolservers.domains import domains


def register() -> None:
    """Once; environments that are registered already stay as they are."""
    for name in domains():
        if environment_id(name) not in gym.registry:
            gym.register(environment_id(name), "envs.gym_env:ToolEnv", vector_entry_point="envs.vector:ToolVectorEnv",
                         kwargs={"domain": name})


def environment_id(domain: str) -> str:
    return f"dive/{domain.capitalize()}-v0"
