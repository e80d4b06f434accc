"""Which outputs feed which parameters, read off the entity types that tools declare, and plans of calls that fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import get_origin

from envs.tasks.difficulty import Shape
from envs.tasks.splits import QUANTITIES
from toolservers.tool import Kind, OutputField, Parameter, Tool

OPERANDS = QUANTITIES - {"year"}
"""Quantities that people add to or divide by others."""


@dataclass(frozen=True, slots=True)
class Link:
    """Argument `parameter` of a call is output field `field` of planned call `source`."""

    parameter: str
    source: int
    field: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A call before it is made: which tool, and which arguments come from earlier calls."""

    tool: Tool
    links: tuple[Link, ...] = ()

    @property
    def sources(self) -> tuple[int, ...]:
        return tuple(sorted({link.source for link in self.links}))


Plan = tuple[Planned, ...]


def is_list(item: Parameter | OutputField) -> bool:
    return get_origin(item.field.annotation) is list


def accepts(parameter: Parameter, field: OutputField) -> bool:
    """Whether an output field may fill a parameter: the same entity type, or a quantity into `number`."""
    wanted, given = parameter.entity, field.entity
    if wanted is None or given is None or field.noun is None:
        return False
    if wanted != given and (wanted != "number" or given not in OPERANDS):
        return False
    return not is_list(field) or is_list(parameter)


class Wiring:
    """The graph over a catalogue: tools, and typed edges from output fields to parameters."""

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self.tools = tools
        self._by_kind = {kind: [tool for tool in tools.values() if tool.kind is kind] for kind in Kind}
        self._producers: dict[tuple[str, str], list[tuple[Tool, str]]] = defaultdict(list)
        self._takers: dict[tuple[str, str], list[tuple[Tool, str]]] = defaultdict(list)
        nameable = [(source, field) for source in tools.values() for field in source.fields.values()
                    if field.noun is not None and field.entity is not None]
        for tool in tools.values():
            for parameter in tool.parameters.values():
                if parameter.required:
                    self._producers[tool.name, parameter.name] = [
                        (source, field.name) for source, field in nameable if accepts(parameter, field)]
                    for source, name in self._producers[tool.name, parameter.name]:
                        self._takers[source.name, name].append((tool, parameter.name))
        self._taken = {(tool.name, kind): sorted({parameter.entity for parameter in tool.parameters.values()
                                                  if parameter.entity and self.feeds(tool, parameter.name, kind)})
                       for tool in tools.values() for kind in Kind}
        self._fed_by = {pair: frozenset(tool.name for tool, _ in takers) for pair, takers in self._takers.items()}
        self._openings = {tool.name: self._count_openings(tool) for tool in tools.values()}

    def feeds(self, tool: Tool, parameter: str, kind: Kind | None = None) -> list[tuple[Tool, str]]:
        """(tool, output field) pairs that can fill a required parameter."""
        found = self._producers.get((tool.name, parameter), [])
        return [pair for pair in found if kind is None or pair[0].kind is kind]

    def takers(self, tool: str, field: str) -> list[tuple[Tool, str]]:
        """(tool, required parameter) pairs that an output field can fill."""
        return self._takers.get((tool, field), [])

    def fed(self, tool: str, field: str) -> frozenset[str]:
        """Names of the tools that an output field can feed."""
        return self._fed_by.get((tool, field), frozenset())

    def plan(self, shape: Shape, rng: Random, last: Collection[str] | None = None) -> Plan | None:
        """Tools and links for `shape`, drawn backwards from the last call (one of the tools named in `last`).

        None if this draw led nowhere.
        """
        tools: list[Tool | None] = [None] * len(shape)
        links: list[list[Link]] = [[] for _ in shape.vertices]
        for index in reversed(range(len(shape))):
            if (chosen := self._choose(shape, index, tools, links, rng, last)) is None:
                return None
            tools[index] = chosen
        planned = tuple(Planned(tool, tuple(found)) for tool, found in zip(tools, links, strict=True) if tool)
        return planned if all(map(sensible, planned)) else None

    def _choose(self, shape: Shape, index: int, tools: Sequence[Tool | None], links: list[list[Link]], rng: Random,
                last: Collection[str] | None) -> Tool | None:
        """The tool of one call: one that can feed the later calls that wait for its output."""
        vertex = shape.vertices[index]
        candidates = self._able(vertex.kind, len(vertex.sources))
        consumers = [late for late in range(index + 1, len(shape)) if index in shape.vertices[late].sources]
        if not consumers:
            candidates = [tool for tool in candidates if last is None or tool.name in last]
            if vertex.sources:
                candidates = self._fed(shape.vertices[vertex.sources[-1]].kind, candidates, rng)
            return rng.choice(candidates) if candidates else None
        tool: Tool | None = None
        for late in consumers:
            tool = self._feed(index, late, tool, candidates, tools, links, rng)
            if tool is None:
                return None
        return tool

    def _feed(self, index: int, late: int, tool: Tool | None, candidates: Sequence[Tool],
              tools: Sequence[Tool | None], links: list[list[Link]], rng: Random) -> Tool | None:
        consumer = tools[late]
        assert consumer is not None  # calls are chosen from the last to the first
        taken = {link.parameter: link for link in links[late]}
        able = {one.name for one in candidates} if tool is None else {tool.name}
        free = [parameter for parameter in consumer.parameters.values() if parameter.required
                and (parameter.name not in taken or is_list(parameter))]
        rng.shuffle(free)
        for parameter in free:
            pairs = [pair for pair in self.feeds(consumer, parameter.name) if pair[0].name in able]
            if parameter.entity in QUANTITIES and links[late]:  # two quantities meet: only like goes with like
                like = links[late][0]
                pairs = [(source, field) for source, field in pairs
                         if field == like.field and source is tools[like.source]]
            if pairs:
                source = rng.choice(sorted({pair[0].name for pair in pairs}))
                field = rng.choice([pair[1] for pair in pairs if pair[0].name == source])
                links[late].append(Link(parameter.name, index, field))
                return self.tools[source]
        return None

    def _fed(self, kind: Kind, candidates: Sequence[Tool], rng: Random) -> list[Tool]:
        """Those of `candidates` that can take one random type of entity from calls of a kind: what many tools take (an
        interest rate) is then no more common than what few take."""
        takers: dict[str, list[Tool]] = defaultdict(list)
        for tool in candidates:
            for entity in self._taken.get((tool.name, kind), ()):
                takers[entity].append(tool)
        return takers[rng.choice(sorted(takers))] if takers else []

    def _able(self, kind: Kind, sources: int) -> list[Tool]:
        """Tools of a kind with parameters for that many earlier outputs (roots take any)."""
        return [tool for tool in self._by_kind[kind] if sources == 0 or self._openings[tool.name] >= sources]

    def _count_openings(self, tool: Tool) -> int:
        open_ = [one for one in tool.parameters.values() if one.required and self.feeds(tool, one.name)]
        return max(len(open_), 2 if any(is_list(one) for one in open_) else 0)


def sensible(planned: Planned) -> bool:
    """A question can name what comes out, and no found quantity is added to a number out of the blue."""
    operands = {name for name, one in planned.tool.parameters.items() if one.required and one.entity == "number"}
    linked = operands & {link.parameter for link in planned.links}
    return any(field.noun for field in planned.tool.fields.values()) and (not linked or linked == operands)
