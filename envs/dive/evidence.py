"""Evidence: the calls made so far, with where every argument came from and what every call returned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from envs.tasks.expression import Output, Ref, references
from envs.tasks.proof import Argument, Call
from toolservers.host import ToolHost
from toolservers.result import ToolResult

CACHE_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """One successful call."""

    call: Call
    output: Output


@dataclass
class Evidence:
    """Successful calls in the order they were made; references count from the first."""

    steps: list[Step] = field(default_factory=list)

    @property
    def outputs(self) -> list[Output]:
        return [step.output for step in self.steps]

    def add(self, call: Call, output: Output) -> int:
        """Index of the new step."""
        self.steps.append(Step(call, output))
        return len(self.steps) - 1

    def slice(self, roots: Iterable[int]) -> tuple[int, ...]:
        """Indices of `roots` and of every call they depend on, in order."""
        found: set[int] = set()
        pending = list(roots)
        while pending:
            if (index := pending.pop()) not in found:
                found.add(index)
                pending.extend(self.steps[index].call.sources)
        return tuple(sorted(found))

    def depth(self, kept: Iterable[int]) -> int:
        """Length of the longest chain among the calls `kept`, which hold what they depend on, in order."""
        depth: dict[int, int] = {}
        for index in kept:
            depth[index] = 1 + max((depth[source] for source in self.steps[index].call.sources), default=0)
        return max(depth.values(), default=0)


def renumber(argument: Argument, place: Mapping[int, int]) -> Argument:
    """`argument` with its references moved to the calls' new places."""
    if isinstance(argument, Ref):
        return Ref(ref=(place[argument.call], *argument.path))
    if isinstance(argument, tuple):
        return tuple(Ref(ref=(place[ref.call], *ref.path)) for ref in argument)
    return argument


def literals(call: Call) -> dict[str, Any]:
    """The arguments of a call that were written out, not taken from an earlier output."""
    return {name: value for name, value in call.arguments.items() if not references(value)}


class CachedHost:
    """A host that remembers: the world does not change, so a call made twice has one answer."""

    def __init__(self, host: ToolHost) -> None:
        self.host = host
        self._results: dict[bytes, ToolResult] = {}

    async def call(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        key = orjson.dumps((name, arguments), option=orjson.OPT_SORT_KEYS)
        if (known := self._results.get(key)) is not None:
            return known
        if len(self._results) >= CACHE_ENTRIES:
            self._results.clear()
        result = self._results[key] = await self.host.call(name, arguments)
        return result
