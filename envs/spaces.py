"""The spaces of tool use: any text to observe, and turns of schema-valid calls (or an answer) to act with."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from gymnasium.spaces import Space

from envs.messages import Turn
from envs.patterns import ALPHABET
from envs.samples import draw

if TYPE_CHECKING:
    from toolservers.connection import ToolSpec

ANSWER_SHARE = 0.2  # of sampled turns
MAX_SAMPLED_CALLS = 3
MAX_SAMPLED_TEXT = 32


class UnicodeText(Space[str]):
    """Any text of up to `max_length` characters; gymnasium's own Text wants a finite alphabet, and walks it."""

    def __init__(self, max_length: int = 1_000_000, seed: int | np.random.Generator | None = None) -> None:
        if max_length < 1:
            raise ValueError(f"max_length is {max_length}; a text space needs at least 1")
        self.max_length = max_length
        super().__init__(None, None, seed)

    @property
    def is_np_flattenable(self) -> bool:
        return False

    def sample(self, mask: None = None, probability: None = None) -> str:
        length = int(self.np_random.integers(1, min(self.max_length, MAX_SAMPLED_TEXT) + 1))
        return "".join(ALPHABET[index] for index in self.np_random.integers(len(ALPHABET), size=length))

    def contains(self, x: Any) -> bool:
        return isinstance(x, str) and len(x) <= self.max_length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnicodeText) and other.max_length == self.max_length

    __hash__ = None  # type: ignore[assignment]  # spaces are mutable: they carry a generator

    def __repr__(self) -> str:
        return f"UnicodeText({self.max_length})"


class TurnSpace(Space[dict[str, Any]]):
    """`{"calls": ({"name", "arguments"}, ...), "answer": text or None}`: calls or an answer, never both.

    `tools` maps names to JSON schemas of arguments. A sampled call is valid under its schema. A turn holds at most
    `max_parallel` calls.
    """

    def __init__(
        self, tools: Mapping[str, Mapping[str, Any]], max_parallel: int = 8,
        seed: int | np.random.Generator | None = None,
    ) -> None:
        self.tools = {name: tools[name] for name in sorted(tools)}
        self.max_parallel = max_parallel
        self._validators: dict[str, Any] = {}
        super().__init__(None, None, seed)

    @classmethod
    def of(cls, tools: Iterable[ToolSpec], max_parallel: int = 8, seed: int | None = None) -> Self:
        """The space of turns over `tools`, for example the ones of an observation."""
        return cls({tool.name: tool.input_schema for tool in tools}, max_parallel, seed)

    @property
    def is_np_flattenable(self) -> bool:
        return False

    def sample(self, mask: Collection[str] | None = None, probability: None = None) -> dict[str, Any]:
        """A random turn. `mask` names the tools to draw from (default: all)."""
        rng = self.np_random
        names = [name for name in self.tools if mask is None or name in mask]
        if not names or rng.random() < ANSWER_SHARE:
            return {"calls": (), "answer": str(rng.integers(1000))}
        count = int(rng.integers(1, min(self.max_parallel, MAX_SAMPLED_CALLS) + 1))
        return {"calls": tuple(self._call(names[int(rng.integers(len(names)))]) for _ in range(count)), "answer": None}

    def _call(self, name: str) -> dict[str, Any]:
        return {"name": name, "arguments": deepcopy(draw(self.tools[name], self.np_random))}

    def contains(self, x: Any) -> bool:
        if not isinstance(x, Mapping) or x.keys() != {"calls", "answer"}:
            return False
        turn = Turn.from_action(x)
        return not turn.error(self.max_parallel) and all(self._valid(call.name, call.arguments) for call in turn.calls)

    def _valid(self, name: str, arguments: Mapping[str, Any]) -> bool:
        if name not in self.tools:
            return False
        if name not in self._validators:
            from jsonschema import Draft202012Validator  # only who asks pays for the import

            self._validators[name] = Draft202012Validator(self.tools[name])
        return bool(self._validators[name].is_valid(arguments))

    def to_jsonable(self, sample_n: Iterable[dict[str, Any]]) -> list[Any]:
        return [json.loads(json.dumps(sample)) for sample in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[dict[str, Any]]:
        return [Turn.from_action(sample).action for sample in sample_n]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TurnSpace) and (other.tools, other.max_parallel) == (self.tools, self.max_parallel)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"TurnSpace({len(self.tools)} tools, max_parallel={self.max_parallel})"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_validators": {}}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A space of its own generator that shares the schemas: a batch of 1,000 holds them once."""
        copy = type(self)(self.tools, self.max_parallel)
        copy._np_random = deepcopy(self._np_random, memo)
        return copy
