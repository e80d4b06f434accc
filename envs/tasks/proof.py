"""A proof: the executed calls that entail an answer, and the expression that turns their outputs into it.

The calls form a DAG: an argument is a literal or a reference into the output of an earlier call. *Replaying* a proof
runs its calls again, level by level, and evaluates the expression; the task is right if this gives its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from envs.tasks.expression import Expression, ExpressionError, Output, Ref, evaluate, references
from toolservers.result import ToolResult
from toolservers.tool import Tool

Several = Annotated[tuple[Ref, ...], Field(min_length=1)]
Argument = Annotated[Ref | Several | JsonValue, Field(union_mode="left_to_right")]
"""A reference, several of them (for a parameter that takes a list), or a JSON literal."""


class Caller(Protocol):
    """Anything that runs tools by name: a host, a connection."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> ToolResult: ...


class ReplayError(ExpressionError):
    """A call of the proof failed when it was run again."""


class Call(BaseModel):
    """One tool call of a proof."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    arguments: dict[str, Argument]

    @cached_property
    def sources(self) -> tuple[int, ...]:
        """Indices of the calls whose outputs this one uses."""
        return tuple(sorted({ref.call for argument in self.arguments.values() for ref in references(argument)}))

    def bind(self, outputs: Sequence[Output]) -> dict[str, Any]:
        """The arguments with every reference replaced by the value it points to."""
        return {name: bind(argument, outputs) for name, argument in self.arguments.items()}


def bind(argument: Argument, outputs: Sequence[Output]) -> Any:
    """The value that an argument stands for."""
    if isinstance(argument, Ref):
        return argument.resolve(outputs)
    if isinstance(argument, tuple):
        return [ref.resolve(outputs) for ref in argument]
    return argument


class Proof(BaseModel):
    """Calls in dependency order, and the expression over their outputs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: tuple[Call, ...] = Field(min_length=1)
    expression: Expression

    @model_validator(mode="after")
    def _references_point_backwards(self) -> Proof:
        for index, call in enumerate(self.calls):
            if any(source >= index or source < 0 for source in call.sources):
                raise ValueError(f"call {index} ({call.tool}) refers to a call that does not come before it")
        if any(not 0 <= ref.call < len(self.calls) for ref in references(self.expression)):
            raise ValueError("the expression refers to a call that the proof does not hold")
        return self

    def levels(self) -> list[list[int]]:
        """Call indices by depth: the calls of one level need nothing from each other and can run in parallel."""
        depth: list[int] = []
        for call in self.calls:
            depth.append(1 + max((depth[source] for source in call.sources), default=-1))
        return [[i for i, d in enumerate(depth) if d == level] for level in range(max(depth) + 1)]

    def needed(self) -> frozenset[int]:
        """Indices of the calls that the expression depends on, directly or through other calls."""
        pending = [ref.call for ref in references(self.expression)]
        found: set[int] = set()
        while pending:
            if (index := pending.pop()) not in found:
                found.add(index)
                pending.extend(self.calls[index].sources)
        return frozenset(found)

    async def replay(self, caller: Caller) -> list[Output]:
        """The outputs of all calls, run again. Raises ReplayError naming the first call that fails."""
        outputs: list[Output] = [{} for _ in self.calls]
        for level in self.levels():
            results = await asyncio.gather(*(self._run(caller, index, outputs) for index in level))
            for index, output in zip(level, results, strict=True):
                outputs[index] = output
        return outputs

    async def _run(self, caller: Caller, index: int, outputs: Sequence[Output]) -> Output:
        call = self.calls[index]
        result = await caller.call(call.tool, call.bind(outputs))
        if result.output is None:
            raise ReplayError(f"call {index} ({call.tool}) failed: {result.message}")
        return result.output

    def answer(self, outputs: Sequence[Output]) -> Any:
        """The value that the outputs entail."""
        return evaluate(self.expression, outputs)

    def shape(self, catalog: Mapping[str, Tool]) -> str:
        """The structure without the names, e.g. "R P(0) R P(0,2) : ratio": kinds (R/P), dependencies, operator."""
        nodes = (catalog[call.tool].kind[0].upper() + (f"({','.join(map(str, call.sources))})" if call.sources else "")
                 for call in self.calls)
        return f"{' '.join(nodes)} : {self.expression.op}"
