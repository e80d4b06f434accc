"""The setting of a run: the world, its connection, the task sources of each split, and the held-out tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from envs.dive.synthesize import SynthConfig, Synthesizer
from envs.tasks.difficulty import NAMED
from envs.tasks.source import StreamSource, TaskSource
from envs.tasks.task import Split, Task
from toolservers import catalog
from toolservers.catalog import Catalog
from toolservers.client import connect
from toolservers.connection import Connection
from toolservers.host import ToolHost
from toolservers.tool import Tool
from toolservers.world import open_world
from toolservers.world.seeds import seeds
from trainer.config import WorldSettings

TIERS = ("short", "frontier")
PAGED = {"items", "closes"}


@dataclass(frozen=True)
class Setting:
    """Everything outside the model that a run is a function of."""

    settings: WorldSettings
    host: ToolHost
    connection: Connection

    @property
    def world_version(self) -> str:
        return self.host.world.version

    def source(self, difficulty: str, split: Split, toolset: tuple[int, int] | None = None) -> TaskSource:
        """An endless seeded stream of tasks."""
        config = SynthConfig(domain=self.settings.domain, split=split, difficulty=NAMED[difficulty],
                             toolset=toolset or self.settings.toolset)
        return StreamSource(Synthesizer(self.host, config, partial(seeds, self.host.world)))

    async def tasks(self, tier: str, split: Split, count: int) -> list[Task]:
        """The first `count` different tasks of a tier in a held-out split."""
        difficulty = {"short": self.settings.short, "frontier": self.settings.frontier}[tier]
        source = self.source(difficulty, split)
        found: dict[str, Task] = {}
        seed = 0
        while len(found) < count:
            task = await source.draw(seed)
            found.setdefault(task.question, task)
            seed += 1
        return list(found.values())


@asynccontextmanager
async def open_setting(settings: WorldSettings) -> AsyncIterator[Setting]:
    """Opens the world and an in-process connection to the domain's tools and the general ones."""
    domains = sorted({settings.domain, "general"})
    world = open_world(domains)
    connection = await connect(domains, "memory", world=world)
    try:
        yield Setting(settings, ToolHost(choose_tools(catalog.load(*domains), settings), world), connection)
    finally:
        await connection.aclose()


def choose_tools(tools: Catalog, settings: WorldSettings) -> Catalog:
    """The tools that a run is about: of the named groups, with few enough parameters, and with short answers.

    Where groups are named, tools that answer with a page of items are left out: too long for a small context.
    """
    if unknown := set(settings.groups) - {tool.group for tool in tools.values()}:
        raise ValueError(f"no tools are in group {sorted(unknown)[0]!r}")
    return Catalog(tool for tool in tools.values() if _suits(tool, settings))


def _suits(tool: Tool, settings: WorldSettings) -> bool:
    required = sum(parameter.required for parameter in tool.parameters.values())
    chosen = not settings.groups or (tool.group in settings.groups and not PAGED & tool.fields.keys())
    return chosen and required <= settings.parameters
