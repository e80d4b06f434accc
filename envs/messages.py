"""The messages of an episode: what a policy says in one turn, and what the environment says back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from toolservers.result import ToolResult

if TYPE_CHECKING:
    from toolservers.connection import ToolSpec

MAX_ANSWER_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool, its arguments as JSON data."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One assistant turn: calls that run in parallel, or an answer, or text that could not be parsed.

    `malformed` says what was wrong with such text, in words meant for the policy.
    """

    calls: tuple[ToolCall, ...] = ()
    answer: str | None = None
    malformed: str = ""

    def error(self, max_parallel: int) -> str:
        """What is wrong with the form of this turn and how to mend it; empty if nothing is."""
        if self.malformed:
            return self.malformed
        if self.answer is None and not self.calls:
            return "the turn is empty: call tools or give an answer"
        if self.answer is not None and self.calls:
            return "the turn holds both calls and an answer: give the answer in a turn of its own"
        if len(self.calls) > max_parallel:
            return f"the turn holds {len(self.calls)} calls: make at most {max_parallel} at once"
        if len(self.answer or "") > MAX_ANSWER_CHARS:
            return f"the answer is over {MAX_ANSWER_CHARS} characters: give the bare answer"
        return ""

    @property
    def action(self) -> dict[str, Any]:
        """The turn as an element of a `TurnSpace`. A malformed turn has no such form and reads as an empty one."""
        calls = tuple({"name": call.name, "arguments": call.arguments} for call in self.calls)
        return {"calls": calls, "answer": self.answer}

    @classmethod
    def from_action(cls, action: Any) -> Turn:
        """The turn behind a gym action; whatever is not one becomes a malformed turn."""
        if isinstance(action, Turn):
            return action
        if not isinstance(action, Mapping) or not action.keys() <= {"calls", "answer"}:
            return cls(malformed="an action is an object with calls and answer")
        calls, answer = action.get("calls") or (), action.get("answer")
        if not isinstance(calls, (list, tuple)) or not all(map(_is_call, calls)):
            return cls(malformed="calls: each is an object with name (text) and arguments (an object)")
        if not (answer is None or isinstance(answer, str)):
            return cls(malformed="answer: a text, or null")
        return cls(tuple(ToolCall(call["name"], dict(call["arguments"])) for call in calls), answer)


def _is_call(call: Any) -> bool:
    return (isinstance(call, Mapping) and call.keys() == {"name", "arguments"}
            and isinstance(call["name"], str) and isinstance(call["arguments"], Mapping))


@dataclass(frozen=True, slots=True)
class Observation:
    """What the environment says: the question and the tools at reset; after a turn its results, in call order.

    A turn of wrong form has a single result, a failure that says what to mend.
    """

    question: str = ""
    tools: tuple[ToolSpec, ...] = ()
    results: tuple[ToolResult, ...] = ()

    @property
    def text(self) -> str:
        """What a policy without a renderer of its own reads: the question above the tools, or a result a line."""
        if self.results:
            return "\n".join(result.text for result in self.results)
        return "\n".join(filter(None, (self.question, *map(describe, self.tools))))


def describe(tool: ToolSpec) -> str:
    """A tool as one line of JSON: name, description, JSON schema of its parameters."""
    parameters = dict(sorted(tool.input_schema.items()))  # the wire may reorder an object's outermost keys
    return orjson.dumps({"name": tool.name, "description": tool.description, "parameters": parameters}).decode()
