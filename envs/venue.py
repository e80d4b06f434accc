"""The venue of an environment: which tools it connects to, and where its tasks come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from envs.tool_env import TaskSource
    from toolservers.connection import Connection


@dataclass(frozen=True)
class Venue:
    """Equal venues share one connection within a process.

    `url` (http) is a server's address, or a mapping of domains to addresses. `world` is a database URL (default: the
    packaged world). `timeout` bounds each call, in seconds.

    `tasks` is a task file, a source, or None: an endless stream of tasks of a `difficulty`, with `toolset` tools on
    offer (a number, or the fewest and the most), from one `split` of the world.
    """

    domain: str
    transport: Literal["memory", "stdio", "http"] = "memory"
    url: str | Mapping[str, str] | None = None
    world: str | None = None
    timeout: float = 10.0
    tasks: str | Path | TaskSource | None = None
    difficulty: str = "full"
    toolset: int | tuple[int, int] = (15, 50)
    split: str = "train"

    @property
    def domains(self) -> list[str]:
        """Every domain is offered together with the general tools."""
        return sorted({self.domain, "general"})

    def __hash__(self) -> int:
        return hash((self.domain, self.transport, self.split))  # what may be unhashable is left to equality

    async def connect(self) -> Connection:
        """Raises ValueError for options that do not fit together, `ToolError` if there is no server."""
        from toolservers.client import connect  # brings in every transport, which importing envs should not

        if self.transport == "http":
            domains = self.domain if isinstance(self.url, str) else self.domains
            return await connect(domains, "http", url=self.url, world=self.world, timeout=self.timeout)
        return await connect(self.domains, self.transport, url=self.url, world=self.world, timeout=self.timeout)

    async def source(self, connection: Connection | None = None) -> TaskSource:
        """Raises ValueError for an unknown difficulty or split, for a task file that cannot be read, and for tasks of
        another world than the one behind the tools.

        That is what `connection` says. Without one (or where a foreign server does not say) it is the venue's own
        world; over HTTP, where this machine may hold none, a file is then taken as it is.
        """
        if self.tasks is not None and not isinstance(self.tasks, (str, Path)):
            return self.tasks
        from envs.tasks.source import FileSource, stream  # as above
        from toolservers.world import open_world
        from toolservers.world.version import agrees

        stated = connection.world if connection is not None else None
        if self.tasks is not None:
            own = self.transport != "http" and stated is None
            return FileSource(self.tasks, open_world(self.domains, self.world).version if own else stated)
        if stated is not None and not agrees(here := open_world(self.domains, self.world).version, stated):
            raise ValueError(f"the tools stand on world {stated}, and tasks would be made from world {here}: "
                             "play a task file made there, or open the same world on both sides")
        sizes = (self.toolset, self.toolset) if isinstance(self.toolset, int) else self.toolset
        return stream(self.domain, self.world, self.difficulty, sizes, self.split)
