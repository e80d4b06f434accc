"""The programmatic collector: a typed walk that makes real calls and keeps the successful ones as evidence.

It either follows a plan (a call graph drawn before the first call) or walks freely, each call starting from something
already known where a tool can take it. A *twin* repeats a chain of calls for another subject: the same question about
another country, or on another day, is what comparisons are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from envs.dive.evidence import CachedHost, Evidence, Step, literals, renumber
from envs.dive.pools import Pools
from envs.dive.wiring import Link, Plan, Planned, Wiring, is_list, sensible
from envs.tasks.expression import ExpressionError, Ref, references
from envs.tasks.proof import Argument, Call
from envs.tasks.splits import argument_entities, named, output_entities, within
from envs.tasks.task import Split
from toolservers.tool import Kind, Parameter, Tool

STRETCH = 3
TRIES = 6  # literals drawn for a call before it is given up


@dataclass(frozen=True, slots=True)
class Slot:
    """A literal argument: of which call, which parameter."""

    step: int
    parameter: str


@dataclass(frozen=True)
class Collector:
    """Makes calls for the tasks of one split."""

    host: CachedHost
    wiring: Wiring
    pools: Pools
    split: Split

    async def follow(self, plan: Plan, evidence: Evidence, rng: Random) -> list[int] | None:
        """Makes the calls of a plan; their places in the evidence, or None if one could not be made."""
        places: list[int] = []
        for index, planned in enumerate(plan):
            elder = elder_sibling(plan, index)
            step = (await self._vary(evidence.steps[places[elder]].call, evidence, rng) if elder is not None
                    else await self._draw(planned, places, evidence, rng))
            if step is None:
                return None
            places.append(evidence.add(step.call, step.output))
        return places

    async def extend(self, evidence: Evidence, rng: Random) -> int | None:
        """One more call from what is known, or (at the start, or by a one in six chance) from a fresh literal."""
        fresh = not evidence.steps or rng.random() < 1 / 6
        planned = Planned(rng.choice(self._starts(rng))) if fresh else self._next(evidence, rng)
        if planned is None or not sensible(planned):
            return None
        step = await self._draw(planned, range(len(evidence.steps)), evidence, rng)
        if not step or any(step.call == known.call for known in evidence.steps):
            return None
        return evidence.add(step.call, step.output)

    async def twin(self, target: int, slot: Slot, evidence: Evidence, rng: Random) -> int | None:
        """Makes the calls behind `target` again with another literal in `slot`; the place of the new last call."""
        place: dict[int, int] = {}
        for index in evidence.slice([target]):
            call = evidence.steps[index].call
            moved = Call(tool=call.tool, arguments={name: renumber(argument, {**{i: i for i in range(index)}, **place})
                                                    for name, argument in call.arguments.items()})
            if index == slot.step:
                step = await self._vary(moved, evidence, rng, slot.parameter)
            elif any(source in place for source in call.sources):
                step = await self._make(moved, evidence)
            else:
                continue  # nothing before this call changes: its output serves both
            if step is None:
                return None
            place[index] = evidence.add(step.call, step.output)
        return place.get(target)

    def slots(self, target: int, evidence: Evidence) -> list[Slot]:
        """Literals behind a call that a person would vary: names and days."""
        return [Slot(index, name) for index in evidence.slice([target])
                for name in literals(evidence.steps[index].call)
                if varies(self.wiring.tools[evidence.steps[index].call.tool].parameters[name])]

    def _starts(self, rng: Random) -> list[Tool]:
        """Tools to begin with: five times in six those that look something up."""
        tools = list(self.wiring.tools.values())
        return [tool for tool in tools if tool.kind is Kind.RETRIEVAL] or tools if rng.random() < 5 / 6 else tools

    def _next(self, evidence: Evidence, rng: Random) -> Planned | None:
        """A random tool that can take something known."""
        sources = [(index, field) for index, step in enumerate(evidence.steps)
                   for field, value in step.output.items() if value is not None]
        names = set[str]().union(*(self.wiring.fed(evidence.steps[index].call.tool, field)
                                   for index, field in sources))
        if not names:
            return None
        name = rng.choice(sorted(names))
        links = [Link(parameter, index, field) for index, field in sources
                 for tool, parameter in self.wiring.takers(evidence.steps[index].call.tool, field) if tool.name == name]
        return Planned(self.wiring.tools[name], (rng.choice(links),))

    async def _draw(self, planned: Planned, places: Sequence[int], evidence: Evidence, rng: Random) -> Step | None:
        """The call with literals for what its links leave open: the first draw that succeeds."""
        for _ in range(TRIES):
            arguments = await self._arguments(planned, places, rng)
            if arguments is None:
                return None
            step = await self._make(Call(tool=planned.tool.name, arguments=arguments), evidence)
            if step is not None or len(arguments) == len(planned.links):
                return step
        return None

    async def _arguments(self, planned: Planned, places: Sequence[int], rng: Random) -> dict[str, Argument] | None:
        arguments: dict[str, Argument] = {}
        for parameter in planned.tool.parameters.values():
            refs = tuple(Ref(ref=(places[link.source], link.field))
                         for link in planned.links[::-1] if link.parameter == parameter.name)
            if refs:
                arguments[parameter.name] = refs if is_scalar_into_list(planned, parameter, len(refs)) else refs[0]
            elif parameter.required:
                if (value := await self.pools.draw(planned.tool, parameter, rng)) is None:
                    return None
                arguments[parameter.name] = value
        return arguments

    async def _vary(self, call: Call, evidence: Evidence, rng: Random, parameter: str | None = None) -> Step | None:
        """`call` with another literal for one parameter (a name or a day)."""
        tool = self.wiring.tools[call.tool]
        open_ = sorted(name for name in literals(call) if varies(tool.parameters[name]))
        if parameter is None and not open_:
            return None
        name = parameter or rng.choice(open_)
        for _ in range(TRIES):
            value = await self.pools.draw(tool, tool.parameters[name], rng)
            varied = Call(tool=call.tool, arguments={**call.arguments, name: value})
            if value is not None and not any(varied == known.call for known in evidence.steps) \
                    and (step := await self._make(varied, evidence)):
                return step
        return None

    async def _make(self, call: Call, evidence: Evidence) -> Step | None:
        """Makes a call; None if it fails, says nothing new, or touches entities of another split."""
        tool = self.wiring.tools[call.tool]
        try:
            bound = call.bind(evidence.outputs)
        except ExpressionError:
            return None
        linked = [name for name, argument in call.arguments.items() if references(argument)]
        if degenerate(tool, bound) or not all(plausible(tool.parameters[name], bound[name]) for name in linked):
            return None
        output = (await self.host.call(call.tool, bound)).output
        if output is None or any(bound[name] in output.values() for name in linked):
            return None  # what comes out went in: an identity, not a step
        return Step(call, output) if self._pure(tool, call, bound, output) else None

    def _pure(self, tool: Tool, call: Call, bound: Mapping[str, Any], output: Mapping[str, Any]) -> bool:
        """The rule of `envs.tasks.splits`: training sees its own entities only, test is asked about its own only."""
        if self.split is Split.TRAIN:
            return (within(self.split, argument_entities(tool, bound))
                    and within(self.split, output_entities(tool, output)))
        return within(self.split, argument_entities(tool, literals(call)))


def varies(parameter: Parameter) -> bool:
    """Whether a question may compare several values of this parameter: names and days, except what sets a unit."""
    if parameter.entity == "series" or (parameter.entity == "currency" and parameter.name == "target"):
        return False
    return (named(parameter.entity) or parameter.entity == "date") and not is_list(parameter)


def degenerate(tool: Tool, bound: Mapping[str, Any]) -> bool:
    """Two arguments of one entity type that are equal: a distance from a city to itself."""
    seen = [(tool.parameters[name].entity, str(value)) for name, value in bound.items()
            if tool.parameters[name].required and tool.parameters[name].entity]
    return len(set(seen)) < len(seen)


def plausible(parameter: Parameter, value: Any) -> bool:
    """Whether a found number is one that a person would type here: within three times the span of the typical ones.

    What takes any number ("number") takes this one too, but nothing takes a zero, or a list that is too short.
    """
    if value == 0 and not isinstance(value, bool):
        return False
    if isinstance(value, list) and len(value) < parameter.least_items:
        return False
    typical = parameter.typical
    if typical is None or parameter.entity == "number" or not isinstance(value, int | float):
        return True
    numbers = [bound for bound in (typical.low, typical.high, *typical.values) if isinstance(bound, int | float)]
    if not numbers:
        return True
    low, high = min(numbers), max(numbers)
    return min(low / STRETCH, low * STRETCH) <= value <= max(high * STRETCH, high / STRETCH)


def elder_sibling(plan: Plan, index: int) -> int | None:
    """An earlier call of the same tool, from literals too, that feeds the same later call: the two make a pair."""
    if plan[index].links:
        return None
    for late in plan[index + 1:]:
        if index in late.sources:
            return next((other for other in late.sources if other < index and not plan[other].links
                         and plan[other].tool is plan[index].tool), None)
    return None


def is_scalar_into_list(planned: Planned, parameter: Parameter, refs: int) -> bool:
    """Whether references have to be wrapped into a list."""
    return is_list(parameter) and refs > 1


def references_of(call: Call) -> tuple[Ref, ...]:
    return references(list(call.arguments.values()))
