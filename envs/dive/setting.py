"""From names to a synthesiser: the domain's tools, the world, and its seeds, opened together."""

from __future__ import annotations

from functools import partial

from envs.dive.synthesize import SynthConfig, Synthesizer
from envs.tasks.difficulty import NAMED, Difficulty
from envs.tasks.task import Split
from toolservers.catalog import load
from toolservers.host import ToolHost
from toolservers.world import open_world
from toolservers.world.seeds import seeds


def open_host(domain: str, world: str | None = None) -> ToolHost:
    """The tools of a domain and the general ones over their volumes, in the world at a URL (or the user's own)."""
    names = sorted({domain, "general"})
    return ToolHost(load(*names), open_world(names, world))


def open_synthesizer(domain: str, world: str | None = None, *, split: str | Split = Split.TRAIN,
                     difficulty: str | Difficulty = "full", toolset: int | tuple[int, int] = (15, 50),
                     rounds: int = 3) -> Synthesizer:
    """A synthesiser over the real tools. Raises ValueError for an unknown domain, split or difficulty."""
    size = (toolset, toolset) if isinstance(toolset, int) else toolset
    config = SynthConfig(domain, Split(split), named_difficulty(difficulty), size, rounds)
    host = open_host(domain, world)
    return Synthesizer(host, config, partial(seeds, host.world))


def named_difficulty(difficulty: str | Difficulty) -> Difficulty:
    if isinstance(difficulty, Difficulty):
        return difficulty
    if difficulty not in NAMED:
        raise ValueError(f"unknown difficulty {difficulty!r}; there are {', '.join(NAMED)}")
    return NAMED[difficulty]
